"""Watching due times: writes down once that one has passed, also one that passed while nobody looked."""

from __future__ import annotations

import contextlib
import zlib
from datetime import timedelta

from incident.core import facts
from incident.core.checklist import next_step
from incident.core.escalation import (
    Communication,
    Due,
    Rule,
    communication,
    due_fact,
    dues,
    message,
    pressing,
    rules,
    unrecorded,
)
from incident.core.event import Event
from incident.core.runbook import Runbook
from incident.core.updates import doing, told_in
from incident.engine.log import Log
from incident.engine.parts import Parts
from incident.engine.response import Record
from incident.engine.runbooks import ReadRunbook
from incident.errors import IncidentError, UsageError

LOOK = 2.0  # seconds between two looks at the due times
_TURNS = 8  # seconds over which the consoles that see the same incident spread: one writes it down, the others read it


class Escalation:
    """Whom to tell and when, in each open incident."""

    def __init__(self, parts: Parts, log: Log, runbook: ReadRunbook, record: Record) -> None:
        self._parts = parts
        self._log = log
        self._runbook = runbook
        self._record = record
        self._books: dict[str, Runbook | None] = {}
        self._updates: dict[str, tuple[int, tuple[Event, ...]]] = {}  # by incident: of how many events, and which
        self._turn = timedelta(seconds=zlib.crc32(parts.writer.node.encode()) % _TURNS)

    async def run(self) -> None:
        """Watch every open incident until cancelled."""
        while True:
            await self._parts.clock.sleep(LOOK)
            with contextlib.suppress(IncidentError):  # the journal may be back at the next look
                for incident in self._log.open_incidents():
                    await self.look(incident.id)

    async def look(self, identity: str, *, at_once: bool = False) -> None:
        """Write down which due times have passed; the one who leads does so first."""
        with contextlib.suppress(IncidentError):
            self._books[identity] = await self._runbook(identity)
        incident, now = self._log.incident(identity), self._parts.clock.now()
        wait = timedelta(0) if at_once or incident.lead == self._parts.writer.person else self._turn
        for due in unrecorded(incident, dues(incident, self.rules(identity), now)):
            if due.at is not None and now - due.at >= wait:
                await self._record(identity, due_fact(due, now), at=due.at)

    def rules(self, identity: str) -> tuple[Rule, ...]:
        """Whom to tell in an incident, as its runbook and the configuration say."""
        book = self._books.get(identity)
        path = book.path if book else ""
        return rules(book.contacts if book else (), path, self._parts.settings.escalation)

    def dues(self, identity: str) -> tuple[Due, ...]:
        """How each of them stands now."""
        incident, now = self._log.incident(identity), self._parts.clock.now()
        return dues(incident, self.rules(identity), now)

    def pressing(self, identity: str) -> Due | None:
        """The one to look at now, if any."""
        return pressing(self.dues(identity)) if self._log.incident(identity).is_open else None

    def communication(self, identity: str) -> Communication:
        """Whom to tell, the last update, and when the next one is due."""
        incident, now = self._log.incident(identity), self._parts.clock.now()
        every = self._parts.settings.update_every
        return communication(incident, self._told(identity), self.rules(identity), every, now)

    def _told(self, identity: str) -> tuple[Event, ...]:
        """What says when users were told; looked for again only when the log has grown, as screens ask each second."""
        count = self._log.count(identity)
        known = self._updates.get(identity)
        if known is None or known[0] != count:
            known = self._updates[identity] = (count, told_in(self._log.in_memory(identity)))
        return known[1]

    def message(self, identity: str, due: Due) -> str:
        """What to say to whoever is told, without secrets."""
        incident, now = self._log.incident(identity), self._parts.clock.now()
        book = self._books.get(identity)
        step = next_step(book, incident) if book else None
        text = message(incident, due, doing(incident, step.text if step else ""), now)
        return self._parts.redactor.text(text)

    async def told(self, identity: str, key: str) -> None:
        """Somebody who was to be told knows. Raises UsageError for one who is not on the list."""
        rule = next((one for one in self.rules(identity) if one.key == key), None)
        if rule is None:
            raise UsageError("nobody on the list is called so", hint="E shows the list")
        await self._record(identity, facts.EscalationTold(rule.key, rule.who), source="person")
