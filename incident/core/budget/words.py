"""A budget in words: one line beside an alert, and the rows of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from incident.core.budget.burn import Alarm, Burn
from incident.core.budget.figures import percent, times
from incident.core.budget.slo import Reading, Slo
from incident.core.budget.spans import promql, spoken
from incident.core.budget.spending import Spending
from incident.core.budget.standing import Standing
from incident.core.budget.verdict import Risk, Verdict
from incident.core.when import age, iso, minute

_COMPLETE = 0.97  # of the window has data: a scrape or two may be missing
_RISKS = {Risk.LOW: "change of low risk", Risk.NORMAL: "change of normal risk", Risk.RISKY: "risky change"}
STALE = timedelta(minutes=2)  # numbers older than this say how old they are


def left_words(found: Standing) -> str:
    """`63 % left`, `gone, 32 % overspent`, or why it is unknown."""
    if found.left is None:
        return f"unknown: {found.missing}"
    if found.left <= 0:
        return f"gone, {percent(-found.left)} overspent" if found.left < 0 else "gone"
    return f"{percent(found.left)} left"


def line(found: Standing, seen_ago: timedelta = timedelta(0)) -> str:
    """`budget 63 % left, gone in 1d 22h`: the line beside an alert; "" when nothing is known."""
    if found.left is None:
        return ""
    parts = [f"budget {left_words(found)}"]
    if found.empty_in is not None:
        parts.append(f"gone in {spoken(found.empty_in)}")
    if found.empty_in is not None and found.few:
        parts.append("few requests")
    elif found.patchy:
        parts.append("little data")
    if seen_ago > STALE:
        parts.append(f"{age(seen_ago)} old")
    return ", ".join(parts)


def worst_of(found: Sequence[Standing]) -> Standing | None:
    """The one to show where there is room for one: what is gone first, then what has least left."""
    known = [one for one in found if one.left is not None]

    def urgency(one: Standing) -> tuple[float, float]:
        left = one.left or 0.0
        return (0.0 if left <= 0 else one.empty_in if one.empty_in is not None else float("inf"), left)

    return min(known, key=urgency, default=None)


def promise(slo: Slo) -> str:
    """`99.5 % over 28 days`."""
    days = slo.window / 86_400
    over = f"{days:g} days" if days >= 2 else spoken(slo.window)
    kind = "" if slo.since is None else ", in fixed windows"
    return f"{slo.objective * 100:.10g} % over {over}{kind}"


def allowance(slo: Slo, asked: float | None) -> str:
    """The budget in what it is made of: requests that may fail, or minutes of complete failure."""
    minutes = f"{slo.minutes:,.0f} minutes" if slo.minutes >= 10 else f"{slo.minutes:.1f} minutes"
    if asked is not None:
        may = asked * slo.budget
        shown = f"{may:,.0f}" if may >= 10 else f"{may:.2g}"
        return f"{shown} of {asked:,.0f} requests may fail; as time, about {minutes} of complete failure"
    return f"about {minutes} of complete failure"


def reading_words(slo: Slo) -> str:
    """What the shares are shares of."""
    match slo.sli.reading:
        case Reading.REQUESTS:
            return "by requests: every request counts the same"
        case Reading.TIME:
            return "by time: every minute counts the same, whatever its traffic"
        case _:
            return "as its query weighs it; how many requests there were is not known"


def pace_words(found: Standing) -> str:
    """How fast it goes, in which window, and when nothing is left."""
    pace = found.pace
    if pace is None or pace.rate is None:
        return "how fast it burns is not known"
    over = f"{times(pace.rate)} over the last {promql(pace.window)}"
    if found.left is not None and found.left <= 0:
        return over
    if found.empty_in is not None:
        return f"{over}: gone in {spoken(found.empty_in)} at this pace"
    rest = "to the end of the window" if found.slo.since is not None else "for good"
    return f"{over}: it lasts {rest} at this pace"


def alarm_words(found: Standing) -> str:
    """Page, ticket or nothing, and the two windows that say so."""
    if found.alarm is Alarm.UNKNOWN:
        return "not known"
    if found.pair is None:
        return "none: no pair of windows is above its rate"
    pair = found.pair
    word = "page: it burns fast" if found.alarm is Alarm.PAGE else "ticket: it burns slowly"
    return f"{word}, above {pair.rate:g}x over {promql(pair.long)} and {promql(pair.short)}"


def burn_words(burn: Burn) -> str:
    """`14x` and what it rests on."""
    if burn.rate is None:
        return "no requests" if burn.asked == 0 else "unknown"
    if burn.asked is None or burn.failed is None:
        return times(burn.rate)
    return f"{times(burn.rate)}  {burn.failed:,.0f} of {burn.asked:,.0f} failed"


def spending_words(spent: Spending) -> str:
    """`12 % of the budget, 1,204 of 9,120 requests failed, 03:04 to 03:21 UTC`."""
    span = f"{minute(spent.start)} to {minute(spent.end)} UTC"
    if spent.share is None:
        return f"unknown ({spent.missing}), {span}"
    counts = f", {spent.failed:,.0f} of {spent.asked:,.0f} requests failed" if spent.failed is not None else ""
    return f"{percent(spent.share)} of the budget{counts}, {span}"


def rows(
    found: Standing, spent: Spending | None = None, verdict: Verdict | None = None, risk: Risk = Risk.NORMAL
) -> list[tuple[str, str]]:
    """Everything known of a budget as names and words, in the order in which they are wanted."""
    slo = found.slo
    told = [("promise", promise(slo)), ("budget", allowance(slo, found.asked))]
    told.append(("left", _left_row(found)))
    if (rest := slo.to_go(found.at)) is not None:
        told.append(("to go", f"{percent(rest)} of the window, {spoken(rest * slo.window)}"))
    if spent is not None:
        told.append(("incident", spending_words(spent)))
    told += [("pace", pace_words(found)), ("alarm", alarm_words(found))]
    told += [(f"last {promql(at)}", burn_words(burn)) for at, burn in sorted(found.burns.items())]
    told.append(("counted", reading_words(slo)))
    if found.covered is not None and found.covered < _COMPLETE:
        told.append(("data", f"there is data for {percent(found.covered)} of the window"))
    if found.few:
        told.append(("careful", "this rests on few requests: one that fails alone burns faster than allowed"))
    if slo.note:
        told.append(("note", slo.note))
    if verdict is not None:
        told.append(("verdict", f"{verdict.go.value.upper()} for a {_RISKS[risk]}: {verdict.why}"))
    return told


def _left_row(found: Standing) -> str:
    if found.failed is None or found.asked is None:
        return left_words(found)
    return f"{left_words(found)}; {found.failed:,.0f} requests failed"


def as_json(found: Standing, spent: Spending | None, verdict: Verdict) -> dict[str, Any]:
    """The published shape of a budget. Shares are of the whole budget; what is unknown is null."""
    slo, pace = found.slo, found.pace
    return {
        "slo": slo.name,
        "service": slo.service,
        "objective": slo.objective,
        "window_seconds": slo.window,
        "window_to_go": slo.to_go(found.at),
        "at": iso(found.at),
        "counted_by": slo.sli.reading.value,
        "left": found.left,
        "requests": found.asked,
        "failed": found.failed,
        "burn_rate": pace.rate if pace else None,
        "burn_window_seconds": pace.window if pace else None,
        "empty_in_seconds": found.empty_in,
        "alarm": found.alarm.value,
        "burns": {
            promql(at): {"rate": burn.rate, "error_ratio": burn.ratio, "requests": burn.asked, "failed": burn.failed}
            for at, burn in sorted(found.burns.items())
        },
        "data_share": found.covered,
        "few_requests": found.few,
        "missing": found.missing or None,
        "incident": None if spent is None else _spending_json(spent),
        "verdict": verdict.go.value,
        "reason": verdict.why,
        "queries": [{"gives": what, "query": query} for what, query in found.queries],
        "source": slo.origin,
    }


def _spending_json(spent: Spending) -> dict[str, Any]:
    return {
        "from": iso(spent.start),
        "to": iso(spent.end),
        "share": spent.share,
        "requests": spent.asked,
        "failed": spent.failed,
        "error_ratio": spent.ratio,
        "missing": spent.missing or None,
        "queries": [{"gives": what, "query": query} for what, query in spent.queries],
    }
