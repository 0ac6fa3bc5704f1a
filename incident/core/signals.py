"""A golden signal: a value with its unit, its trend and the limit that gives it a meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a query's answer: its labels, and its values with their times (UTC), the oldest first."""

    labels: Mapping[str, str]
    points: tuple[tuple[datetime, float], ...]


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

    @property
    def beyond(self) -> bool:
        """Whether the value is past its limit, on the bad side."""
        if self.value is None or self.limit is None:
            return False
        return self.value < self.limit if self.floor else self.value > self.limit


def amount(value: float, unit: str) -> str:
    """A value for reading: `19.2 %`, `1.9 s`, `310/s`, `41`. What is small keeps two digits that say something."""
    if unit == "%":
        return f"{_digits(value, 1, 99.95)} %"
    if unit == "s":
        return f"{_digits(value * 1000, 0, 10)} ms" if abs(value) < 0.9995 else f"{value:.1f} s"
    return f"{_digits(value, 0, 10)}{unit}"


def _digits(value: float, places: int, whole_from: float) -> str:
    """Whole from a size on; below one two digits that are not zeros, however small; else so many places."""
    if abs(value) >= whole_from:
        return f"{value:.0f}"
    if places and abs(value) >= 0.995:
        return f"{value:.{places}f}"
    short = f"{value:.2g}"
    return f"{Decimal(short):f}" if "e" in short else short


def sparkline(values: Sequence[float], width: int) -> str:
    """The last `width` values as bars from their lowest to their highest; a flat line stays low, a gap is a blank."""
    shown = list(values)[max(0, len(values) - width) :]
    known = [value for value in shown if math.isfinite(value)]
    low = min(known, default=0.0)
    span = max(known, default=0.0) - low
    steep = 0 < span < math.inf
    return "".join(
        " " if not math.isfinite(value) else _BARS[min(7, int((value - low) / span * 8)) if steep else 0]
        for value in shown
    )
