"""What has to be asked to know how a budget stands: at most three queries for an objective."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.core.budget.burn import WINDOWS
from incident.core.budget.slo import Slo, over
from incident.core.budget.spans import HOUR, MINUTE, promql

LABEL = "slo_part"  # the label that tells the parts of a joined query apart
SHORT, WINDOW, DAYS = "short", "window", "days"
FAILED, GOOD, ASKED, RATIO, TRAILING = "failed", "good", "asked", "ratio", "trailing"
_POINTS = 28  # bars over the whole window
_MOST_POINTS = 10_000  # of one answer; Prometheus gives no more than 11,000


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: `step` 0 is a query for now, or for `end`; else its course from `start` to `end`."""

    what: str
    query: str
    start: datetime
    end: datetime
    step: float = 0.0  # seconds


def asks(slo: Slo, now: datetime) -> tuple[Ask, ...]:
    """What to ask at a time."""
    begin = slo.begins(now)
    span = max(1.0, (now - begin).total_seconds())
    if slo.sli.moment:
        return _courses(slo, now, begin, span)
    short = [(f"{name} {promql(at)}", over(query, at)) for at in windows(slo) for name, query in _measures(slo)]
    whole = [(name, over(query, span)) for name, query in _measures(slo)]
    if slo.since is not None and slo.sli.total:
        whole.append((TRAILING, over(slo.sli.total, slo.window)))
    step = step_of(span)
    first = begin + timedelta(seconds=step)
    daily = [(name, over(query, step)) for name, query in _measures(slo)]
    return (
        Ask(SHORT, joined(short), now, now),
        Ask(WINDOW, joined(whole), now, now),
        Ask(DAYS, joined(daily), first, now, step),
    )


def _courses(slo: Slo, now: datetime, begin: datetime, span: float) -> tuple[Ask, ...]:
    """A share at a moment is averaged here, from its course: finely where it is young."""
    query = slo.sli.moment
    return (
        Ask(SHORT, query, now - timedelta(seconds=HOUR), now, MINUTE / 2),
        Ask(WINDOW, query, begin, now, course_step(span)),
    )


def course_step(span: float) -> float:
    """The seconds between two points of a course: what is averaged over five minutes is not missed below 34 days."""
    return max(5.0 * MINUTE, round(span / _MOST_POINTS))


def windows(slo: Slo) -> tuple[int, ...]:
    """The lengths over which its burn is measured, in seconds."""
    return tuple(at for at in WINDOWS if at < slo.window)


def step_of(span: float) -> float:
    """The seconds of one bar: a day of four weeks."""
    return max(5.0 * MINUTE, round(span / _POINTS))


def _measures(slo: Slo) -> tuple[tuple[str, str], ...]:
    sli = slo.sli
    if sli.ratio:
        return ((RATIO, sli.ratio),)
    return ((FAILED, sli.bad) if sli.bad else (GOOD, sli.good), (ASKED, sli.total))


def joined(parts: Iterable[tuple[str, str]]) -> str:
    """Several queries as one: each one's series carry its key in a label."""
    return " or ".join(f'label_replace({query}, "{LABEL}", "{key}", "", "")' for key, query in parts)


def spans_asked(slo: Slo, start: datetime, end: datetime) -> tuple[Ask, ...]:
    """What to ask to know how much was spent between two times."""
    span = max(1.0, (end - start).total_seconds())
    if slo.sli.moment:
        return (Ask(SHORT, slo.sli.moment, start, end, max(5.0, round(span / 600))),)
    parts = [(name, over(query, span)) for name, query in _measures(slo)]
    if slo.sli.total:
        parts.append((TRAILING, over(slo.sli.total, slo.window)))
    return (Ask(SHORT, joined(parts), end, end),)


def written(slo: Slo, span: float) -> tuple[tuple[str, str], ...]:
    """The queries over one length of time as a person would type them: what each gives, and the query."""
    sli = slo.sli
    if sli.moment:
        return (("failed share now", sli.moment),)
    names = {FAILED: "failed", GOOD: "good", ASKED: "asked", RATIO: "failed share"}
    return tuple((f"{names[name]} in {promql(span)}", over(query, span)) for name, query in _measures(slo))
