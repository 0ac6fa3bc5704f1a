"""The console while a command prints as fast as it can: keys, memory, and how long stopping takes."""

from __future__ import annotations

import re
import time
from pathlib import Path

from tests.bench.figures import Figure, Section, share
from tests.bench.keys import one_by_one
from tests.bench.programs import Desk, Program, beside_the_bar, desk, incident
from tests.bench.terminal import NoAnswerError, Terminal

KEYS_GOAL = 100.0  # milliseconds, p95
MEMORY_GOAL = 150.0  # MB
LADDER = 15.0  # seconds: INT, TERM and KILL, five each
_GUARD = 0.5  # seconds until the sheet before a command takes keys
_PATIENCE = 60.0


def measure() -> Section:
    """Keys on the checklist during `yes`, the console's growth, and the time from S to the end of all processes."""
    with desk() as on:
        book = on.folder / "flood.md"
        steps = "".join(f"{number}. Step number {number:04}\n" for number in range(1, 60))
        book.write_text(f"# Flood\n\n{steps}", encoding="utf-8")
        argv = incident("run", "--runbooks", str(on.folder), "flood.md")
        program = Program("yes", argv, b"Step number", beside_the_bar)
        with on.open(program) as terminal:
            terminal.until_sent(program.rows)
            terminal.listen(1.5)
            before = _memory(terminal.process)
            _run(terminal)
            terminal.listen(1.0)
            terminal.painted(lambda: None)
            latencies = one_by_one(terminal, program)
            grown = _memory(terminal.process) - before
            began = time.monotonic()
            terminal.press("S")
            _until(terminal, r"stopped, exit")
            took = time.monotonic() - began
            printed = _printed(on)
    met = share(latencies, 0.95) < KEYS_GOAL
    return Section(
        "flood: the console while `yes` runs at full speed",
        (
            Figure("key to changed row: p50", share(latencies, 0.5), "ms"),
            Figure("key to changed row: p95", share(latencies, 0.95), "ms", goal=f"{KEYS_GOAL:g} ms", met=met),
            Figure("the console grew by", grown, "MB", goal=f"{MEMORY_GOAL:g} MB", met=grown < MEMORY_GOAL),
            Figure("from S to the end of it", took, "s", goal=f"{LADDER:g} s", met=took < LADDER),
            Figure("kept on disk", printed, "MB"),
        ),
    )


def _run(terminal: Terminal) -> None:
    """From the checklist to output that streams."""
    terminal.press("$")
    _until(terminal, r"Which command\?")
    terminal.press("yes\r")
    _until(terminal, r"Run this\?")
    terminal.listen(_GUARD)
    terminal.press("R")
    _until(terminal, r"S stops it")


def _until(terminal: Terminal, pattern: str) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        terminal.listen(0.05)
        terminal.painted(lambda: None)
        if re.search(pattern, terminal.text):
            return
    raise NoAnswerError(f"{pattern!r} did not appear\n{terminal.text}")


def _memory(process: int) -> float:
    """Resident megabytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def _printed(on: Desk) -> float:
    """Megabytes under the state folder's outputs."""
    folder = on.folder / "state" / "incident" / "output"
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1_000_000
