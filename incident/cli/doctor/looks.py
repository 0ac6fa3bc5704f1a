"""Many looks at once, and an end to all of them: whatever hangs is said to hang."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from incident.core.doctor import Line, problem
from incident.errors import IncidentError

Lines = list[Line]
Tell = Callable[[int, int], None]  # how many looks are done, of how many
_LAST = 2.0  # seconds that looks have for letting go of what they hold


@dataclass(frozen=True, slots=True)
class Look:
    """One look. `blocks` runs on a thread of its own, `waits` together with the others of its kind."""

    about: str
    blocks: Callable[[], Lines] | None = None
    waits: Callable[[], Awaitable[Lines]] | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen, in the order of the looks, and whether every look came to its end."""

    lines: tuple[Line, ...]
    finished: bool


def all_of(looks: Sequence[Look], seconds: float, tell: Tell) -> Looked:
    """Look everywhere at once, for at most so many seconds. A look that fails or hangs is a line of its own."""
    done: queue.SimpleQueue[tuple[int, Lines]] = queue.SimpleQueue()
    found: dict[int, Lines] = {}
    waiting = _Waiting(looks, done)
    for number, look in enumerate(looks):
        if look.blocks is not None:
            # Daemons: a disk that hangs must not hold the end of the program.
            threading.Thread(target=_block, args=(number, look, look.blocks, done), daemon=True).start()
    waiting.start()
    end = time.monotonic() + seconds
    try:
        while len(found) < len(looks):
            try:
                number, lines = done.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                break
            found[number] = lines
            tell(len(found), len(looks))
    finally:
        waiting.stop()
    late = [_hung(look, seconds) for look in looks]
    lines = [line for number in range(len(looks)) for line in found.get(number, [late[number]])]
    return Looked(tuple(lines), len(found) == len(looks))


def _hung(look: Look, seconds: float) -> Line:
    hint = "what it looks at is overloaded or hangs: a disk, a server, a program"
    return problem(look.about, f"this look did not end within {seconds:g} s", hint)


def _block(number: int, look: Look, work: Callable[[], Lines], done: queue.SimpleQueue[tuple[int, Lines]]) -> None:
    try:
        done.put((number, work()))
    except Exception as error:  # one broken look must not hide the others
        done.put((number, [_failed(look, error)]))


class _Waiting(threading.Thread):
    """The looks that wait for servers and programs, in one event loop that can be ended from outside."""

    def __init__(self, looks: Sequence[Look], done: queue.SimpleQueue[tuple[int, Lines]]) -> None:
        super().__init__(daemon=True)
        self._looks = [(number, look, look.waits) for number, look in enumerate(looks) if look.waits is not None]
        self._done = done
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._begun = threading.Event()

    def run(self) -> None:
        """The thread."""
        asyncio.run(self._all())

    def stop(self) -> None:
        """End what still runs, programs among it, and wait a moment for that."""
        self._begun.wait(_LAST)
        if self._loop is not None and self._task is not None and self.is_alive():
            task = self._task
            try:
                self._loop.call_soon_threadsafe(task.cancel)
            except RuntimeError:  # it has come to its own end meanwhile
                return
            self.join(_LAST)

    async def _all(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._begun.set()
        try:
            await asyncio.gather(*(self._one(*look) for look in self._looks))
        except asyncio.CancelledError:
            return

    async def _one(self, number: int, look: Look, work: Callable[[], Awaitable[Lines]]) -> None:
        try:
            self._done.put((number, await work()))
        except Exception as error:  # one broken look must not hide the others
            self._done.put((number, [_failed(look, error)]))


def _failed(look: Look, error: Exception) -> Line:
    if isinstance(error, IncidentError):
        what = f"{error.at}: {error.what}" if error.at else error.what
        return problem(look.about, what, error.hint)
    return problem(look.about, f"this look failed ({type(error).__name__})", "please report it, with what you ran")
