"""Times and durations as people read and type them; everything is UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from incident.errors import UsageError


class Precision(StrEnum):
    """How exactly a time is known."""

    SECOND = "second"
    MINUTE = "minute"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time and how exactly it is known."""

    at: datetime
    precision: Precision = Precision.SECOND


def iso(at: datetime) -> str:
    """`2026-05-02T03:04:41Z`; fractions of a second are kept when there are any."""
    text = at.astimezone(UTC).isoformat(timespec="microseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """The inverse of `iso`; takes any offset and any number of digits in the fraction. Raises ValueError."""
    trimmed = re.sub(r"(\.\d{6})\d+", r"\1", text)
    at = datetime.fromisoformat(trimmed)
    if at.tzinfo is None:
        raise ValueError(f"no time zone in {text!r}")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is outside the calendar") from None


def minute(at: datetime) -> str:
    """`03:04`."""
    return at.astimezone(UTC).strftime("%H:%M")


def clock(at: datetime) -> str:
    """`03:04:41`."""
    return at.astimezone(UTC).strftime("%H:%M:%S")


def duration(span: timedelta) -> str:
    """`4s`, `2m31s`, `1h02m`, `2d04h`: two units at most, the exact whole seconds below an hour."""
    seconds = int(abs(span.total_seconds()))
    sign = "-" if span < timedelta(0) and seconds else ""
    if seconds < 60:
        return f"{sign}{seconds}s"
    if seconds < 3600:
        return f"{sign}{seconds // 60}m{seconds % 60:02d}s"
    if seconds < 86400:
        return f"{sign}{seconds // 3600}h{seconds % 3600 // 60:02d}m"
    return f"{sign}{seconds // 86400}d{seconds % 86400 // 3600:02d}h"


def run_time(seconds: float) -> str:
    """How long a command ran, rounded to tenths: `0.3s`, `4s`, `2m31s`; tenths are shown below ten seconds."""
    rounded = round(seconds, 1)
    if rounded < 10 and rounded != int(rounded):
        return f"{rounded}s"
    return duration(timedelta(seconds=rounded))


def age(span: timedelta) -> str:
    """`12s`, `4m`, `2h`, `9d`: one unit, for a column."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


_AGO = re.compile(r"-([0-9]{1,4})([smhd])\Z")
_CLOCK = re.compile(r"(~?)([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?\Z")
_NO_SECONDS = re.compile(r"\S+[T ][0-9]{2}(:?[0-9]{2})?(?:Z|[+-][0-9:]+)\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse(text: str, now: datetime) -> Moment:
    """A typed time: `-5m`, `03:07`, `03:07:12`, `~03:05`, or ISO 8601 with a zone. Raises UsageError.

    A bare clock time is the nearest past one in UTC. `now` is in UTC.
    """
    typed = text.strip()
    if ago := _AGO.match(typed):
        precision = Precision.SECOND if ago[2] == "s" else Precision.MINUTE
        return Moment(now - timedelta(**{_UNITS[ago[2]]: int(ago[1])}), precision)
    if clocked := _CLOCK.match(typed):
        about, hour, minutes, seconds = clocked.groups()
        at = now.replace(hour=int(hour), minute=int(minutes), second=int(seconds or 0), microsecond=0)
        if at > now:
            at -= timedelta(days=1)
        precision = Precision.ABOUT if about else Precision.SECOND if seconds else Precision.MINUTE
        return Moment(at, precision)
    try:
        at = from_iso(typed)
    except ValueError:
        raise UsageError(
            f"cannot read the time {typed!r}", hint="write -5m, 03:07, ~03:05 or 2026-05-02T03:07:00Z (UTC)"
        ) from None
    short = _NO_SECONDS.match(typed)
    return Moment(at, Precision.SECOND if short is None else Precision.MINUTE if short[1] else Precision.ABOUT)


def split_time(text: str, now: datetime) -> tuple[Moment | None, str]:
    """A leading time and the rest of the line; a first word that is no time belongs to the text."""
    words = text.split(maxsplit=1)
    if len(words) == 2 and (_AGO.match(words[0]) or _CLOCK.match(words[0])):
        return parse(words[0], now), words[1].strip()
    return None, text.strip()
