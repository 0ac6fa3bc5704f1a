"""The runner under a command that prints as fast as it can, and what a supervisor adds to the start of a command."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from incident.core.ports import Ending, Order
from incident.runner import LocalRunner
from incident.runner.running import LocalRunning
from tests.bench.figures import Figure, Section, median

STARTS = 20
FLOOD = 2_000_000_000  # bytes
LADDER = 15.0  # seconds: INT, TERM and KILL, five each
MEMORY_GOAL = 64.0  # MB
DISK_GOAL = 100.0  # MB
_DEAF = "trap '' INT TERM; yes"
_LAST = 65_536  # bytes at the end that are looked at


@dataclass(frozen=True, slots=True)
class Flood:
    """What a flood did."""

    ending: Ending
    seconds: float
    supervisor: float  # MB at most
    grown: float  # MB, this process
    disk: float  # MB at most
    whole: bool  # the end of the file is the end of the output


def measure() -> Section:
    """Starts beside a bare process, a flood to its end, and a flood that is stopped."""
    with tempfile.TemporaryDirectory(prefix="incident-bench-") as name:
        folder = Path(name)
        bare, started, ended = asyncio.run(_starts(folder))
        unit = median("", bare).value
        flood = asyncio.run(_flood(folder))
        stopping, named = asyncio.run(_stopped(folder))
    rate = flood.ending.size / flood.seconds / 1e6
    return Section(
        f"output: {FLOOD / 1e9:g} GB of `yes` into the runner; starts are medians of {STARTS}",
        (
            median("a bare process: from start to end", bare),
            median("under a supervisor: until it runs", started, ratio=median("", started).value / unit, to="bare"),
            median("under a supervisor: from start to end", ended, ratio=median("", ended).value / unit, to="bare"),
            Figure("taken in", rate, "MB/s"),
            Figure("of it counted", flood.ending.size / FLOOD * 100, "%", goal="100 %", met=flood.ending.size == FLOOD),
            _bounded("the supervisor's memory at most", flood.supervisor, MEMORY_GOAL),
            _bounded("the console's process grew by", flood.grown, MEMORY_GOAL),
            _bounded("on disk at most", flood.disk, DISK_GOAL),
            Figure("the tail in the file is the end (1: yes)", float(flood.whole), "", goal="1", met=flood.whole),
            Figure(
                "deaf to INT and TERM: from stop to end", stopping, "s", goal=f"{LADDER:g} s", met=stopping < LADDER
            ),
            Figure("processes left", float(len(named)), "", goal="0", met=not named),
        ),
    )


async def _starts(folder: Path) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds, in turn: a bare `true`; one under a supervisor until it runs, and until its end is known."""
    runner = LocalRunner()
    bare, started, ended = [], [], []
    for number in range(STARTS + 1):
        began = time.monotonic()
        subprocess.run(["true"], stdin=subprocess.DEVNULL, check=True)  # noqa: ASYNC221 - nothing else happens here
        alone = time.monotonic() - began
        began = time.monotonic()
        running = await runner.start(_order(folder, f"start-{number}", "true"))
        runs = time.monotonic() - began
        await running.wait()
        if number:  # the first one only warms the disk
            bare.append(alone * 1000)
            started.append(runs * 1000)
            ended.append((time.monotonic() - began) * 1000)
    return bare, started, ended


async def _flood(folder: Path) -> Flood:
    order = _order(folder, "flood", "sh", "-c", f"yes | head -c {FLOOD}")
    before = _megabytes("self", "VmRSS")
    began = time.monotonic()
    running = await LocalRunner().start(order)
    supervisor, most, disk = 0.0, before, 0.0
    async for _ in running.batches():
        supervisor = max(supervisor, _supervisor_of(running))
        most = max(most, _megabytes("self", "VmRSS"))
        disk = max(disk, _on_disk(folder))
    ending = await running.wait()
    seconds = time.monotonic() - began
    with Path(order.output).open("rb") as file:  # noqa: ASYNC230 - nothing else happens here
        file.seek(-_LAST, 2)
        whole = file.read() == b"y\n" * (_LAST // 2)
    return Flood(ending, seconds, supervisor, most - before, disk, whole)


async def _stopped(folder: Path) -> tuple[float, tuple[int, ...]]:
    """Seconds from the wish to stop to the end of everything, in the middle of a flood; and who is left."""
    running = await LocalRunner().start(_order(folder, "stopped", shutil.which("bash") or "sh", "-c", _DEAF))
    async for batch in running.batches():
        if batch.size > FLOOD // 4:
            break
    began = time.monotonic()
    await running.stop()
    ending = await running.wait()
    return time.monotonic() - began, ending.left


def _on_disk(folder: Path) -> float:
    """Megabytes of the flood's files."""
    return sum(path.stat().st_size for path in folder.glob("flood*")) / 1e6


def _order(folder: Path, name: str, *argv: str) -> Order:
    return Order(f"bench/{name}", argv, str(folder), str(folder / f"{name}.log"), outlives=False)


def _supervisor_of(running: LocalRunning) -> float:
    """The most memory that the supervisor had so far, in MB; 0 when the command has ended already."""
    try:
        parent = Path(f"/proc/{running.process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
        return _megabytes(parent, "VmHWM")
    except (OSError, StopIteration):
        return 0.0


def _megabytes(process: str, what: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def _bounded(name: str, value: float, goal: float) -> Figure:
    return Figure(name, value, "MB", goal=f"{goal:g} MB", met=value < goal)
