"""Watching the clocks: jumps, and the times in which the console did not run."""

from __future__ import annotations

from incident.core.clocks import Sample, between
from incident.engine.log import Log
from incident.engine.parts import Parts
from incident.engine.response import Record


class Clocks:
    """The wall clock beside the one that only counts."""

    def __init__(self, parts: Parts, log: Log, record: Record) -> None:
        self._clock = parts.clock
        self._beat = parts.settings.clocks
        self._log = log
        self._record = record

    async def run(self) -> None:
        """Write down when the clock jumps, and when the console did not run: a closed lid, a stopped terminal."""
        if not self._beat:
            return
        before = self._both()
        while True:
            await self._clock.sleep(self._beat)
            after = self._both()
            for fact in between(before, after, self._beat):
                for incident in self._log.open_incidents():
                    await self._record(incident.id, fact)
            before = after

    def _both(self) -> Sample:
        return Sample(self._clock.now(), self._clock.monotonic())
