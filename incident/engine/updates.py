"""Sending updates: written down before the first byte leaves, sent once, and what became of it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from incident.core import facts
from incident.core.checklist import next_step
from incident.core.event import Writer
from incident.core.facts import Fact
from incident.core.incident import Incident
from incident.core.ports import Clock, Messenger
from incident.core.redaction import Redactor
from incident.core.runbook import Runbook
from incident.core.told import Outcome
from incident.core.updates import LONGEST, Delivery, again, body, draft, last_update
from incident.engine.log import Log
from incident.engine.parts import Parts
from incident.engine.response import Record
from incident.errors import UsageError

_DIED = "the console ended before it was known; look in the channel before it is sent again"


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what would be sent."""

    text: str  # as people read it, without secrets
    body: str  # byte for byte
    to: str
    masked: int  # secrets that were taken out
    warning: str = ""  # why to look twice


Write = Callable[[str, Fact], Awaitable[bool]]  # incident, fact -> whether it is on disk


def source_of(fact: Fact) -> str:
    """Who says so: a person sends, the tool sees what becomes of it."""
    return "person" if isinstance(fact, facts.UpdateBegun) else "tool"


class Updates:
    """Updates of every incident. `messenger` is where they go; None: they are only written down."""

    def __init__(
        self,
        log: Log,
        write: Write,
        messenger: Messenger | None,
        redactor: Redactor,
        clock: Clock,
        identity: Callable[[], str],
    ) -> None:
        self._log = log
        self._write = write
        self._messenger = messenger
        self._redactor = redactor
        self._clock = clock
        self._identity = identity
        self._busy: set[str] = set()  # incidents with an update under way

    @classmethod
    def of(cls, parts: Parts, log: Log, record: Record) -> Updates:
        """Those of a console."""

        async def write(identity: str, fact: Fact) -> bool:
            return await record(identity, fact, source=source_of(fact))

        return cls(
            log, write, parts.messenger, parts.redactor, parts.clock, lambda: f"{parts.chance.getrandbits(48):012x}"
        )

    @property
    def can_send(self) -> bool:
        """Whether there is somewhere to send to."""
        return self._messenger is not None

    async def look(self) -> str:
        """Where they go, by name, once the address was asked for. Raises SourceError, UsageError."""
        return await self._place().look()

    def draft(self, identity: str, runbook: Runbook | None, every: timedelta | None) -> str:
        """The next update from what is known."""
        incident = self._log.incident(identity)
        step = next_step(runbook, incident) if runbook else None
        return self._redactor.text(draft(incident, runbook, self._clock.now(), every, step.text if step else ""))

    def preview(self, identity: str, text: str) -> Preview:
        """What would be sent, byte for byte. Raises UsageError when that is nothing, or too much."""
        words = text.strip()
        if not words:
            raise UsageError("there is nothing to send")
        if len(words) > LONGEST:
            raise UsageError(f"this has {len(words):,} characters", hint=f"an update has at most {LONGEST:,}")
        clean, masked = self._redactor.masked(words)
        to = self._messenger.name if self._messenger else ""
        return Preview(clean, body(clean), to, masked, self._warning(identity, clean))

    async def send(self, identity: str, preview: Preview) -> Delivery:
        """Send what was read, once. Raises UsageError when it cannot be written down first, or one is under way."""
        messenger = self._place()
        if identity in self._busy:
            raise UsageError("an update is being sent", hint="one moment")
        self._busy.add(identity)
        try:
            send = self._identity()
            if not await self._write(identity, facts.UpdateBegun(send, preview.text, preview.to)):
                await self._write(identity, facts.UpdateFailed(send, "the timeline could not be saved first"))
                raise UsageError(
                    "nothing was sent: the timeline cannot be saved first", hint="y copies the text; send it by hand"
                )
            try:
                delivery = await messenger.send(preview.body)
            except asyncio.CancelledError:  # the console leaves; the record has to say so before it does
                await asyncio.shield(self._write(identity, facts.UpdateLost(send, _DIED)))
                raise
            await self._write(identity, _end(send, preview, delivery))
            return delivery
        finally:
            self._busy.discard(identity)

    async def find_lost(self, incident: Incident, alive: Callable[[Writer], bool]) -> None:
        """Say of every update whose console died that its outcome is unknown."""
        for one in incident.updates.values():
            if one.outcome is Outcome.UNDER_WAY and not alive(one.writer):
                await self._write(incident.id, facts.UpdateLost(one.send, _DIED))

    def _place(self) -> Messenger:
        if self._messenger is None:
            raise UsageError("no webhook is configured", hint="`updates: {webhook: {env: NAME}}` in the configuration")
        return self._messenger

    def _warning(self, identity: str, text: str) -> str:
        """Why to look twice: an update of which nobody knows whether it arrived, or the same words again."""
        incident = self._log.incident(identity)
        _, unsure = last_update(incident, self._log.in_memory(identity))
        if unsure is not None:
            return f"of the last one nobody knows whether it arrived: {unsure.reason}"
        return "these very words were sent before" if again(incident, text) else ""


def _end(send: str, preview: Preview, delivery: Delivery) -> facts.Fact:
    match delivery.outcome:
        case Outcome.SENT:
            return facts.UpdateSent(send, preview.text, preview.to)
        case Outcome.FAILED:
            return facts.UpdateFailed(send, delivery.reason)
        case _:
            return facts.UpdateLost(send, delivery.reason)
