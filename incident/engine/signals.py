"""The golden signals of what is looked at: one round of questions at a time, what was usual, and since when."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from incident.core.alert import Alert
from incident.core.onset import NotFound, Onset
from incident.core.ports import Clock, SignalSource
from incident.core.signals import Point, Signal
from incident.core.when import age
from incident.engine.asked import AskedSource
from incident.engine.onsets import Onsets, series_of
from incident.errors import SourceError

LONGEST = timedelta(seconds=60)  # that values of a slow server are kept before they are asked for again
EARLY = 0.9  # of the time between two rounds: who looks once in that time may look a little early
REST = 5  # times as long as a round took is waited before the next one
PAST_FOR = 600.0  # seconds that the values of yesterday and last week are kept
START_AGAIN = 120.0  # seconds after which a start that was not found is looked for again
KEPT = 200  # alerts whose values are kept
_NEVER = datetime.min.replace(tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(slots=True)
class _Known:
    """What is known beside one alert."""

    at: datetime  # when it was last asked for
    took: float = 0.0  # seconds
    signals: tuple[Signal, ...] = ()  # the last good ones
    failed: SourceError | None = None  # why the last round gave nothing


class GoldenSignals:
    """Asks the signal source. A round begins when the one before it is over, whatever it is about."""

    def __init__(
        self, source: SignalSource | None, clock: Clock, least: float, responded: Callable[[Alert], bool]
    ) -> None:
        """`least` is the shortest time in seconds between two rounds about one alert.

        `responded` says whether somebody responds to an alert: then it is also looked for when it started.
        """
        self._source = source
        self._clock = clock
        self._least = timedelta(seconds=least * EARLY)
        self._responded = responded
        self._known: dict[str, _Known] = {}  # by fingerprint
        self._round: asyncio.Task[None] | None = None
        self._answered: asyncio.Future[None] | None = None  # the round's values are there
        self._waiting = 0  # callers who wait for a round of another alert
        self._past: dict[tuple[str, str], tuple[float, float | None, float | None]] = {}  # by query and series
        self._starts: dict[str, tuple[float, str, Onset | NotFound]] = {}  # by occurrence: when, whose, what
        self.onsets = Onsets(source, clock)

    async def read(self, alert: Alert) -> tuple[Signal, ...]:
        """The signals beside an alert, some seconds old at most. Raises SourceError when the last round failed."""
        if self._source is None:
            return ()
        while not self._is_fresh(alert):
            await self._turn(alert)
        known = self._known[alert.fingerprint]
        if known.failed is not None:
            raise known.failed
        if self._wants_start(alert) and (self._round is None or self._round.done()):
            self._round = asyncio.create_task(self._find_start(alert))
        return self._told(alert, known.signals)

    async def shown(self, alert: Alert) -> tuple[Signal, ...]:
        """The same for a screen: of a source that is gone, the last good values with their age. Raises SourceError."""
        try:
            return await self.read(alert)
        except SourceError as failed:
            known = self._known.get(alert.fingerprint)
            if known is None or not known.signals:
                raise
            now = self._clock.now()
            return tuple(
                replace(one, stale=f"{age(now - one.at)} old: {failed.what}")
                for one in self._told(alert, known.signals)
            )

    async def settled(self, alert: Alert) -> tuple[Signal, ...]:
        """The signals when all that is asked about their past was answered. Raises SourceError."""
        await self.read(alert)
        if self._round is not None:
            await asyncio.wait({self._round})
        return await self.read(alert)

    async def course(self, signal: Signal, start: datetime, end: datetime, step: float) -> tuple[Point, ...]:
        """A signal over time, in its own unit. Raises SourceError."""
        if self._source is None or not signal.query:
            return ()
        answer = await self._source.over(signal.query, start, end, step)
        return tuple((at, value * signal.scale) for at, value in series_of(answer, signal.labels))

    def start_of(self, alert: Alert) -> tuple[Signal | None, str]:
        """The signal whose course shows when it started; without one, why there is none."""
        _, name, found = self._starts.get(alert.occurrence, (0.0, "", NotFound("it was not looked for yet")))
        if isinstance(found, NotFound):
            return None, found.why
        known = self._known.get(alert.fingerprint)
        signal = next((one for one in known.signals if one.name == name), None) if known else None
        return (replace(signal, since=found), "") if signal else (None, "its signal cannot be had now")

    def again(self, alert: Alert) -> None:
        """Count what is known beside an alert as old, so that it is asked for at once when it is looked at."""
        if alert.fingerprint in self._known:
            self._known[alert.fingerprint].at = _NEVER
        if isinstance(self._starts.get(alert.occurrence, (0.0, "", None))[2], NotFound):
            del self._starts[alert.occurrence]

    def queries(self, alert: Alert) -> tuple[tuple[str, str], ...]:
        """Every query that was sent, and what each is for: those for this alert first, then what else was asked."""
        known = self._known.get(alert.fingerprint)
        signals = known.signals if known else ()
        named = [(f"{one.name}: value and course", one.query) for one in signals if one.query]
        named += [("which metrics there are", query) for one in signals for query in one.asked]
        named += self.onsets.asked.get(alert.occurrence, ())
        if isinstance(self._source, AskedSource):
            named += [("asked elsewhere in this console", query) for query in reversed(self._source.queries)]
        distinct: dict[str, str] = {}
        for purpose, query in named:
            distinct.setdefault(query, purpose)
        return tuple((purpose, query) for query, purpose in distinct.items())

    async def close(self) -> None:
        """Ask nothing more."""
        if self._round is not None:
            self._round.cancel()
            await asyncio.gather(self._round, return_exceptions=True)

    # -- one round ----------------------------------------------------------------------------------------------

    def _is_fresh(self, alert: Alert) -> bool:
        known = self._known.get(alert.fingerprint)
        if known is None:
            return False
        patience = max(self._least, timedelta(seconds=known.took * REST))
        return self._clock.now() - known.at < min(LONGEST, patience)

    async def _turn(self, alert: Alert) -> None:
        """Wait for the values of the round that runs, else for its end; begin one when there is none."""
        if self._answered is not None and not self._answered.done():
            await asyncio.wait({self._answered})
        elif self._round is not None and not self._round.done():
            self._waiting += 1
            try:
                await asyncio.wait({self._round})
            finally:
                self._waiting -= 1
        else:
            self._answered = asyncio.get_running_loop().create_future()
            self._round = asyncio.create_task(self._ask(alert, self._answered))

    async def _ask(self, alert: Alert, answered: asyncio.Future[None]) -> None:
        """Read, let whoever waits go on, then look at the past."""
        try:
            await self._read(alert)
        finally:
            if not answered.done():
                answered.set_result(None)
        with contextlib.suppress(SourceError):
            await self._look_back(alert)

    async def _read(self, alert: Alert) -> None:
        source, clock = self._source, self._clock
        if source is None:
            return
        known = self._known.pop(alert.fingerprint, None) or _Known(_NEVER)
        while len(self._known) >= KEPT:
            del self._known[next(iter(self._known))]
        self._known[alert.fingerprint] = known
        asked, began = clock.now(), clock.monotonic()
        # However it ends, it was asked: a round that breaks must not be begun again and again.
        outcome: SourceError | None = SourceError("the question was not finished", hint="it will be asked again")
        try:
            known.signals, outcome = await source.read(alert), None
        except SourceError as failed:
            outcome = failed
        finally:
            known.failed, known.at, known.took = outcome, asked, clock.monotonic() - began

    async def _look_back(self, alert: Alert) -> None:
        """Yesterday, last week, and the start; whoever waits with another alert goes first. Raises SourceError."""
        known = self._known[alert.fingerprint]
        for signal in known.signals if known.failed is None else ():
            if self._waiting:
                return
            await self._compare(signal)
        if known.failed is None and not self._waiting and self._wants_start(alert):
            await self._find_start(alert)

    def _wants_start(self, alert: Alert) -> bool:
        """Whether somebody responds to the alert, and it is not known when it started, nor was just looked for."""
        when, _, found = self._starts.get(alert.occurrence, (-math.inf, "", NotFound("")))
        due = isinstance(found, NotFound) and self._clock.monotonic() - when > START_AGAIN
        return due and self._responded(alert)

    async def _find_start(self, alert: Alert) -> None:
        """Look for the start in the courses of the signals."""
        name: str = ""
        found: Onset | NotFound
        try:
            name, found = await self.onsets.start(alert, self._known[alert.fingerprint].signals)
        except SourceError as failed:
            found = NotFound(f"it could not be looked for: {failed.what}")
        self._starts[alert.occurrence] = (self._clock.monotonic(), name, found)

    async def _compare(self, signal: Signal) -> None:
        """What a signal was at this time of day, a day and a week ago."""
        source, now = self._source, self._clock
        key = _series(signal)
        when, *_ = self._past.get(key, (None, None, None))
        if source is None or signal.value is None or not signal.query:
            return
        if when is not None and now.monotonic() - when < PAST_FOR:
            return
        values = await asyncio.gather(*(self._at(signal, signal.at - back) for back in (DAY, WEEK)))
        self._past[key] = (now.monotonic(), values[0], values[1])

    async def _at(self, signal: Signal, at: datetime) -> float | None:
        """A signal's value at a time; None where there is none."""
        if self._source is None:
            return None
        points = series_of(await self._source.instant(signal.query, at), signal.labels)
        known = [value for _, value in points if math.isfinite(value)]
        return known[-1] * signal.scale if known else None

    def _told(self, alert: Alert, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
        """The signals with what is known of their past."""
        _, name, found = self._starts.get(alert.occurrence, (0.0, "", None))
        told = []
        for one in signals:
            _, yesterday, last_week = self._past.get(_series(one), (0.0, None, None))
            since = found if isinstance(found, Onset) and one.name == name else None
            usual = one.usual if one.usual is not None else last_week if last_week is not None else yesterday
            told.append(replace(one, yesterday=yesterday, last_week=last_week, usual=usual, since=since))
        return tuple(told)


def _series(signal: Signal) -> tuple[str, str]:
    """Which series of which query it is."""
    return signal.query, repr(sorted(signal.labels.items()))
