"""Lengths of time as PromQL and SLO files write them: `28d`, `4w`, `1h30m`."""

from __future__ import annotations

import re
from datetime import timedelta

from incident.core.promql import seconds_of

_WHOLE = re.compile(r"(?:\d{1,9}(?:ms|s|m|h|d|w|y))+")
_WRITTEN = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds


def seconds_in(text: str) -> float | None:
    """How many seconds `1h30m` is; None for what is no length of time."""
    line = text.strip()
    return seconds_of(line) if _WHOLE.fullmatch(line) else None


def promql(seconds: float) -> str:
    """A length of time as a query writes it, in one unit: `28d`, `90m`, `1019s`. At least a second."""
    whole = max(1, round(seconds))
    unit, size = next((unit, size) for unit, size in _WRITTEN if whole % size == 0)
    return f"{whole // size}{unit}"


def spoken(seconds: float) -> str:
    """A length of time for reading, two units at most: `1d 22h`, `3h 05m`, `12m`, `40s`."""
    span = timedelta(seconds=max(0, int(seconds)))
    days, rest = span.days, span.seconds
    if days:
        return f"{days:,}d {rest // HOUR}h" if rest // HOUR else f"{days:,}d"
    if rest >= HOUR:
        return f"{rest // HOUR}h {rest % HOUR // MINUTE:02d}m"
    return f"{rest // MINUTE}m" if rest >= MINUTE else f"{rest}s"
