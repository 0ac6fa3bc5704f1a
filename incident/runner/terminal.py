"""A command that somebody has to talk to: in the foreground of the real terminal, which is as before afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
import time
from collections.abc import Iterator

from incident.core.ports import Ending, Order
from incident.errors import RunError
from incident.runner.channel import start_python
from incident.runner.family import Family
from incident.runner.launch import not_started
from incident.runner.wire import MARK, Sealed, read_all, write_all

_MERCY = 2.0  # seconds that a command has to end when nobody waits for it any more
# Leave the other screen, show the cursor, plain keys, no mouse, no pasting marks, no colour.
_CALM = b"\x1b[?1049l\x1b[?25h\x1b[?1l\x1b>\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[0m"


async def run_there(sealed: Sealed, order: Order) -> Ending:
    """Run the command with the terminal, to its end, on a thread. Raises RunError."""
    there = _There(sealed, order)
    running = asyncio.ensure_future(asyncio.to_thread(there.run))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        there.signal(signal.SIGTERM)
        await asyncio.wait([running], timeout=_MERCY)
        there.signal(signal.SIGKILL)
        await asyncio.wait([running])  # the terminal has to be taken back, whoever waits for it
        raise


class _There:
    """One command at the terminal."""

    def __init__(self, sealed: Sealed, order: Order) -> None:
        self._sealed = sealed
        self._order = order
        self._process = 0

    def run(self) -> Ending:
        """From its start to its end. Raises RunError."""
        with _terminal() as terminal, _taken_back(terminal):
            began = time.monotonic()
            self._start(terminal)
            status = self._wait(terminal)
            if status < 0 or status > 128:
                with contextlib.suppress(OSError):  # it had no time to leave the terminal as it was
                    os.write(terminal, _CALM)
            seconds = time.monotonic() - began
        left = Family(self._process, MARK.encode() + b"=" + self._sealed.mark).members()
        return Ending(status, seconds, 0, (), (), left=left)

    def signal(self, number: signal.Signals) -> None:
        """Signal it and what it started in its group."""
        if self._process:
            for each in (number, signal.SIGCONT):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process, each)

    def _start(self, terminal: int) -> None:
        """Make the process, which takes the terminal before it becomes the command. Raises RunError."""
        ordered, ordering = os.pipe()
        failed, fails = os.pipe()
        streams = [number if os.isatty(number) else terminal for number in range(3)]
        try:
            self._process = start_python("foreground", (ordered, fails, terminal), streams)
        except OSError as error:
            os.close(failed)
            raise not_started(self._order, error.errno or 0) from None
        finally:
            os.close(ordered)
            os.close(fails)
            with contextlib.suppress(BrokenPipeError):
                if self._process:
                    write_all(ordering, self._sealed.packed())
            os.close(ordering)
        reason = read_all(failed, 16)
        os.close(failed)
        if reason:
            os.waitpid(self._process, 0)
            raise not_started(self._order, int(reason))

    def _wait(self, terminal: int) -> int:
        """Its exit status. Nobody could wake it here, so it cannot be suspended."""
        while True:
            _, status = os.waitpid(self._process, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                return os.waitstatus_to_exitcode(status)
            with contextlib.suppress(OSError):
                os.tcsetpgrp(terminal, self._process)
            self.signal(signal.SIGCONT)


@contextlib.contextmanager
def _terminal() -> Iterator[int]:
    """The terminal that this program has. Raises RunError."""
    try:
        handle = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        raise RunError(
            "there is no terminal to give away", at="/dev/tty", hint="run it by hand, in a shell of your own"
        ) from None
    try:
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def _taken_back(terminal: int) -> Iterator[None]:
    """Whatever the command does to the terminal, it is in the foreground of this program again, and set as before."""
    modes = termios.tcgetattr(terminal)
    group = os.tcgetpgrp(terminal)
    # Of this thread alone: a group in the background may not take the terminal otherwise.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        with contextlib.suppress(OSError, termios.error):  # the terminal may be gone
            os.tcsetpgrp(terminal, group)
            termios.tcsetattr(terminal, termios.TCSADRAIN, modes)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
