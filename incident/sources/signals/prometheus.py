"""Prometheus: an alert's own value beside its limit, and the golden signals that common metric names give."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from incident.core.alert import Alert
from incident.core.expression import is_error_ratio, number, split_comparison
from incident.core.ports import Clock
from incident.core.signals import Series, Signal
from incident.core.text import one_line
from incident.errors import SourceError
from incident.sources.access import OPEN, Access
from incident.sources.failure import RefusedError
from incident.sources.http import Server

_POINTS = 30
_STEP = 60  # seconds between points: the last half hour
_AT_ONCE = 2  # requests under way
_ANSWER_LIMIT = 16 * 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an answer: its labels, and its values with their times in Unix seconds, oldest first."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """A signal, and the query that would give it; without a query, why there is none."""

    name: str
    unit: str = ""
    query: str = ""
    scale: float = 1.0
    limit: float | None = None
    floor: bool = False
    missing: str = ""


class _NoValueError(Exception):
    """A usable answer without the value that was asked for; the message says why."""


class Prometheus:
    """One Prometheus, or anything that speaks its query API."""

    def __init__(self, url: str, *, clock: Clock, name: str = "", access: Access = OPEN) -> None:
        """The server's URL with any path prefix. Raises UsageError."""
        self._server = Server(url, kind="a Prometheus", clock=clock, access=access, answer_limit=_ANSWER_LIMIT)
        self._name = one_line(name) or self._server.place.netloc
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @property
    def name(self) -> str:
        """The name on the screen."""
        return self._name

    async def read(self, alert: Alert) -> tuple[Signal, ...]:
        """The alert's own value first, then p99, traffic and saturation of its job. Raises SourceError."""
        questions = (_own(alert), *_guessed(alert))
        asked = [one for one in questions if one.query]
        answered: dict[str, Signal] = {}
        if asked:
            # One alone, so that nobody waits four times for a server that is gone.
            answered[asked[0].name] = await self._signal(asked[0], alert)
            rest = await asyncio.gather(*(self._signal_or_why(one, alert) for one in asked[1:]))
            answered |= {one.name: one for one in rest}
        now = self._clock.now()
        return tuple(answered.get(one.name) or _missing(one, one.missing, now) for one in questions)

    async def instant(self, query: str, at: datetime | None = None) -> tuple[Series, ...]:
        """What a query gives at a time, or now by the server's clock. Raises SourceError, with its words."""
        time = {} if at is None else {"time": f"{at.timestamp():.3f}"}
        return tuple(_series(sample) for sample in await self._ask("query", {"query": query, **time}))

    async def over(self, query: str, start: datetime, end: datetime, step: float) -> tuple[Series, ...]:
        """What a query gives from `start` to `end`, a point every `step` seconds. Raises SourceError."""
        span = {"start": f"{start.timestamp():.3f}", "end": f"{end.timestamp():.3f}", "step": f"{step:g}"}
        return tuple(_series(sample) for sample in await self._ask("query_range", {"query": query, **span}))

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._server.aclose()

    async def _signal_or_why(self, question: _Question, alert: Alert) -> Signal:
        try:
            return await self._signal(question, alert)
        except SourceError as error:
            return _missing(question, error.what, self._clock.now())

    async def _signal(self, question: _Question, alert: Alert) -> Signal:
        try:
            sample = _the_one(await self._ask("query", {"query": question.query}), alert.labels)
        except RefusedError as refused:
            return _missing(question, refused.what, self._clock.now())
        except _NoValueError as reason:
            return _missing(question, str(reason), self._clock.now())
        at, value = sample.points[-1]
        return Signal(
            name=question.name,
            value=value * question.scale,
            unit=question.unit,
            at=self._clock.now(),
            limit=question.limit,
            trend=await self._trend(question, sample.labels, at),
            query=question.query,
            floor=question.floor,
        )

    async def _trend(self, question: _Question, labels: Mapping[str, str], end: float) -> tuple[float, ...]:
        """The half hour up to the value, by the server's own clock; () when it cannot be had."""
        span = {"start": f"{end - (_POINTS - 1) * _STEP:.3f}", "end": f"{end:.3f}", "step": str(_STEP)}
        try:
            samples = await self._ask("query_range", {"query": question.query, **span})
        except SourceError:
            return ()
        points = next((one.points for one in samples if one.labels == labels), ())
        return tuple(value * question.scale for _, value in points if math.isfinite(value))

    async def _ask(self, what: str, params: Mapping[str, str]) -> tuple[Sample, ...]:
        async with self._turns:
            answer = await self._server.get_json(f"/api/v1/{what}", params)
        try:
            return parse(answer.data)
        except SourceError as error:
            at = f"{self._server.place.url}/api/v1/{what}"
            raise SourceError(error.what, at=at, hint="is this a Prometheus? a proxy may answer in its place") from None


def parse(payload: Any) -> tuple[Sample, ...]:
    """The series of an answer to a query, instant or over a range. Raises SourceError when it is none."""
    try:
        if payload["status"] != "success":
            raise SourceError("its answer is not a success")
        data = payload["data"]
        match data["resultType"]:
            case "vector":
                return tuple(_sample(one["metric"], [one["value"]] if "value" in one else []) for one in data["result"])
            case "matrix":
                return tuple(_sample(one["metric"], one.get("values", [])) for one in data["result"])
            case "scalar":
                return (_sample({}, [data["result"]]),)
            case other:
                raise SourceError(f"its answer is of the type {one_line(str(other), 60)}, not numbers")
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError):
        raise SourceError("its answer does not have the shape of a query's result") from None


def _sample(labels: Any, points: Any) -> Sample:
    named = {one_line(name): one_line(value) for name, value in labels.items()}
    return Sample(named, tuple((float(at), float(value)) for at, value in points))


def _series(sample: Sample) -> Series:
    return Series(sample.labels, tuple((datetime.fromtimestamp(at, UTC), value) for at, value in sample.points))


def _the_one(samples: tuple[Sample, ...], labels: Mapping[str, str]) -> Sample:
    """The series that is this alert's: no label of it contradicts the alert's. Raises _NoValueError."""
    if not samples:
        raise _NoValueError("the query finds no series")
    fitting = [one for one in samples if all(labels.get(key, value) == value for key, value in one.labels.items())]
    if len(fitting) != 1:
        how_many = f"{len(fitting)} of {len(samples)}" if fitting else f"none of {len(samples)}"
        raise _NoValueError(f"{how_many} series fit the alert's labels")
    if not fitting[0].points:
        raise _NoValueError("the query finds no value")
    if not math.isfinite(fitting[0].points[-1][1]):
        raise _NoValueError("the query gives no number: nothing to measure, or a division by 0")
    return fitting[0]


def _own(alert: Alert) -> _Question:
    """The alert's own value against its own limit."""
    if not alert.expression:
        return _Question("value", missing="the alert does not link to its rule's query")
    parts = split_comparison(alert.expression)
    if parts is None:
        return _Question("value", query=alert.expression)
    ordered = parts.operator not in ("==", "!=")
    question = _Question(
        "value",
        query=parts.query,
        limit=number(parts.limit) if ordered else None,
        floor=parts.operator in ("<", "<="),
    )
    if not is_error_ratio(parts.query):
        return question
    limit = None if question.limit is None else question.limit * 100
    return replace(question, name="errors", unit="%", scale=100.0, limit=limit)


def _guessed(alert: Alert) -> tuple[_Question, ...]:
    """Three signals of the job, from the metric names that most services have."""
    # Without its labels, an alert's service is the one job that its expression selects.
    job = alert.labels.get("job") or replace(alert, labels={}).service
    if not job:
        why = "neither the alert nor its query names a job"
        return tuple(_Question(name, missing=why) for name in ("p99", "traffic", "saturation"))
    chosen = f"job={json.dumps(job, ensure_ascii=False)}"
    seconds = "http_request_duration_seconds"
    return (
        _Question("p99", "s", f"histogram_quantile(0.99, sum by (le) (rate({seconds}_bucket{{{chosen}}}[5m])))"),
        _Question("traffic", "/s", f"sum(rate(http_requests_total{{{chosen}}}[5m]))"),
        # Seconds of work per second are the requests in flight on average (Little's law).
        _Question("saturation", " open", f"sum(rate({seconds}_sum{{{chosen}}}[5m]))"),
    )


def _missing(question: _Question, why: str, at: datetime) -> Signal:
    return Signal(question.name, None, question.unit, at, limit=question.limit, query=question.query, missing=why)
