"""What the outside said: alerts, sources, signals, changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from incident.core.facts.fact import Fact


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
class SignalSeen(Fact):
    """A value of a signal as evidence."""

    kind: ClassVar[str] = "signal.seen"
    name: str
    value: float
    unit: str
    query: str = ""
    limit: float | None = None
    floor: bool = False  # the limit is the lowest good value, not the highest


@dataclass(frozen=True, slots=True)
class Measured(Fact):
    """A number of the incident's impact, as a query over its window gave it; the event's `at` is when it was asked."""

    kind: ClassVar[str] = "impact.measured"
    name: str  # requests_failed, requests, error_ratio_peak, value_peak, error_budget_spent
    value: float
    unit: str  # "%" (value is 0-100), "s", "/s", "" for a bare number
    query: str
    start: datetime
    end: datetime
    how: str = ""  # what was made of the answer, in words
    trend: tuple[str, ...] = ()  # its course from start to end at even distances, as numbers; "" where there was none


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
