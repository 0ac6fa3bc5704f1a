"""Who is to be told when: due times, what has become of them, and the message for whoever is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from incident.core import facts
from incident.core.alert import Severity
from incident.core.event import Event
from incident.core.facts import Milestone
from incident.core.incident import Incident
from incident.core.runbook import Contact
from incident.core.runbook.contacts import stopped_by, who
from incident.core.told import Escalated, Send
from incident.core.updates import last_update
from incident.core.when import duration, minute

SOON = timedelta(minutes=10)  # before a due time, from which on it is shown where there is little room
MESSAGE_TITLE = 160  # characters of an incident's title in a message


@dataclass(frozen=True, slots=True)
class Rule:
    """Somebody is to be told so long after it began, unless a milestone was reached before."""

    who: str
    text: str  # as the runbook or the configuration has it
    after: timedelta | None  # None: no time is named
    unless: Milestone = Milestone.RESOLVED
    how: str = ""  # a channel, a number
    origin: str = ""  # `acme-error-rate.md:24`, or `the configuration`
    line: int = 0  # of the runbook; 0: it does not stand there

    @property
    def key(self) -> str:
        """Identity, kept over edits elsewhere in the runbook."""
        after = "" if self.after is None else f"{self.after.total_seconds():g}"
        return sha256("\0".join((self.who.lower(), after, self.unless)).encode()).hexdigest()[:16]


class Stand(StrEnum):
    """How a due time stands."""

    WAITING = "waiting"
    PASSED = "due"
    TOLD = "told"
    OVER = "not needed"  # what would have stopped it came first
    UNTIMED = "no time"


@dataclass(frozen=True, slots=True)
class Due:
    """A rule in one incident. `at` is when somebody is to be told; None without a time, or before it began."""

    rule: Rule
    stand: Stand
    at: datetime | None = None
    told_at: datetime | None = None
    passed: bool = False  # it came before whatever would have stopped it


@dataclass(frozen=True, slots=True)
class Communication:
    """Whom to tell, the last update and when the next one is due; for the screens and for whoever takes over."""

    dues: tuple[Due, ...]
    last_update: datetime | None
    unsure: Send | None  # an update of which nobody knows whether it arrived
    next_update: datetime | None  # None: no interval was agreed on


def rules(contacts: Iterable[Contact], path: str, configured: Iterable[Rule] = ()) -> tuple[Rule, ...]:
    """The rules of a runbook and of the configuration; one that both have is there once."""
    written = [
        Rule(
            who(one.text),
            one.text,
            None if one.due_seconds is None else timedelta(seconds=one.due_seconds),
            Milestone(stopped_by(one.text)),
            origin=f"{path}:{one.line}",
            line=one.line,
        )
        for one in contacts
    ]
    return tuple({rule.key: rule for rule in (*written, *configured)}.values())


def dues(incident: Incident, known: Sequence[Rule], now: datetime) -> tuple[Due, ...]:
    """Every rule as it stands, by when it is due; those without a time last."""
    found = [_due(rule, incident, incident.escalations.get(rule.key, Escalated()).told_at, now) for rule in known]
    return tuple(sorted(found, key=lambda one: (one.at is None, one.at or now)))


def unrecorded(incident: Incident, standing: Iterable[Due]) -> tuple[Due, ...]:
    """The due times that have passed and of which the timeline does not know yet."""
    recorded = {key for key, one in incident.escalations.items() if one.due_at is not None}
    fresh = (one for one in standing if one.passed and one.rule.key not in recorded)
    return tuple(fresh) if incident.is_open else ()


def due_fact(due: Due, now: datetime) -> facts.EscalationDue:
    """That a due time has passed, as a fact; it belongs at the due time itself."""
    after = due.rule.after or timedelta(0)
    late = (now - due.at).total_seconds() if due.at else 0.0
    return facts.EscalationDue(due.rule.key, due.rule.who, due.rule.text, after.total_seconds(), max(0.0, late))


def pressing(standing: Iterable[Due]) -> Due | None:
    """The one to look at: the first that has passed and of which nobody was told, else the next one."""
    timed = [one for one in standing if one.stand in (Stand.PASSED, Stand.WAITING)]
    return next((one for one in timed if one.stand is Stand.PASSED), timed[0] if timed else None)


def communication(
    incident: Incident, events: Sequence[Event], known: Sequence[Rule], every: timedelta | None, now: datetime
) -> Communication:
    """Everything about who has been told and who is to be told next."""
    last, unsure = last_update(incident, events)
    began = last or incident.opened_at
    following = began + every if every and began and incident.is_open else None
    return Communication(dues(incident, known, now), last, unsure, following)


def message(incident: Incident, due: Due, doing: str, now: datetime) -> str:
    """What to say to whoever is told: what, since when, how it stands, why they hear of it."""
    began = _began(incident)
    since = f", since {minute(began)} UTC ({duration(now - began)})" if began else ""
    lines = [
        f"{incident.id} {incident.severity}{since}: {incident.title[:MESSAGE_TITLE]}",
        _state(incident),
        *([doing] if doing else []),
        *([f"Lead: {incident.lead}"] if incident.lead else []),
        f"You hear of it because of: {due.rule.text} ({due.rule.origin})",
    ]
    return "\n".join(lines)


def _state(incident: Incident) -> str:
    marks = incident.milestones()
    if Milestone.RESOLVED in marks:
        return f"Resolved since {minute(marks[Milestone.RESOLVED].at)} UTC."
    if Milestone.MITIGATED in marks:
        return f"Mitigated at {minute(marks[Milestone.MITIGATED].at)} UTC, not resolved yet."
    return "Not mitigated yet."


def _due(rule: Rule, incident: Incident, told: datetime | None, now: datetime) -> Due:
    began = _began(incident)
    if rule.after is None or began is None:
        return Due(rule, Stand.TOLD if told else Stand.UNTIMED, None, told)
    at = began + rule.after
    stopped = _stopped(rule, incident)
    passed = at <= now and (stopped is None or at < stopped)
    if told is not None:
        return Due(rule, Stand.TOLD, at, told, passed)
    if stopped is not None:
        return Due(rule, Stand.OVER, at, passed=passed)
    return Due(rule, Stand.PASSED if passed else Stand.WAITING, at, passed=passed)


def _began(incident: Incident) -> datetime | None:
    """When it began, as a person says, else as the first page says; a ticket counts from when somebody responded."""
    said = incident.marks.get(Milestone.STARTED) or incident.marks.get(Milestone.DETECTED)
    if said is not None:
        return said.at
    pages = [one.start.at for one in incident.alerts.values() if one.fired.severity == Severity.PAGE]
    return min(pages, default=incident.opened_at)


def _stopped(rule: Rule, incident: Incident) -> datetime | None:
    """When nobody had to be told any more: its milestone, or a later one, or the incident's end."""
    order = list(Milestone)
    marks = incident.milestones()
    reached = [mark.at for name, mark in marks.items() if order.index(name) >= order.index(rule.unless)]
    ends = [*reached, *([incident.closed_at] if incident.closed_at else [])]
    return min(ends, default=None)
