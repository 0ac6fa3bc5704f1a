"""How long until a key shows on the screen: the cursor's row changed, and the bytes of it have arrived."""

from __future__ import annotations

import time

from tests.bench.figures import Figure, Section, share
from tests.bench.programs import Desk, Program, console, desk, firing, minimal
from tests.bench.terminal import NoAnswerError, Terminal

ALERTS = 1_000
PRESSES = 200
GOAL = 25.0  # milliseconds, p95
_REST = 0.03  # seconds between a key that was answered and the next one
_ANSWER = 0.06  # seconds that an answer is given before it is looked for: looking takes time from listening
_REPEAT = 1 / 30  # seconds between two presses of a held key
_PATIENCE = 5.0


def measure() -> Section:
    """The minimal app, the console whose source says the same for a minute, and one that is told news each second."""
    with firing(ALERTS) as url, desk() as on:
        programs = [
            minimal(),
            console(url, on, poll=60, name=f"incident, {ALERTS:,} alerts"),
            console(url, on, poll=1, name="the same, told news each second"),
        ]
        figures: list[Figure] = []
        for program in programs:
            figures += _figures(program, on)
    return Section(f"keys: milliseconds from key to changed row, {PRESSES} presses of each kind", tuple(figures))


def _figures(program: Program, on: Desk) -> list[Figure]:
    found = []
    with on.open(program) as terminal:
        terminal.until_sent(program.rows)
        terminal.listen(1.5)  # what a start leaves to be done
        _chosen(terminal, program)
        for kind, latencies in (("one by one", one_by_one(terminal, program)), ("held", held(terminal, program))):
            met = share(latencies, 0.95) < GOAL
            found += [
                Figure(f"{program.name}, {kind}: p50", share(latencies, 0.5), "ms"),
                Figure(f"{program.name}, {kind}: p95", share(latencies, 0.95), "ms", goal=f"{GOAL:g} ms", met=met),
            ]
    return found


def one_by_one(terminal: Terminal, program: Program) -> list[float]:
    """`j` and `k` in turn, each after the answer to the one before."""
    latencies = []
    for turn in range(PRESSES):
        terminal.listen(_REST)
        was = _chosen(terminal, program)
        pressed = terminal.press("jk"[turn % 2])
        latencies.append((_changed(terminal, program, was) - pressed) * 1000)
    return latencies


def held(terminal: Terminal, program: Program) -> list[float]:
    """Half of the presses down, then half of them up, at the pace of a held key, whatever the answers do."""
    return [*_one_way(terminal, program, "j", 1), *_one_way(terminal, program, "k", -1)]


def _one_way(terminal: Terminal, program: Program, key: str, step: int) -> list[float]:
    start = _chosen(terminal, program)
    presses: list[float] = []
    for turn in range(PRESSES // 2):
        presses.append(terminal.press(key))
        terminal.listen(presses[0] + (turn + 1) * _REPEAT - time.monotonic())
    terminal.listen(1.0)
    seen = terminal.painted(lambda: program.chosen(terminal.screen))
    latencies = []
    for turn, pressed in enumerate(presses, 1):
        reached = (at for at, row in seen if at > pressed and row is not None and (row - start) * step >= turn)
        if (first := next(reached, None)) is None:
            raise NoAnswerError(f"{program.name}: press {turn} never showed\n{terminal.text}")
        latencies.append((first - pressed) * 1000)
    return latencies


def _chosen(terminal: Terminal, program: Program) -> int:
    """The chosen row's number now."""
    terminal.painted(lambda: None)
    row = program.chosen(terminal.screen)
    if row is None:
        raise NoAnswerError(f"{program.name}: no row is chosen\n{terminal.text}")
    return row


def _changed(terminal: Terminal, program: Program, was: int) -> float:
    """When another row was chosen."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        terminal.listen(_ANSWER)
        for at, row in terminal.painted(lambda: program.chosen(terminal.screen)):
            if row not in (None, was):
                return at
    raise NoAnswerError(f"{program.name}: a key had no effect\n{terminal.text}")
