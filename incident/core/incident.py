"""An incident's state: the fold of its events, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from incident.core import facts
from incident.core.corrections import corrected, corrections_in
from incident.core.event import Event
from incident.core.facts import Milestone, Tick
from incident.core.records import (
    REDACTED,
    AlertRecord,
    Approval,
    Choice,
    CommandRecord,
    Mark,
    TickRecord,
    Value,
)
from incident.core.told import GRAVES, TELLING, Escalated, Send, take_escalation, take_update

__all__ = [
    "KINDS_THAT_BEAR",
    "LEAD",
    "RESPONDER",
    "AlertRecord",
    "Approval",
    "Choice",
    "CommandRecord",
    "Incident",
    "Mark",
    "TickRecord",
    "Value",
    "bears",
    "durations",
    "fold",
    "identity_for",
]

LEAD = "lead"
RESPONDER = "responder"

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Incident:
    """What is known of an incident after some of its events."""

    id: str
    title: str = ""
    severity: str = ""
    service: str = ""
    drill: bool = False
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    alerts: Mapping[str, AlertRecord] = field(default_factory=dict)  # by occurrence, in order of joining
    runbooks: Mapping[str, facts.RunbookOpened] = field(default_factory=dict)  # by path; the last version opened
    runbook: str = ""  # path of the one in use
    ticks: Mapping[str, TickRecord] = field(default_factory=dict)  # by step
    choices: Mapping[str, Choice] = field(default_factory=dict)  # by fork
    values: Mapping[str, Value] = field(default_factory=dict)  # by parameter
    commands: Mapping[str, CommandRecord] = field(default_factory=dict)  # by run, in order
    approvals: Mapping[str, Approval] = field(default_factory=dict)  # by request, in order
    people: Mapping[str, str] = field(default_factory=dict)  # role by person
    escalations: Mapping[str, Escalated] = field(default_factory=dict)  # by the key of the due time
    updates: Mapping[str, Send] = field(default_factory=dict)  # those that were sent from here, by try, in order
    marks: Mapping[Milestone, Mark] = field(default_factory=dict)  # set by a person
    marking: Mapping[Milestone, str] = field(default_factory=dict)  # the ids of the events that set them
    acknowledged: Mark | None = None  # the first time that it happened
    changes: tuple[tuple[datetime, facts.ChangeSeen], ...] = ()  # the oldest first
    offsets: Mapping[str, float] = field(default_factory=dict)  # by source: seconds its clock was last ahead of ours
    basis: tuple[Event, ...] = field(default=(), repr=False, compare=False)  # events that a correction may move
    corrections: tuple[Event, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Opened and not closed."""
        return self.opened_at is not None and self.closed_at is None

    @property
    def lead(self) -> str:
        """Who has the lead, "" for nobody."""
        return next((person for person, role in self.people.items() if role == LEAD), "")

    @property
    def firing(self) -> tuple[AlertRecord, ...]:
        """Its alerts that are not known to be resolved."""
        return tuple(record for record in self.alerts.values() if record.resolved_at is None)

    def milestones(self) -> dict[Milestone, Mark]:
        """Every milestone that is known, in order: set by a person, else computed from the alerts and the ack."""
        known: dict[Milestone, Mark] = {}
        records = self.alerts.values()
        if records:
            known[Milestone.DETECTED] = min((record.start for record in records), key=_time)
        if self.acknowledged:
            known[Milestone.ACKNOWLEDGED] = self.acknowledged
        ends = [record.end for record in records if record.end is not None]
        if records and len(ends) == len(records):
            known[Milestone.RESOLVED] = max(ends, key=_time)
        known.update(self.marks)
        return {milestone: known[milestone] for milestone in Milestone if milestone in known}

    def apply(self, event: Event) -> Incident:
        """The state after one more event. Facts that change no state leave it as it is."""
        return self.apply_all((event,))

    def apply_all(self, events: Iterable[Event]) -> Incident:
        """The state after more events; many at once cost far less than each by itself."""
        draft = _Draft(self)
        for event in events:
            draft.take(event)
        return draft.done()


def fold(incident: str, events: Iterable[Event]) -> Incident:
    """The state after these events, in the timeline's order or any other that keeps causes before effects."""
    return Incident(incident).apply_all(events)


def identity_for(at: datetime, about: str, number: int, *, drill: bool = False) -> str:
    """The name of an incident: `INC-20260502-acme-1`; a drill's begins with DRILL-."""
    word = re.sub(r"[^a-z0-9]+", "-", about.lower()).strip("-")[:24].strip("-") or "incident"
    return f"{'DRILL' if drill else 'INC'}-{at:%Y%m%d}-{word}-{number}"


def durations(marks: Mapping[Milestone, Mark]) -> dict[str, timedelta]:
    """The spans between milestones that are both known, named by their end points."""
    pairs = (
        (Milestone.STARTED, Milestone.DETECTED),
        (Milestone.DETECTED, Milestone.ACKNOWLEDGED),
        (Milestone.DETECTED, Milestone.MITIGATED),
        (Milestone.STARTED, Milestone.RESOLVED),
    )
    return {f"{a}_to_{b}": marks[b].at - marks[a].at for a, b in pairs if a in marks and b in marks}


_UNSAID = "no reason was recorded"
_TICKS = frozenset(tick.value for tick in Tick)
_MILESTONES = frozenset(milestone.value for milestone in Milestone)
_BEARING: tuple[type[facts.Fact], ...] = (
    facts.Acknowledged, facts.AlertFired, facts.AlertResolved, facts.ApprovalAnswered, facts.ApprovalAsked,
    facts.ApprovalWithdrawn, facts.BranchChosen, facts.BranchUnchosen, facts.ChangeSeen, facts.ClockChecked,
    facts.CommandAttached, facts.CommandFailed, facts.CommandFinished, facts.CommandLost, facts.CommandStarted,
    facts.CommandVerified, facts.HandedOver, facts.IncidentClosed, facts.IncidentOpened, facts.IncidentReopened,
    facts.Joined, facts.MilestoneSet, facts.ParameterSet, facts.Redacted, facts.RunbookOpened, facts.SeveritySet,
    facts.StepTicked, facts.StepUnticked, facts.Tombstone, *TELLING,
)  # fmt: skip
_MOVING: tuple[type[facts.Fact], ...] = (*_BEARING, facts.Corrected)
KINDS_THAT_BEAR = frozenset(cls.kind for cls in _MOVING)  # no other fact changes the state


def bears(fact: facts.Fact) -> bool:
    """Whether a fact can change an incident's state."""
    return isinstance(fact, _MOVING)


class _Draft:
    """An incident that takes in events: each map is copied once, at its first change, and then changed in place."""

    def __init__(self, state: Incident) -> None:
        self._state = state
        self._maps: dict[str, dict[Any, Any]] = {}  # by field, those that are copied
        self._changes: list[tuple[datetime, facts.ChangeSeen]] = []
        self._basis: list[Event] = []
        self._corrections: list[Event] = []
        self._standing = corrections_in(state.corrections)

    def take(self, event: Event) -> None:
        """One more event. A word that a later version added changes nothing."""
        if isinstance(event.fact, facts.Corrected):
            self._corrections.append(event)
        elif isinstance(event.fact, _BEARING):
            self._basis.append(event)
            if not self._corrections:
                self._change(event)

    def done(self) -> Incident:
        """The incident after all that was taken in."""
        state = self._state
        basis = (*state.basis, *self._basis) if self._basis else state.basis
        if self._corrections:  # a correction reaches back, so what it may move is told once more
            corrections = (*state.corrections, *self._corrections)
            again = _Draft(Incident(state.id, corrections=corrections))
            for event in basis:
                again.take(event)
            return again.done()
        more: dict[str, Any] = dict(self._maps)
        if self._changes:
            more["changes"] = tuple(sorted((*state.changes, *self._changes), key=lambda seen: seen[0]))
        return replace(state, basis=basis, **more)

    def _own(self, name: str, known: Mapping[K, V]) -> dict[K, V]:
        """A map of the state that may be changed in place."""
        if name not in self._maps:
            self._maps[name] = dict(known)
        return self._maps[name]

    def _change(self, event: Event) -> None:
        """One arm per group of facts that change state."""
        correction = self._standing.get(event.id)
        if correction is not None:
            event = replace(corrected(event, correction), source=correction.source)
        match event.fact:
            case facts.AlertFired() | facts.AlertResolved() | facts.Acknowledged() | facts.ChangeSeen():
                self._outside(event, by_hand=correction is not None)
            case facts.CommandStarted() | facts.CommandFinished() | facts.CommandFailed() | facts.CommandLost():
                self._command(event)
            case facts.CommandVerified() | facts.CommandAttached() | facts.Redacted():
                self._command_said(event)
            case facts.ApprovalAsked() | facts.ApprovalAnswered() | facts.ApprovalWithdrawn():
                self._approval(event)
            case facts.HandedOver() | facts.Joined():
                self._person(event.fact)
            case facts.MilestoneSet(milestone) if milestone in _MILESTONES:
                self._milestone(Milestone(milestone), event)
            case facts.IncidentOpened() | facts.IncidentClosed() | facts.IncidentReopened() | facts.SeveritySet():
                self._course(event)
            case facts.Tombstone(was):
                self._course_of_grave(was, event.at)
                if was in GRAVES:
                    take_update(self._own("updates", self._state.updates), event)
            case facts.EscalationDue() | facts.EscalationTold():
                take_escalation(self._own("escalations", self._state.escalations), event)
            case facts.UpdateBegun() | facts.UpdateSent() | facts.UpdateFailed() | facts.UpdateLost():
                take_update(self._own("updates", self._state.updates), event)
            case facts.ClockChecked(source, offset):
                self._own("offsets", self._state.offsets)[source] = offset
            case _:
                self._runbook(event)

    def _course(self, event: Event) -> None:
        match event.fact:
            case facts.IncidentOpened(title, severity, service, drill):
                self._state = replace(
                    self._state, title=title, severity=severity, service=service, drill=drill, opened_at=event.at
                )
            case facts.SeveritySet(severity):
                self._state = replace(self._state, severity=severity)
            case fact:
                over = isinstance(fact, facts.IncidentClosed)
                self._state = replace(self._state, closed_at=event.at if over else None)

    def _course_of_grave(self, was: str, at: datetime) -> None:
        """What was redacted says nothing, but an incident that was opened or closed stays so."""
        if was == facts.IncidentOpened.kind:
            self._state = replace(self._state, title=REDACTED, opened_at=at)
        elif was == facts.IncidentClosed.kind:
            self._state = replace(self._state, closed_at=at)
        elif was == facts.IncidentReopened.kind:
            self._state = replace(self._state, closed_at=None)

    def _outside(self, event: Event, *, by_hand: bool) -> None:
        """What the sources said: alerts and changes."""
        alerts = self._own("alerts", self._state.alerts)
        said = _mark(event) if by_hand else None
        match event.fact:
            case facts.AlertFired(occurrence=occurrence) as fired:
                alerts[occurrence] = AlertRecord(fired, began=said)
            case facts.AlertResolved(occurrence=occurrence) if occurrence in alerts:
                alerts[occurrence] = replace(alerts[occurrence], resolved_at=event.at, ended=said)
            case facts.Acknowledged():
                first = self._state.acknowledged
                if first is None or event.at < first.at:
                    self._state = replace(self._state, acknowledged=_mark(event))
            case facts.ChangeSeen() as change:
                self._changes.append((event.at, change))

    def _runbook(self, event: Event) -> None:
        state = self._state
        match event.fact:
            case facts.RunbookOpened(path=path) as opened:
                self._own("runbooks", state.runbooks)[path] = opened
                self._state = replace(state, runbook=path)
            case facts.BranchChosen(group, branch, condition):
                self._own("choices", state.choices)[group] = Choice(branch, condition, event.at)
            case facts.BranchUnchosen(group):
                self._own("choices", state.choices).pop(group, None)
            case facts.StepTicked(step, _, tick) if tick in _TICKS:
                self._own("ticks", state.ticks)[step] = TickRecord(Tick(tick), event.at, event.writer.person)
            case facts.StepUnticked(step):
                self._own("ticks", state.ticks).pop(step, None)
            case facts.ParameterSet(name, value, origin):
                self._own("values", state.values)[name] = Value(value, origin)

    def _command(self, event: Event) -> None:
        """An end that was seen outweighs one that was not, in whichever order they come."""
        commands = self._own("commands", self._state.commands)
        match event.fact:
            case facts.CommandStarted(run=run) as started:
                commands[run] = CommandRecord(started, event.at, event.writer)
            case facts.CommandFinished(run=run) as finished if run in commands:
                commands[run] = replace(commands[run], finished=finished, failed="", lost="", ended_at=event.at)
            case facts.CommandFailed(run, why) if run in commands and commands[run].finished is None:
                commands[run] = replace(commands[run], failed=why or _UNSAID, lost="", ended_at=event.at)
            case facts.CommandLost(run, why) if run in commands and commands[run].open:
                commands[run] = replace(commands[run], lost=why or _UNSAID, ended_at=event.at)

    def _command_said(self, event: Event) -> None:
        """What a person said of a command. One whose end was redacted has ended all the same."""
        commands = self._own("commands", self._state.commands)
        match event.fact:
            case facts.CommandVerified(run, text) if run in commands:
                commands[run] = replace(commands[run], verified=text)
            case facts.CommandAttached(run, step) if run in commands:
                commands[run] = replace(commands[run], attached=step)
            case facts.Redacted(run=run) if run in commands and commands[run].open:
                commands[run] = replace(commands[run], lost=REDACTED, verified=REDACTED, ended_at=event.at)

    def _approval(self, event: Event) -> None:
        """The first answer stands, and the requester's own is none."""
        approvals = self._own("approvals", self._state.approvals)
        match event.fact:
            case facts.ApprovalAsked(request=request) as asked:
                approvals[request] = Approval(asked, event.at, event.writer.person)
            case facts.ApprovalWithdrawn(request) if request in approvals:
                approvals[request] = replace(approvals[request], withdrawn=True)
            case facts.ApprovalAnswered(request, person, approved, reason) if request in approvals:
                known = approvals[request]
                if not known.answered and person != known.requester:
                    approvals[request] = replace(known, person=person, approved=approved, reason=reason)

    def _person(self, said: facts.HandedOver | facts.Joined) -> None:
        """Somebody takes part; one who gets the lead gets it from whoever had it."""
        people = self._own("people", self._state.people)
        if isinstance(said, facts.Joined):
            people[said.person] = said.role
            return
        for person in [person for person, role in people.items() if role == LEAD]:
            people[person] = RESPONDER
        people[said.to] = LEAD

    def _milestone(self, milestone: Milestone, event: Event) -> None:
        """The mark that was recorded last stands, whichever of them names the later time."""
        marking = self._own("marking", self._state.marking)
        if marking.get(milestone, "") <= event.id:
            marking[milestone] = event.id
            self._own("marks", self._state.marks)[milestone] = _mark(event)


def _mark(event: Event) -> Mark:
    return Mark(event.at, event.precision, event.source)


def _time(mark: Mark) -> datetime:
    return mark.at
