"""What earlier incidents say about the alerts that fire, looked up on the side."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence

from incident.core.alert import Alert
from incident.core.incident import Incident
from incident.core.past import Seen, seen
from incident.engine.log import Log
from incident.engine.news import AlertsSeen, News
from incident.engine.parts import Parts
from incident.engine.reading import InWriter
from incident.errors import ExportError, JournalError

NAME = "past incidents"
PAUSE = 600.0  # seconds between two looks: what ended a minute ago is still in mind


class Past:
    """Earlier incidents, as they were at the last look, and where the post-mortem of each is."""

    def __init__(self, parts: Parts, log: Log, in_writer: InWriter, tell: Callable[[News], None]) -> None:
        self._parts = parts
        self._log = log
        self._in_writer = in_writer
        self._tell = tell
        self._incidents: tuple[Incident, ...] = ()
        self._documents: Mapping[str, str] = {}

    def seen(self, alert: Alert) -> Seen | None:
        """What is known of an alert from before; None for nothing, or as long as nobody looked."""
        own = next((one.id for one in self._log.open_incidents() if alert.occurrence in one.alerts), "")
        return seen(alert, self._incidents, self._documents, besides=own)

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await self.look()
            await self._parts.clock.sleep(PAUSE)

    async def look(self) -> None:
        """Look once. While the journal cannot be read, what was known stays."""
        try:
            found = await self._in_writer(self._log.incidents)
        except JournalError:
            return
        self._incidents = tuple(one for one in found if not one.drill)
        self._documents = await asyncio.to_thread(self._written, [one.id for one in self._incidents])
        self._tell(AlertsSeen(NAME))

    def _written(self, incidents: Sequence[str]) -> dict[str, str]:
        """Which of them have a post-mortem, and where. Blocks on the disk."""
        found = {}
        for identity in incidents:
            path = f"{self._parts.settings.postmortems}/{identity}.md"
            with contextlib.suppress(ExportError):
                if self._parts.paper.read(path) is not None:
                    found[identity] = path
        return found
