"""What was asked of the signal source, by whatever part of the console: every query can be shown."""

from __future__ import annotations

from datetime import datetime

from incident.core.alert import Alert
from incident.core.ports import SignalSource
from incident.core.signals import Series, Signal

KEPT = 300  # queries, the last ones


class AskedSource:
    """A signal source that remembers the queries it was given."""

    def __init__(self, source: SignalSource) -> None:
        self._source = source
        self.queries: dict[str, None] = {}  # the last one asked is the last one here

    @property
    def name(self) -> str:
        """The name on the screen."""
        return self._source.name

    async def read(self, alert: Alert) -> tuple[Signal, ...]:
        """The signals beside an alert; their queries stand at them. Raises SourceError."""
        return await self._source.read(alert)

    async def instant(self, query: str, at: datetime | None = None) -> tuple[Series, ...]:
        """What a query gives at a time, or now. Raises SourceError."""
        self._note(query)
        return await self._source.instant(query, at)

    async def over(self, query: str, start: datetime, end: datetime, step: float) -> tuple[Series, ...]:
        """What a query gives over a time. Raises SourceError."""
        self._note(query)
        return await self._source.over(query, start, end, step)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._source.aclose()

    def _note(self, query: str) -> None:
        self.queries.pop(query, None)
        self.queries[query] = None
        while len(self.queries) > KEPT:
            del self.queries[next(iter(self.queries))]


def remembering(source: SignalSource | None) -> SignalSource | None:
    """The source with a memory; None for none."""
    return AskedSource(source) if source is not None else None
