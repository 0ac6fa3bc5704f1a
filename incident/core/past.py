"""What earlier incidents say about an alert that fires: how often it was there, and what ended it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.core.alert import Alert
from incident.core.facts import Milestone
from incident.core.incident import Incident, Mark
from incident.core.postmortem.findings import rollbacks
from incident.core.records import CommandRecord
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

    def words(self, now: datetime) -> str:
        """`seen 3 times, last 2026-04-11, mitigated by rollback in 9m`."""
        often = "once" if self.times == 1 else f"{self.times} times"
        when = f"{self.last:%Y-%m-%d}" if now - self.last >= timedelta(days=1) else f"{age(now - self.last)} ago"
        return f"seen {often} before, last {when}{f', {self.ended.words}' if self.ended else ''}"


class Earlier:
    """Earlier incidents by the alerts that were part of them; drills are not.

    The same alert is one with the same name and the same service: a name alone is shared by many teams.
    """

    def __init__(self, incidents: Iterable[Incident] = ()) -> None:
        # By name and service, then by incident: it, and each occurrence with when it began.
        self._known: dict[tuple[str, str], dict[str, tuple[Incident, list[tuple[str, datetime]]]]] = {}
        for incident in incidents:
            if not incident.drill:
                for record in incident.alerts.values():
                    alert = record.as_alert()
                    if alert.name:
                        by_incident = self._known.setdefault((alert.name, alert.service), {})
                        _, times = by_incident.setdefault(incident.id, (incident, []))
                        times.append((alert.occurrence, record.start.at))

    def seen(self, alert: Alert, besides: str = "") -> Seen | None:
        """What they say of an alert; None when it was in none. Neither this very occurrence nor `besides` counts."""
        found: list[tuple[datetime, Incident]] = []
        for incident, times in self._known.get((alert.name, alert.service), {}).values():
            first = next((at for occurrence, at in times if occurrence != alert.occurrence), None)
            if first is not None and incident.id != besides:
                found.append((first, incident))
        if not found:
            return None
        last, incident = max(found, key=lambda pair: pair[0])
        return Seen(len(found), last, incident.id, ended(incident))


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
