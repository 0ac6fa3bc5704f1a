"""A real pseudo-terminal with a program in it: keys go in, and what it paints is read back as lines of text."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyte

ROOT = Path(__file__).parents[2]
INCIDENT = (sys.executable, "-m", "incident")
PATIENCE = 90.0  # seconds; a busy machine is slow, and a wait that ends early proves nothing
ENTER_ALTERNATE, LEAVE_ALTERNATE = b"\x1b[?1049h", b"\x1b[?1049l"
# The one question that is answered: yes, a frame may be sent as a whole. So no half-painted screen is ever looked at.
_CAN_FRAMES, _YES, _BEGIN, _END = b"\x1b[?2026$p", b"\x1b[?2026;2$y", b"\x1b[?2026h", b"\x1b[?2026l"

_KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "space": " ",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "backspace": "\x7f",
}
# Makes its terminal the controlling one, as a login does, so that it hears of resizes and of the terminal's end.
_LOGIN = "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execvp(sys.argv[1], sys.argv[1:])"
# Questions and settings that a terminal takes without painting anything; the screen model would print parts of them.
_SILENT = re.compile(rb"\x1b\[(?:[<>=][0-9;:]*[a-zA-Z]|\?[0-9;]*\$p)")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*)?\Z")


class Terminal:
    """`with Terminal("drill", "bad-deploy", home=folder) as terminal:`; leaving it ends the program."""

    def __init__(
        self,
        *arguments: str,
        home: Path,
        size: tuple[int, int] = (120, 36),
        environment: Mapping[str, str | None] | None = None,
        directory: Path | None = None,
        program: Sequence[str] = INCIDENT,
    ) -> None:
        """`environment` is added to a bare one; None takes a variable away. `home` is the program's own."""
        self.raw = bytearray()  # every byte that was painted
        self.ended = False  # the program's side of the terminal is closed
        self._pending = b""
        self._model = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._model)
        self._side, inside = os.openpty()
        self._set_size(*size)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-S", "-E", "-c", _LOGIN, *program, *arguments],
                stdin=inside,
                stdout=inside,
                stderr=inside,
                cwd=directory or home,
                env=surroundings(home, environment),
                start_new_session=True,
            )
        finally:
            os.close(inside)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if self._side >= 0:
            os.close(self._side)

    @property
    def lines(self) -> list[str]:
        """What the screen shows now, line by line."""
        return [line.rstrip() for line in self._model.display]

    @property
    def screen(self) -> str:
        """What the screen shows now."""
        return "\n".join(self.lines)

    def line(self, words: str) -> str:
        """The one line that holds these words."""
        [found] = [line for line in self.lines if words in line]
        return found

    def wait_for(self, pattern: str, seconds: float = PATIENCE) -> re.Match[str]:
        """Read until the screen holds the pattern."""
        wanted = re.compile(pattern, re.MULTILINE)
        end = time.monotonic() + seconds
        while not (found := wanted.search(self.screen)):
            left = end - time.monotonic()
            assert left > 0, f"waited {seconds:.0f} s in vain for {pattern!r}:\n{self.screen}"
            assert self._read(left), f"it ended without {pattern!r}:\n{self.screen}"
        return found

    def wait_until_gone(self, pattern: str, seconds: float = PATIENCE) -> None:
        """Read until the screen no longer holds the pattern."""
        end = time.monotonic() + seconds
        while re.search(pattern, self.screen, re.MULTILINE):
            left = end - time.monotonic()
            assert left > 0, f"waited {seconds:.0f} s in vain for {pattern!r} to go:\n{self.screen}"
            assert self._read(left), f"it ended with {pattern!r}:\n{self.screen}"

    def wait_for_bytes(self, wanted: bytes, seconds: float = PATIENCE) -> None:
        """Read until these bytes were sent to the terminal."""
        end = time.monotonic() + seconds
        while wanted not in self.raw:
            left = end - time.monotonic()
            assert left > 0, f"waited {seconds:.0f} s in vain for {wanted!r}:\n{self.screen}"
            assert self._read(left), f"it ended without {wanted!r}:\n{self.screen}"

    def press(self, *keys: str) -> None:
        """Press keys by name, or type text."""
        for key in keys:
            os.write(self._side, _KEYS.get(key, key).encode())

    def look(self, seconds: float) -> None:
        """Watch for so long, as a person who reads; for sheets that take no key before somebody can have read them."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._read(left):
            pass

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size, as a window manager or tmux does."""
        self._set_size(columns, lines)
        self._model.resize(lines, columns)

    def send_signal(self, number: signal.Signals) -> None:
        """Signal the program."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it without a chance to say goodbye, if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def exit_code(self, seconds: float = PATIENCE) -> int:
        """Read on until the program has ended; how it ended."""
        end = time.monotonic() + seconds
        while self._read(max(0.0, end - time.monotonic())):
            assert time.monotonic() < end, f"waited {seconds:.0f} s in vain for its end:\n{self.screen}"
        return self.process.wait(max(1.0, end - time.monotonic()))

    def leave(self) -> None:
        """Press q: the program still answers its keys, ends well, and no traceback was ever on the screen."""
        self.press("q")
        assert self.exit_code() == 0
        assert "Traceback" not in self.raw.decode("utf-8", "replace")
        assert LEAVE_ALTERNATE in self.raw

    @property
    def farewell(self) -> str:
        """What was said after the alternate screen was left."""
        return self.raw.rpartition(LEAVE_ALTERNATE)[2].decode("utf-8", "replace")

    @property
    def is_restored(self) -> bool:
        """Whether the line is as a shell needs it: it echoes, and takes whole lines."""
        modes = termios.tcgetattr(self._side)[3]
        return bool(modes & termios.ECHO and modes & termios.ICANON)

    def vanish(self) -> None:
        """The terminal is gone, as when a connection drops."""
        os.close(self._side)
        self._side = -1

    def _read(self, seconds: float) -> bool:
        """Take what the program paints next; False when it has ended and everything was read."""
        if self.ended:
            return False
        ready, _, _ = select.select([self._side], [], [], min(seconds, 1.0))
        if not ready:
            return True
        try:
            block = os.read(self._side, 65_536)
        except OSError:  # Linux says EIO when nobody holds the other side any more
            block = b""
        self.ended = not block
        self.raw += block
        self._paint(block)
        return not self.ended

    def _paint(self, block: bytes) -> None:
        """Show what came, but a frame only when all of it is there."""
        data = self._pending + block
        whole = len(data)
        if unfinished := _UNFINISHED.search(data):
            whole = unfinished.start()
        begun = data.rfind(_BEGIN)
        if data.find(_END, begun) < begun:
            whole = min(whole, begun)
        if self.ended:
            whole = len(data)
        self._pending = data[whole:]
        for _ in range(data.count(_CAN_FRAMES, 0, whole)):
            os.write(self._side, _YES)
        self._stream.feed(_SILENT.sub(b"", data[:whole]))

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._side, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def from_a_shell(
    *arguments: str,
    home: Path,
    environment: Mapping[str, str | None] | None = None,
    directory: Path | None = None,
    text: str = "",
    program: Sequence[str] = INCIDENT,
) -> subprocess.CompletedProcess[str]:
    """Run the program without a terminal, to its end; `text` is its standard input."""
    return subprocess.run(
        [*program, *arguments],
        input=text,
        cwd=directory or home,
        env=surroundings(home, environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def told(*arguments: str, home: Path, environment: Mapping[str, str | None] | None = None) -> Any:
    """What a verb says with --json."""
    done = from_a_shell(*arguments, "--json", home=home, environment=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def surroundings(home: Path, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The environment of a person with an empty home and an ordinary terminal."""
    bare: dict[str, str | None] = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "USER": "kim",
        "LOGNAME": "kim",
        **(more or {}),
    }
    return {name: value for name, value in bare.items() if value is not None}
