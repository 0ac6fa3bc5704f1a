"""Times and durations as people read and type them; everything is UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from incident.errors import UsageError


class Precision(StrEnum):
    """How exactly a time is known."""

    SECOND = "second"
    MINUTE = "minute"
    ABOUT = "about"
    RANGE = "range"  # from one time until another


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time and how exactly it is known; a range begins at `at` and ends at `until`."""

    at: datetime
    precision: Precision = Precision.SECOND
    until: datetime | None = None


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


_HINT = "write -5m, 03:07, ~03:05, 02:58..03:01, fri 23:50, 05-02 03:07 or 2026-05-02T03:07:00Z (UTC)"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = (
    r"(?:today|yesterday|mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
    r"|(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2})"
)
_HOURS = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
_AGO = r"-[0-9]{1,4}[smhd]"
_ISO = r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]{2,6})"
_POINT = rf"(?:{_AGO}|~?{_ISO}|~?(?:{_DAY} +)?{_HOURS})"
_IN_FRONT = re.compile(rf"({_POINT}(?:\.\.{_POINT})?)\s+(\S.*)\Z", re.IGNORECASE | re.DOTALL | re.ASCII)
_PARTS = re.compile(rf"(?:({_DAY}) +)?({_HOURS})\Z", re.IGNORECASE | re.ASCII)
_BARE = re.compile(rf"{_HOURS}\Z", re.ASCII)
_AGO_PARTS = re.compile(r"-([0-9]{1,4})([smhd])\Z", re.ASCII)
_NO_SECONDS = re.compile(r"\S+[T ][0-9]{2}(:?[0-9]{2})?(?:Z|[+-][0-9:]+)\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ONE_DAY = timedelta(days=1)


def parse(text: str, now: datetime) -> Moment:
    """A typed time, or a range of two with `..` between them. Raises UsageError, which says how to write one.

    A time without a date is the nearest past one, a weekday the last one, a date without a year the last one.
    `now` is any aware time; the machine's time zone never matters.
    """
    typed, now = text.strip(), now.astimezone(UTC)
    begin, dots, end = typed.partition("..")
    return _range(begin, end, now) if dots else _point(typed, now)


def split_time(text: str, now: datetime) -> tuple[Moment | None, str]:
    """A leading time and the rest of the line; what is no time, or cannot be one, belongs to the text."""
    line = text.strip()
    if found := _IN_FRONT.match(line):
        try:
            return parse(found[1], now), found[2]
        except UsageError:
            return None, line  # a range that is not over, a 30th of February: the words are kept as they were typed
    return None, line


def understood(moment: Moment, now: datetime) -> str:
    """What a typed time was taken for: `03:07 UTC`, `about 03:05 UTC`, `2026-05-01 23:50 to 00:10 UTC`.

    The date is there when it is not today's.
    """
    today = now.astimezone(UTC).date()
    about = "about " if moment.precision is Precision.ABOUT else ""
    begin = _shown(moment.at, moment.precision, today)
    if moment.until is None:
        return f"{about}{begin} UTC"
    return f"{begin} to {_shown(moment.until, moment.precision, moment.at.astimezone(UTC).date())} UTC"


def _shown(at: datetime, precision: Precision, day: date) -> str:
    at = at.astimezone(UTC)
    exact = precision is Precision.SECOND or (precision is Precision.RANGE and at.second)
    time = clock(at) if exact else minute(at)
    return time if at.date() == day else f"{at.date().isoformat()} {time}"


def _point(typed: str, now: datetime) -> Moment:
    """One time. Raises UsageError."""
    if ago := _AGO_PARTS.match(typed):
        precision = Precision.SECOND if ago[2] == "s" else Precision.MINUTE
        return Moment(now - timedelta(**{_UNITS[ago[2]]: int(ago[1])}), precision)
    about = typed.startswith("~")
    bare = typed.removeprefix("~")
    if parts := _PARTS.match(bare):
        precision = Precision.SECOND if parts[2].count(":") == 2 else Precision.MINUTE
        return Moment(_on_day(parts[1], parts[2], now, typed), Precision.ABOUT if about else precision)
    try:
        at = from_iso(bare)
    except ValueError:
        raise _unreadable(typed) from None
    short = _NO_SECONDS.match(bare)
    precision = Precision.SECOND if short is None else Precision.MINUTE if short[1] else Precision.ABOUT
    return Moment(at, Precision.ABOUT if about else precision)


def _on_day(day: str | None, hours: str, now: datetime, typed: str) -> datetime:
    """The last time that it was so late on such a day. Raises UsageError when there was none."""
    hour, minutes, *seconds = (int(part) for part in hours.split(":"))
    at = now.replace(hour=hour, minute=minutes, second=sum(seconds), microsecond=0)
    try:
        if day is None:
            return at if at <= now else at - _ONE_DAY
        found = _named_day(day.lower(), at, now)
    except (ValueError, OverflowError):
        raise _unreadable(typed) from None
    if found > now:
        raise UsageError(f"{typed!r} is still to come; it is {minute(now)} UTC", hint=_HINT)
    return found


def _named_day(day: str, at: datetime, now: datetime) -> datetime:
    """The clock time of `at` on a named day: the last such day on which it was past. Raises ValueError."""
    if day in ("today", "yesterday"):
        return at - _ONE_DAY if day == "yesterday" else at
    if day[:3] in _DAYS:
        back = (at.weekday() - _DAYS.index(day[:3])) % 7
        found = at - timedelta(days=back)
        return found if found <= now else found - timedelta(days=7)
    *year, month, number = (int(part) for part in day.split("-"))
    if year:
        return at.replace(year=year[0], month=month, day=number)
    dates = (_dated(at, now.year - back, month, number) for back in range(9))  # a leap day is eight years back at most
    found_date = next((one for one in dates if one is not None and one <= now), None)
    if found_date is None:
        raise ValueError(f"there is no {day}")
    return found_date


def _dated(at: datetime, year: int, month: int, number: int) -> datetime | None:
    try:
        return at.replace(year=year, month=month, day=number)
    except ValueError:
        return None


def _range(begin: str, end: str, now: datetime) -> Moment:
    """A range. A bare end is the next one behind a beginning with a date, else the nearest past one.

    A bare beginning is the last one before the end. Raises UsageError for a range that is not over.
    """
    typed = f"{begin}..{end}"
    begin, end = begin.strip().removeprefix("~"), end.strip().removeprefix("~")
    begin_is_bare, end_is_bare = (bool(_BARE.match(edge)) for edge in (begin, end))
    if end_is_bare and not begin_is_bare:
        first = _point(begin, now).at
        last = _next(end, first)
    else:
        last = _point(end, now).at
        first = _point(begin, last if begin_is_bare else now).at
    going_on = end_is_bare and begin_is_bare and first + _ONE_DAY <= now < last + _ONE_DAY
    if going_on or last > now:
        raise UsageError(f"the range {typed!r} is not over; it is {minute(now)} UTC", hint="write when it began")
    if last < first:
        raise UsageError(f"the range {typed!r} ends before it begins", hint=_HINT)
    return Moment(first, Precision.RANGE, last)


def _next(hours: str, first: datetime) -> datetime:
    """The first such clock time at or behind a time."""
    at = _point(hours, first).at
    return at if at == first else at + _ONE_DAY


def _unreadable(typed: str) -> UsageError:
    return UsageError(f"cannot read the time {typed!r}", hint=_HINT)
