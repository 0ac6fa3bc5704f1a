"""What earlier incidents say about the alerts that fire, looked up on the side."""

from __future__ import annotations

from collections.abc import Callable

from incident.core.alert import Alert
from incident.core.past import Earlier, Seen
from incident.engine.log import Log
from incident.engine.news import AlertsSeen, News
from incident.engine.parts import Parts
from incident.engine.reading import LATER, InWriter
from incident.errors import JournalError

NAME = "past incidents"
BETWEEN = 0.03  # seconds between two parts of them that are read; notes are written in between
PAUSE = 600.0  # seconds between two looks: what ended a minute ago is still in mind


class Past:
    """Earlier incidents, as they were at the last look."""

    def __init__(self, parts: Parts, log: Log, in_writer: InWriter, tell: Callable[[News], None]) -> None:
        self._parts = parts
        self._log = log
        self._in_writer = in_writer
        self._tell = tell
        self._earlier = Earlier()

    def seen(self, alert: Alert) -> Seen | None:
        """What is known of an alert from before; None for nothing, or as long as nobody looked."""
        own = next((one.id for one in self._log.open_incidents() if alert.occurrence in one.alerts), "")
        return self._earlier.seen(alert, besides=own)

    async def run(self) -> None:
        """Look again and again, the first time when the screen stands."""
        await self._parts.clock.sleep(LATER)
        while True:
            await self.look()
            await self._parts.clock.sleep(PAUSE)

    async def look(self) -> None:
        """Look once. While the journal cannot be read, what was known stays."""
        try:
            while await self._in_writer(self._log.read_states):
                await self._parts.clock.sleep(BETWEEN)
            self._earlier = Earlier(await self._in_writer(self._log.incidents))
        except JournalError:
            return
        self._tell(AlertsSeen(NAME))
