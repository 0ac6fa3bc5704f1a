"""Looking for the start in the data: roughly over hours, then as exactly as the values were taken."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from incident.core.alert import Alert
from incident.core.expression import with_zeros
from incident.core.onset import NotFound, Onset, onset, widened
from incident.core.ports import Clock, SignalSource
from incident.core.promql import quoted, sharpened
from incident.core.signals import Nature, Point, Series, Signal
from incident.core.signals.discovery import job_of
from incident.errors import SourceError

SPANS = ((timedelta(hours=6), 60.0), (timedelta(days=3), 600.0))  # how far back, with seconds between two values
YOUNG = (timedelta(minutes=30), 2.0)  # the same where there is little to look at yet
TRIED = 3  # signals, the alert's own first
SAMPLES = 4  # values that a rate is made of at least
_UNKNOWN = 60.0  # seconds between two values where nothing says how many
_WINDOWS = ("60s:1s", "600s:15s")  # in which two values are looked for, the second one for values that are rare


class Onsets:
    """Asks for the course of an alert's signals before it fired."""

    def __init__(self, source: SignalSource | None, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self.asked: dict[str, list[tuple[str, str]]] = {}  # by occurrence: what for, and the query

    async def start(self, alert: Alert, signals: Sequence[Signal]) -> tuple[str, Onset | NotFound]:
        """The signal that shows it, and when it started; else the first signal's reason. Raises SourceError."""
        reasons: list[tuple[str, NotFound]] = []
        apart = await self._apart(alert)
        for signal in _likely(signals)[:TRIED]:
            found = await self._of(signal, alert, apart)
            if isinstance(found, Onset):
                return signal.name, found
            reasons.append((signal.name, found))
        return reasons[0] if reasons else ("", NotFound("there is no signal whose course could show it"))

    async def _of(self, signal: Signal, alert: Alert, apart: float) -> Onset | NotFound:
        """When one signal left its usual level before the alert fired."""
        falls = signal.floor if signal.limit is not None else None
        found: Onset | NotFound = NotFound("there are no values before the alert")
        step = apart
        for span, between in (*SPANS, YOUNG):
            step = max(between, apart)
            found = await self._look(signal, alert, (alert.starts_at - span, alert.starts_at), step, apart, falls)
            if isinstance(found, Onset) or not (found.early or found.few):
                break
        while isinstance(found, Onset) and step > apart:
            finer = max(apart, min(60.0, step / 10))
            around = (found.after - timedelta(seconds=20 * finer), found.by + timedelta(seconds=max(step, 4 * finer)))
            closer = await self._look(signal, alert, around, finer, apart, found.level < found.before)
            if not isinstance(closer, Onset) or abs((closer.by - found.by).total_seconds()) > 2 * step:
                break
            found, step = replace(closer, slow=found.slow), finer
        return widened(found, timedelta(seconds=apart)) if isinstance(found, Onset) else found

    async def _look(
        self, signal: Signal, alert: Alert, around: tuple[datetime, datetime], step: float, apart: float,
        falls: bool | None,
    ) -> Onset | NotFound:  # fmt: skip
        """One pass over a time, with the shortest rates that its steps and the values allow."""
        start, end = around[0], min(self._clock.now(), around[1] + timedelta(seconds=3 * step))
        query = with_zeros(sharpened(signal.query, max(step, SAMPLES * apart)))
        points = await self._course(alert, query, signal, start, end, step)
        if not points and query != signal.query:
            query = signal.query
            points = await self._course(alert, query, signal, start, end, step)
        found = onset(points, falls=falls)
        return replace(found, query=query) if isinstance(found, Onset) else found

    async def _course(
        self, alert: Alert, query: str, signal: Signal, start: datetime, end: datetime, step: float
    ) -> tuple[Point, ...]:
        """A query's values for the signal's series; () where the source cannot give them."""
        if self._source is None:
            return ()
        self._note(alert, "when it started", query)
        try:
            answer = await self._source.over(query, start, end, step)
        except SourceError:
            if query == signal.query:
                raise
            return ()
        return tuple((at, value * signal.scale) for at, value in series_of(answer, signal.labels))

    async def _apart(self, alert: Alert) -> float:
        """Seconds between two values of the alert's job, as they are taken now."""
        job = job_of(alert)
        if not job or self._source is None:
            return _UNKNOWN
        for window in _WINDOWS:
            times = f"timestamp(up{{job={quoted(job)}}})[{window}]"
            # Between the first and the last value there are as many gaps as there are changes; a young job has few.
            query = f"min((max_over_time({times}) - min_over_time({times})) / changes({times}))"
            self._note(alert, "how often values are taken", query)
            try:
                answer = await self._source.instant(query)
            except SourceError:
                return _UNKNOWN
            seconds = answer[0].points[-1][1] if answer and answer[0].points else math.nan
            if math.isfinite(seconds) and seconds > 0:
                return min(_UNKNOWN, max(1.0, round(seconds)))
        return _UNKNOWN

    def _note(self, alert: Alert, purpose: str, query: str) -> None:
        known = self.asked.setdefault(alert.occurrence, [])
        if (purpose, query) not in known:
            known.append((purpose, query))


def series_of(answer: Sequence[Series], labels: Mapping[str, str]) -> tuple[Point, ...]:
    """The points of one series; a query that gives just one has no need of its labels."""
    found = [one for one in answer if one.labels == labels]
    return found[0].points if found else answer[0].points if len(answer) == 1 else ()


def _likely(signals: Sequence[Signal]) -> list[Signal]:
    """Those that may show the start: the alert's own, then what is beyond its limit, then the other symptoms."""
    known = [one for one in signals if one.query and one.value is not None]
    return sorted(known, key=lambda one: (not one.own, not one.beyond, one.nature is not Nature.SYMPTOM))
