"""A drill's time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from incident.drills.clock import HandClock, PlayClock

START = datetime(2026, 5, 2, 3, 2, tzinfo=UTC)


class Watch:
    """Real time that a test winds."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_simulated_time_runs_as_fast_as_it_is_told_and_stands_while_paused() -> None:
    watch = Watch()
    clock = PlayClock(START, 2.0, watch)
    watch.seconds += 10
    assert clock.now() == START + timedelta(seconds=20)
    clock.run_at(10.0)
    watch.seconds += 1
    assert clock.monotonic() == 30.0
    clock.pause()
    watch.seconds += 1000
    assert (clock.monotonic(), clock.paused, clock.speed) == (30.0, True, 10.0)
    clock.resume()
    watch.seconds += 1
    assert clock.monotonic() == 40.0


async def test_who_sleeps_while_time_is_paused_wakes_after_it_went_on() -> None:
    watch = Watch()
    clock = PlayClock(START, 1.0, watch)
    clock.pause()
    sleeper = asyncio.ensure_future(clock.sleep(5))
    await _turns()
    watch.seconds += 60
    clock.run_at(2.0)
    await _turns()
    assert not sleeper.done()
    clock.resume()
    watch.seconds += 3
    clock.run_at(1.0)
    await sleeper
    assert clock.monotonic() == 6.0


async def test_sleeping_ends_by_itself_on_a_running_clock() -> None:
    clock = PlayClock(START, 1000.0)
    await clock.sleep(5)
    assert clock.monotonic() >= 5.0
    await clock.sleep(-1)


async def test_a_clock_moved_by_hand_wakes_its_sleepers_in_order_each_at_its_time() -> None:
    clock = HandClock(START)
    woken: list[tuple[str, datetime]] = []

    async def sleeper(name: str, *naps: float) -> None:
        for nap in naps:
            await clock.sleep(nap)
            woken.append((name, clock.now()))

    tasks = [asyncio.ensure_future(sleeper("slow", 3, 3)), asyncio.ensure_future(sleeper("fast", 0, 1, 1))]
    given_up = asyncio.ensure_future(clock.sleep(2))
    await _turns()
    given_up.cancel()
    await clock.advance(5)
    assert woken == [
        ("fast", START),
        ("fast", START + timedelta(seconds=1)),
        ("fast", START + timedelta(seconds=2)),
        ("slow", START + timedelta(seconds=3)),
    ]
    await clock.advance(1)
    assert clock.monotonic() == 6.0
    await asyncio.gather(*tasks)
    assert woken[-1] == ("slow", START + timedelta(seconds=6))


async def _turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)
