"""A post-mortem draft as data. Whatever is not known is None or "TODO"; nothing in it is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from incident.core.facts import Milestone
from incident.core.incident import Mark
from incident.core.postmortem.manner import Audience
from incident.core.when import Precision

SCHEMA = "incident.postmortem/1"
TODO = "TODO"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: prose, or something to be shown as code, character for character."""

    text: str
    code: bool = False


Words = tuple[Piece, ...]


def prose(text: str) -> Words:
    """Words that are one piece of prose; none for no text."""
    return (Piece(text),) if text else ()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the curated timeline, standing for `events` events of the log."""

    at: datetime
    precision: Precision
    what: Words
    label: str = ""  # the milestone's name; "" on any other row
    evidence: Words = ()
    events: int = 1


@dataclass(frozen=True, slots=True)
class CommandRun:
    """A command as it ran, and how it ended."""

    at: datetime
    text: str  # as shown before it ran; what would be invisible is spelled out
    outcome: str
    by: str  # a role
    directory: str = ""
    target: str = ""
    origin: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class AlertSpan:
    """An alert from firing to resolved; `resolved` is None while that is not known."""

    name: str
    severity: str
    fired: datetime
    resolved: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunbookUse:
    """How far a runbook was worked through. `total` is None when its length was not recorded."""

    path: str
    version: str  # the first characters of its SHA-256
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class LastChange:
    """The newest change that stood before the incident. `reverted` is None when no later change says so."""

    at: datetime
    kind: str
    version: str
    previous: str = ""
    reverted: bool | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured number of the impact, in words, and how it came about."""

    name: str
    value: str
    how: Words = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many events the log has, and how many of them the curated timeline shows."""

    events: int
    shown: int
    corrected: int = 0
    redacted: int = 0


@dataclass(frozen=True, slots=True)
class PostMortem:
    """Everything a post-mortem can say without judgement. Times are UTC; persons appear as roles only."""

    id: str
    title: str
    drill: bool
    day: date  # the day it is about
    severity: str
    services: tuple[str, ...]
    summary: Words
    marks: Mapping[Milestone, Mark]
    durations: Mapping[str, timedelta]  # named by their end points
    lines: tuple[Line, ...]
    counts: Counts
    commands: tuple[CommandRun, ...]
    alerts: tuple[AlertSpan, ...]
    runbooks: tuple[RunbookUse, ...]
    change: LastChange | None
    clock_stepped: bool | None  # None: no sign of it, which proves nothing
    trigger: tuple[Words, ...]
    reasons: tuple[Words, ...]  # what was decided and believed at the time
    measures: tuple[Measure, ...]
    went_well: tuple[Words, ...]
    surprises: tuple[Words, ...]
    runbook_trouble: tuple[Words, ...]
    follow_up_review: date
    clock_offset: float | None = None  # seconds that an alert source's clock was ahead; the largest that was seen
    impact: Mapping[str, str | None] = field(default_factory=dict)  # what queries gave, as the front matter has it
    audience: Audience = Audience.INTERNAL
    exercise: tuple[Words, ...] = ()  # a drill's figures
    hotwash: tuple[Words, ...] = ()  # what was said right after a drill
    unknown: tuple[str, ...] = field(default=("Users affected", "Money", "Support tickets", "Data loss"))
