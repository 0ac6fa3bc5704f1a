"""Burn rates: how many times faster than allowed a budget is spent, and from which rate on somebody has to act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from incident.core.budget.spans import DAY, HOUR, MINUTE

WINDOWS = (5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY, 3 * DAY)  # seconds


class Alarm(StrEnum):
    """What a burn asks for."""

    PAGE = "page"  # a fast burn: somebody gets up
    TICKET = "ticket"  # a slow one: in working hours
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast the budget was spent over one window: `rate` 1 empties it exactly at the end of the SLO's window.

    None is unknown. `asked` and `failed` are requests, where they are counted.
    """

    window: float  # seconds
    ratio: float | None = None  # the failed share
    rate: float | None = None
    asked: float | None = None
    failed: float | None = None

    def few(self, budget: float) -> bool:
        """Whether one failed request alone would already spend more than is allowed over this window."""
        return self.asked is not None and self.asked * budget < 1


@dataclass(frozen=True, slots=True)
class Pair:
    """Both windows above a rate mean that it burns, and that it still does."""

    long: float  # seconds
    short: float
    rate: float
    alarm: Alarm


# Each row spends this share of the budget before it is noticed: 2 and 5 per cent page, 10 per cent is a ticket. Over 30
# days these are the rates 14.4, 6, 3 and 1.
_SHARES = (
    (HOUR, 5 * MINUTE, 0.02, Alarm.PAGE),
    (6 * HOUR, 30 * MINUTE, 0.05, Alarm.PAGE),
    (DAY, 2 * HOUR, 0.1, Alarm.TICKET),
    (3 * DAY, 6 * HOUR, 0.1, Alarm.TICKET),
)


def pairs(window: float) -> tuple[Pair, ...]:
    """The pairs for an SLO's window (seconds). No rate is below 1: slower than that never empties a budget."""
    return tuple(
        Pair(long, short, max(1.0, round(share * window / long, 3)), alarm)
        for long, short, share, alarm in _SHARES
        if long < window
    )


def alarm_of(burns: Mapping[float, Burn], window: float) -> tuple[Alarm, Pair | None]:
    """What the burns ask for, and the pair that says so; unknown when a pair that pages cannot be judged."""
    known = pairs(window)
    unknown = not known
    for pair in known:
        rates = [burns[at].rate if at in burns else None for at in (pair.long, pair.short)]
        if all(rate is not None and rate > pair.rate for rate in rates):
            return pair.alarm, pair
        quiet = any(rate is not None and rate <= pair.rate for rate in rates)
        unknown = unknown or (pair.alarm is Alarm.PAGE and not quiet)
    return (Alarm.UNKNOWN if unknown else Alarm.NONE), None


def empties_in(left: float, rate: float, window: float) -> float:
    """Seconds until nothing is left at this rate; `left` is a share of the budget. Infinite when nothing burns."""
    if left <= 0:
        return 0.0
    return left * window / rate if rate > 0 else float("inf")
