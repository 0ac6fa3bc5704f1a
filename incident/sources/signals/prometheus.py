"""Prometheus: an alert's own value beside its limit, and the golden signals of its service."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from incident.core.alert import Alert
from incident.core.ports import Clock
from incident.core.signals import Series, Signal
from incident.core.signals import discovery as known
from incident.core.signals.families import OF_A_PROCESS, OF_A_PROCESS_AT_LAST
from incident.core.signals.wanted import Wanted
from incident.core.text import one_line
from incident.core.when import clock as time_of
from incident.errors import SourceError
from incident.sources.access import OPEN, Access
from incident.sources.failure import RefusedError
from incident.sources.http import Server
from incident.sources.signals.questions import (
    GOLDEN,
    Question,
    configured,
    guessed,
    own,
    together,
    wants_more,
)

_POINTS = 30
_STEP = 60  # seconds between points: the last half hour
_AT_ONCE = 2  # requests under way
_ANSWER_LIMIT = 16 * 2**20  # bytes
_KNOWN_FOR = 600.0  # seconds that what exists is not asked for again
_OFF = timedelta(seconds=5)  # a clock that is further off than believed: what was asked for was another time
_NOBODY = "neither the alert nor its query names a job or a service"


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an answer: its labels, and its values with their times in Unix seconds, oldest first."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


class _NoValueError(Exception):
    """A usable answer without the value that was asked for; the message says why."""


class Prometheus:
    """One Prometheus, or anything that speaks its query API."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        name: str = "",
        access: Access = OPEN,
        plans: Mapping[str, Mapping[str, Wanted]] | None = None,
    ) -> None:
        """The server's URL with any path prefix; a team's own signals by service and name. Raises UsageError."""
        self._server = Server(url, kind="a Prometheus", clock=clock, access=access, answer_limit=_ANSWER_LIMIT)
        self._name = one_line(name) or self._server.place.netloc
        self._clock = clock
        self._plans = plans or {}
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._ahead = timedelta(0)  # of the server's clock before ours
        self._found: dict[tuple[str, ...], tuple[float, tuple[Question, ...]]] = {}  # with when it was found

    @property
    def name(self) -> str:
        """The name on the screen."""
        return self._name

    async def read(self, alert: Alert) -> tuple[Signal, ...]:
        """The alert's own value first, then the golden signals of its service. Raises SourceError."""
        ours, team = own(alert), configured(alert, self._plans)
        first: Signal | None = None
        if ours.query:
            # One alone, so that nobody waits many times for a server that is gone; it also tells the server's time.
            believed = self._ahead
            first = await self._signal(ours, alert)
            if abs(self._ahead - believed) > _OFF:
                first = await self._signal(ours, alert)
        found = await self._discovered(alert) if wants_more((ours, *team)) else ()
        questions = together(ours, team, found)
        rest = await asyncio.gather(*(self._signal_or_why(one, alert) for one in questions[1:]))
        if first is None and not alert.name:  # a service that was asked for by name has no value of its own
            return tuple(rest)
        return (first or self._missing(ours, ours.missing), *rest)

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

    # -- what exists --------------------------------------------------------------------------------------------

    async def _discovered(self, alert: Alert) -> tuple[Question, ...]:
        """The golden signals that the service's metrics give; asked for once in a while. Raises SourceError."""
        labels = tuple(alert.labels.get(label, "") for label in ("namespace", "pod", "instance"))
        key = (known.job_of(alert), alert.service, *labels)
        when, found = self._found.get(key, (-math.inf, ()))
        if self._clock.monotonic() - when > _KNOWN_FOR:
            found = await self._look_for(alert)
            self._found[key] = (self._clock.monotonic(), found)
        return found

    async def _look_for(self, alert: Alert) -> tuple[Question, ...]:
        asks = known.asks_service(alert)
        asked: list[str] = []
        if not asks:
            return tuple(Question(name, missing=_NOBODY) for name in GOLDEN)
        red: tuple[known.Guess, ...] = ()
        space = await self._room(alert, asked)
        for ask in asks:
            asked.append(ask.query)
            answer = await self._exists(ask)
            space = space or known.room(OF_A_PROCESS, ask, answer) or known.in_flight(ask, answer)
            space = space or known.room(OF_A_PROCESS_AT_LAST, ask, answer)
            if red := known.requests(ask, answer):
                break
        for ask in () if red else known.asks_proxies(alert):
            asked.append(ask.query)
            if red := known.requests(ask, await self._exists(ask)):
                break
        told = tuple(asked)
        why = f"no known metric has {' or '.join(one.selector.text for one in asks[:2])}"
        found = [guessed(guess, told) for guess in red]
        found += [Question(name, missing=why, asked=told) for name in GOLDEN[:3]] if not red else []
        return (*found, guessed(space, told) if space else Question("saturation", missing=why, asked=told))

    async def _room(self, alert: Alert, asked: list[str]) -> known.Guess | None:
        """How full the containers are, else the machine."""
        for ask, rooms in known.asks_room(alert):
            asked.append(ask.query)
            if space := known.room(rooms, ask, await self._exists(ask)):
                return space
        return None

    async def _exists(self, ask: known.Ask) -> tuple[Series, ...]:
        """What there is; a server that does not take the question has nothing."""
        try:
            return await self.instant(ask.query)
        except RefusedError:
            return ()

    # -- values -------------------------------------------------------------------------------------------------

    async def _signal_or_why(self, question: Question, alert: Alert) -> Signal:
        try:
            return await self._signal(question, alert)
        except SourceError as error:
            return self._missing(question, error.what)

    async def _signal(self, question: Question, alert: Alert) -> Signal:
        """The last half hour up to now, by the server's own clock as far as it is known. Raises SourceError."""
        if not question.query:
            return self._missing(question, question.missing)
        end = (self._clock.now() + self._ahead).timestamp()
        span = {"start": f"{end - (_POINTS - 1) * _STEP:.3f}", "end": f"{end:.3f}", "step": str(_STEP)}
        try:
            answer = await self._ask("query_range", {"query": question.query, **span})
            sample = _the_one(answer, alert.labels, end)
        except RefusedError as refused:
            return self._missing(question, refused.what)
        except _NoValueError as reason:
            return self._missing(question, str(reason))
        return Signal(
            name=question.name,
            value=sample.points[-1][1] * question.scale,
            unit=question.unit,
            at=self._clock.now(),
            limit=question.limit,
            trend=tuple(value * question.scale for _, value in sample.points if math.isfinite(value)),
            query=question.query,
            floor=question.floor,
            nature=question.nature,
            own=question.own,
            scale=question.scale,
            labels=sample.labels,
            origin=question.origin,
            asked=question.asked,
        )

    def _missing(self, question: Question, why: str) -> Signal:
        return Signal(
            question.name, None, question.unit, self._clock.now(), limit=question.limit, query=question.query,
            missing=why, floor=question.floor, nature=question.nature, own=question.own, scale=question.scale,
            origin=question.origin, asked=question.asked,
        )  # fmt: skip

    async def _ask(self, what: str, params: Mapping[str, str]) -> tuple[Sample, ...]:
        async with self._turns:
            answer = await self._server.get_json(f"/api/v1/{what}", params)
        if answer.offset is not None:
            self._ahead = timedelta(seconds=round(answer.offset)) if abs(answer.offset) > 2 else timedelta(0)
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


def _the_one(samples: Sequence[Sample], labels: Mapping[str, str], now: float) -> Sample:
    """The series that is this alert's and has a value now: no label of it contradicts the alert's.

    Raises _NoValueError.
    """
    if not samples:
        raise _NoValueError("the query finds no series")
    fitting = [one for one in samples if all(labels.get(key, value) == value for key, value in one.labels.items())]
    living = [one for one in fitting if one.points and now - one.points[-1][0] < _STEP / 2]
    if len(living) > 1 or not fitting:
        how_many = f"{len(living)} of {len(samples)}" if fitting else f"none of {len(samples)}"
        raise _NoValueError(f"{how_many} series fit the alert's labels")
    if not living:
        last = max((one.points[-1][0] for one in fitting if one.points), default=None)
        since = f" since {time_of(datetime.fromtimestamp(last, UTC))}" if last is not None else ""
        raise _NoValueError(f"the query finds no value{since}")
    if not math.isfinite(living[0].points[-1][1]):
        raise _NoValueError("the query gives no number: nothing to measure, or a division by 0")
    return living[0]
