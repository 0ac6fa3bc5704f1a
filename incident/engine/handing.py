"""Who takes part: the note for whoever comes next, and who joined."""

from __future__ import annotations

from collections.abc import Callable

from incident.core import facts
from incident.core.escalation import Communication
from incident.core.handover import Arrival, Handover, arrival, handover, is_offered
from incident.core.ports import Clock
from incident.engine.log import Log
from incident.engine.reading import Reading
from incident.engine.response import Record
from incident.engine.runbooks import ReadRunbook
from incident.errors import RunbookError


class Handing:
    """What the next person has to know, and that somebody is there."""

    def __init__(
        self,
        log: Log,
        reading: Reading,
        record: Record,
        clock: Clock,
        person: str,
        runbook: ReadRunbook,
        communication: Callable[[str], Communication],
    ) -> None:
        self._log = log
        self._reading = reading
        self._record = record
        self._clock = clock
        self._person = person
        self._runbook = runbook
        self._communication = communication

    async def note(self, identity: str) -> Handover:
        """Everything that the log says of an incident, as of now. Raises JournalError."""
        await self._reading.whole(identity)
        try:
            runbook = await self._runbook(identity) or "No runbook was opened."
        except RunbookError as broken:
            runbook = f"The steps are not known here: {broken.what}."
        incident, events = self._log.incident(identity), self._log.events(identity)
        return handover(incident, events, runbook, self._clock.now(), self._communication(identity))

    def is_offered(self, identity: str) -> bool:
        """Whether the lead was given to this person, who has not taken it yet."""
        return is_offered(self._log.incident(identity), self._log.in_memory(identity), self._person)

    def arrival(self, identity: str, typed: str) -> Arrival:
        """Who joins, from a typed line. Raises UsageError."""
        return arrival(typed, self._log.incident(identity), self._person, self._clock.now())

    async def join(self, identity: str, typed: str) -> None:
        """Write down that somebody joined. Raises UsageError."""
        who = self.arrival(identity, typed)
        fact = facts.Joined(who.person, who.role)
        if who.moment is None:
            await self._record(identity, fact, source="person")
        else:
            at, precision, until = who.moment.at, who.moment.precision, who.moment.until
            await self._record(identity, fact, at=at, precision=precision, until=until, source="person")
