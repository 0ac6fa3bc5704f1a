"""An incident's state: the fold of its events, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from incident.core import facts
from incident.core.alert import Alert, Severity, severity_of
from incident.core.event import Event, Writer
from incident.core.facts import Milestone, Tick
from incident.core.when import Precision, run_time

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert of the incident, from firing to resolved."""

    fired: facts.AlertFired
    resolved_at: datetime | None = None

    @property
    def name(self) -> str:
        """The name to show, never empty."""
        return self.as_alert().title

    def as_alert(self) -> Alert:
        """The alert as it was when it joined, for matching and parameters when its source is gone."""
        known = {item.value for item in Severity}
        word = self.fired.severity
        return Alert(
            fingerprint=self.fired.fingerprint,
            name=self.fired.name,
            severity=Severity(word) if word in known else severity_of(word),
            starts_at=self.fired.starts_at,
            source=self.fired.source,
            labels=self.fired.labels,
            annotations=self.fired.annotations,
            expression=self.fired.expression,
        )


@dataclass(frozen=True, slots=True)
class TickRecord:
    """What became of a step, when, and by whom."""

    tick: Tick
    at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The way taken at a fork of the runbook."""

    branch: str
    condition: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter's value and where it came from."""

    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """A command of the incident, from the intent to run it to its end."""

    started: facts.CommandStarted
    at: datetime
    writer: Writer
    finished: facts.CommandFinished | None = None
    ended_at: datetime | None = None
    failed: str = ""
    lost: str = ""
    verified: str = ""  # what a person found when its outcome was unknown
    attached: str = ""  # the step that it was counted to afterwards

    @property
    def step(self) -> str:
        """The step that it belongs to, "" for none."""
        return self.attached or self.started.step

    @property
    def open(self) -> bool:
        """Started, and nothing is known of its end."""
        return self.finished is None and not self.failed and not self.lost

    @property
    def outcome(self) -> str:
        """`exit 0, 4s`, `outcome unknown`, `did not start`, `running`: as far as it is known."""
        if self.failed:
            return "did not start"
        if self.finished is None:
            return "outcome unknown" if self.lost else "running"
        how = "stopped, " if self.finished.stopped else ""
        meaning = f" ({self.finished.meaning})" if self.finished.meaning else ""
        return f"{how}exit {self.finished.exit}{meaning}, {run_time(self.finished.seconds)}"


@dataclass(frozen=True, slots=True)
class Approval:
    """A command that waits, or waited, for a second person."""

    asked: facts.ApprovalAsked
    at: datetime
    requester: str
    person: str = ""  # who answered; "" as long as nobody has
    approved: bool = False
    reason: str = ""
    withdrawn: bool = False

    @property
    def answered(self) -> bool:
        """Somebody said yes or no."""
        return bool(self.person)

    @property
    def granted(self) -> bool:
        """A second person said yes, and it was not withdrawn before."""
        return self.approved and not self.withdrawn


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone's time, how exactly it is known, and who says so."""

    at: datetime
    precision: Precision
    source: str


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
    marks: Mapping[Milestone, Mark] = field(default_factory=dict)  # set by a person
    marking: Mapping[Milestone, str] = field(default_factory=dict)  # the ids of the events that set them
    acknowledged: Mark | None = None  # the first time that it happened
    changes: tuple[tuple[datetime, facts.ChangeSeen], ...] = ()  # the oldest first
    version: int = 0  # events folded

    @property
    def is_open(self) -> bool:
        """Opened and not closed."""
        return self.opened_at is not None and self.closed_at is None

    @property
    def firing(self) -> tuple[AlertRecord, ...]:
        """Its alerts that are not known to be resolved."""
        return tuple(record for record in self.alerts.values() if record.resolved_at is None)

    def milestones(self) -> dict[Milestone, Mark]:
        """Every milestone that is known, in order: set by a person, else computed from the alerts and the ack."""
        known: dict[Milestone, Mark] = {}
        records = list(self.alerts.values())
        if records:
            first = min(records, key=lambda r: r.fired.starts_at).fired
            known[Milestone.DETECTED] = Mark(first.starts_at, Precision.SECOND, first.source)
        if self.acknowledged:
            known[Milestone.ACKNOWLEDGED] = self.acknowledged
        ends = [record.resolved_at for record in records if record.resolved_at is not None]
        if records and len(ends) == len(records):
            end = max(ends)
            last = next(record for record in records if record.resolved_at == end)
            known[Milestone.RESOLVED] = Mark(end, Precision.SECOND, last.fired.source)
        known.update(self.marks)
        return {milestone: known[milestone] for milestone in Milestone if milestone in known}

    def apply(self, event: Event) -> Incident:
        """The state after one more event. Facts that change no state leave it as it is but for the count."""
        return replace(_after(self, event), version=self.version + 1)


def fold(incident: str, events: Iterable[Event]) -> Incident:
    """The state after these events, in the timeline's order or any other that keeps causes before effects."""
    state = Incident(incident)
    for event in events:
        state = state.apply(event)
    return state


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


def _after(state: Incident, event: Event) -> Incident:
    """One arm per fact that changes state. A word that a later version added changes nothing."""
    at, by = event.at, event.writer
    match event.fact:
        case facts.IncidentOpened(title, severity, service, drill):
            return replace(state, title=title, severity=severity, service=service, drill=drill, opened_at=at)
        case facts.IncidentClosed():
            return replace(state, closed_at=at)
        case facts.IncidentReopened():
            return replace(state, closed_at=None)
        case facts.AlertFired(occurrence=occurrence) as fired:
            return replace(state, alerts={**state.alerts, occurrence: AlertRecord(fired)})
        case facts.AlertResolved(occurrence=occurrence) if occurrence in state.alerts:
            ended = replace(state.alerts[occurrence], resolved_at=at)
            return replace(state, alerts={**state.alerts, occurrence: ended})
        case facts.Acknowledged() if state.acknowledged is None or at < state.acknowledged.at:
            return replace(state, acknowledged=_mark(event))
        case facts.RunbookOpened(path=path) as opened:
            return replace(state, runbook=path, runbooks={**state.runbooks, path: opened})
        case facts.BranchChosen(group, branch, condition):
            return replace(state, choices={**state.choices, group: Choice(branch, condition, at)})
        case facts.BranchUnchosen(group):
            return replace(state, choices=_without(state.choices, group))
        case facts.StepTicked(step, _, tick) if tick in _TICKS:
            return replace(state, ticks={**state.ticks, step: TickRecord(Tick(tick), at, by.person)})
        case facts.StepUnticked(step):
            return replace(state, ticks=_without(state.ticks, step))
        case facts.ParameterSet(name, value, origin):
            return replace(state, values={**state.values, name: Value(value, origin)})
        case facts.CommandStarted(run=run) as started:
            return replace(state, commands={**state.commands, run: CommandRecord(started, at, by)})
        case facts.CommandFinished() | facts.CommandFailed() | facts.CommandLost() as end:
            return _command_ended(state, end, at)
        case facts.CommandVerified(run, text) if run in state.commands:
            return _command(state, replace(state.commands[run], verified=text))
        case facts.CommandAttached(run, step) if run in state.commands:
            return _command(state, replace(state.commands[run], attached=step))
        case facts.ApprovalAsked(request=request) as asked:
            return replace(state, approvals={**state.approvals, request: Approval(asked, at, by.person)})
        case facts.ApprovalAnswered() | facts.ApprovalWithdrawn() as said if said.request in state.approvals:
            return _approval_answered(state, said)
        case facts.Joined(person, role):
            return replace(state, people={**state.people, person: role})
        case facts.MilestoneSet(milestone) if milestone in _MILESTONES:
            return _marked(state, Milestone(milestone), event)
        case facts.SeveritySet(severity):
            return replace(state, severity=severity)
        case facts.ChangeSeen() as change:
            return replace(state, changes=tuple(sorted((*state.changes, (at, change)), key=lambda seen: seen[0])))
        case _:
            return state


def _command_ended(
    state: Incident, fact: facts.CommandFinished | facts.CommandFailed | facts.CommandLost, at: datetime
) -> Incident:
    """An end that was seen outweighs one that was not, in whichever order they come."""
    record = state.commands.get(fact.run)
    if record is None:
        return state
    if isinstance(fact, facts.CommandFinished):
        ended = replace(record, finished=fact, failed="", lost="", ended_at=at)
    elif record.finished is not None or (isinstance(fact, facts.CommandLost) and not record.open):
        return state
    elif isinstance(fact, facts.CommandFailed):
        ended = replace(record, failed=fact.reason or _UNSAID, lost="", ended_at=at)
    else:
        ended = replace(record, lost=fact.reason or _UNSAID, ended_at=at)
    return _command(state, ended)


def _command(state: Incident, record: CommandRecord) -> Incident:
    return replace(state, commands={**state.commands, record.started.run: record})


def _approval_answered(state: Incident, said: facts.ApprovalAnswered | facts.ApprovalWithdrawn) -> Incident:
    """The first answer stands, and the requester's own is none."""
    known = state.approvals[said.request]
    if isinstance(said, facts.ApprovalWithdrawn):
        known = replace(known, withdrawn=True)
    elif not known.answered and said.person != known.requester:
        known = replace(known, person=said.person, approved=said.approved, reason=said.reason)
    return replace(state, approvals={**state.approvals, said.request: known})


def _marked(state: Incident, milestone: Milestone, event: Event) -> Incident:
    """The mark that was recorded last stands, whichever of them names the later time."""
    if state.marking.get(milestone, "") > event.id:
        return state
    marking = {**state.marking, milestone: event.id}
    return replace(state, marks={**state.marks, milestone: _mark(event)}, marking=marking)


def _without(known: Mapping[str, T], key: str) -> dict[str, T]:
    return {name: value for name, value in known.items() if name != key}


def _mark(event: Event) -> Mark:
    return Mark(event.at, event.precision, event.source)
