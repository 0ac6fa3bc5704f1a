"""What can happen in an incident, as typed facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar


class Milestone(StrEnum):
    """The points between which durations are measured, in their order."""

    STARTED = "started"
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


class Tick(StrEnum):
    """What became of a step."""

    DONE = "done"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not applicable"


class Remark(StrEnum):
    """What a person's line on the timeline is."""

    NOTE = "note"
    FINDING = "finding"
    DECISION = "decision"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened. Values are str, int, float, bool, datetime, tuples and string maps, so that JSON holds them."""

    kind: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class IncidentOpened(Fact):
    """Somebody began to respond."""

    kind: ClassVar[str] = "incident.opened"
    title: str
    severity: str = "SEV2"
    service: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True)
class IncidentClosed(Fact):
    """The responders are done; the post-mortem is what remains."""

    kind: ClassVar[str] = "incident.closed"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IncidentReopened(Fact):
    """It was not over after all, or the close was undone."""

    kind: ClassVar[str] = "incident.reopened"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AlertFired(Fact):
    """An alert that belongs to the incident; the event's `at` is when it began to fire."""

    kind: ClassVar[str] = "alert.fired"
    occurrence: str
    fingerprint: str
    name: str
    severity: str
    starts_at: datetime
    source: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    expression: str = ""


@dataclass(frozen=True, slots=True)
class AlertResolved(Fact):
    """The source, asked successfully, no longer reports the alert."""

    kind: ClassVar[str] = "alert.resolved"
    occurrence: str
    name: str


@dataclass(frozen=True, slots=True)
class Acknowledged(Fact):
    """A person saw the alert and is on it."""

    kind: ClassVar[str] = "alert.acknowledged"
    occurrence: str
    name: str


@dataclass(frozen=True, slots=True)
class SourceLost(Fact):
    """A source stopped answering; what it said last stays, with its age."""

    kind: ClassVar[str] = "source.lost"
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceBack(Fact):
    """A lost source answers again."""

    kind: ClassVar[str] = "source.back"
    source: str


@dataclass(frozen=True, slots=True)
class RunbookOpened(Fact):
    """A runbook was read from the bytes with this hash, and why it was this one."""

    kind: ClassVar[str] = "runbook.opened"
    path: str
    sha256: str
    title: str
    reason: str
    steps: int = 0


@dataclass(frozen=True, slots=True)
class BranchChosen(Fact):
    """One way of a fork was taken; the others of its group are not."""

    kind: ClassVar[str] = "branch.chosen"
    group: str  # identity of the fork
    branch: str  # identity of the way taken
    condition: str
    others: tuple[str, ...] = ()  # the conditions of the ways not taken
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BranchUnchosen(Fact):
    """The choice was taken back."""

    kind: ClassVar[str] = "branch.unchosen"
    group: str
    condition: str


@dataclass(frozen=True, slots=True)
class StepTicked(Fact):
    """A step was done, skipped or did not apply."""

    kind: ClassVar[str] = "step.ticked"
    step: str
    text: str
    tick: str = Tick.DONE.value


@dataclass(frozen=True, slots=True)
class StepUnticked(Fact):
    """A tick was taken back."""

    kind: ClassVar[str] = "step.unticked"
    step: str
    text: str


@dataclass(frozen=True, slots=True)
class ParameterSet(Fact):
    """A placeholder got its value, for the whole incident."""

    kind: ClassVar[str] = "parameter.set"
    name: str
    value: str
    origin: str  # where the value came from, in words


@dataclass(frozen=True, slots=True)
class CommandStarted(Fact):
    """A command is about to run: on disk before the process exists."""

    kind: ClassVar[str] = "command.started"
    run: str  # identity of this run
    text: str  # the command as shown, byte for byte
    argv: tuple[str, ...]
    directory: str
    output: str  # the file that takes its output
    step: str = ""
    step_text: str = ""
    effect: str = "unknown"
    target: str = ""
    origin: str = ""  # runbook file and line, or "typed by hand"
    shell: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    expected: str = ""  # how long the runbook says its step takes, `5 min`
    terminal: bool = False  # it had the real terminal; what it printed there is not known
    environment: tuple[str, ...] = ()  # names of the variables that it got from earlier commands of the incident
    approval: str = ""  # the request that a second person approved


@dataclass(frozen=True, slots=True)
class CommandFinished(Fact):
    """A command ended and was seen to end. `exit` is negative for a signal."""

    kind: ClassVar[str] = "command.finished"
    run: str
    exit: int
    seconds: float
    stopped: bool = False  # a person stopped it
    size: int = 0  # bytes of output
    head: tuple[str, ...] = ()  # its first lines
    tail: tuple[str, ...] = ()  # its last lines, when there were more
    meaning: str = ""  # the exit status in words
    left: tuple[str, ...] = ()  # the numbers of processes that it started and left running
    dropped: int = 0  # bytes out of the middle of its output that were not kept


@dataclass(frozen=True, slots=True)
class CommandFailed(Fact):
    """A started command never became a process; nothing ran."""

    kind: ClassVar[str] = "command.failed"
    run: str
    reason: str


@dataclass(frozen=True, slots=True)
class CommandLost(Fact):
    """A command was started and not seen to finish: its outcome is unknown."""

    kind: ClassVar[str] = "command.outcome_unknown"
    run: str
    reason: str


@dataclass(frozen=True, slots=True)
class CommandVerified(Fact):
    """A person looked at what became of a command whose outcome was unknown; it may be run again."""

    kind: ClassVar[str] = "command.verified"
    run: str
    text: str  # what was found


@dataclass(frozen=True, slots=True)
class CommandAttached(Fact):
    """A command that was typed by hand belongs to this step."""

    kind: ClassVar[str] = "command.attached"
    run: str
    step: str
    step_text: str


@dataclass(frozen=True, slots=True)
class ApprovalAsked(Fact):
    """A command waits for a second person: everything that its preflight showed."""

    kind: ClassVar[str] = "approval.asked"
    request: str  # identity of the request
    text: str
    argv: tuple[str, ...]
    directory: str
    who: str  # user@host that it would run as
    target: str
    target_origin: str = ""
    effect: str = "unknown"
    tier: str = ""
    origin: str = ""
    step_text: str = ""
    shell: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalAnswered(Fact):
    """A person said yes or no to a request; a requester's own yes counts for nothing."""

    kind: ClassVar[str] = "approval.answered"
    request: str
    person: str
    approved: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalWithdrawn(Fact):
    """Nobody waits for this request any more."""

    kind: ClassVar[str] = "approval.withdrawn"
    request: str


@dataclass(frozen=True, slots=True)
class Corrected(Fact):
    """A row reads otherwise from now on; what it read before stays in the log. The event's `at` is the row's time."""

    kind: ClassVar[str] = "correction"
    event: str  # id of the row that is corrected
    text: str  # what the row reads now; "" leaves the words and corrects the time
    why: str = ""


@dataclass(frozen=True, slots=True)
class Redacted(Fact):
    """What stood in a row left the disk for good. This is the order to do so, and the record that it was done."""

    kind: ClassVar[str] = "redaction"
    event: str  # id of the row
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tombstone(Fact):
    """All that is left in the place of a fact that was redacted."""

    kind: ClassVar[str] = "redacted"
    was: str  # the kind of fact that stood here
    person: str  # who redacted it
    redacted_at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver(Fact):
    """The lead goes from one person to another; the text is what was said about it."""

    kind: ClassVar[str] = "handover"
    to: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ClockChecked(Fact):
    """How far this machine's clock was from a server's, in seconds; positive when the server's is ahead."""

    kind: ClassVar[str] = "clock.checked"
    source: str
    offset: float


@dataclass(frozen=True, slots=True)
class ClockStepped(Fact):
    """The wall clock jumped by so many seconds against one that never steps."""

    kind: ClassVar[str] = "clock.stepped"
    seconds: float


@dataclass(frozen=True, slots=True)
class Paused(Fact):
    """The console did not run for so many seconds: a closed lid, a stopped terminal. The event's `at` is its end."""

    kind: ClassVar[str] = "console.paused"
    seconds: float


@dataclass(frozen=True, slots=True)
class LinkAdded(Fact):
    """An address as evidence; it is never fetched."""

    kind: ClassVar[str] = "link.added"
    address: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Imported(Fact):
    """A row of another tool's timeline, at that tool's own time; the event's `source` names the tool."""

    kind: ClassVar[str] = "imported"
    text: str
    who: str = ""  # as the other tool names the author
    key: str = ""  # identity of the row in the other tool; the same row is never imported twice


@dataclass(frozen=True, slots=True)
class SignalSeen(Fact):
    """A value of a signal as evidence."""

    kind: ClassVar[str] = "signal.seen"
    name: str
    value: float
    unit: str
    query: str = ""
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class ChangeSeen(Fact):
    """A change that stood before the incident; the event's `at` is when the change happened."""

    kind: ClassVar[str] = "change.seen"
    change: str  # deploy, config, infrastructure
    version: str
    previous: str = ""
    service: str = ""
    title: str = ""
    by: str = ""
    link: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Remarked(Fact):
    """A person's own line: a note, a finding, a decision, an update that was sent."""

    kind: ClassVar[str] = "remark"
    remark: str
    text: str


@dataclass(frozen=True, slots=True)
class Joined(Fact):
    """Somebody takes part, in a role."""

    kind: ClassVar[str] = "joined"
    person: str
    role: str = "responder"


@dataclass(frozen=True, slots=True)
class MilestoneSet(Fact):
    """A milestone was set by a person; the event's `at` is the milestone's time."""

    kind: ClassVar[str] = "milestone.set"
    milestone: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class SeveritySet(Fact):
    """The incident's severity was changed."""

    kind: ClassVar[str] = "severity.set"
    severity: str


@dataclass(frozen=True, slots=True)
class Exported(Fact):
    """A post-mortem draft was written."""

    kind: ClassVar[str] = "exported"
    path: str
    format: str


@dataclass(frozen=True, slots=True)
class Unrecognised(Fact):
    """A fact of a newer version, or one that can no longer be read; kept as it is."""

    kind: ClassVar[str] = "unrecognised"
    named: str
    body: Mapping[str, Any] = field(default_factory=dict)


# A slotted dataclass leaves the class it was made from among the subclasses; only the one with the name counts.
KINDS: dict[str, type[Fact]] = {
    cls.kind: cls for cls in Fact.__subclasses__() if cls is globals()[cls.__name__] and cls is not Unrecognised
}
