"""Whether a change may go out now, as the error budget sees it. A pure table, so that nobody has to argue with it.

What is left of the budget decides, against what it still has to last for. Half of the share of the window that is to go
is the reserve; a window that rolls counts as half gone, so its reserve is a quarter.

    risk     no go when left is             go with a guardrail when left is    else
    low      nothing                        under 10 %                          go
    normal   under 10 %                     under the reserve                   go
    risky    under 20 % or the reserve      anything more                       -

Over that table: while it burns fast nothing goes; while it burns slowly, and when the numbers rest on few requests or
on less than half of the window's data, it is a guardrail at best. It burns fast when a pair of windows pages, or when
the pace of now is above the rate of the first pair; slowly, when a pair is a ticket, or the pace above the rate of the
second pair. Without a number there is no verdict.
More budget left never turns go into no go, and neither does less risk or less of the window to go.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from incident.core.budget.burn import Alarm, pairs
from incident.core.budget.figures import percent, times
from incident.core.budget.spans import promql, spoken
from incident.core.budget.standing import Standing

GUARDRAIL = "early in the window, with a quick rollback at hand and somebody watching"


class Risk(StrEnum):
    """What the change may do, in the words of whoever proposes it."""

    LOW = "low"
    NORMAL = "normal"
    RISKY = "risky"


class Go(StrEnum):
    """The verdict."""

    GO = "go"
    GUARDRAIL = "go with a guardrail"
    NO_GO = "no go"
    UNKNOWN = "unknown"


_ORDER = (Go.GO, Go.GUARDRAIL, Go.UNKNOWN, Go.NO_GO)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Go or no go, and why."""

    go: Go
    why: str


def reserve_of(to_go: float | None) -> float:
    """The share of the budget that a risky change has to leave; `to_go` is None for a window that rolls."""
    return 0.25 if to_go is None else max(0.0, min(1.0, to_go)) / 2


def by_budget(left: float, to_go: float | None, risk: Risk) -> Go:
    """The table alone: `left` is a share of the budget, `to_go` of the window."""
    reserve = reserve_of(to_go)
    match risk:
        case Risk.LOW:
            least, plenty = 0.0, 0.1
            if left <= 0:
                return Go.NO_GO
        case Risk.NORMAL:
            least, plenty = 0.1, max(0.1, reserve)
        case _:
            least, plenty = max(0.2, reserve), float("inf")
    if left < least:
        return Go.NO_GO
    return Go.GUARDRAIL if left < plenty else Go.GO


def verdict(
    left: float | None,
    to_go: float | None,
    risk: Risk,
    alarm: Alarm = Alarm.NONE,
    *,
    burning: str = "",
    doubt: str = "",
) -> Verdict:
    """Whether a change of this risk may go out.

    `burning` says how fast it goes, where `alarm` is no NONE; `doubt` why the numbers are weak, "" when they are not.
    """
    if alarm is Alarm.PAGE:
        return Verdict(Go.NO_GO, f"{burning or 'it burns fast'}: first find out what that is")
    if left is None:
        return Verdict(Go.UNKNOWN, doubt or "what is left is not known")
    go = by_budget(left, to_go, risk)
    lasts = f" and {percent(to_go)} of the window to go" if to_go is not None else ""
    said = f"{percent(left)} left{lasts}" if left > 0 else f"nothing left{lasts}"
    if go is Go.NO_GO:
        rest = "for the next window" if to_go is not None else "until old failures leave the window"
        what = {Risk.LOW: "any change", Risk.NORMAL: "a change", Risk.RISKY: "a risky change"}[risk]
        return Verdict(go, f"{said}: too little for {what}; wait {rest}. A rollback or a fix for it may go")
    weak = (burning or "it burns slowly") if alarm is Alarm.TICKET else doubt
    if alarm is Alarm.UNKNOWN and not weak:
        weak = "how fast it burns is not known"
    if weak:
        return Verdict(Go.GUARDRAIL, f"{said}, but {weak}: {GUARDRAIL}")
    return Verdict(go, f"{said}: {GUARDRAIL}" if go is Go.GUARDRAIL else f"{said}: it is there to be spent")


def verdict_on(found: Standing, risk: Risk) -> Verdict:
    """The verdict for how a budget stands."""
    alarm, burning = burning_of(found)
    return verdict(found.left, found.slo.to_go(found.at), risk, alarm, burning=burning, doubt=doubt_of(found))


def burning_of(found: Standing) -> tuple[Alarm, str]:
    """How urgent the burn is for a change, and in words how fast it goes."""
    pace, known, pair = found.pace, pairs(found.slo.window), found.pair
    rate = pace.rate if pace is not None and not pace.few(found.slo.budget) else None
    over = f"it burnt above {pair.rate:g}x over {promql(pair.long)} and {promql(pair.short)}" if pair else ""
    if pace is None or rate is None or not known:
        return found.alarm, over
    said = f"it burns {times(rate)} over the last {promql(pace.window)}"
    calm = over if pair and rate <= pair.rate else said  # a pair may still be above its rate when it is over by now
    if found.alarm is Alarm.PAGE or rate > known[0].rate:
        return Alarm.PAGE, calm
    if found.alarm is Alarm.TICKET or rate > known[min(1, len(known) - 1)].rate:
        return Alarm.TICKET, calm
    return found.alarm, ""


def doubt_of(found: Standing) -> str:
    """Why the numbers are weak, "" when they are not."""
    if found.missing:
        return found.missing
    if found.patchy and found.covered is not None:
        return f"there is data for {spoken(found.covered * found.slo.window)} only"
    if found.asked is not None and found.asked * found.slo.budget < 1:
        return f"it rests on {found.asked:,.0f} requests, of which not one may fail"
    return ""


def worst(verdicts: list[Verdict]) -> Verdict:
    """The one that counts when several objectives are concerned."""
    return max(verdicts, key=lambda one: _ORDER.index(one.go))
