"""What an incident cost: the share of the budget that was spent between two times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incident.core.budget.asking import TRAILING, written
from incident.core.budget.slo import Slo
from incident.core.budget.standing import course, mean, parts_of, share_in
from incident.core.signals import Series


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent of one budget. `share` 0.12 is 12 % of it; None is unknown, and `missing` says why."""

    slo: Slo
    start: datetime
    end: datetime
    share: float | None = None
    asked: float | None = None  # requests in this time, where they are counted
    failed: float | None = None
    ratio: float | None = None  # the failed share
    missing: str = ""
    queries: tuple[tuple[str, str], ...] = ()  # what each gives, and the query; both at the end of this time

    @property
    def seconds(self) -> float:
        """How long this time is."""
        return (self.end - self.start).total_seconds()


def spending(slo: Slo, start: datetime, end: datetime, series: Sequence[Series]) -> Spending:
    """What the answer to `spans_asked` says.

    Counted requests are held against the requests of the whole window that ends with this time; a failed share
    without counts is held against the length of the window, as if every minute had the same traffic.
    """
    span = max(1.0, (end - start).total_seconds())
    queries = written(slo, span)
    if slo.sli.moment:
        points, why = course(slo, series)
        ratio = mean([value for _, value in points])
        missing = why or ("" if ratio is not None else "there is no data of this time")
        asked = failed = None
    else:
        parts = parts_of(series)
        # That nothing failed in the few minutes of an incident is no proof that the query can find a failure.
        found = share_in(slo, parts)
        ratio, asked, failed, missing = found.ratio, found.asked, found.failed, found.missing
        if failed is not None:
            whole = parts.get(TRAILING, [])
            if len(whole) != 1 or not whole[0] > 0:
                return Spending(slo, start, end, None, asked, failed, ratio, "requests of the window: unknown", queries)
            share = failed / (slo.budget * whole[0])
            return Spending(slo, start, end, share, asked, failed, ratio, "", queries)
    if ratio is None:
        return Spending(slo, start, end, None, asked, failed, None, missing, queries)
    return Spending(slo, start, end, ratio * span / (slo.budget * slo.window), None, None, ratio, "", queries)
