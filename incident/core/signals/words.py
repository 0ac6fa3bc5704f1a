"""A signal in words, so that nothing depends on colour, bars or dots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from incident.core.onset import Onset
from incident.core.signals.amounts import amount, limit_of
from incident.core.signals.model import Signal
from incident.core.when import clock, duration, minute

_LIKE = 1.5  # as usual: not more than so many times the usual value, and not less than its inverse


def beside(signal: Signal) -> str:
    """What the value is measured against: its limit, else what is usual at this hour; "" for neither."""
    if signal.limit is not None and signal.beyond:
        return f"{'<' if signal.floor else '>'} limit {limit_of(signal.limit, signal.unit)}"
    if signal.limit is not None:
        return signal.limit_words
    return f"usual {amount(signal.usual, signal.unit)}" if signal.usual is not None else ""


def signal_words(signal: Signal) -> str:
    """`errors 19.2 %, limit 7 %, a symptom`, or why there is no value."""
    if signal.value is None:
        return f"{signal.name}: {signal.missing or 'no value'}"
    parts = [f"{signal.name} {amount(signal.value, signal.unit)}", signal.limit_words, past_words(signal)]
    parts += [f"a {signal.nature}" if signal.nature else "", signal.stale]
    return ", ".join(part for part in parts if part)


def past_words(signal: Signal) -> str:
    """`yesterday 0.1 %, a week ago 0.1 %`, as far as it is known."""
    known = (("yesterday", signal.yesterday), ("a week ago", signal.last_week))
    return ", ".join(f"{when} {amount(value, signal.unit)}" for when, value in known if value is not None)


def is_unusual(signal: Signal) -> bool:
    """Whether the value is far from what it was at the same time yesterday and last week, or from the usual one."""
    past = [value for value in (signal.yesterday, signal.last_week, signal.usual) if value is not None]
    if signal.value is None or not past:
        return False
    low, high = min(past), max(past)
    return signal.value > high * _LIKE + _slight(high) or signal.value < low / _LIKE - _slight(low)


def _slight(value: float) -> float:
    """What is too small beside a usual value to be worth a word."""
    return abs(value) * 0.01


def course_words(signal: Signal, points: Sequence[tuple[datetime, float]]) -> str:
    """`from 0.1 % to 21 % (03:11), now 19.2 %; beyond the limit 7 % for 15m00s`: what a drawing shows, in words."""
    known = [point for point in points if math.isfinite(point[1])]
    if not known:
        return "there is nothing to draw: no values in this time"
    low, high = min(known, key=_value), max(known, key=_value)
    words = f"lowest {_at(low, signal)}, highest {_at(high, signal)}, last {amount(known[-1][1], signal.unit)}"
    if signal.limit is None:
        return words
    return f"{words}; {_against_limit(signal, signal.limit, known)}"


def _value(point: tuple[datetime, float]) -> float:
    return point[1]


def _at(point: tuple[datetime, float], signal: Signal) -> str:
    return f"{amount(point[1], signal.unit)} at {minute(point[0])}"


def _against_limit(signal: Signal, limit: float, known: Sequence[tuple[datetime, float]]) -> str:
    """How long it has been beyond its limit, or that it is not."""
    beyond = [value < limit if signal.floor else value > limit for _, value in known]
    if not any(beyond):
        return f"never beyond its {signal.limit_words}"
    if not beyond[-1]:
        last = max(at for at, is_beyond in enumerate(beyond) if is_beyond)
        return f"beyond its {signal.limit_words} until {minute(known[last][0])}"
    first = len(beyond) - next((at for at, is_beyond in enumerate(reversed(beyond)) if not is_beyond), len(beyond))
    if first == len(known) - 1:
        return f"beyond its {signal.limit_words} since the last value"
    whole = "at least " if first == 0 else ""
    return f"beyond its {signal.limit_words} for {whole}{duration(known[-1][0] - known[first][0])}"


def since_words(signal: Signal) -> str:
    """`0.1 % to 19 % between 02:58:15 and 02:58:30`; "" when it is not known."""
    found = signal.since
    if found is None:
        return ""
    levels = f"{amount(found.before, signal.unit)} to {amount(found.level, signal.unit)}"
    return f"{levels}, {when_words(found, signal.at.date())}"


def when_words(found: Onset, today: date) -> str:
    """`between 02:58:15 and 02:58:30`, `slowly, from about 02:51`; with its date when it is not today's."""
    day = "" if found.after.date() == today else f"{found.after.date().isoformat()} "
    if found.slow:
        return f"slowly, from about {day}{minute(found.after)}"
    shown = clock if found.by - found.after < timedelta(minutes=10) else minute
    return f"between {day}{shown(found.after)} and {shown(found.by)}"


def evidence(signal: Signal) -> str:
    """Why this is when it started, for the timeline: the levels, the times and the query."""
    query = f": {signal.since.query}" if signal.since is not None and signal.since.query else ""
    return f"{signal.name} went from {since_words(signal)} UTC{query}"
