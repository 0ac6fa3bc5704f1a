"""The history of alerts out of Prometheus: the series `ALERTS` over a range, as its HTTP API answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from incident.core.importing.row import Found, Told, found, in_time, json_of, key_of, nonsense
from incident.core.text import one_line
from incident.core.when import Precision

QUERY = 'ALERTS{alertstate="firing"}'
_HINT = f"give the answer of /api/v1/query_range to {QUERY}"
_NOT_SHOWN = frozenset({"__name__", "alertname", "alertstate", "severity"})
_LOST = 1.5  # steps without a value after which an alert did not fire


@dataclass(frozen=True, slots=True)
class Asked:
    """The range of a query, in seconds since 1970, and its step in seconds."""

    begin: float
    end: float
    step: float


@dataclass(frozen=True, slots=True)
class _Firing:
    """One alert from its first to its last value, in seconds since 1970."""

    labels: Mapping[str, str]
    first: float
    last: float


def parse(data: bytes, name: str, asked: Asked | None = None) -> Told:
    """The rows of a saved answer. Raises UsageError."""
    return told(json_of(data, name), name, asked)


def told(answer: Any, name: str, asked: Asked | None = None) -> Told:
    """When each alert fired and stopped. Raises UsageError with the place in the answer.

    Without `asked`, the range is what the values span. A value says that the alert fires at that moment, so a time is
    known to a step. What was firing at the first moment may have begun before, and what fires at the last goes on:
    neither is told as if it were known.
    """
    series = _series(answer, name)
    values = sorted({at for _, points in series for at in points})
    if not values:
        return Told((), (f"{name}: no alert fired in it",))
    asked = asked or Asked(values[0], values[-1], _step(values))
    rows = [row for labels, points in series for run in _runs(labels, points, asked.step) for row in _rows(run, asked)]
    return Told(in_time(rows), (f"the times are known to {asked.step:g} s",))


def _series(answer: Any, name: str) -> list[tuple[Mapping[str, str], list[float]]]:
    try:
        if answer["status"] != "success":
            raise nonsense(
                f"the answer is {one_line(str(answer.get('error') or answer['status']), 200)}", name, "status"
            )
        kind, result = answer["data"]["resultType"], list(answer["data"]["result"])
    except (LookupError, TypeError, AttributeError):
        raise nonsense("this is no answer of a Prometheus", name, "first value", _HINT) from None
    if kind != "matrix":
        raise nonsense(f"these are {one_line(str(kind), 60)} values and no range", name, "resultType", _HINT)
    made = [_one(each, name, number) for number, each in enumerate(result, 1)]
    return [(labels, points) for labels, points in made if labels.get("alertstate", "firing") == "firing"]


def _one(each: Any, name: str, number: int) -> tuple[Mapping[str, str], list[float]]:
    """A series as its labels and the moments at which the alert fired."""
    try:
        labels = {one_line(str(key), 200): one_line(str(value)) for key, value in each["metric"].items()}
        points = [(float(at), float(value)) for at, value in each.get("values", [])]
        if not all(math.isfinite(at) and 0 <= at < 10**11 for at, _ in points):
            raise ValueError("a time that is none")
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        raise nonsense("this is no series with times and values", name, f"series {number}", _HINT) from None
    if labels.get("__name__", "ALERTS") != "ALERTS" or not labels.get("alertname"):
        raise nonsense("this series is not ALERTS", name, f"series {number}", _HINT)
    return labels, sorted(at for at, value in points if value == 1)


def _step(values: Sequence[float]) -> float:
    """The shortest time between two moments with a value; 0 when there are no two."""
    return min((after - before for before, after in pairwise(values)), default=0.0)


def _runs(labels: Mapping[str, str], points: Sequence[float], step: float) -> list[_Firing]:
    """The times without a gap in which an alert fired."""
    runs: list[_Firing] = []
    for at in points:
        if runs and at - runs[-1].last <= step * _LOST:
            runs[-1] = _Firing(labels, runs[-1].first, at)
        else:
            runs.append(_Firing(labels, at, at))
    return runs


def _rows(run: _Firing, asked: Asked) -> list[Found]:
    labels = ", ".join(f"{key}={value}" for key, value in sorted(run.labels.items()) if key not in _NOT_SHOWN)
    what = " ".join(filter(None, (run.labels.get("severity", ""), run.labels["alertname"])))
    where = f" ({labels})" if labels else ""
    known = Precision.SECOND if asked.step <= 1 else Precision.MINUTE if asked.step <= 60 else Precision.ABOUT
    began = run.first - asked.begin > asked.step / 2
    text, exactly = (f"{what} fired", known) if began else (f"{what} was firing", Precision.ABOUT)
    identity = key_of(*(f"{key}={value}" for key, value in sorted(run.labels.items())))
    rows = [found(_at(run.first), text + where, f"{identity}@{run.first:.0f}/fired", precision=exactly)]
    gone = run.last + asked.step
    if asked.end - run.last > asked.step / 2 and asked.step:
        end = f"{identity}@{run.last:.0f}/resolved"
        rows.append(found(_at(gone), f"resolved {what}{where}", end, precision=known))
    return rows


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
