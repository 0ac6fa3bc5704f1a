"""A golden signal: a value with its unit, its trend and the limit that gives it a meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_BARS = "▁▂▃▄▅▆▇█"


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
    """A value for reading: `19.2 %`, `1.9 s`, `310/s`, `41`."""
    if unit == "%":
        return f"{value:.2g} %" if abs(value) < 1 else f"{value:.1f} %" if abs(value) < 100 else f"{value:.0f} %"
    if unit == "s":
        return f"{value * 1000:.0f} ms" if abs(value) < 1 else f"{value:.1f} s"
    number = f"{value:.0f}" if abs(value) >= 10 else f"{value:.2g}"
    return f"{number}{unit}"


def sparkline(values: Sequence[float], width: int) -> str:
    """The last `width` values as bars from their lowest to their highest; a flat line stays low."""
    shown = list(values)[-width:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    span = high - low
    if span <= 0:
        return _BARS[0] * len(shown)
    return "".join(_BARS[min(7, int((value - low) / span * 8))] for value in shown)
