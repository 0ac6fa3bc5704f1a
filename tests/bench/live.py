"""Two consoles on one machine: how long until a note of one is on the other's screen, and what looking costs."""

from __future__ import annotations

import time
from random import Random

from incident.engine.engine import LOOK_FOR_OTHERS
from incident.journal import open_journal
from tests.bench.figures import Figure, Section, share
from tests.bench.programs import desk, incident
from tests.bench.rest import processor_seconds
from tests.bench.terminal import Terminal

NOTES = 40
GOAL = 500.0  # milliseconds, p95
SECONDS = 10.0
_RUNBOOK = "# Refill the queue\n\n## First\n1. Look at the dashboard\n"
_SETTLING = 2.0  # seconds after the first screen that belong to the start


def measure() -> Section:
    """Notes are sent at odd moments, so that no figure depends on where in its pause the other console is."""
    with desk() as on:
        (on.folder / "runbooks").mkdir()
        (on.folder / "runbooks" / "queue.md").write_text(_RUNBOOK, encoding="utf-8")
        with Terminal(incident("run", "queue"), on.environment, on.folder) as one:
            one.until_sent(b"0 of 1 done")
            with Terminal(incident(), on.environment, on.folder) as two:
                two.until_sent(b"still open")
                two.press("\r")
                two.until_sent(b"0 of 1 done")
                one.listen(_SETTLING)
                two.listen(_SETTLING)
                seen = _notes(one, two)
                idle = _idle(one, two)
    met = share(seen, 0.95) < GOAL
    return Section(
        f"live: milliseconds from enter in one console to the other's screen, {NOTES} notes",
        (
            Figure("note to the other screen: p50", share(seen, 0.5), "ms", min(seen), max(seen)),
            Figure("note to the other screen: p95", share(seen, 0.95), "ms", goal=f"{GOAL:g} ms", met=met),
            Figure("each console at rest, with the clock's second", idle, "%"),
            Figure(f"one look at what others wrote, each {LOOK_FOR_OTHERS:g} s", _look(), "us"),
        ),
    )


def _notes(one: Terminal, two: Terminal) -> list[float]:
    chance = Random(NOTES)
    found = []
    for number in range(NOTES):
        one.press("n")
        one.until_sent(b"enter")
        one.painted(lambda: None)
        word = f"note-{number:03d}"
        one.press(word)
        one.until_sent(word.encode())
        one.listen(chance.uniform(0.05, 0.4))
        two.listen(0.05)
        two.painted(lambda: None)
        sent = one.press("\r")
        found.append((two.until_sent(word.encode()) - sent) * 1000)
        two.painted(lambda: None)
        one.listen(0.05)
        one.painted(lambda: None)
    return found


def _idle(one: Terminal, two: Terminal) -> float:
    """Percent of one core that each of the two takes while nobody does anything."""
    before = processor_seconds(one.process) + processor_seconds(two.process)
    one.listen(SECONDS)
    two.listen(0.01)
    used = processor_seconds(one.process) + processor_seconds(two.process) - before
    return used / 2 / SECONDS * 100


def _look() -> float:
    """Microseconds of processor time that one look takes."""
    with desk() as on:
        journal = open_journal(on.folder / "state")
        count = 2_000
        began = time.process_time()
        for _ in range(count):
            journal.changed()
        used = (time.process_time() - began) / count
        journal.close()
    return used * 1e6
