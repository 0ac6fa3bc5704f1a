"""A drill's own time: it runs with real time, faster, or not at all; or it is moved by hand."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from incident.drills.model import Scenario

_FIRST_DAY = datetime(2026, 5, 1, tzinfo=UTC)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# How often the event loop turns after a sleeper is woken, so that what it does next is done before time goes on.
_TURNS = 20


def start_of(scenario: Scenario) -> datetime:
    """When a drill begins: its weekday and time, on the first such day from 2026-05-01 on; always the same."""
    ahead = (WEEKDAYS.index(scenario.weekday) - _FIRST_DAY.weekday()) % 7
    hour, minute = scenario.clock
    return _FIRST_DAY + timedelta(days=ahead, hours=hour, minutes=minute)


class PlayClock:
    """Simulated time that passes `speed` times as fast as real time, and can be paused."""

    def __init__(self, start: datetime, speed: float = 1.0, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._start = start
        self._elapsed = elapsed
        self._speed = speed
        self._paused = False
        self._banked = 0.0  # simulated seconds up to `_since`
        self._since = elapsed()
        self._changed = asyncio.Event()

    @property
    def speed(self) -> float:
        """Simulated seconds per real second."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self._paused

    def now(self) -> datetime:
        """The drill's wall clock, UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Simulated seconds since the start."""
        running = 0.0 if self._paused else (self._elapsed() - self._since) * self._speed
        return self._banked + running

    def run_at(self, speed: float) -> None:
        """Let time pass this much faster than real time."""
        self._turn(speed, self._paused)

    def pause(self) -> None:
        """Stop time; who sleeps, sleeps on."""
        self._turn(self._speed, True)

    def resume(self) -> None:
        """Let time pass again."""
        self._turn(self._speed, False)

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of simulated time."""
        end = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left := end - self.monotonic()) > 0:
            changed = self._changed
            timeout = None if self._paused else left / self._speed
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), timeout)

    def _turn(self, speed: float, paused: bool) -> None:
        self._banked = self.monotonic()
        self._since = self._elapsed()
        self._speed, self._paused = speed, paused
        self._changed.set()
        self._changed = asyncio.Event()


class HandClock:
    """Simulated time that moves only when somebody advances it; the same moves give the same play."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        """The drill's wall clock, UTC."""
        return self._start + timedelta(seconds=self._now)

    def monotonic(self) -> float:
        """Simulated seconds since the start."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return when time was advanced by `seconds`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._now + seconds, self._count, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Move time on; sleepers wake in the order of their times, each with the clock at its own."""
        end = self._now + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, woken = heapq.heappop(self._sleepers)
            self._now = max(self._now, at)
            if not woken.done():
                woken.set_result(None)
                await _settle()
        self._now = end
        await _settle()


async def _settle() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)
