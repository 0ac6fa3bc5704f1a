"""Alertmanager: what it says fires now, from one server or every member of a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from incident.core.alert import INFO_WORDS, PAGE_WORDS, Alert, AlertState
from incident.core.ports import Clock, Snapshot
from incident.core.text import one_line
from incident.core.when import from_iso
from incident.errors import SourceError, UsageError
from incident.sources.access import OPEN, Access
from incident.sources.alerts.payload import Reported, reported
from incident.sources.http import Server

_AT_ONCE = 2  # an Alertmanager answers 503 to more than a handful of requests at a time
_START_KEPT = timedelta(minutes=5)  # /status carries the whole configuration: not with every poll
_SAME_CLOCK = 2.0  # seconds that two clocks may differ before a time is moved from one to the other


def parse(
    payload: Any, source: str, page: frozenset[str] = PAGE_WORDS, info: frozenset[str] = INFO_WORDS
) -> tuple[Alert, ...]:
    """The alerts of an answer to GET /api/v2/alerts. Raises SourceError that names the element that is off."""
    return tuple(one.alert for one in reported(payload, source, page, info))


class Alertmanager:
    """Everything that fires, muted or not, merged over the members. Only all members failing is an error."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        clock: Clock,
        name: str = "",
        access: Access = OPEN,
        page: frozenset[str] = PAGE_WORDS,
        info: frozenset[str] = INFO_WORDS,
    ) -> None:
        """One URL per member of one cluster, with any path prefix. Raises UsageError."""
        listed = [urls] if isinstance(urls, str) else list(urls)
        if not listed:
            raise UsageError("an Alertmanager without a URL", hint="give one, for example http://localhost:9093")
        servers: dict[str, Server] = {}
        for url in listed:
            server = Server(url, kind="an Alertmanager", clock=clock, access=access)
            servers.setdefault(server.place.url, server)
        self._members = [_Member(server, clock) for server in servers.values()]
        self._name = one_line(name) or self._members[0].server.place.netloc
        self._words = (page, info)
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @property
    def name(self) -> str:
        """The name on the screen."""
        return self._name

    async def fetch(self) -> Snapshot:
        """Everything that fires now. Raises SourceError when no member gave a usable answer."""
        began = self._clock.monotonic()
        results = await asyncio.gather(*(self._ask(member) for member in self._members))
        answers = [one for one in results if isinstance(one, _Answered)]
        failures = [one for one in results if isinstance(one, SourceError)]
        if not answers:
            raise _none_answered(failures)
        starts = [one.up_since for one in answers if one.up_since is not None]
        offsets = [one.offset for one in answers if one.offset is not None]
        return Snapshot(
            alerts=await asyncio.to_thread(_merged, [one.alerts for one in answers]),
            at=self._clock.now(),
            took=self._clock.monotonic() - began,
            # A member that has been up for long knows what fires, however young the others are.
            up_since=min(starts, default=None),
            offset=max(offsets, key=abs, default=None),
            missing=tuple(f"{one.at}: {one.what}" for one in failures),
        )

    async def aclose(self) -> None:
        """Let go of connections."""
        for member in self._members:
            await member.server.aclose()

    async def _ask(self, member: _Member) -> _Answered | SourceError:
        async with self._turns:
            try:
                return await member.alerts(self._name, *self._words)
            except SourceError as error:
                return error


@dataclass(frozen=True, slots=True)
class _Answered:
    alerts: tuple[Reported, ...]
    offset: float | None
    up_since: datetime | None


class _Member:
    """One server, and when it started as far as that is known."""

    def __init__(self, server: Server, clock: Clock) -> None:
        self.server = server
        self._clock = clock
        self._started: datetime | None = None
        self._asked: datetime | None = None
        self._known: frozenset[str] = frozenset()

    async def alerts(self, source: str, page: frozenset[str], info: frozenset[str]) -> _Answered:
        """What this member says fires. Raises SourceError."""
        try:
            answer = await self.server.get_json("/api/v2/alerts")
            alerts = await asyncio.to_thread(reported, answer.data, source, page, info)
        except SourceError as error:
            self._asked = None  # it may come back as another process
            if error.at:
                raise
            raise SourceError(error.what, at=f"{self.server.place.url}/api/v2/alerts", hint=error.hint) from error
        fingerprints = frozenset(one.alert.fingerprint for one in alerts)
        await self._learn_start(some_vanished=not self._known <= fingerprints)
        self._known = fingerprints
        return _Answered(alerts, answer.offset, self._started)

    async def _learn_start(self, *, some_vanished: bool) -> None:
        """Ask when the server started, if that may have changed: a restart looks exactly like alerts that resolved."""
        now = self._clock.now()
        if self._asked is not None and not some_vanished and timedelta(0) <= now - self._asked < _START_KEPT:
            return
        self._started, self._asked = None, now
        try:
            answer = await self.server.get_json("/api/v2/status")
            started = from_iso(answer.data["uptime"])
        except (SourceError, LookupError, TypeError, ValueError, OverflowError, AttributeError):
            return  # it is only a reason for caution: without it the alerts are still the alerts
        offset = answer.offset or 0.0
        self._started = started - timedelta(seconds=offset) if abs(offset) > _SAME_CLOCK else started


def _merged(members: list[tuple[Reported, ...]]) -> tuple[Alert, ...]:
    """One alert per fingerprint: the newest report, with the earliest start and the loudest state.

    The start has to be the same from read to read, or one firing would look like two. A member that does not
    mute the alert notifies people, so it counts as active.
    """
    reports: dict[str, list[Reported]] = {}
    for alerts in members:
        for one in alerts:
            reports.setdefault(one.alert.fingerprint, []).append(one)
    merged = []
    for fingerprint in sorted(reports):
        alerts_of_one = [one.alert for one in reports[fingerprint]]
        newest = max(reports[fingerprint], key=lambda one: one.updated_at).alert
        states = {alert.state for alert in alerts_of_one}
        merged.append(
            replace(
                newest,
                starts_at=min(alert.starts_at for alert in alerts_of_one),
                state=next(state for state in AlertState if state in states),
            )
        )
    return tuple(merged)


def _none_answered(failures: Sequence[SourceError]) -> SourceError:
    if len(failures) == 1:
        return failures[0]
    reasons = "; ".join(f"{one.at}: {one.what}" for one in failures)
    return SourceError(f"none of its {len(failures)} members answered: {reasons}", hint=failures[0].hint)
