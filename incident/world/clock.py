"""This machine's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_GOES_ON: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux has it


class RealClock:
    """This machine's clocks."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never step back, and that go on while the machine sleeps where the system can count them."""
        return time.clock_gettime(_GOES_ON) if _GOES_ON is not None else time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        import asyncio  # the verbs that only read the clock need none of it

        await asyncio.sleep(seconds)
