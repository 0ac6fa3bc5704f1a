"""Facts, and the event that records one: who wrote it, when it happened, how exactly that is known."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, get_type_hints

from incident.core.when import Precision, from_iso, iso


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


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote an event: the person, the machine, and the process on it."""

    person: str
    host: str
    process: str

    @property
    def node(self) -> str:
        """Identity of the sequence that this writer counts."""
        return f"{self.host}/{self.process}"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an incident's log. Never changed; times are UTC."""

    id: str  # globally unique; sorts by when it was recorded
    incident: str
    at: datetime  # when it happened
    fact: Fact
    writer: Writer
    recorded_at: datetime
    precision: Precision = Precision.SECOND
    source: str = "tool"  # who says so: tool, person, alertmanager, ...
    seq: int = 0  # position in its writer's sequence, from 1; 0 before it is on disk

    @property
    def order(self) -> tuple[datetime, str]:
        """The timeline's order: by when it happened, then by when it was recorded."""
        return (self.at, self.id)


_ID = re.compile(r"([0-9a-e][0-9a-f]{11})([0-9a-f]{4})[0-9a-f]{12}\Z")


def next_id(now: datetime, last: str, chance: int) -> str:
    """An id behind `last` that sorts by time: milliseconds, a counter within one, and 48 bits of `chance`.

    When the clock steps back, ids keep counting from where they were, so that causes stay before effects. Nothing is
    counted from an id of another make.
    """
    milliseconds = max(0, int(now.timestamp() * 1000))
    count = 0
    if counts := _ID.match(last):
        before, counted = int(counts[1], 16), int(counts[2], 16)
        if milliseconds <= before:
            milliseconds, count = (before, counted + 1) if counted < 0xFFFF else (before + 1, 0)
    return f"{milliseconds:012x}{count:04x}{chance & 0xFFFFFFFFFFFF:012x}"


def to_json(event: Event) -> dict[str, Any]:
    """An event as JSON values; the inverse of `from_json`."""
    return {
        "id": event.id,
        "incident": event.incident,
        "at": iso(event.at),
        "precision": event.precision.value,
        "source": event.source,
        "recorded_at": iso(event.recorded_at),
        "seq": event.seq,
        "writer": {"person": event.writer.person, "host": event.writer.host, "process": event.writer.process},
        "kind": event.fact.named if isinstance(event.fact, Unrecognised) else event.fact.kind,
        "body": body_of(event.fact),
    }


def from_json(data: Mapping[str, Any]) -> Event:
    """An event from what `to_json` made. Raises ValueError, KeyError or TypeError when the envelope is broken.

    A precision that a later version added counts as about.
    """
    writer = data["writer"]
    precision = str(data["precision"])
    return Event(
        id=str(data["id"]),
        incident=str(data["incident"]),
        at=from_iso(data["at"]),
        fact=fact_of(str(data["kind"]), data["body"]),
        writer=Writer(str(writer["person"]), str(writer["host"]), str(writer["process"])),
        recorded_at=from_iso(data["recorded_at"]),
        precision=Precision(precision) if precision in _PRECISIONS else Precision.ABOUT,
        source=str(data["source"]),
        seq=int(data["seq"]),
    )


def body_of(fact: Fact) -> dict[str, Any]:
    """A fact's values as JSON values."""
    if isinstance(fact, Unrecognised):
        return dict(fact.body)
    return {f.name: _encoded(getattr(fact, f.name)) for f in fields(fact)}


def fact_of(kind: str, body: Mapping[str, Any]) -> Fact:
    """A fact from its kind and JSON values; what this version cannot read is kept as Unrecognised."""
    cls = KINDS.get(kind)
    if cls is None:
        return Unrecognised(kind, dict(body))
    hints = _hints(cls)
    try:
        # Keys that a later version added are left out; ones it needs and that are missing raise.
        return cls(**{name: _decoded(body[name], hints[name]) for name in hints if name in body})
    except (TypeError, ValueError, OverflowError):
        return Unrecognised(kind, dict(body))


_PRECISIONS = frozenset(precision.value for precision in Precision)
_HINTS: dict[type[Fact], dict[str, Any]] = {}


def _hints(cls: type[Fact]) -> dict[str, Any]:
    if cls not in _HINTS:
        named = get_type_hints(cls)
        _HINTS[cls] = {f.name: named[f.name] for f in fields(cls)}
    return _HINTS[cls]


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value


def _decoded(value: Any, hint: Any) -> Any:
    """A value of the type that its field has. Raises TypeError or ValueError for one that only resembles it."""
    if hint is datetime:
        return from_iso(value)
    if hint in (float, float | None):
        return None if value is None and hint is not float else _finite(value)
    if hint == tuple[str, ...]:
        return tuple(_of_type(item, str) for item in _of_type(value, list))
    if hint == Mapping[str, str]:
        return {_of_type(key, str): _of_type(item, str) for key, item in _of_type(value, dict).items()}
    return _of_type(value, hint)


def _finite(value: Any) -> float:
    if not math.isfinite(_of_type(value, (int, float))):
        raise ValueError(f"{value} is no number")
    return float(value)


def _of_type(value: Any, wanted: Any) -> Any:
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise TypeError(f"this is a {type(value).__name__}")
    return value
