"""What the log says of how it went: facts with the system as their subject, for a person to judge."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from incident.core import facts
from incident.core.event import Event
from incident.core.facts import Milestone, Remark, Tick
from incident.core.incident import CommandRecord, Incident, Mark, durations
from incident.core.postmortem.model import TODO, LastChange, Measure, Piece, Words, prose
from incident.core.postmortem.roles import Roles
from incident.core.text import one_line, shorten, visible
from incident.core.timeline import row_of, stamp
from incident.core.when import Precision, duration, minute, run_time

BY_HAND = "typed by hand"  # the origin of a command that stands in no runbook
_MOST = 10  # points of one list
_ROLLBACK = re.compile(r"\broll(?:ed|ing|s)?[ _-]?backs?\b|\brevert\b|\bundo\b", re.IGNORECASE)
_STATED = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hrs?|hours?)\b", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600}

Marks = Mapping[Milestone, Mark]


def span(begin: Mark, end: Mark) -> str:
    """The time between two marks; only about right when one of them is not known to the second."""
    exact = begin.precision is Precision.SECOND and end.precision is Precision.SECOND
    between = abs(end.at - begin.at)
    if exact or between < timedelta(minutes=1):
        return duration(between) if exact else "less than a minute"
    if between < timedelta(hours=1):
        return f"about {round(between.total_seconds() / 60)} min"
    return f"about {duration(between)}"


def last_change(incident: Incident, marks: Marks, roles: Roles) -> LastChange | None:
    """The newest change before the incident showed; reverted only when a later change brought its predecessor back."""
    shown = marks.get(Milestone.DETECTED) or marks.get(Milestone.STARTED)
    edge = shown.at if shown else incident.opened_at
    stood = [(at, change) for at, change in incident.changes if edge is None or at <= edge]
    if not stood:
        return None
    at, change = max(stood, key=lambda pair: pair[0])
    back = any(later > at and seen.version == change.previous for later, seen in incident.changes)
    kind, version, previous = (roles.prose(text, 200) for text in (change.change, change.version, change.previous))
    return LastChange(at, kind, version, previous, True if back and previous else None)


def ending(record: CommandRecord) -> str:
    """How a command ended; of an unknown outcome also what somebody found."""
    return f"{record.outcome}, looked at: {record.verified}" if record.lost and record.verified else record.outcome


def trigger(change: LastChange | None, marks: Marks) -> tuple[Words, ...]:
    """The distance in time to the last change; that it is the cause is for a person to say."""
    detected = marks.get(Milestone.DETECTED)
    if change is None or detected is None:
        return ()
    was = f" (was {change.previous})" if change.previous else ""
    before = duration(detected.at - change.at)
    text = f"Last change before the alert: {change.kind} {change.version}{was} at {minute(change.at)}, {before} before."
    return (prose(text),)


def reasons(events: Sequence[Event], roles: Roles) -> tuple[Words, ...]:
    """What was decided, chosen and believed, with its time."""
    points: list[Words] = []
    for event in events:
        match event.fact:
            case facts.Remarked(remark, text) if remark in (Remark.DECISION, Remark.FINDING):
                said = f"{remark}: {text}"
            case facts.BranchChosen(condition=condition, reason=reason):
                said = f"branch: {condition}" + (f" - {reason}" if reason else "")
            case _:
                continue
        points.append(prose(f"{stamp(event.at, event.precision, event.until)} {shorten(roles.prose(said), 300)}"))
    return _first(points)


def spans(marks: Marks) -> tuple[Measure, ...]:
    """The durations between milestones, each with where its ends are known from."""
    pairs = [tuple(map(Milestone, name.split("_to_"))) for name in durations(marks)]
    found = [_measured(marks, begin, end) for begin, end in pairs]
    missing = [str(end) for end in (Milestone.STARTED, Milestone.RESOLVED) if end not in marks]
    if missing:
        how = prose(f"not set on the timeline: {', '.join(missing)}")
        found.insert(0, Measure("Duration, started to resolved", TODO, how))
    if missing == [Milestone.STARTED] and Milestone.DETECTED in marks:
        found.append(_measured(marks, Milestone.DETECTED, Milestone.RESOLVED))
    return tuple(found)


def _measured(marks: Marks, begin: Milestone, end: Milestone) -> Measure:
    """The time between two milestones, with where each is known from."""
    a, b = marks[begin], marks[end]
    told = [f"{stamp(mark.at, mark.precision)} ({one_line(mark.source)})" for mark in (a, b)]
    sign = "-" if b.at < a.at else ""
    return Measure(f"Duration, {begin} to {end}", sign + span(a, b), prose(f"{told[0]} to {told[1]}"))


def went_well(incident: Incident, marks: Marks, events: Sequence[Event], roles: Roles) -> tuple[Words, ...]:
    """How long detection, acknowledging, the first update and the rollback took."""
    points: list[Words] = []
    started, detected = marks.get(Milestone.STARTED), marks.get(Milestone.DETECTED)
    if started and detected and detected.at >= started.at:
        points.append(prose(f"Detection took {span(started, detected)} (started to detected)."))
    elif started and detected:
        points.append(prose(f"The alert came {span(started, detected)} before the impact."))
    acknowledged = marks.get(Milestone.ACKNOWLEDGED)
    if detected and acknowledged and acknowledged.at >= detected.at:
        points.append(prose(f"Acknowledged {span(detected, acknowledged)} after detection."))
    update = next((event for event in events if _is_update(event.fact)), None)
    if detected and update and update.at >= detected.at:
        sent = Mark(update.at, update.precision, update.source)
        points.append(prose(f"The first update went out {span(detected, sent)} after detection."))
    points += [
        _rolled_back(record, record.finished, marks, roles)
        for record in rollbacks(incident)
        if record.finished and record.finished.exit == 0 and not record.finished.stopped
    ]
    return _first(points)


def _is_update(fact: facts.Fact) -> bool:
    return isinstance(fact, facts.UpdateSent) or (isinstance(fact, facts.Remarked) and fact.remark == Remark.UPDATE)


def rollbacks(incident: Incident) -> list[CommandRecord]:
    """The commands that say of themselves, or whose step says, that they roll back."""
    return [
        record
        for record in incident.commands.values()
        if _ROLLBACK.search(record.started.text) or _ROLLBACK.search(record.started.step_text)
    ]


def _rolled_back(record: CommandRecord, end: facts.CommandFinished, marks: Marks, roles: Roles) -> Words:
    said = f" ended with exit 0 after {run_time(end.seconds)}"
    begun = Mark(record.at, Precision.SECOND, "")
    for milestone in (Milestone.MITIGATED, Milestone.RESOLVED):
        if milestone in marks and marks[milestone].at >= record.at:
            said += f"; {milestone} {span(begun, marks[milestone])} after it was started"
            break
    return (Piece("Rollback "), _shown(record, roles), Piece(f"{said}."))


def surprises(events: Sequence[Event], roles: Roles) -> tuple[Words, ...]:
    """What the tool itself could not see or know at the time."""
    points: list[Words] = []
    for event in events:
        match event.fact:
            case facts.SourceLost(source, reason):
                lost = f"{source} did not answer at {stamp(event.at, event.precision)}: {reason}"
                points.append(prose(shorten(roles.prose(lost), 300)))
            case facts.SourceBack(source):
                points.append(prose(roles.prose(f"{source} answered again at {stamp(event.at, event.precision)}")))
            case facts.ClockStepped() | facts.Paused():
                row = row_of(event)
                points.append(prose(f"{row.text[:1].upper()}{row.text[1:]}, seen at {row.stamp}"))
    return _first(points)


def runbook_trouble(incident: Incident, events: Sequence[Event], marks: Marks, roles: Roles) -> tuple[Words, ...]:
    """Where the runbook and the night differed: steps skipped, commands failed, typed by hand, slower than stated."""
    texts = {e.fact.step: e.fact.text for e in events if isinstance(e.fact, facts.StepTicked)}
    points: list[Words] = [
        prose(f"Step skipped: {shorten(roles.prose(texts.get(step, step)), 200)}")
        for step, record in incident.ticks.items()
        if record.tick is Tick.SKIPPED
    ]
    for record in incident.commands.values():
        if record.finished is None or record.finished.exit != 0 or record.finished.stopped:
            reason = record.failed or record.lost
            why = f" ({shorten(roles.prose(reason), 200)})" if reason else ""
            points.append((_shown(record, roles), Piece(f": {roles.prose(ending(record))}{why}")))
        if record.started.origin == BY_HAND:
            points.append((Piece("Typed by hand: "), _shown(record, roles)))
    points += [late for record in incident.commands.values() if (late := _slower(record, marks, roles))]
    return _first(points)


def _slower(record: CommandRecord, marks: Marks, roles: Roles) -> Words:
    stated = stated_seconds(record.started.expected)
    if stated is None or record.finished is None:
        return ()
    seconds = record.finished.seconds
    what = f"took {run_time(seconds)}"
    mitigated = marks.get(Milestone.MITIGATED)
    if seconds <= stated and mitigated and _ROLLBACK.search(f"{record.started.step_text} {record.started.text}"):
        begun = Mark(record.at, Precision.SECOND, "")
        seconds = (mitigated.at - record.at).total_seconds()
        what = f"mitigated {span(begun, mitigated)} after it was started"
    if seconds <= stated:
        return ()
    return (_shown(record, roles), Piece(f": {what}, stated {roles.prose(record.started.expected)}"))


def stated_seconds(text: str) -> float | None:
    """A stated duration: `5 min`, `30s`, `2-3 hours` (the longest counts); None when it says none."""
    sizes = [float(number) * _SECONDS[unit[0].lower()] for number, unit in _STATED.findall(text)]
    return max(sizes, default=None)


def _shown(record: CommandRecord, roles: Roles) -> Piece:
    return Piece(shorten(roles.code(visible(" ".join(record.started.text.split()))), 200), code=True)


def _first(points: list[Words]) -> tuple[Words, ...]:
    rest = len(points) - _MOST
    return (*points[:_MOST], prose(f"{rest} more in the log")) if rest > 0 else tuple(points)
