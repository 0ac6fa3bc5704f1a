"""Reading on: the rest of what lies in the journal, a little at a time, so that keys and notes are answered between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from incident.engine.log import Log
from incident.engine.news import IncidentChanged, News
from incident.errors import JournalError

T = TypeVar("T")
LATER = 1.0  # seconds after the start that belong to whoever waits for a screen
PAUSE = 0.03  # seconds between two parts that nobody waits for
AGAIN = 2.0  # seconds until it is tried again when the journal cannot be read


class InWriter(Protocol):
    """Does disk work on the one thread that touches the journal."""

    async def __call__(self, work: Callable[..., T], *arguments: object) -> T:
        """What the work answers."""
        ...


class Reading:
    """Brings the open incidents into memory whole, the newest first; any other when it is asked for."""

    def __init__(self, log: Log, in_writer: InWriter, tell: Callable[[News], None]) -> None:
        self._log = log
        self._in_writer = in_writer
        self._tell = tell

    async def run(self) -> None:
        """Read until everything that is open is in memory."""
        await asyncio.sleep(LATER)
        while True:
            try:
                for incident in await self._in_writer(self._log.look_everywhere):
                    self._tell(IncidentChanged(incident))
                for state in self._log.open_incidents():
                    await self.whole(state.id, pause=PAUSE)
                return
            except JournalError:  # what is shown says so by itself, as soon as something is to be written
                await asyncio.sleep(AGAIN)

    async def whole(self, identity: str, *, pause: float = 0.0) -> None:
        """Return when every event of an incident is in memory. Raises JournalError."""
        more = read = not self._log.is_whole(identity)
        while more:
            more = await self._in_writer(self._log.read_on, identity)
            await asyncio.sleep(pause)
        if read:
            self._tell(IncidentChanged(identity))
