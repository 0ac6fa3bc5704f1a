"""The runner on this machine: commands under supervisors that outlive it, or at its own terminal."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from incident.core.ports import Ending, Order
from incident.errors import RunError, UsageError
from incident.runner import result
from incident.runner.beside import door_of
from incident.runner.channel import ask_how_it_ended, knock, supervise
from incident.runner.launch import no_supervisor, not_started, sealed
from incident.runner.layout import HEAD, PART
from incident.runner.lost import lost, silent
from incident.runner.running import EndedRun, LocalRunning

_LONGEST = 3_600.0  # seconds between two rungs


class LocalRunner:
    """Runs each command under a supervisor.

    `hidden` are the names of environment variables that hold secrets, `secrets` the values that must not reach the
    disk. A command that is stopped gets INT, TERM after `term_after` seconds, and KILL another `kill_after` seconds
    later; `give_up_after` that it is called unstoppable. `keep` are the bytes that are kept of an output's beginning,
    and of a part of its end. A supervisor has `answer` seconds to say that it is there. Raises UsageError for a time
    that is none.
    """

    def __init__(
        self,
        hidden: Iterable[str] = (),
        secrets: Callable[[], Iterable[str]] | Iterable[str] = (),
        *,
        term_after: float = 5.0,
        kill_after: float = 5.0,
        give_up_after: float = 5.0,
        keep: tuple[int, int] = (HEAD, PART),
        answer: float = 5.0,
    ) -> None:
        self._hidden = frozenset(hidden)
        self._secrets = secrets if callable(secrets) else tuple(secrets)
        self._patience = (term_after, kill_after, give_up_after)
        self._keep = keep
        self._answer = answer
        self._supervisors: set[int] = set()
        if not all(0 <= seconds <= _LONGEST for seconds in self._patience):
            raise UsageError(
                "a command that is stopped cannot be given this time to end",
                at=", ".join(f"{seconds:g} s" for seconds in self._patience),
                hint=f"from 0 to {_LONGEST:g} seconds",
            )

    async def start(self, order: Order) -> LocalRunning:
        """Make the process. Raises RunError when there is none afterwards."""
        # Where the values come from may be a file or a program; nothing runs yet that could be lost meanwhile.
        secrets = await asyncio.to_thread(self._secrets) if callable(self._secrets) else self._secrets
        packed = sealed(order, self._hidden, secrets, patience=self._patience, layout=self._keep).packed()
        self._supervisors = {pid for pid in self._supervisors if not ask_how_it_ended(pid)}
        handle = _make(order.output)
        try:
            channel, supervisor = supervise(order.output, handle)
        except RunError:
            _unmake(order.output)
            raise
        finally:
            os.close(handle)
        self._supervisors.add(supervisor)
        try:
            await channel.say(packed)
            heard = await channel.hear()
        except BaseException:  # from here on it is the supervisor's, and a later console's
            channel.close()
            raise
        if heard and heard[0][0] == "started":
            return LocalRunning(order.run, order.output, channel, heard)
        if not heard and await asyncio.to_thread(result.read, order.output) is not None:
            return LocalRunning(order.run, order.output, channel, ())  # which will say that its end was not seen
        channel.close()
        _unmake(order.output)
        if not heard:
            _, status = await asyncio.to_thread(os.waitpid, supervisor, 0)
            self._supervisors.discard(supervisor)
            raise no_supervisor(os.waitstatus_to_exitcode(status))
        raise not_started(order, int(heard[0][1]))

    async def attach(self, run: str, output: str) -> LocalRunning | EndedRun:
        """A run that an earlier console started: its output from the beginning, and its end, also one in the past.

        Raises RunError when its outcome is unknown.
        """
        if not output:
            raise RunError("its console ended before it did", hint="it had the terminal; nobody else saw its end")
        for _ in range(2):  # it may end while this looks
            known = await asyncio.to_thread(result.read, output)
            if isinstance(known, result.Result):
                return EndedRun(output, known)
            channel = await asyncio.to_thread(knock, output)
            if channel is None:
                continue
            try:
                heard = await asyncio.wait_for(channel.hear(), self._answer)
            except TimeoutError:
                channel.close()
                raise silent(known, output) from None
            if heard:
                return LocalRunning(run, output, channel, heard)
            channel.close()
        raise await lost(run, output)

    async def at_terminal(self, order: Order) -> Ending:
        """Run it on the real terminal, which the caller has given away, to its end. Raises RunError."""
        from incident.runner.terminal import run_there

        return await run_there(sealed(order, self._hidden, patience=self._patience, pagers={}), order)


def _make(output: str) -> int:
    """The file for the output, which was not there before. Raises RunError."""
    try:
        return os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RunError(
            f"the file for the output cannot be made: {error.strerror}",
            at=output,
            hint="free some space, or choose another folder for the state",
        ) from None


def _unmake(output: str) -> None:
    """Nothing ran."""
    for path in (output, door_of(output)):
        Path(path).unlink(missing_ok=True)
