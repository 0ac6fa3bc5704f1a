"""Whom to tell and who was told: due times that passed, and updates that were sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from incident.core.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class EscalationDue(Fact):
    """A time at which somebody is to be told has passed; the event's `at` is that time."""

    kind: ClassVar[str] = "escalation.due"
    key: str  # identity of the due time
    who: str
    rule: str  # as the runbook or the configuration has it
    after: float  # seconds after the beginning
    late: float = 0.0  # seconds after which it was noticed


@dataclass(frozen=True, slots=True)
class EscalationTold(Fact):
    """A person says that somebody who was to be told knows."""

    kind: ClassVar[str] = "escalation.told"
    key: str
    who: str


@dataclass(frozen=True, slots=True)
class UpdateBegun(Fact):
    """An update is about to be sent: on disk before the first byte leaves."""

    kind: ClassVar[str] = "update.begun"
    send: str  # identity of this try
    text: str  # as it is sent, without secrets
    to: str  # the host and its name, never the address


@dataclass(frozen=True, slots=True)
class UpdateSent(Fact):
    """An update was sent, and the other side said that it has it."""

    kind: ClassVar[str] = "update.sent"
    send: str
    text: str
    to: str


@dataclass(frozen=True, slots=True)
class UpdateFailed(Fact):
    """An update surely did not arrive; it may be sent again."""

    kind: ClassVar[str] = "update.failed"
    send: str
    reason: str


@dataclass(frozen=True, slots=True)
class UpdateLost(Fact):
    """Whether an update arrived is not known; somebody has to look before it is sent again."""

    kind: ClassVar[str] = "update.outcome_unknown"
    send: str
    reason: str
