"""A series in few points, for drawing: peaks and dips stay, however short they were."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

Point = tuple[datetime, float]


def downsampled(points: Sequence[Point], most: int) -> tuple[Point, ...]:
    """At most `most` (4 or more) of the points, the oldest first: the first and the last, and the extremes between.

    Values that are no numbers are left out. Raises ValueError for less than 4.
    """
    if most < 4:
        raise ValueError("a course takes four points at least")
    known = [point for point in points if math.isfinite(point[1])]
    if len(known) <= most:
        return tuple(known)
    first, *middle, last = known
    return (first, *_extremes(middle, (most - 2) // 2), last)


def _extremes(points: Sequence[Point], parts: int) -> Iterator[Point]:
    """The lowest and the highest of each of so many equal parts, in the order of their times."""
    for part in range(parts):
        own = points[part * len(points) // parts : (part + 1) * len(points) // parts]
        low, high = (choose(range(len(own)), key=lambda at: own[at][1]) for choose in (min, max))
        yield own[min(low, high)]
        if low != high:
            yield own[max(low, high)]
