"""What people did and said: opening, closing, remarks, roles, milestones, documents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from incident.core.facts.fact import Fact


class Milestone(StrEnum):
    """The points between which durations are measured, in their order."""

    STARTED = "started"
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


class Remark(StrEnum):
    """What a person's line on the timeline is."""

    NOTE = "note"
    FINDING = "finding"
    DECISION = "decision"
    UPDATE = "update"


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
class Remarked(Fact):
    """A person's own line: a note, a finding, a decision, an update that was sent."""

    kind: ClassVar[str] = "remark"
    remark: str
    text: str
    step: str = ""  # the step of the runbook at which it was written, "" for none


@dataclass(frozen=True, slots=True)
class Joined(Fact):
    """Somebody takes part, in a role."""

    kind: ClassVar[str] = "joined"
    person: str
    role: str = "responder"


@dataclass(frozen=True, slots=True)
class HandedOver(Fact):
    """The lead goes from one person to another; the text is what was said about it."""

    kind: ClassVar[str] = "handover"
    to: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class MilestoneSet(Fact):
    """A milestone was set by a person; the event's `at` is the milestone's time."""

    kind: ClassVar[str] = "milestone.set"
    milestone: str
    why: str = ""
    evidence: tuple[str, ...] = ()  # what was seen, in full, where it was proposed: values, limits, times, queries


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
