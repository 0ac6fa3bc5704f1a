"""How long until the console can be used, and until a verb has answered."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import SystemRandom

from incident.config import Config
from incident.core import facts
from incident.core.event import Writer
from incident.engine.log import Log
from incident.journal import open_journal
from incident.world import RealClock
from tests.bench.figures import Figure, Section, median
from tests.bench.programs import Desk, Program, console, desk, drill, firing, incident, minimal
from tests.bench.terminal import NoAnswerError

RUNS = 7
ALERTS = 50
NOTES = 200  # on the timeline that `note` and `list` read
GOAL = 1.5  # times the minimal app
_AGAIN = 0.25  # seconds after which the key is pressed again, for a program that lost the first one
_PATIENCE = 10.0
_FLOOR = (sys.executable, "-c", "pass")


def usable(program: Program, on: Desk) -> tuple[float, float]:
    """Milliseconds until its rows are painted, and until a key has chosen another row."""
    with on.open(program) as terminal:
        rows = terminal.until_sent(program.rows)
        was: int | None = None
        while time.monotonic() < rows + _PATIENCE:
            pressed = terminal.press("j")
            terminal.listen(_AGAIN)
            for at, chosen in terminal.painted(lambda: program.chosen(terminal.screen)):
                if at > pressed and was is not None and chosen not in (None, was):
                    return (rows - terminal.began) * 1000, (at - terminal.began) * 1000
                was = chosen if was is None else was
        raise NoAnswerError(f"{program.name}: no key had an effect\n{terminal.text}")


def wall(argv: tuple[str, ...], on: Desk) -> float:
    """Milliseconds until a program that prints has ended."""
    began = time.monotonic()
    subprocess.run(argv, cwd=on.folder, env=on.environment, check=True, capture_output=True)
    return (time.monotonic() - began) * 1000


def measure() -> Section:
    """Every program in turn, again and again, after one round that only warms the disk."""
    with firing(ALERTS) as url, desk() as on, desk() as beside:
        screens = [minimal(), drill(), console(url, on, poll=5, name=f"incident, {ALERTS} alerts")]
        _one_open_incident(beside.folder / "state" / "incident")
        printed = {
            "python -c pass": _FLOOR,
            "incident list": incident("list"),
            "incident note": incident("note", "a benchmark was here"),
        }
        painted: dict[str, list[float]] = {program.name: [] for program in screens}
        ready: dict[str, list[float]] = {program.name: [] for program in screens}
        took: dict[str, list[float]] = {name: [] for name in printed}
        for round_number in range(RUNS + 1):
            for program in screens:
                rows, key = usable(program, on)
                if round_number:
                    painted[program.name].append(rows)
                    ready[program.name].append(key)
            for name, argv in printed.items():
                seconds = wall(argv, beside)
                if round_number:
                    took[name].append(seconds)
    title = f"start: milliseconds from exec, median of {RUNS} (least to most)"
    return Section(title, (*_screens(painted, ready), *_printed(took)))


def _screens(painted: dict[str, list[float]], ready: dict[str, list[float]]) -> list[Figure]:
    figures: list[Figure] = []
    unit = median("", next(iter(ready.values()))).value
    for name, values in ready.items():
        figures.append(median(f"{name}: rows", painted[name]))
        if len(figures) == 1:
            figures.append(median(f"{name}: usable", values))
            continue
        ratio = median("", values).value / unit
        figures.append(
            median(f"{name}: usable", values, ratio=ratio, to="minimal", goal=f"{GOAL} x", met=ratio <= GOAL)
        )
    return figures


def _printed(took: dict[str, list[float]]) -> list[Figure]:
    floor = median("", took["python -c pass"]).value
    return [median(name, values, ratio=median("", values).value / floor, to="python") for name, values in took.items()]


def _one_open_incident(state: Path) -> None:
    """What `note` writes to and `list` reads."""
    config = Config(state=state)
    log = Log(open_journal(config.state), RealClock(), Writer("kim", "laptop", "1-1"), SystemRandom())
    log.load()
    opened = facts.IncidentOpened(title="Acme error rate burning budget fast", severity="SEV2", service="acme")
    notes = [facts.Remarked("note", f"note {number}") for number in range(NOTES)]
    log.write([log.stamp("INC-20260502-acme-1", fact, source="person") for fact in (opened, *notes)])
