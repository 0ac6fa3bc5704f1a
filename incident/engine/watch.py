"""Looking at the outside again and again: what fires, and which runbook belongs to what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from incident.core.alert import Alert, AlertState, Severity, in_order
from incident.core.match import Match, match
from incident.core.ports import AlertSource, Listed, Snapshot
from incident.core.signals import Signal
from incident.engine.news import AlertsSeen, News
from incident.engine.parts import Parts
from incident.engine.signals import GoldenSignals
from incident.errors import SourceError

LONGEST_PAUSE = 60.0  # seconds between two looks at a slow server
RETRY_PAUSE = 30.0  # seconds at most between two tries at a server that does not answer


# A source's name, its full answer or None, and why there is none.
Answered = Callable[[str, Snapshot | None, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Status:
    """How a source does. `seen` is when it last answered."""

    name: str
    seen: datetime | None = None
    error: str = ""
    hint: str = ""
    took: float = 0.0

    @property
    def ok(self) -> bool:
        """Its last answer was good."""
        return self.seen is not None and not self.error


@dataclass(slots=True)
class Board:
    """What fires, as last seen, with the runbook that belongs to each alert."""

    alerts: dict[str, Alert] = field(default_factory=dict)  # by occurrence, in order
    matches: dict[str, Match] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Active alerts of this severity."""
        return sum(a.severity is severity and a.state is AlertState.ACTIVE for a in self.alerts.values())

    @property
    def muted(self) -> int:
        """Alerts that are silenced or inhibited."""
        return sum(a.state is not AlertState.ACTIVE for a in self.alerts.values())


class Watch:
    """Polls every source, one request of each in flight at a time."""

    def __init__(self, parts: Parts, tell: Callable[[News], None], golden: GoldenSignals) -> None:
        self._parts = parts
        self._golden = golden
        self._tell = tell
        self._wake: dict[str, asyncio.Event] = {}
        self._by_source: dict[str, tuple[Alert, ...]] = {}
        self._listing: tuple[Listed, ...] = ()
        # Not the engine's chance: how often we look must not change what is recorded.
        self._jitter = Random()  # noqa: S311 - spreads load, guards nothing
        self.board = Board()

    def look_now(self) -> None:
        """Ask every source at once instead of waiting for its turn."""
        for wake in self._wake.values():
            wake.set()

    async def run(self, answered: Answered) -> None:
        """Watch until cancelled; `answered` hears of every answer and every failure."""
        await asyncio.gather(*(self._follow(source, answered) for source in self._parts.alerts))

    async def look(self, source: AlertSource, answered: Answered) -> float:
        """Ask one source once; the seconds to wait before the next look."""
        now = self._parts.clock.now
        before = self.board.statuses.get(source.name, Status(source.name))
        try:
            snapshot = await source.fetch()
        except SourceError as failed:
            self.board.statuses[source.name] = replace(before, error=str(failed.what), hint=failed.hint)
            self._tell(AlertsSeen(source.name))
            await answered(source.name, None, failed.what)
            return min(RETRY_PAUSE, self._parts.settings.poll * 2)
        self.board.statuses[source.name] = Status(source.name, seen=now(), took=snapshot.took)
        await self._show(source.name, snapshot)
        self._tell(AlertsSeen(source.name))
        await answered(source.name, snapshot, "")
        pause = min(LONGEST_PAUSE, max(self._parts.settings.poll, snapshot.took * 10))
        return pause * (1 + self._jitter.random() / 10) if snapshot.took else pause

    async def signals(self, alert: Alert) -> tuple[Signal, ...]:
        """The golden signals beside an alert, at most some seconds old. Raises SourceError."""
        return await self._golden.read(alert)

    async def match_for(self, alert: Alert) -> Match:
        """Which runbook belongs to an alert, and why."""
        if alert.occurrence not in self.board.matches:
            await self._match([alert])
        return self.board.matches[alert.occurrence]

    async def _follow(self, source: AlertSource, answered: Answered) -> None:
        wake = self._wake.setdefault(source.name, asyncio.Event())
        while True:
            wake.clear()
            pause = await self.look(source, answered)
            waits = [asyncio.ensure_future(self._parts.clock.sleep(pause)), asyncio.ensure_future(wake.wait())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def _show(self, name: str, snapshot: Snapshot) -> None:
        self._by_source[name] = snapshot.alerts
        every = in_order([alert for alerts in self._by_source.values() for alert in alerts])
        alerts = {alert.occurrence: alert for alert in every}
        await self._match(every)
        self.board.alerts = alerts
        self.board.matches = {occurrence: self.board.matches[occurrence] for occurrence in alerts}

    async def _match(self, alerts: list[Alert]) -> None:
        listing = await asyncio.to_thread(self._parts.shelf.listing)
        if listing != self._listing:
            self._listing = listing
            self.board.matches = {}
        fresh = [alert for alert in alerts if alert.occurrence not in self.board.matches]
        if not fresh:
            return
        mapping = self._parts.settings.runbook_map
        found = await asyncio.to_thread(
            lambda: {a.occurrence: match(a.labels, a.annotations, listing, mapping) for a in fresh}
        )
        self.board.matches = {**self.board.matches, **found}
