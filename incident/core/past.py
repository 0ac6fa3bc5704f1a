"""What earlier incidents say about an alert that fires: how often it was there, and what ended it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.core.alert import Alert
from incident.core.facts import Milestone
from incident.core.incident import Incident, Mark
from incident.core.postmortem.findings import rollbacks
from incident.core.records import AlertRecord, CommandRecord
from incident.core.runbook import Effect
from incident.core.text import shorten
from incident.core.when import age

_WORDS = 40  # characters of a step or command that are repeated


@dataclass(frozen=True, slots=True)
class Ended:
    """How an incident ended: after how long since it was detected, and by what, as far as both are known."""

    milestone: Milestone
    took: timedelta
    by: str = ""  # `rollback`, a step's words, a command; "" when nothing that was done says so

    @property
    def words(self) -> str:
        """`mitigated by rollback in 9m`."""
        return f"{self.milestone}{f' by {self.by}' if self.by else ''} in {age(self.took)}"


@dataclass(frozen=True, slots=True)
class Seen:
    """How often an alert was part of an earlier incident, and the last one of them."""

    times: int
    last: datetime
    incident: str  # the id of the last one
    ended: Ended | None = None  # how the last one ended
    document: str = ""  # the post-mortem of the last one, "" when there is none

    def words(self, now: datetime) -> str:
        """`seen 3 times, last 2026-04-11, mitigated by rollback in 9m`."""
        often = "once" if self.times == 1 else f"{self.times} times"
        when = f"{self.last:%Y-%m-%d}" if now - self.last >= timedelta(days=1) else f"{age(now - self.last)} ago"
        return f"seen {often} before, last {when}{f', {self.ended.words}' if self.ended else ''}"


def seen(
    alert: Alert, incidents: Iterable[Incident], documents: Mapping[str, str] | None = None, besides: str = ""
) -> Seen | None:
    """What earlier incidents say of an alert; None when it was in none. `documents` are post-mortems by incident.

    The same alert is one with the same name and the same service: a name alone is shared by many teams. Drills and
    the incident `besides` do not count.
    """
    found = [
        (record.start.at, incident)
        for incident in incidents
        if not incident.drill and incident.id != besides
        for record in [_same(alert, incident)]
        if record is not None
    ]
    if not found:
        return None
    last, incident = max(found, key=lambda pair: pair[0])
    return Seen(len(found), last, incident.id, ended(incident), (documents or {}).get(incident.id, ""))


def _same(alert: Alert, incident: Incident) -> AlertRecord | None:
    """The incident's first alert that is this one, but not this very occurrence of it."""
    for record in incident.alerts.values():
        was = record.as_alert()
        if was.name == alert.name and was.service == alert.service and was.name and was.occurrence != alert.occurrence:
            return record
    return None


def ended(incident: Incident) -> Ended | None:
    """How it ended; None while it did not, or while its times contradict each other."""
    marks = incident.milestones()
    begun = marks.get(Milestone.DETECTED) or marks.get(Milestone.STARTED)
    for milestone in (Milestone.MITIGATED, Milestone.RESOLVED):
        if begun is not None and milestone in marks and marks[milestone].at >= begun.at:
            return Ended(milestone, marks[milestone].at - begun.at, _by(incident, marks[milestone]))
    return None


def _by(incident: Incident, end: Mark) -> str:
    """The last thing done before the end that changes something and went well."""
    done = [
        record
        for record in incident.commands.values()
        if record.ended_at is not None
        and record.at <= end.at
        and record.started.effect != Effect.READS
        and record.finished is not None
        and record.finished.exit == 0
        and not record.finished.stopped
    ]
    if not done:
        return ""
    last = max(done, key=lambda record: record.at)
    return "rollback" if last in rollbacks(incident) else _named(last)


def _named(record: CommandRecord) -> str:
    return shorten(f'"{record.started.step_text}"' if record.started.step_text else record.started.text, _WORDS)
