"""From an incident's events to its post-mortem draft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from incident.core import facts
from incident.core.change import ChangeKind
from incident.core.event import Event
from incident.core.facts import Milestone, Tick
from incident.core.incident import CommandRecord, Incident, durations
from incident.core.postmortem import exercise, findings
from incident.core.postmortem.everybody import people
from incident.core.postmortem.impact import impact, in_front, measured
from incident.core.postmortem.manner import Audience
from incident.core.postmortem.model import (
    TODO,
    AlertSpan,
    CommandRun,
    Counts,
    LastChange,
    PostMortem,
    RunbookUse,
)
from incident.core.postmortem.roles import Roles
from incident.core.postmortem.rows import curated
from incident.core.postmortem.summary import summary
from incident.core.text import one_line, shorten, visible
from incident.core.timeline import as_corrected

_REVIEW_AFTER = timedelta(weeks=4)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def build(
    incident: Incident, events: Sequence[Event], now: datetime, audience: Audience = Audience.INTERNAL
) -> PostMortem:
    """The draft of an incident and its log, as of `now` (UTC), which counts only where the log has no time at all.

    `audience` is only said of it: what others may not see is taken out of the events before.
    """
    ordered, changed = as_corrected(events)
    roles = people(incident, ordered)
    marks = {m: replace(mark, source=roles.prose(mark.source)) for m, mark in incident.milestones().items()}
    change = findings.last_change(incident, marks, roles)
    lines = curated(incident, ordered, roles, changed)
    asked = measured(ordered)
    about = _day(incident, ordered, now)
    return PostMortem(
        id=one_line(incident.id),
        title=_title(incident, roles),
        drill=is_drill(incident),
        day=about,
        severity=roles.prose(incident.severity),
        services=_services(incident, roles),
        summary=summary(incident, about, change, asked, roles),
        marks=marks,
        durations=_durations(incident, change),
        lines=lines,
        counts=_counts(ordered, sum(line.events for line in lines), len(changed)),
        commands=tuple(_command(record, roles) for record in incident.commands.values()),
        alerts=tuple(
            AlertSpan(roles.prose(r.name), roles.prose(r.fired.severity), r.start.at, r.resolved_at)
            for r in incident.alerts.values()
        ),
        runbooks=_runbooks(incident, ordered, roles),
        change=change,
        clock_stepped=True if _stepped(ordered) else None,
        trigger=findings.trigger(change, marks),
        reasons=findings.reasons(ordered, roles),
        measures=(*findings.spans(marks), *impact(asked, ordered, roles)),
        went_well=findings.went_well(incident, marks, ordered, roles),
        surprises=findings.surprises(ordered, roles),
        exercise=exercise.figures(ordered, roles),
        hotwash=exercise.hotwash(ordered, roles),
        runbook_trouble=findings.runbook_trouble(incident, ordered, marks, roles),
        follow_up_review=about + _REVIEW_AFTER,
        clock_offset=_offset(ordered),
        impact=in_front(asked),
        audience=audience,
    )


def is_drill(incident: Incident) -> bool:
    """Whether it was an exercise; the identity says so even when the log's first event is lost."""
    return incident.drill or incident.id.startswith("DRILL-")


def default_name(incident: Incident, suffix: str = "md") -> str:
    """The file name of an export: `INC-20260502-acme-1.md`; a drill's begins with DRILL-."""
    stem = _UNSAFE.sub("-", incident.id).strip("-.")[:120] or "incident"
    if is_drill(incident) and not stem.startswith("DRILL-"):
        stem = f"DRILL-{stem}"
    return f"{stem}.{suffix}"


def _day(incident: Incident, events: Sequence[Event], now: datetime) -> date:
    marks = incident.milestones()
    for milestone in (Milestone.STARTED, Milestone.DETECTED):
        if milestone in marks:
            return marks[milestone].at.date()
    first = incident.opened_at or (events[0].at if events else now)
    return first.date()


def _title(incident: Incident, roles: Roles) -> str:
    title = shorten(roles.prose(incident.title), 200) or TODO
    return title if not is_drill(incident) or title.startswith("DRILL") else f"DRILL: {title}"


def _services(incident: Incident, roles: Roles) -> tuple[str, ...]:
    named = [incident.service, *(record.as_alert().service for record in incident.alerts.values())]
    return tuple(dict.fromkeys(roles.prose(name) for name in named if name))


def _durations(incident: Incident, change: LastChange | None) -> dict[str, timedelta]:
    marks = incident.milestones()
    spans = durations(marks)
    if change is not None and change.kind == ChangeKind.DEPLOY and Milestone.RESOLVED in marks:
        spans["deployed_to_recovered"] = marks[Milestone.RESOLVED].at - change.at
    return spans


def _counts(events: Sequence[Event], shown: int, corrected: int) -> Counts:
    redacted = sum(isinstance(event.fact, facts.Tombstone) for event in events)
    return Counts(len(events), shown, corrected, redacted)


def _command(record: CommandRecord, roles: Roles) -> CommandRun:
    started = record.started
    return CommandRun(
        at=record.at,
        text=roles.code(visible(started.text)),
        outcome=roles.prose(findings.ending(record)),
        by=roles.of(record.writer.person),
        directory=roles.code(visible(started.directory)),
        target=roles.prose(started.target),
        origin=roles.prose(started.origin),
        step=roles.prose(started.step_text),
    )


def _runbooks(incident: Incident, events: Sequence[Event], roles: Roles) -> tuple[RunbookUse, ...]:
    """How many steps each runbook got done; a tick counts for the runbook that was open when it was made."""
    owner: dict[str, str] = {}
    path = ""
    for event in events:
        if isinstance(event.fact, facts.RunbookOpened):
            path = event.fact.path
        elif isinstance(event.fact, facts.StepTicked):
            owner[event.fact.step] = path
    done = [owner.get(step, "") for step, record in incident.ticks.items() if record.tick is Tick.DONE]
    return tuple(
        RunbookUse(roles.prose(opened.path), opened.sha256[:7], done.count(path), opened.steps or None)
        for path, opened in incident.runbooks.items()
    )


def _offset(events: Sequence[Event]) -> float | None:
    """The largest difference of clocks among the last that each source was seen to have."""
    last = {event.fact.source: event.fact.offset for event in events if isinstance(event.fact, facts.ClockChecked)}
    return max(last.values(), key=abs, default=None)


def _stepped(events: Sequence[Event]) -> bool:
    """Whether a clock was seen to jump, or ran backwards from one of its writer's events to the next."""
    if any(isinstance(event.fact, facts.ClockStepped) for event in events):
        return True
    last: dict[str, Event] = {}
    for event in sorted(events, key=lambda e: e.seq):
        before = last.get(event.writer.node)
        if before is not None and event.seq and before.seq and event.recorded_at < before.recorded_at:
            return True
        last[event.writer.node] = event
    return False
