"""What the clocks did stands on the timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.core import facts
from incident.engine import Engine, Settings
from incident.engine.news import AlertsSeen, IncidentChanged
from tests.engine.test_watching import Heard
from tests.fakes import World, page


@pytest.mark.fault(18)
async def test_a_closed_lid_and_a_clock_that_jumps_are_rows_of_every_open_incident(world: World) -> None:
    world.settings = Settings(clocks=5.0)
    world.has_changes = False
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    heard = Heard(engine)
    await engine.start()
    await heard.until(AlertsSeen)  # by then the clocks were looked at once
    heard.news.clear()
    world.clock.move(605)
    await heard.until(IncidentChanged)
    world.clock.skew += timedelta(hours=-1)
    while not clocked(engine, identity)[1:]:
        heard.news.clear()
        world.clock.move(5)
        await heard.until(IncidentChanged)
    assert clocked(engine, identity) == [facts.Paused(600.0), facts.ClockStepped(-3600.0)]
    await engine.stop()


def clocked(engine: Engine, identity: str) -> list[facts.Fact]:
    """What the clocks did, as the timeline has it."""
    known = [event.fact for event in engine.log.events(identity)]
    return [fact for fact in known if isinstance(fact, facts.Paused | facts.ClockStepped)]


async def test_a_servers_clock_that_is_off_is_recorded_once_and_again_when_it_changes(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    for offset in (3.0, 3.4, 90.0):
        world.alerts.offset = offset
        await engine.watch.look(world.alerts, engine.evidence.source_answered)
    seen = [e.fact for e in engine.log.events(identity) if isinstance(e.fact, facts.ClockChecked)]
    assert seen == [facts.ClockChecked("am", 3.0), facts.ClockChecked("am", 90.0)]
