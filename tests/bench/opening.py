"""What a person waits for when the timeline is long: the first screen, the open incidents, the checklist, the rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from incident.core import facts
from incident.core.event import Event, Writer, next_id
from incident.core.facts import Fact
from incident.journal import open_journal
from tests.bench.figures import Figure, median
from tests.bench.programs import Desk, desk, incident
from tests.bench.terminal import Terminal

RUNS = 5
LONG = 100_000  # events of one open incident
MANY, EACH = 200, 500  # incidents, and events of each; one of them is open
GOAL = 1_000.0  # milliseconds until the checklist is painted, and until the rows are
_NIGHT = datetime(2026, 5, 2, 3, 0, tzinfo=UTC)
_OFFER, _CHECKLIST, _ROWS = b"still open", b"No runbook was found", b"timeline, "


def figures() -> list[Figure]:
    """One long incident, then many short ones; each start in a fresh process on a real pseudo-terminal."""
    found: list[Figure] = []
    stories = {
        f"one incident of {LONG:,}": [_story("INC-20260502-acme-1", LONG, closed=False)],
        f"{MANY} incidents of {EACH}": [
            _story(f"INC-20260502-acme-{number}", EACH, closed=number < MANY) for number in range(1, MANY + 1)
        ],
    }
    for name, told in stories.items():
        with desk() as on:
            journal = open_journal(on.folder / "state" / "incident")
            for events in told:
                journal.append(list(events))
            journal.close()
            found += _figures(name, [_start(on) for _ in range(RUNS + 1)][1:])
    return found


def _figures(name: str, runs: list[tuple[float, float, float, float]]) -> Iterator[Figure]:
    first, offer, checklist, rows = zip(*runs, strict=True)
    yield median(f"{name}: first frame", first)
    yield median(f"{name}: open incidents are offered", offer)
    met = median("", checklist).value < GOAL
    yield median(f"{name}: checklist, enter at once", checklist, goal="a second", met=met)
    met = median("", rows).value < GOAL
    yield median(f"{name}: timeline, from its key", rows, goal="a second", met=met)


def _start(on: Desk) -> tuple[float, float, float, float]:
    """Milliseconds from exec to each screen, with the key pressed at once; and from the key to the timeline's rows."""
    with Terminal(incident(), on.environment, on.folder) as terminal:
        first = terminal.until_sent(b"Reading the configuration")
        offer = terminal.until_sent(_OFFER)
        terminal.press("\r")
        checklist = terminal.until_sent(_CHECKLIST)
        terminal.listen(0.5)
        pressed = terminal.press("t")
        rows = terminal.until_sent(_ROWS)
        began = terminal.began
    return (first - began) * 1e3, (offer - began) * 1e3, (checklist - began) * 1e3, (rows - pressed) * 1e3


def _story(name: str, count: int, *, closed: bool) -> Iterator[Event]:
    """Events as a long night has them: mostly words and samples, a tenth of them ticks."""
    chance, writer, last = Random(name), Writer("kim", "laptop-7", "1-1"), ""
    for number in range(count):
        at = _NIGHT + timedelta(seconds=number, microseconds=chance.randrange(1, 999_999))
        last = next_id(at, last, chance.getrandbits(48))
        over = closed and number == count - 1
        fact = facts.IncidentClosed() if over else _fact(number)
        yield Event(last, name, at, fact, writer, at, source="person")


def _fact(number: int) -> Fact:
    match number:
        case 0:
            return facts.IncidentOpened("Acme error rate burning budget fast", "SEV2", "acme")
        case 1:
            return facts.Joined("kim", "lead")
        case _ if number % 10 < 5:
            return facts.Remarked("note", f"seen {number} times at checkout and in the carts of eu-west")
        case _ if number % 10 < 8:
            return facts.SignalSeen("errors", 12.5 + number % 7, "%", "sum(rate(http_requests_total[5m]))", 7.0)
        case _ if number % 10 == 8:
            return facts.SourceLost("am", "timed out")
        case _:
            return facts.StepTicked(f"step-{number % 9}", "Look at the dashboard")
