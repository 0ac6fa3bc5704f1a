"""The incident as a picture: signals, alerts, changes, commands and milestones on one axis of time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.core import facts
from incident.core.event import Event
from incident.core.facts import Milestone
from incident.core.impact import RATIO_PEAK, VALUE_PEAK
from incident.core.incident import Incident
from incident.core.postmortem.everybody import people
from incident.core.postmortem.roles import Roles
from incident.core.runbook.model import Effect
from incident.core.text import shorten, visible
from incident.core.timeline import as_corrected

COURSES, ALERTS, CHANGES, COMMANDS = 3, 8, 12, 40  # drawn at most
_BEFORE = timedelta(hours=3)  # changes that are further back would press the incident into a corner
_SHORTEST = timedelta(minutes=2)
_MARGIN = 0.03
_COURSES = {RATIO_PEAK: "error ratio", VALUE_PEAK: "the alert's value"}


@dataclass(frozen=True, slots=True)
class Course:
    """A signal over time; None where there was no value."""

    name: str
    unit: str
    points: tuple[tuple[datetime, float | None], ...]
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasted; `end` is None while it goes on. `good` is None when that is not known."""

    start: datetime
    end: datetime | None
    name: str
    outcome: str = ""
    good: bool | None = None
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn, and the time it spans."""

    start: datetime
    end: datetime
    marks: tuple[tuple[Milestone, datetime], ...]
    courses: tuple[Course, ...]
    alerts: tuple[Span, ...]
    changes: tuple[tuple[datetime, str], ...]
    commands: tuple[Span, ...]
    left_out: int = 0  # changes, alerts and commands for which there was no room


def picture(incident: Incident, events: Sequence[Event]) -> Picture | None:
    """The picture of an incident, None when there is nothing that has a time."""
    ordered, _ = as_corrected(events)
    roles = people(incident, ordered)
    alerts = [
        Span(record.start.at, record.end.at if record.end else None, roles.prose(record.as_alert().title, 80),
             record.fired.severity)
        for record in incident.alerts.values()
    ]  # fmt: skip
    commands = _commands(incident, roles)
    marks = [(milestone, mark.at) for milestone, mark in incident.milestones().items()]
    times = [at for _, at in marks]
    times += [at for span in (*alerts, *commands) for at in (span.start, span.end) if at is not None]
    if not times:
        return None
    changes = [
        (at, roles.prose(f"{change.change} {change.version}", 80))
        for at, change in incident.changes
        if at >= min(times) - _BEFORE
    ]
    start, end = _edges([*times, *(at for at, _ in changes)])
    shown = sum(min(len(known), most) for known, most in ((alerts, ALERTS), (changes, CHANGES), (commands, COMMANDS)))
    return Picture(
        start, end, tuple(marks), tuple(_courses(incident, ordered, roles, (start, end))), tuple(alerts[:ALERTS]),
        tuple(changes[-CHANGES:]), tuple(commands[:COMMANDS]),
        len(alerts) + len(incident.changes) + len(commands) - shown,
    )  # fmt: skip


def _commands(incident: Incident, roles: Roles) -> list[Span]:
    found = []
    for record in incident.commands.values():
        started = record.started
        first = next((line.strip() for line in started.text.splitlines() if line.strip()), "")
        step = f"{roles.prose(started.step_text, 60)}: " if started.step_text else ""
        good = record.finished.exit == 0 and not record.finished.stopped if record.finished else None
        name = shorten(f"{step}{roles.code(visible(first))}", 160)
        harmless = started.effect == Effect.READS.value
        found.append(Span(record.at, record.ended_at, name, roles.prose(record.outcome), good, harmless))
    return found


def _edges(times: Iterable[datetime]) -> tuple[datetime, datetime]:
    known = sorted(times)
    start, end = known[0], known[-1]
    if end - start < _SHORTEST:
        middle = start + (end - start) / 2
        start, end = middle - _SHORTEST / 2, middle + _SHORTEST / 2
    margin = (end - start) * _MARGIN
    return start - margin, end + margin


def _courses(
    incident: Incident, events: Sequence[Event], roles: Roles, edges: tuple[datetime, datetime]
) -> Iterable[Course]:
    """Measured courses first, then the signals that were read now and then."""
    measured: dict[str, facts.Measured] = {}
    read: dict[str, list[tuple[datetime, facts.SignalSeen]]] = {}
    for event in events:
        match event.fact:
            case facts.Measured(name=name, trend=trend) if trend and name in _COURSES:
                measured[name] = event.fact
            case facts.SignalSeen(name=name, value=value) if math.isfinite(value) and edges[0] <= event.at <= edges[1]:
                read.setdefault(name, []).append((event.at, event.fact))
            case _:
                pass
    known = _limits(read)
    found = [_measured(one, known) for one in measured.values()]
    drawn = {one.query for one in measured.values()}
    for name, seen in read.items():
        if seen[-1][1].query in drawn:
            continue
        last = seen[-1][1]
        points: tuple[tuple[datetime, float | None], ...] = tuple((at, fact.value) for at, fact in seen)
        found.append(Course(roles.prose(name, 40), last.unit, points, last.limit))
    return found[:COURSES]


def _limits(read: Mapping[str, Sequence[tuple[datetime, facts.SignalSeen]]]) -> dict[str, float | None]:
    """The limit that stood beside a query when it was read."""
    return {fact.query: fact.limit for seen in read.values() for _, fact in seen}


def _measured(one: facts.Measured, limits: Mapping[str, float | None]) -> Course:
    step = (one.end - one.start) / max(1, len(one.trend))
    points = tuple(
        (one.start + step * (at + 0.5), float(value) if value else None) for at, value in enumerate(one.trend)
    )
    return Course(_COURSES[one.name], one.unit, points, limits.get(one.query))
