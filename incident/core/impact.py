"""What an alert's own expression can say of an incident's impact: which queries to ask, and what their answers mean."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.core.budget.spending import Spending
from incident.core.expression import is_error_ratio, split_comparison
from incident.core.facts import Measured, Milestone
from incident.core.incident import Incident
from incident.core.promql import Token, tokens
from incident.core.signals import Series

SHORTEST = timedelta(minutes=1)  # a window below this has too few samples to say anything
_POINTS = 240  # readings over a window, at most
_SCRAPES = 15.0  # seconds between two readings, at least
_TREND = 60  # values that are kept of a course
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+\Z")

REQUESTS_FAILED = "requests_failed"
REQUESTS = "requests"
RATIO_PEAK = "error_ratio_peak"
VALUE_PEAK = "value_peak"
BUDGET_SPENT = "error_budget_spent"


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which the impact is looked for; `over` is False while it has no end yet."""

    start: datetime
    end: datetime
    over: bool

    @property
    def seconds(self) -> int:
        """Its length in whole seconds."""
        return round((self.end - self.start).total_seconds())

    @property
    def step(self) -> float:
        """Seconds between two readings."""
        return max(_SCRAPES, float(math.ceil(self.seconds / _POINTS)))


@dataclass(frozen=True, slots=True)
class Question:
    """One number that is wanted, and the query for it: a course over the window, or one value at its end."""

    name: str
    query: str
    unit: str = ""
    course: bool = False
    scale: float = 1.0
    lowest: bool = False  # of the course the lowest value is the worst


def window_of(incident: Incident, now: datetime) -> Window | None:
    """From the start, else the detection, to the end as far as it is known; None when there is no time to look at."""
    marks = incident.milestones()
    begin = marks.get(Milestone.STARTED) or marks.get(Milestone.DETECTED)
    if begin is None:
        return None
    end = marks.get(Milestone.RESOLVED)
    ended = end.at if end else incident.closed_at
    window = Window(begin.at, ended or now, ended is not None)
    return window if window.end - window.start >= SHORTEST else None


def questions(expression: str, window: Window) -> tuple[Question, ...]:
    """What can be asked: of a ratio of failed requests three numbers, of any other comparison its worst value."""
    compared = split_comparison(expression)
    if compared is None:
        return ()
    if not is_error_ratio(compared.query):
        return (Question(VALUE_PEAK, compared.query, course=True, lowest=compared.operator in ("<", "<=")),)
    asked = [Question(RATIO_PEAK, compared.query, "%", course=True, scale=100.0)]
    halves = _halves(compared.query)
    for name, half in zip((REQUESTS_FAILED, REQUESTS), halves, strict=True):
        counted = _counted(half, window.seconds)
        asked += [Question(name, counted)] if counted else []
    return tuple(asked)


def answer(question: Question, window: Window, series: Sequence[Series], labels: Mapping[str, str]) -> Measured | None:
    """The number that an answer gives, if any. Series whose labels contradict the alert's are left out."""
    fitting = [one for one in series if all(labels.get(key, value) == value for key, value in one.labels.items())]
    if question.course:
        return _worst(question, window, fitting)
    values = [one.points[-1][1] for one in fitting if one.points]
    if not values or not all(map(math.isfinite, values)):
        return None
    how = "sum of increases over the incident, extrapolated to its ends"
    return Measured(question.name, sum(values), question.unit, question.query, window.start, window.end, how)


def _worst(question: Question, window: Window, series: Sequence[Series]) -> Measured | None:
    better = min if question.lowest else max
    worst = [
        (better(value for _, value in finite), finite)
        for one in series
        if (finite := [(at, value) for at, value in one.points if math.isfinite(value)])
    ]
    if not worst:
        return None
    value, points = better(worst, key=lambda pair: pair[0])
    side = "lowest" if question.lowest else "highest"
    how = f"{side} of {len(points)} readings, one every {window.step:g} s"
    return Measured(
        question.name, value * question.scale, question.unit, question.query, window.start, window.end, how,
        _trend(question, window, points),
    )  # fmt: skip


def _trend(question: Question, window: Window, points: Sequence[tuple[datetime, float]]) -> tuple[str, ...]:
    """The course in even pieces of the window, of each its worst value."""
    better = min if question.lowest else max
    pieces: list[list[float]] = [[] for _ in range(min(_TREND, max(2, math.ceil(window.seconds / window.step))))]
    for at, value in points:
        place = int((at - window.start).total_seconds() / max(1, window.seconds) * len(pieces))
        pieces[max(0, min(len(pieces) - 1, place))].append(value)
    return tuple(f"{better(piece) * question.scale:.6g}" if piece else "" for piece in pieces)


def _halves(query: str) -> tuple[str, str]:
    """What stands on both sides of a ratio's division, the one that is in the fewest brackets."""
    found = tokens(query)
    sign = min((one for one in found if one.text == "/"), key=lambda one: one.depth)
    begin, end = 0, len(query)
    for one in found:
        if one.depth == sign.depth - 1 and one.kind == "open" and one.start < sign.start:
            begin = one.start + 1
        if one.depth == sign.depth - 1 and one.kind == "close" and one.start > sign.start:
            end = one.start
            break
    return query[begin : sign.start].strip(), query[sign.start + 1 : end].strip()


def _counted(half: str, seconds: int) -> str:
    """A rate as the count over so many seconds; "" when it is not made of plain rates."""
    found = tokens(half)
    names = {one.text.lower() for one in found if one.kind == "word"}
    ranges = [place for place, one in enumerate(found) if one.text == "["]
    rates = [one for one in found if one.text in ("rate", "irate", "increase")]
    if not rates or len(rates) != len(ranges) or names & {"offset", "on", "ignoring", "group_left", "group_right"}:
        return ""
    if any(one.text in "@/*+-%^" for one in found if one.kind in ("arithmetic", "other")):
        return ""
    edits: list[tuple[Token, str]] = [(one, "increase") for one in rates]
    for place in ranges:
        inside = found[place + 1]
        if not _DURATION.match(inside.text) or found[place + 2].text != "]":
            return ""
        edits.append((inside, f"{seconds}s"))
    text, last = "", 0
    for one, instead in sorted(edits, key=lambda edit: edit[0].start):
        text += half[last : one.start] + instead
        last = one.start + len(one.text)
    return text + half[last:]


def spent(spendings: Sequence[Spending]) -> tuple[Measured, ...]:
    """The error budget that was spent: of several objectives the one that it cost most; with its requests."""
    known = [(one.share, one) for one in spendings if one.share is not None]
    if not known:
        return ()
    share, worst = max(known, key=lambda pair: pair[0])
    query = "; ".join(query for _, query in worst.queries)
    of = f"of {worst.slo.name}, {worst.slo.objective * 100:g} % over {worst.slo.window / 86400:g} days"
    found = [Measured(BUDGET_SPENT, share * 100, "%", query, worst.start, worst.end, of)]
    for name, count in ((REQUESTS_FAILED, worst.failed), (REQUESTS, worst.asked)):
        if count is not None:
            found.append(Measured(name, count, "", query, worst.start, worst.end, of))
    return tuple(found)
