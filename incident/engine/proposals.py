"""Watching what could be ticked or marked: reads the signals of the incidents that somebody works on."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from incident.core import facts
from incident.core.alert import Alert
from incident.core.facts import Milestone
from incident.core.freshness import age_query, interval_query, selections
from incident.core.incident import Incident
from incident.core.proposals import Course, Kind, Proposal, Reading, Seen, proposals
from incident.core.runbook import Runbook
from incident.core.signals import Signal
from incident.core.verification import LATENCIES, watch_of
from incident.engine.log import Log
from incident.engine.parts import Parts
from incident.engine.response import Record, Response
from incident.engine.runbooks import ReadRunbook
from incident.engine.watch import Watch
from incident.errors import IncidentError, SourceError, UsageError

LOOK = 15.0  # seconds between two readings
ATTENDED = timedelta(minutes=30)  # that an incident is watched on after somebody looked at it
NOT_AGAIN = timedelta(minutes=10)  # that a declined proposal stays away
ALERTS = 3  # of an incident whose signals are read: a server is not to be flooded during an outage
KEPT = 300  # readings of a signal
INTERVAL_AGE = timedelta(minutes=5)  # that the time between two values of a series is not asked for again


class Proposals:
    """What may be ticked or marked in each incident, and what a person said to it."""

    def __init__(
        self, parts: Parts, log: Log, watch: Watch, runbook: ReadRunbook, record: Record, response: Response
    ) -> None:
        self._parts = parts
        self._log = log
        self._watch = watch
        self._runbook = runbook
        self._record = record
        self._response = response
        self._attended: dict[str, datetime] = {}  # by incident: when somebody last looked at it
        self._books: dict[str, Runbook | None] = {}
        self._signals: dict[str, dict[str, Signal]] = {}  # by occurrence and name, as last read
        self._readings: dict[tuple[str, str], deque[Reading]] = {}  # by occurrence and name
        self._declined: dict[tuple[str, str], datetime] = {}  # by incident and key
        self._intervals: dict[str, tuple[datetime, float]] = {}  # by selection: when it was asked, seconds

    def attend(self, identity: str) -> None:
        """Somebody works on this incident: it is watched for a while."""
        self._attended[identity] = self._parts.clock.now()

    async def run(self) -> None:
        """Watch the attended incidents until cancelled."""
        while True:
            now = self._parts.clock.now()
            for identity, at in list(self._attended.items()):
                if now - at <= ATTENDED:
                    with contextlib.suppress(IncidentError):  # the journal may be back at the next look
                        await self.look(identity)
            await self._parts.clock.sleep(LOOK)

    async def look(self, identity: str) -> None:
        """Read the signals of an incident once."""
        incident = self._log.incident(identity)
        if not incident.is_open:
            return
        with contextlib.suppress(IncidentError):
            self._books[identity] = await self._runbook(identity)
        named = _named(self._books.get(identity))
        for record in list(incident.alerts.values())[:ALERTS]:
            await self._read(record.fired.occurrence, record.as_alert(), named)

    def of(self, identity: str) -> tuple[Proposal, ...]:
        """What may be accepted now; what a person declined lately is not among them."""
        now = self._parts.clock.now()
        found = proposals(self._log.incident(identity), self._books.get(identity), self._seen(identity), now)
        return tuple(one for one in found if not self._is_declined(identity, one.key, now))

    def for_step(self, identity: str, step: str) -> Proposal | None:
        """The proposal to tick a step."""
        return next((one for one in self.of(identity) if one.step is not None and one.step.id == step), None)

    async def accept(self, identity: str, key: str) -> Proposal:
        """Do what was proposed, with its evidence. Raises UsageError when it does not hold any more."""
        one = next((known for known in self.of(identity) if known.key == key), None)
        if one is None:
            raise UsageError("what was seen does not hold any more", hint="nothing was recorded")
        if one.step is not None:
            await self._response.tick(identity, one.step, because=one.words, evidence=one.evidence)
        else:
            milestone = Milestone.MITIGATED if one.kind is Kind.MITIGATED else Milestone.RESOLVED
            fact = facts.MilestoneSet(milestone.value, one.words, one.evidence)
            await self._record(identity, fact, at=one.at, precision=one.precision, source="person")
        return one

    def decline(self, identity: str, keys: Iterable[str]) -> None:
        """A person says that it is not so; the same is not proposed again at once."""
        now = self._parts.clock.now()
        self._declined |= {(identity, key): now for key in keys}

    def taken_back(self, identity: str, step: str) -> None:
        """A person took a tick back: it is not proposed again at once."""
        self.decline(identity, (f"{Kind.TICK}:{step}",))

    def _is_declined(self, identity: str, key: str, now: datetime) -> bool:
        at = self._declined.get((identity, key))
        return at is not None and now - at < NOT_AGAIN

    # -- what is seen -------------------------------------------------------------------------------------------

    def _seen(self, identity: str) -> Seen:
        incident: Incident = self._log.incident(identity)
        courses = {occurrence: self._courses(occurrence) for occurrence in incident.alerts}
        statuses = self._watch.board.statuses.values()
        return Seen(courses, {one.name: one.seen for one in statuses if one.ok and one.seen is not None})

    def _courses(self, occurrence: str) -> tuple[Course, ...]:
        return tuple(
            Course(
                signal.name,
                signal.unit,
                signal.query,
                signal.limit,
                signal.floor,
                tuple(self._readings.get((occurrence, name), ())),
                signal.own,
            )
            for name, signal in self._signals.get(occurrence, {}).items()
        )

    async def _read(self, occurrence: str, alert: Alert, named: frozenset[str]) -> None:
        """Take one reading of each signal; one that cannot be had is a reading, too."""
        known = self._signals.setdefault(occurrence, {})
        try:
            found = {signal.name: signal for signal in await self._watch.signals(alert)}
        except SourceError:
            found = {}
        now = self._parts.clock.now()
        for name in {**known, **found}:
            signal = found.get(name)
            if signal is not None:
                known[name] = signal
            readings = self._readings.setdefault((occurrence, name), deque(maxlen=KEPT))
            if signal is None:
                readings.append(Reading(now, None))
            elif (signal.limit is not None or name in named) and (not readings or signal.at != readings[-1].at):
                readings.append(await self._reading(signal))

    async def _reading(self, signal: Signal) -> Reading:
        """A value with its age, which costs the server two more small queries."""
        if signal.value is None or signal.stale:
            return Reading(signal.at, None)
        if self._parts.settings.simulated:  # a drill's values are made in the moment in which they are asked for
            return Reading(signal.at, signal.value, 0.0, LOOK)
        try:
            ages = [await self._age(selection) for selection in selections(signal.query)]
        except SourceError:
            return Reading(signal.at, None)
        known = [one for one in ages if one is not None]
        if not ages or len(known) != len(ages):
            return Reading(signal.at, signal.value)
        worst = max(known, key=lambda one: one[0] / one[1])
        return Reading(signal.at, signal.value, *worst)

    async def _age(self, selection: str) -> tuple[float, float] | None:
        """How old a selection's newest value is, and how far its values are apart, in seconds. Raises SourceError."""
        now = self._parts.clock.now()
        asked, interval = self._intervals.get(selection, (None, 0.0))
        if asked is None or now - asked > INTERVAL_AGE:
            found = await self._number(interval_query(selection))
            if found is None or not found > 0:
                return None
            interval = found
            self._intervals[selection] = now, interval
        age = await self._number(age_query(selection))
        return None if age is None else (age, interval)

    async def _number(self, query: str) -> float | None:
        if self._parts.signals is None:
            return None
        series = await self._parts.signals.instant(query)
        return series[0].points[-1][1] if len(series) == 1 and series[0].points else None


def _named(book: Runbook | None) -> frozenset[str]:
    """The signals that the runbook's steps name."""
    watched = [watch_of(step, book) for step in book.steps] if book else []
    names = {name for watch in watched if watch is not None for name in watch.signals}
    return frozenset(names | (LATENCIES if "latency" in names else frozenset()))
