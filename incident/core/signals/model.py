"""What a signal is: its value, what it is measured against, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from incident.core.onset import Onset
from incident.core.signals.amounts import limit_of

_MINOR = frozenset({"p95", "p50"})


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a query's answer: its labels, and its values with their times (UTC), the oldest first."""

    labels: Mapping[str, str]
    points: tuple[tuple[datetime, float], ...]


class Nature(StrEnum):
    """What users feel, or what may lie behind it."""

    SYMPTOM = "symptom"
    CAUSE = "cause"
    UNSAID = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal as read at `at` (UTC). `value` is None when it cannot be had, and `missing` says why."""

    name: str  # errors, p99, traffic, saturation
    value: float | None
    unit: str  # "%" (value is 0-100), "s", "/s", "" for a bare number
    at: datetime
    limit: float | None = None  # in the same unit; the alert's own threshold
    usual: float | None = None
    trend: tuple[float, ...] = ()  # oldest first
    query: str = ""
    missing: str = ""
    floor: bool = False  # the limit is the lowest good value, not the highest
    nature: Nature = Nature.UNSAID
    own: bool = False  # the value that the alert itself compares with its limit
    yesterday: float | None = None  # at the same time of day, a day before
    last_week: float | None = None  # the same, a week before
    scale: float = 1.0  # what the query's numbers are multiplied by for the unit
    labels: Mapping[str, str] = field(default_factory=dict)  # which series of the query's answer it is
    origin: str = ""  # where the query comes from, in words
    asked: tuple[str, ...] = ()  # the other queries that led to this one
    since: Onset | None = None  # when it left its usual level, as far as the data say
    stale: str = ""  # why there is nothing newer, with its age; "" while it is fresh

    @property
    def beyond(self) -> bool:
        """Whether the value is past its limit, on the bad side."""
        if self.value is None or self.limit is None:
            return False
        return self.value < self.limit if self.floor else self.value > self.limit

    @property
    def minor(self) -> bool:
        """It only explains another signal, such as p50 beside p99."""
        return self.name in _MINOR and not self.own

    @property
    def limit_words(self) -> str:
        """`limit 7 %`, `at least 99 %`; "" without one."""
        if self.limit is None:
            return ""
        return f"{'at least' if self.floor else 'limit'} {limit_of(self.limit, self.unit)}"
