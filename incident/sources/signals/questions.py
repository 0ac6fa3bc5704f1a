"""What to ask a Prometheus beside an alert: the alert's own query, a team's, and those that common metrics give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from incident.core.alert import Alert
from incident.core.expression import is_error_ratio, number, split_comparison
from incident.core.promql import filled
from incident.core.signals import Nature
from incident.core.signals.discovery import Guess
from incident.core.signals.nature import nature_of
from incident.core.signals.wanted import Wanted, wanted_for
from incident.errors import UsageError

GOLDEN = ("errors", "p99", "traffic", "saturation")
_LATENCY = ("p99", "p95", "p50", "mean")
_LAST = ("p95", "p50")  # beside p99 they only explain


@dataclass(frozen=True, slots=True)
class Question:
    """A signal, and the query that would give it; without a query, why there is none."""

    name: str
    unit: str = ""
    query: str = ""
    scale: float = 1.0
    limit: float | None = None
    floor: bool = False
    missing: str = ""
    nature: Nature = Nature.UNSAID
    own: bool = False
    origin: str = ""
    asked: tuple[str, ...] = field(default=())  # what was asked to find the query


def own(alert: Alert) -> Question:
    """The alert's own value against its own limit."""
    origin = "the alert's own expression"
    if not alert.expression:
        return Question("value", missing="the alert does not link to its rule's query", own=True, origin=origin)
    nature = nature_of("", alert.expression)
    parts = split_comparison(alert.expression)
    if parts is None:
        return Question("value", query=alert.expression, nature=nature, own=True, origin=origin)
    ordered = parts.operator not in ("==", "!=")
    question = Question(
        "value",
        query=parts.query,
        limit=number(parts.limit) if ordered else None,
        floor=parts.operator in ("<", "<="),
        nature=nature,
        own=True,
        origin=f"{origin}, {parts.operator} {parts.limit}",
    )
    if not is_error_ratio(parts.query):
        return question
    limit = None if question.limit is None else question.limit * 100
    return replace(question, name="errors", unit="%", scale=100.0, limit=limit, nature=Nature.SYMPTOM)


def configured(alert: Alert, plans: Mapping[str, Mapping[str, Wanted]]) -> tuple[Question, ...]:
    """The team's own signals for the alert's service, with the alert's labels put in."""
    values = {**alert.labels, "service": alert.service}
    found = []
    for name, wanted in wanted_for(alert.service, plans).items():
        question = Question(name, wanted.unit, scale=wanted.scale, limit=wanted.limit, floor=wanted.floor,
                            nature=nature_of(name, wanted.query), origin="the configuration")  # fmt: skip
        try:
            found.append(replace(question, query=filled(wanted.query, values)))
        except UsageError as off:
            found.append(replace(question, missing=f"its query in the configuration: {off.what}"))
    return tuple(found)


def guessed(guess: Guess, asked: tuple[str, ...]) -> Question:
    """What a service's metrics gave."""
    return Question(guess.name, guess.unit, guess.query, guess.scale, missing=guess.missing,
                    nature=nature_of(guess.name, guess.query), origin=guess.origin, asked=asked)  # fmt: skip


def wants_more(known: Iterable[Question]) -> bool:
    """Whether a golden signal is not there yet."""
    names = {one.name for one in known}
    latency = bool(names & {"latency", *_LATENCY})
    return not (latency and {"errors", "traffic", "saturation"} <= names)


def together(own_one: Question, team: tuple[Question, ...], found: tuple[Question, ...]) -> tuple[Question, ...]:
    """Every question once: the alert's own first, then the golden ones, then the rest; a team's own word wins."""
    named = {one.name for one in team}
    by_name = {one.name: one for one in found if not (one.name in _LATENCY and "latency" in named)}
    by_name |= {one.name: one for one in team}
    if own_one.name in by_name and (own_one.query or not by_name[own_one.name].query):
        del by_name[own_one.name]
    first = [name for name in ("errors", "latency", "p99", "mean", "traffic", "saturation") if name in by_name]
    rest = [name for name in by_name if name not in first and name not in _LAST]
    last = [name for name in _LAST if name in by_name]
    return (own_one, *(by_name[name] for name in (*first, *rest, *last)))
