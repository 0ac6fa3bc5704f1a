"""The programs that are measured, the desk that they stand on, and how each shows which row is chosen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyte

from tests.bench.terminal import Terminal

ROOT = Path(__file__).parent.parent.parent
_NUMBER = re.compile(r"[A-Za-z] ?(\d{4})\b")


@dataclass(frozen=True, slots=True)
class Program:
    """What to start, what its first full screen holds, and which row is chosen: its number, else its line."""

    name: str
    argv: tuple[str, ...]
    rows: bytes
    chosen: Callable[[pyte.Screen], int | None]


@dataclass(frozen=True, slots=True)
class Desk:
    """A home and a state folder that hold nothing, and the environment that points there."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def open(self, program: Program) -> Terminal:
        """The program in a terminal."""
        return Terminal(program.argv, self.environment, self.folder)


@contextmanager
def desk() -> Iterator[Desk]:
    """A desk that is cleared away afterwards."""
    with tempfile.TemporaryDirectory(prefix="incident-bench-") as name:
        folder = Path(name)
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "VIRTUAL_ENV")}
        yield Desk(
            folder,
            {
                "LANG": "C.UTF-8",
                **kept,
                "HOME": name,
                "XDG_STATE_HOME": str(folder / "state"),
                "XDG_CONFIG_HOME": str(folder / "config"),
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "PYTHONPATH": str(ROOT),
            },
        )


@contextmanager
def firing(count: int) -> Iterator[str]:
    """The URL of a server on which so many alerts fire."""
    argv = [sys.executable, "-m", "tests.bench.alertmanager", str(count)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def minimal() -> Program:
    """What the framework itself costs."""
    return Program("minimal app", (sys.executable, "-m", "tests.bench.minimal"), b"option 0000", _other_ground)


def drill() -> Program:
    """The drill that needs nothing."""
    return Program("incident drill bad-deploy", incident("drill", "bad-deploy"), b"QueueLagHigh", beside_the_bar)


def console(url: str, on: Desk, *, poll: float, name: str) -> Program:
    """The console on a server's alerts, which it looks at every `poll` seconds at most."""
    config = on.folder / f"poll-{poll:g}.yaml"
    config.write_text(f"alertmanager: {url}\npoll: {poll:g}\nrunbooks: {ROOT / 'runbooks'}\n", encoding="utf-8")
    return Program(name, incident("--config", str(config)), b"BudgetBurn0000", beside_the_bar)


def incident(*arguments: str) -> tuple[str, ...]:
    """A command line of the program."""
    return (sys.executable, "-m", "incident", *arguments)


def beside_the_bar(screen: pyte.Screen) -> int | None:
    """The row with the cursor's bar."""
    return next((_number(screen, line) for line in range(screen.lines) if screen.buffer[line][0].data == "▌"), None)


def _other_ground(screen: pyte.Screen) -> int | None:
    options = [line for line in range(screen.lines) if "option" in _line(screen, line)]
    grounds = Counter(screen.buffer[line][4].bg for line in options)
    if len(grounds) != 2:
        return None
    rare = min(grounds, key=lambda ground: grounds[ground])
    return next(_number(screen, line) for line in options if screen.buffer[line][4].bg == rare)


def _number(screen: pyte.Screen, line: int) -> int:
    found = _NUMBER.search(_line(screen, line))
    return int(found[1]) if found else line


def _line(screen: pyte.Screen, line: int) -> str:
    """The beginning of one line; `screen.display` makes a text of every line each time."""
    return "".join(screen.buffer[line][column].data for column in range(64))
