"""A program in a pseudo-terminal: what it paints, and when every byte of it arrived.

Nothing is parsed while a measured moment is being waited for: bytes are stamped as they arrive and painted into a
screen afterwards, so that a figure holds the program's time and not that of this process. No query of the program
is answered: it sees the plainest terminal with colours.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pyte

COLUMNS, LINES = 120, 36
PATIENCE = 30.0  # seconds until a program that does not answer is given up
Seen = TypeVar("Seen")


class NoAnswerError(Exception):
    """The program ended, or did not do what was waited for; the message holds its screen."""


class Terminal:
    """`with Terminal(argv, ...) as terminal`: the program runs until the end of the block."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self.screen)
        self._unpainted: list[tuple[float, bytes]] = []
        self.taken_in = 0  # bytes so far
        self.began = time.monotonic()
        self.process, self._end = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            os.chdir(folder)
            os.execve(argv[0], list(argv), dict(environment))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._end)

    def press(self, key: str) -> float:
        """Send a key; the moment it was sent."""
        now = time.monotonic()
        os.write(self._end, key.encode())
        return now

    def listen(self, seconds: float) -> None:
        """Take in whatever arrives during so many seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._take_in(left)

    def until_sent(self, needle: bytes) -> float:
        """The moment at which the bytes that hold `needle` had arrived. Raises NoAnswerError."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._take_in(end - time.monotonic()) and needle in b"".join(data for _, data in self._unpainted):
                return self._unpainted[-1][0]
        self.painted(lambda: None)
        raise NoAnswerError(f"{needle!r} did not appear within {PATIENCE:g} s\n{self.text}")

    def painted(self, look: Callable[[], Seen]) -> list[tuple[float, Seen]]:
        """Paint what has arrived; what `look` saw on the screen after each piece, with when that piece arrived."""
        pieces, self._unpainted = self._unpainted, []
        seen = []
        for at, data in pieces:
            self._stream.feed(data)
            seen.append((at, look()))
        return seen

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def _take_in(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._end], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self._end, 65_536)
        except OSError:
            self.painted(lambda: None)
            raise NoAnswerError(f"the program ended\n{self.text}") from None
        self._unpainted.append((time.monotonic(), data))
        self.taken_in += len(data)
        return True
