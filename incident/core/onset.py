"""Since when: the moment at which a series left its usual level and stayed away, as far as its values say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.core.when import Moment, Precision

CALM = 5  # usual values in a row that separate one disturbance from an earlier one
_LEAST = 16  # values below which nothing is said
_END = 3  # values that make up the level at the end
_CLEAR = 5.0  # how many times its usual spread a level has to be away, of many values
_FEW = 20.0  # so many values ask for twice that: their spread is less surely known
_EDGE = 4.5  # how many times the spread still belongs to the usual level
_STEEP = 2  # values at most between the first unusual one and the middle of the rise, for a step
_OFTEN = 0.25  # share of the earlier values that are as bad, or of the later ones that are not: it comes and goes
_NORMAL = 1.4826  # from a median deviation to the spread of a normal distribution

Point = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class Onset:
    """When a level was left: behind `after`, the last usual value, and not later than `by`, the first unusual one."""

    after: datetime
    by: datetime
    before: float  # the usual level
    level: float  # the level since
    slow: bool = False  # it rose over several values: `after` is only about right
    query: str = ""  # what was asked

    @property
    def precision(self) -> Precision:
        """How exactly it is known."""
        return Precision.ABOUT if self.slow else Precision.RANGE

    @property
    def moment(self) -> Moment:
        """As a milestone's time."""
        return Moment(self.after, self.precision, None if self.slow else self.by)


@dataclass(frozen=True, slots=True)
class NotFound:
    """No such moment stands out, and why."""

    why: str
    early: bool = False  # it may lie before the points
    few: bool = False  # there were too few points


def onset(points: Sequence[Point], *, falls: bool | None = None) -> Onset | NotFound:
    """When the level at the end of the points (the oldest first) began; the points end soon after the alert fired.

    `falls` says that the bad side is the low one; None takes whichever side the end is on. Values that are no numbers
    count as missing.
    """
    known = [point for point in points if math.isfinite(point[1])]
    if len(known) < _LEAST:
        return NotFound(f"there are only {len(known)} values to look at", few=True)
    if falls is None:
        falls = _median(value for _, value in known[-_END:]) < _median(value for _, value in known)
    sign = -1.0 if falls else 1.0
    found = _rise([value * sign for _, value in known])
    if isinstance(found, NotFound):
        return found
    first, base, top, slow = found
    return Onset(known[first - 1][0], known[first][0], base * sign, top * sign, slow)


def _rise(values: Sequence[float]) -> tuple[int, float, float, bool] | NotFound:
    """The first unusual value of those that last until the end, the levels before and since, and whether it crept."""
    top, end = _end_level(values)
    base, spread = _usual(values[:end], top)
    if top - base <= max(_CLEAR * (1 + _FEW / len(values)) * spread, abs(base) * 1e-9):
        return NotFound("no step stands out: it changes slowly, or as much as it always does", early=True)
    middle, crossing, calm = (base + top) / 2, end, 0
    for at in range(end, -1, -1):
        if values[at] >= middle:
            crossing, calm = at, 0
        else:
            calm += 1
            if calm == CALM:
                break
    else:
        return NotFound("it was like this already when the data begin", early=True)
    earlier, since = values[:crossing], values[crossing : end + 1]
    before, calm = sum(value >= middle for value in earlier), sum(value < middle for value in since)
    if before > _OFTEN * len(earlier) or calm > _OFTEN * len(since):
        return NotFound("it comes and goes: it was like this before, again and again")
    edge, first = base + max(_EDGE * spread, (top - base) * 0.1), crossing
    while first and values[first - 1] > edge:
        first -= 1
    if first == 0:
        return NotFound("it was on its way already when the data begin", early=True)
    return first, base, top, crossing - first > _STEEP


def _end_level(values: Sequence[float]) -> tuple[float, int]:
    """The highest level within the last values, and where it stands: the last of them may lie behind the worst."""
    last = len(values) - 1
    levels = [(_median(values[at - _END + 1 : at + 1]), at) for at in range(last - _END, last + 1)]
    return max(levels)


def _usual(values: Sequence[float], top: float) -> tuple[float, float]:
    """The level of what is not near the top, and its spread."""
    base = sorted(values)[len(values) // 10]
    usual: list[float] = []
    for _ in range(4):
        usual = [value for value in values if value <= (base + top) / 2] or [base]
        base = _median(usual)
    return base, _NORMAL * _median(abs(value - base) for value in usual)


def _median(values: Iterable[float]) -> float:
    """The middle value; the standard library's costs more to load than everything else here."""
    ranked = sorted(values)
    middle = len(ranked) // 2
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


def widened(found: Onset, by: timedelta) -> Onset:
    """The same with its beginning moved back: what is counted may have happened so much before it was seen."""
    return Onset(found.after - by, found.by, found.before, found.level, found.slow, found.query)
