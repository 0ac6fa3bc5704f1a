"""What goes onto a timeline by itself: alerts that end or come back, sources lost, changes and signals as evidence."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from incident.core import facts
from incident.core.alert import Alert
from incident.core.clocks import worth_recording
from incident.core.incident import Incident
from incident.core.ports import Snapshot
from incident.core.signals import Signal
from incident.engine.changes import Changes
from incident.engine.log import Log
from incident.engine.parts import Parts
from incident.engine.response import Record
from incident.engine.watch import Watch
from incident.errors import SourceError

YOUNG = timedelta(minutes=2)  # a server started since an alert was last seen is not believed for this long


def fired(alert: Alert) -> facts.AlertFired:
    """An alert as the fact that it fired."""
    return facts.AlertFired(
        occurrence=alert.occurrence,
        fingerprint=alert.fingerprint,
        name=alert.name,
        severity=alert.severity.value,
        starts_at=alert.starts_at,
        source=alert.source,
        labels=alert.labels,
        annotations=alert.annotations,
        expression=alert.expression,
    )


def acknowledged(alert: Alert) -> facts.Acknowledged:
    """An alert as the fact that somebody is on it."""
    return facts.Acknowledged(alert.occurrence, alert.name)


class Evidence:
    """Records facts that nobody typed."""

    def __init__(self, parts: Parts, log: Log, watch: Watch, changes: Changes, record: Record) -> None:
        self._parts = parts
        self._log = log
        self._watch = watch
        self._changes = changes
        self._record = record
        self._last_seen: dict[str, datetime] = {}  # by occurrence
        self._offsets: dict[tuple[str, str], float] = {}  # as recorded, by incident and source
        self._lost: set[str] = set()  # sources that do not answer

    async def source_answered(self, source: str, snapshot: Snapshot | None, reason: str) -> None:
        """Compare what a source says with the open incidents."""
        if snapshot is None:
            await self._source_lost(source, reason)
            return
        if source in self._lost:
            self._lost.discard(source)
            for incident in self._concerned(source):
                await self._record(incident.id, facts.SourceBack(source), source=source)
        await self._look_at_offset(source, snapshot.offset)
        firing = {alert.occurrence: alert for alert in snapshot.alerts}
        for occurrence in firing:
            self._last_seen[occurrence] = snapshot.at
        for incident in self._log.open_incidents():
            await self._compare(incident, source, firing, snapshot)

    async def gather(self, identity: str) -> None:
        """Put the likely changes before an incident and its signals onto the timeline."""
        await self._changes.gather(self._log.incident(identity))
        # The screen says when the signals cannot be had; the timeline holds what was seen.
        with contextlib.suppress(SourceError):
            await self.sample(identity)

    async def sample(self, identity: str) -> int:
        """Put the signals' values beside the incident's first alert on the timeline; how many. Raises SourceError."""
        records = list(self._log.incident(identity).alerts.values())
        if not records or self._parts.signals is None:
            return 0
        signals = await self._watch.signals(records[0].as_alert())
        seen = [(s, s.value) for s in signals if s.value is not None and not s.minor]
        for signal, value in seen:
            await self._record(identity, _sample(signal, value), at=signal.at, source=self._parts.signals.name)
        return len(seen)

    async def _compare(self, incident: Incident, source: str, firing: dict[str, Alert], snapshot: Snapshot) -> None:
        for record in incident.alerts.values():
            was = record.fired
            if was.source != source or record.resolved_at is not None:
                continue
            if was.occurrence not in firing and self._believable(was, snapshot):
                gone = facts.AlertResolved(was.occurrence, was.name)
                await self._record(incident.id, gone, at=snapshot.at, source=source)
        ours = {record.fired.fingerprint for record in incident.alerts.values() if record.fired.source == source}
        for alert in firing.values():
            if alert.fingerprint in ours and alert.occurrence not in incident.alerts:
                await self._record(incident.id, fired(alert), at=alert.starts_at, source=source)

    async def _look_at_offset(self, source: str, offset: float | None) -> None:
        """How far this machine's clock is from the server's, where that is new."""
        for incident in self._concerned(source):
            recorded = self._offsets.get((incident.id, source))
            if (checked := worth_recording(source, offset, recorded)) is not None:
                self._offsets[incident.id, source] = checked.offset
                await self._record(incident.id, checked, source=source)

    def _believable(self, was: facts.AlertFired, snapshot: Snapshot) -> bool:
        """A server that restarted since it last named the alert answers "nothing fires" until it has heard again."""
        seen = self._last_seen.get(was.occurrence, was.starts_at)
        up_since = snapshot.up_since
        return up_since is None or up_since <= seen or snapshot.at - up_since > YOUNG

    async def _source_lost(self, source: str, reason: str) -> None:
        if source in self._lost:
            return
        self._lost.add(source)
        for incident in self._concerned(source):
            await self._record(incident.id, facts.SourceLost(source, reason), source=source)

    def _concerned(self, source: str) -> list[Incident]:
        return [
            incident
            for incident in self._log.open_incidents()
            if any(record.fired.source == source for record in incident.alerts.values())
        ]


def _sample(signal: Signal, value: float) -> facts.SignalSeen:
    return facts.SignalSeen(signal.name, value, signal.unit, signal.query, signal.limit, signal.floor)
