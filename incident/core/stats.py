"""Across incidents: durations as dots with median and range, runbooks by use, action items by what became of them.

Never a mean: durations of incidents spread over orders of magnitude, and one long one would speak for all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from incident.core.actions import ActionPage, Outcome
from incident.core.facts import Tick
from incident.core.incident import Incident, durations

SPANS = ("started_to_detected", "detected_to_acknowledged", "detected_to_mitigated", "started_to_resolved")
_MARKS = " ·:⁝"  # none, one, two, more incidents at the same place


@dataclass(frozen=True, slots=True)
class Spread:
    """One duration over all incidents that know both of its ends; the shortest first."""

    name: str  # `detected_to_mitigated`
    values: tuple[tuple[timedelta, str], ...]  # with the incident's id

    @property
    def median(self) -> timedelta:
        """The middle one; of an even number the middle between two."""
        middle = len(self.values) // 2
        upper = self.values[middle][0]
        return upper if len(self.values) % 2 else (self.values[middle - 1][0] + upper) / 2


@dataclass(frozen=True, slots=True)
class Use:
    """A runbook, and how it was used."""

    path: str
    times: int
    last: datetime | None  # None: never, as far as the log goes
    reviewed: date | None
    skipped: int  # steps that were skipped, over all uses
    by_hand: int  # commands that were typed by hand beside it


@dataclass(frozen=True, slots=True)
class Shipped:
    """What became of the action items."""

    written: int
    shipped: int
    in_time: int  # shipped by a review no later than the day that was agreed on for it
    dropped: int
    open: int
    overdue: int


def spreads(incidents: Iterable[Incident]) -> tuple[Spread, ...]:
    """Every duration that at least one incident knows. One that contradicts itself is left out; drills are no part."""
    found: dict[str, list[tuple[timedelta, str]]] = {name: [] for name in SPANS}
    for incident in incidents:
        if not incident.drill:
            for name, span in durations(incident.milestones()).items():
                if span >= timedelta(0):
                    found[name].append((span, incident.id))
    return tuple(Spread(name, tuple(sorted(values))) for name, values in found.items() if values)


def dots(spread: Spread, width: int, low: timedelta, high: timedelta) -> str:
    """The values as dots between `low` and `high` on a scale where each step doubles; the median is `|`."""
    counts = [0] * width
    for value, _ in spread.values:
        counts[_place(value, width, low, high)] += 1
    row = [_MARKS[min(count, len(_MARKS) - 1)] for count in counts]
    row[_place(spread.median, width, low, high)] = "|"
    return "".join(row)


def _place(value: timedelta, width: int, low: timedelta, high: timedelta) -> int:
    a, b, x = (math.log(max(span.total_seconds(), 1.0)) for span in (low, high, value))
    return round((min(max(x, a), b) - a) / (b - a) * (width - 1)) if b > a else 0


def uses(incidents: Sequence[Incident], runbooks: Iterable[tuple[str, date | None]]) -> tuple[Use, ...]:
    """Every runbook with its `reviewed` day, and those that were used and are gone; the most used first."""
    reviewed = dict(runbooks)
    for incident in incidents:
        for path in incident.runbooks:
            reviewed.setdefault(path, None)
    real = [incident for incident in incidents if not incident.drill]
    found = [_use(path, day, [one for one in real if path in one.runbooks]) for path, day in reviewed.items()]
    return tuple(sorted(found, key=lambda use: (-use.times, use.path)))


def _use(path: str, reviewed: date | None, incidents: Sequence[Incident]) -> Use:
    opened = [incident.opened_at for incident in incidents if incident.opened_at is not None]
    return Use(
        path,
        len(incidents),
        max(opened, default=None),
        reviewed,
        sum(record.tick is Tick.SKIPPED for one in incidents for record in one.ticks.values()),
        sum(run.started.origin.startswith("typed by hand") for one in incidents for run in one.commands.values()),
    )


def shipped(pages: Iterable[ActionPage], today: date) -> Shipped:
    """What became of the action items of real incidents."""
    real = [page for page in pages if page.kind != "drill"]
    items = [(page, item) for page in real for item in page.written]
    done = [(page, item) for page, item in items if item.outcome is Outcome.SHIPPED]
    return Shipped(
        written=len(items),
        shipped=len(done),
        in_time=sum(_in_time(page, item.number) for page, item in done),
        dropped=sum(item.outcome is Outcome.DROPPED for _, item in items),
        open=sum(item.open for _, item in items),
        overdue=sum(item.overdue(today) for _, item in items),
    )


def _in_time(page: ActionPage, number: str) -> bool:
    """Whether the first review that calls it shipped was no later than agreed."""
    days = [one.at for one in page.reviews if one.outcomes.get(number, (None, ""))[0] is Outcome.SHIPPED]
    return page.follow_up is not None and min(days) <= page.follow_up
