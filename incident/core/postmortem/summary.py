"""The summary's one sentence: the day, what came before, what was seen for how long, and how many it hit."""

from __future__ import annotations

from datetime import date

from incident.core.facts import Milestone
from incident.core.impact import RATIO_PEAK, REQUESTS_FAILED
from incident.core.incident import Incident
from incident.core.postmortem.findings import span
from incident.core.postmortem.impact import Asked, shown
from incident.core.postmortem.model import LastChange, Words, prose
from incident.core.postmortem.roles import Roles
from incident.core.text import shorten
from incident.core.when import duration


def summary(incident: Incident, about: date, change: LastChange | None, asked: Asked, roles: Roles) -> Words:
    """As far as the log goes; that the change was the cause is for a person to say."""
    what = f"{_alerts(incident, roles)} fired" if incident.alerts else "TODO (what happened)"
    after = _after(incident, change)
    seen = "TODO (what users saw)"
    if RATIO_PEAK in asked:
        seen = f"up to {shown(asked[RATIO_PEAK])} of the requests failed"
    if REQUESTS_FAILED in asked:
        seen += f", {shown(asked[REQUESTS_FAILED])} in all,"
    drill = "DRILL: on" if incident.drill or incident.id.startswith("DRILL-") else "On"
    return prose(
        f"{drill} {about.isoformat()}, {after}{what}: {seen} {_length(incident)}, affecting roughly TODO users."
    )


def _length(incident: Incident) -> str:
    marks = incident.milestones()
    for begin in (Milestone.STARTED, Milestone.DETECTED):
        if begin in marks and Milestone.RESOLVED in marks and marks[begin].at <= marks[Milestone.RESOLVED].at:
            return f"for {span(marks[begin], marks[Milestone.RESOLVED])} ({begin} to resolved)"
    return "for TODO (how long)"


def _after(incident: Incident, change: LastChange | None) -> str:
    detected = incident.milestones().get(Milestone.DETECTED)
    if change is None or detected is None:
        return ""
    was = f" (was {change.previous})" if change.previous else ""
    return f"{duration(detected.at - change.at)} after {change.kind} {change.version}{was}, "


def _alerts(incident: Incident, roles: Roles) -> str:
    records = sorted(incident.alerts.values(), key=lambda record: record.start.at)
    first = records[0].as_alert()
    place = f" ({first.place})" if first.place else ""
    where = f" for {first.service}{place}" if first.service else ""
    more = f", and {len(records) - 1} more," if len(records) > 1 else ""
    return shorten(roles.prose(f"{first.title}{where}"), 200) + more
