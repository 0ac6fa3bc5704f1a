"""What fired in the past, asked of a Prometheus."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from incident.core.importing.prometheus import QUERY, Asked
from incident.core.ports import Clock
from incident.sources.access import OPEN, Access
from incident.sources.http import Server

_POINTS = 10_000  # of one series in an answer; a Prometheus refuses more than 11,000
_FINEST = 15  # seconds: alert rules are seldom evaluated more often


class History:
    """One Prometheus, or anything that speaks its query API."""

    def __init__(self, url: str, *, clock: Clock, access: Access = OPEN) -> None:
        """The server's URL with any path prefix. Raises UsageError."""
        self._server = Server(url, kind="a Prometheus", clock=clock, access=access)

    async def alerts(self, begin: datetime, end: datetime) -> tuple[Any, Asked]:
        """The answer of the server to what fired between two times (UTC), and what it was asked. Raises SourceError.

        The moments lie on a grid of the step, so that two questions with one step agree on when something was seen.
        """
        span = (end - begin).total_seconds()
        step = max(_FINEST, math.ceil(span / _POINTS / _FINEST) * _FINEST)
        asked = Asked(begin.timestamp() // step * step, end.timestamp() // step * step, step)
        params = {"query": QUERY, "start": f"{asked.begin:.0f}", "end": f"{asked.end:.0f}", "step": str(step)}
        answer = await self._server.get_json("/api/v1/query_range", params)
        return answer.data, asked

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._server.aclose()
