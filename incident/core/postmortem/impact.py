"""The impact in numbers: what queries over the incident gave, and the worst of what was read on the way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from incident.core import facts
from incident.core.event import Event
from incident.core.impact import BUDGET_SPENT, RATIO_PEAK, REQUESTS, REQUESTS_FAILED, VALUE_PEAK
from incident.core.postmortem.model import TODO, Measure, Piece, Words, prose
from incident.core.postmortem.roles import Roles
from incident.core.signals import amount
from incident.core.text import one_line
from incident.core.timeline import stamp
from incident.core.when import Precision, minute

_NAMES = {
    REQUESTS_FAILED: "Requests failed",
    REQUESTS: "Requests",
    RATIO_PEAK: "Highest error ratio",
    VALUE_PEAK: "Worst value of the alert",
    BUDGET_SPENT: "Error budget spent",
}
_WANTED = (REQUESTS_FAILED, BUDGET_SPENT)  # a row stands for them also when nobody knows

Asked = Mapping[str, facts.Measured]  # by name, what was measured last


def measured(events: Sequence[Event]) -> Asked:
    """What was measured, by name; the last one stands, in the order in which it was recorded."""
    found = sorted((event for event in events if isinstance(event.fact, facts.Measured)), key=lambda event: event.id)
    return {event.fact.name: event.fact for event in found if isinstance(event.fact, facts.Measured)}


def impact(asked: Asked, events: Sequence[Event], roles: Roles) -> tuple[Measure, ...]:
    """The measured numbers in a fixed order, others behind them, and the worst readings past their limits."""
    names = [name for name in _NAMES if name in asked or name in _WANTED]
    found = [_row(name, asked.get(name), roles) for name in (*names, *(name for name in asked if name not in _NAMES))]
    queries = {one.query for one in asked.values()}
    return (*found, *_worst(events, queries, roles))


def in_front(asked: Asked) -> dict[str, str | None]:
    """The two numbers that the front matter has a key for; None for one that is not known."""
    return {name: shown(asked[name]) if name in asked else None for name in _WANTED}


def shown(one: facts.Measured) -> str:
    """A measured number for reading; a count that was extrapolated is not more exact than it is."""
    if one.unit:
        return amount(one.value, one.unit)
    whole = f"{one.value:,.0f}"
    if one.name in (REQUESTS_FAILED, REQUESTS):
        return f"about {whole}"
    return whole if abs(one.value) >= 1000 else f"{one.value:.6g}"


def _row(name: str, one: facts.Measured | None, roles: Roles) -> Measure:
    label = _NAMES.get(name) or roles.prose(name.replace("_", " ").capitalize(), 80)
    if one is None:
        return Measure(label, TODO, prose("no query was answered yet"))
    query: Words = (Piece(roles.code(one_line(one.query)), code=True), Piece(" ")) if one.query else ()
    how = f"{one.how}, " if one.how else ""
    return Measure(label, shown(one), (*query, Piece(roles.prose(f"{how}{minute(one.start)} to {minute(one.end)}"))))


def _worst(events: Sequence[Event], queries: set[str], roles: Roles) -> list[Measure]:
    worst: dict[str, tuple[facts.SignalSeen, datetime]] = {}
    for event in events:
        fact = event.fact
        if not isinstance(fact, facts.SignalSeen) or fact.limit is None or not math.isfinite(fact.value):
            continue
        if fact.query in queries or not _beyond(fact.value, fact.limit, fact.floor):
            continue
        if fact.name not in worst or _beyond(fact.value, worst[fact.name][0].value, fact.floor):
            worst[fact.name] = (fact, event.at)
    found = []
    for name, (fact, at) in worst.items():
        beyond = f"{amount(fact.value, fact.unit)}, limit {amount(fact.limit or 0, fact.unit)}"
        query: Words = (Piece(roles.code(one_line(fact.query)), code=True), Piece(" ")) if fact.query else ()
        side = "Lowest" if fact.floor else "Highest"
        label = f"{side} {roles.prose(name, 80)} on the timeline"
        found.append(Measure(label, beyond, (*query, Piece(f"read at {stamp(at, Precision.SECOND)}"))))
    return found


def _beyond(value: float, limit: float, floor: bool) -> bool:
    """Past a limit, on its bad side."""
    return value < limit if floor else value > limit
