"""How a budget stands: what is left of it, how fast it goes, and what these numbers rest on. Unknown stays unknown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from incident.core.budget.asking import (
    ASKED,
    DAYS,
    FAILED,
    GOOD,
    LABEL,
    RATIO,
    SHORT,
    TRAILING,
    WINDOW,
    course_step,
    step_of,
    windows,
    written,
)
from incident.core.budget.burn import Alarm, Burn, Pair, alarm_of, empties_in
from incident.core.budget.slo import Slo
from incident.core.budget.spans import HOUR, promql
from incident.core.signals import Series

Answers = Mapping[str, tuple[Series, ...]]  # by what was asked
_NO_SERIES = "the query finds no series, which is no proof of 0"
_YOUNG = 1800  # seconds
_SLACK = 1.05  # rates that Prometheus extrapolates may give a little more than there was


@dataclass(frozen=True, slots=True)
class Standing:
    """One budget at a time. Shares are of the whole budget; `left` below 0 is overspent, None is unknown."""

    slo: Slo
    at: datetime
    left: float | None = None
    missing: str = ""  # why there is no number
    asked: float | None = None  # requests in the window, where they are counted
    failed: float | None = None
    burns: Mapping[float, Burn] = field(default_factory=dict)  # by window, in seconds
    alarm: Alarm = Alarm.UNKNOWN
    pair: Pair | None = None  # what the alarm rests on
    covered: float | None = None  # the share of the window that there is data for
    days: tuple[float, ...] = ()  # the share of the budget spent in each part of the window, the oldest first
    queries: tuple[tuple[str, str], ...] = ()  # what each gives, and the query

    @property
    def pace(self) -> Burn | None:
        """The burn of the shortest window that rests on enough requests, else of the longest that is known.

        None when there is no data of the last half hour: what was before says nothing about now.
        """
        young = [burn for at, burn in self.burns.items() if at <= _YOUNG]
        if young and all(burn.rate is None and burn.asked != 0 for burn in young):
            return None
        known = [burn for _, burn in sorted(self.burns.items()) if burn.rate is not None]
        return next((burn for burn in known if not burn.few(self.slo.budget)), known[-1] if known else None)

    @property
    def empty_in(self) -> float | None:
        """Seconds until nothing is left at this pace; None when it lasts, or when that is not known."""
        pace = self.pace
        if self.left is None or self.left <= 0 or pace is None or pace.rate is None or pace.rate <= 1:
            return None
        seconds = empties_in(self.left, pace.rate, self.slo.window)
        rest = self.slo.to_go(self.at)
        return None if rest is not None and seconds >= rest * self.slo.window else seconds

    @property
    def few(self) -> bool:
        """Whether the pace rests on so few requests that one failure more would be an alarm."""
        pace = self.pace
        return pace is not None and pace.few(self.slo.budget)

    @property
    def patchy(self) -> bool:
        """Whether less than half of the window has data."""
        return self.covered is not None and self.covered < 0.5


def standing(slo: Slo, now: datetime, answers: Answers) -> Standing:
    """What the answers to `asks` say; what they do not say is unknown, with a reason."""
    begin = slo.begins(now)
    span = max(1.0, (now - begin).total_seconds())
    queries = written(slo, span)
    found = _from_courses(slo, now, answers, span) if slo.sli.moment else _from_counts(slo, now, answers, span)
    alarm, pair = alarm_of(found.burns, slo.window)
    return Standing(
        slo, now, found.left, found.missing, found.asked, found.failed, found.burns, alarm, pair,
        found.covered, found.days, queries,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    left: float | None = None
    missing: str = ""
    asked: float | None = None
    failed: float | None = None
    burns: Mapping[float, Burn] = field(default_factory=dict)
    covered: float | None = None
    days: tuple[float, ...] = ()


# -- counted, or a share over a window --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """A failed share and the requests behind it; `missing` says why there is none."""

    ratio: float | None = None
    asked: float | None = None
    failed: float | None = None
    missing: str = ""


def _from_counts(slo: Slo, now: datetime, answers: Answers, span: float) -> _Found:
    parts, short = parts_of(answers.get(WINDOW, ())), parts_of(answers.get(SHORT, ()))
    whole = share_in(slo, parts)
    proven = bool(whole.failed)  # a query that finds failures over the window is right, and a gap in it means none
    burns = {float(at): _burn(slo, at, share_in(slo, short, f" {promql(at)}", proven=proven)) for at in windows(slo)}
    covered, days = _by_day(slo, answers.get(DAYS, ()), span)
    if whole.ratio is None:
        return _Found(missing=whole.missing, asked=whole.asked, burns=burns, covered=covered)
    spent = _spent(slo, whole.ratio, whole.failed, span, parts)
    if spent is None:
        return _Found(None, "how many requests a whole window has is not known", whole.asked, whole.failed, burns,
                      covered)  # fmt: skip
    bars = tuple(share * spent for share in days)
    return _Found(round(1 - spent, 9), "", whole.asked, whole.failed, burns, covered, bars)


def _spent(
    slo: Slo, ratio: float, failed: float | None, span: float, parts: Mapping[str, Sequence[float]]
) -> float | None:
    """The share of the budget that the window has spent so far."""
    if slo.since is None:
        return ratio / slo.budget
    if failed is None:
        return ratio / slo.budget * min(1.0, span / slo.window)
    trailing = _one(parts, TRAILING)[0]
    return failed / (slo.budget * trailing) if trailing else None


def _burn(slo: Slo, window: float, share: Share) -> Burn:
    rate = None if share.ratio is None else share.ratio / slo.budget
    return Burn(float(window), share.ratio, rate, share.asked, share.failed)


def parts_of(series: Iterable[Series]) -> dict[str, list[float]]:
    """The newest values of a joined query's answer, by part."""
    found: dict[str, list[float]] = {}
    for one in series:
        if one.points:
            found.setdefault(one.labels.get(LABEL, ""), []).append(one.points[-1][1])
    return found


def share_in(slo: Slo, parts: Mapping[str, Sequence[float]], behind: str = "", *, proven: bool = False) -> Share:
    """The failed share among the parts whose keys end in `behind`.

    `proven` is whether the query for failed requests is known to find them, so that no series means no failure.
    """
    if slo.sli.ratio:
        ratio, why = _one(parts, f"{RATIO}{behind}")
        if ratio is None:
            return Share(missing=why)
        if not 0 <= ratio <= _SLACK:
            return Share(missing=f"the query gives {ratio:.4g}, and a failed share is between 0 and 1")
        return Share(min(1.0, ratio))
    asked, why = _one(parts, f"{ASKED}{behind}")
    if asked is None:
        return Share(missing=f"requests: {why}")
    if asked <= 0:
        return Share(asked=0.0, missing="there were no requests")
    key, name = (FAILED, "failed requests") if slo.sli.bad else (GOOD, "good requests")
    value, why = _one(parts, f"{key}{behind}")
    if value is None and proven and key == FAILED and f"{key}{behind}" not in parts:
        value = 0.0
    if value is None:
        return Share(asked=asked, missing=f"{name}: {why}")
    if not 0 <= value <= asked * _SLACK:
        return Share(asked=asked, missing=f"{value:,.0f} {name} of {asked:,.0f} cannot be; look at the queries")
    failed = min(asked, max(0.0, value if key == FAILED else asked - value))
    return Share(failed / asked, asked, failed)


def _one(parts: Mapping[str, Sequence[float]], key: str) -> tuple[float | None, str]:
    """The one value of a part, or why there is none."""
    values = parts.get(key, ())
    if not values:
        return None, _NO_SERIES
    if len(values) > 1:
        return None, f"the query gives {len(values)} series; sum them"
    return (values[0], "") if math.isfinite(values[0]) else (None, "the query gives no number")


def _by_day(slo: Slo, series: Sequence[Series], span: float) -> tuple[float | None, tuple[float, ...]]:
    """The share of the window with data, and how what was spent is spread over its parts (together 1)."""
    expected = max(1, int(span // step_of(span)))
    by_part: dict[str, dict[datetime, float]] = {}
    for one in series:
        values = {at: value for at, value in one.points if math.isfinite(value)}
        by_part.setdefault(one.labels.get(LABEL, ""), {}).update(values)
    base = by_part.get(RATIO if slo.sli.ratio else ASKED, {})
    if not base:
        return None, ()
    covered = min(1.0, len(base) / expected)
    if GOOD in by_part:
        failed = {at: max(0.0, asked - by_part[GOOD].get(at, asked)) for at, asked in base.items()}
    else:
        failed = base if slo.sli.ratio else by_part.get(FAILED, {})
    total = sum(failed.values())
    return covered, tuple(failed.get(at, 0.0) / total for at in sorted(base)) if total > 0 else ()


# -- a share at a moment ----------------------------------------------------------------------------------------------


def _from_courses(slo: Slo, now: datetime, answers: Answers, span: float) -> _Found:
    whole, why = course(slo, answers.get(WINDOW, ()))
    if why:
        return _Found(missing=why)
    fine, _ = course(slo, answers.get(SHORT, ()))
    burns = {}
    for at in windows(slo):
        since = now - timedelta(seconds=at)
        ratio = mean([value for time, value in (fine if at <= HOUR else whole) if time > since])
        burns[float(at)] = _burn(slo, at, Share(ratio))
    ratio = mean([value for _, value in whole])
    if ratio is None:
        return _Found(missing=_NO_SERIES, burns=burns)
    covered = min(1.0, len(whole) / max(1, int(span // course_step(span))))
    spent = ratio / slo.budget * (1.0 if slo.since is None else min(1.0, span / slo.window))
    return _Found(round(1 - spent, 9), "", burns=burns, covered=covered, days=_spread(whole, spent))


def course(slo: Slo, series: Sequence[Series]) -> tuple[list[tuple[datetime, float]], str]:
    """The failed share over time, and why there is none."""
    if len(series) > 1:
        return [], f"the query gives {len(series)} series; sum them"
    points = [(at, value * slo.sli.scale) for one in series for at, value in one.points if math.isfinite(value)]
    odd = next((value for _, value in points if not 0 <= value <= _SLACK), None)
    if odd is not None:
        return [], f"the query gives {odd:.4g}, and a failed share is between 0 and 1"
    return [(at, min(1.0, value)) for at, value in points], ""


def mean(values: Sequence[float]) -> float | None:
    """The average; None of nothing."""
    return sum(values) / len(values) if values else None


def _spread(points: Sequence[tuple[datetime, float]], spent: float) -> tuple[float, ...]:
    total = sum(value for _, value in points)
    if total <= 0:
        return ()
    size = max(1, math.ceil(len(points) / 28))
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return tuple(sum(value for _, value in group) / total * spent for group in groups)
