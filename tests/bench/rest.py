"""What the programs take while nobody presses a key: processor time and memory."""

from __future__ import annotations

from pathlib import Path

from tests.bench.figures import Figure, Section
from tests.bench.programs import Desk, Program, console, desk, drill, firing, minimal

ALERTS = 1_000
SECONDS = 5.0
_SETTLING = 3.0  # seconds after the first rows that belong to the start


def idle() -> Section:
    """Processor time at rest, in percent of one core."""
    figures = []
    with firing(ALERTS) as url, desk() as on:
        for program in _programs(url, on):
            used, written = at_rest(program, on)
            figures += [Figure(program.name, used, "%"), Figure(f"{program.name}: painted each second", written, "B")]
    return Section(f"idle: processor time over {SECONDS:g} s, percent of one core", tuple(figures))


def memory() -> Section:
    """Resident memory at rest, with what the framework itself takes beside it."""
    with firing(ALERTS) as url, desk() as on:
        sizes = {program.name: resident(program, on) for program in _programs(url, on)}
    unit = next(iter(sizes.values()))
    figures = [Figure(name, size, "MB", ratio=size / unit, to="minimal") for name, size in sizes.items()]
    return Section("memory: resident set after the start", tuple(figures))


def at_rest(program: Program, on: Desk) -> tuple[float, float]:
    """Percent of one core, and bytes painted each second."""
    with on.open(program) as terminal:
        terminal.until_sent(program.rows)
        terminal.listen(_SETTLING)
        taken_in, before = terminal.taken_in, processor_seconds(terminal.process)
        terminal.listen(SECONDS)
        used = processor_seconds(terminal.process) - before
        return used / SECONDS * 100, (terminal.taken_in - taken_in) / SECONDS


def resident(program: Program, on: Desk) -> float:
    """Megabytes of memory that are really there."""
    with on.open(program) as terminal:
        terminal.until_sent(program.rows)
        terminal.listen(_SETTLING)
        lines = Path(f"/proc/{terminal.process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def processor_seconds(process: int) -> float:
    """What every thread that lives has used, to the nanosecond; the clock ticks of `stat` are too coarse for this."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(int((thread / "schedstat").read_text(encoding="utf-8").split()[0]) for thread in threads) / 1e9


def _programs(url: str, on: Desk) -> list[Program]:
    return [minimal(), drill(), console(url, on, poll=1, name=f"incident, {ALERTS:,} alerts, news each second")]
