"""The runner on this machine, and a command that is running here."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterable

from incident.core.ports import Batch, Ending, Order
from incident.errors import RunError
from incident.runner.family import Family
from incident.runner.launch import Launched, launch
from incident.runner.lines import Lines

_BEAT = 0.01  # seconds between two looks at whether the process has ended
_BATCH = 0.05  # seconds between two batches
_BLOCK = 65_536  # bytes read at once; between two blocks the event loop has its turn
_WINDOW = 16 * _BLOCK  # bytes behind which the reader gives up on reading everything and jumps ahead
_SETTLE = 0.2  # seconds that a child may outlive its command without being called left over


class LocalRunner:
    """Runs commands as processes that outlive this tool.

    `hidden` are the names of environment variables that hold secrets. A command that is stopped gets INT, TERM after
    `term_after` seconds, and KILL another `kill_after` seconds later; `give_up_after` that it is called unstoppable.
    """

    def __init__(
        self,
        hidden: Iterable[str] = (),
        *,
        term_after: float = 5.0,
        kill_after: float = 5.0,
        give_up_after: float = 5.0,
    ) -> None:
        self._hidden = frozenset(hidden)
        self._patience = (term_after, kill_after, give_up_after)

    async def start(self, order: Order) -> LocalRunning:
        """Make the process. Raises RunError when there is none afterwards."""
        # Not on a thread: cancelled halfway, a process would run that nobody knows of.
        return LocalRunning(launch(order, self._hidden), self._patience)


class LocalRunning:
    """A command that is running here."""

    def __init__(self, launched: Launched, patience: tuple[float, float, float]) -> None:
        self.process = launched.process
        self._family = Family(launched.process, launched.mark)
        self._patience = patience
        self._reading = launched.reading
        self._read = 0  # bytes read, or jumped over
        self._size = 0
        self._lines = Lines()
        self._news = asyncio.Event()
        self._drained = False
        self._began = time.monotonic()
        self._exit: int | None = None
        self._stopped = False
        self._ladder: asyncio.Task[None] | None = None
        self._following = asyncio.create_task(self._follow())

    async def batches(self) -> AsyncIterator[Batch]:
        """Its output as it comes; ends when the process has ended and all output was handed on. For one reader."""
        told = 0
        while True:
            await self._news.wait()
            self._news.clear()
            drained = self._drained
            if self._lines or self._size != told:
                told = self._size
                yield Batch(self._lines.take(), told)
            if drained:
                return

    async def wait(self) -> Ending:
        """Its end; when it is being stopped, after all it started was stopped too. Raises RunError when it was lost."""
        return await asyncio.shield(self._following)

    async def stop(self) -> None:
        """Climb the stop ladder; returns when the process and all it started have ended.

        Raises RunError with the processes that could not be stopped.
        """
        if self._ladder is None:
            if self._ended():
                return
            self._stopped = True
            self._ladder = asyncio.create_task(self._climb())
        await asyncio.shield(self._ladder)

    async def _follow(self) -> Ending:
        try:
            await self._until_ended()
            seconds = time.monotonic() - self._began
            await self._catch_up()
            self._lines.end()
        finally:
            os.close(self._reading)
            self._drained = True
            self._news.set()
        if self._ladder is not None:
            await asyncio.wait([self._ladder])
        left = await self._left_over()
        head, tail = tuple(self._lines.head), tuple(self._lines.tail)
        return Ending(self._exit or 0, seconds, self._size, head, tail, self._stopped, left)

    async def _until_ended(self) -> None:
        due = self._began
        while not self._ended():
            now = time.monotonic()
            if now >= due:
                due = now + _BATCH
                await self._catch_up()
            # A short command's end is seen at once; a long one does not keep the machine awake.
            await asyncio.sleep(min(_BATCH, max(_BEAT, (now - self._began) / 20)))

    def _ended(self) -> bool:
        """Whether the process has ended. Raises RunError when somebody else took its exit status."""
        if self._exit is None:
            try:
                ended, status = os.waitpid(self.process, os.WNOHANG)
            except ChildProcessError:
                raise RunError(
                    "the command's end was not seen", at=f"process {self.process}", hint="look at what it did"
                ) from None
            if ended:
                self._exit = os.waitstatus_to_exitcode(status)
        return self._exit is not None

    async def _catch_up(self) -> None:
        """Read what there is now; a flood is jumped over, its size is not."""
        try:
            size = os.fstat(self._reading).st_size
            if size < self._read:  # the command cut its own output off
                self._lines.skip()
                self._read = size
            if size - self._read > _WINDOW:
                if self._read == 0:
                    self._take(size)
                self._lines.skip()
                self._read = size - _WINDOW
            while self._take(size):  # noqa: ASYNC110 - it gives the loop its turn, it does not wait
                await asyncio.sleep(0)
        except OSError as error:
            self._lines.feed(f"\n(the output cannot be read: {error.strerror})\n".encode())
            return
        if self._lines or size != self._size:
            self._size = size
            self._news.set()

    def _take(self, size: int) -> bool:
        """Read one block of what lies before `size`; whether there was one. Raises OSError."""
        block = os.pread(self._reading, max(0, min(_BLOCK, size - self._read)), self._read)
        self._read += len(block)
        self._lines.feed(block)
        return bool(block)

    async def _left_over(self) -> tuple[int, ...]:
        """The processes that the command left running; one that is just ending is none."""
        left = await asyncio.to_thread(self._family.members)
        if left:
            await asyncio.sleep(_SETTLE)
            left = await asyncio.to_thread(self._family.members)
        return left

    async def _climb(self) -> None:
        # Before the first signal: a child that cut every tie but to its parent is known only while that one lives.
        await asyncio.to_thread(self._family.members)
        rungs = (self._family.interrupt, self._terminate, self._kill)
        for signal_family, patience in zip(rungs, self._patience, strict=True):
            end = time.monotonic() + patience
            await asyncio.to_thread(signal_family)
            while time.monotonic() < end:
                if await self._gone():
                    return
                if signal_family == self._kill:  # against a process that makes new ones faster than they die
                    await asyncio.to_thread(signal_family)
                await asyncio.sleep(_BATCH)
        left = await asyncio.to_thread(self._family.members)
        raise RunError(
            "some processes could not be stopped", at=", ".join(f"process {pid}" for pid in left), hint="see `ps`"
        )

    async def _gone(self) -> bool:
        return self._ended() and not await asyncio.to_thread(self._family.members)

    def _terminate(self) -> None:
        self._family.send(signal.SIGTERM)

    def _kill(self) -> None:
        self._family.send(signal.SIGKILL)
