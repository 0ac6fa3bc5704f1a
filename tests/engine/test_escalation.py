"""Due times pass while somebody looks, while nobody does, and once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.escalation import Rule, Stand
from incident.core.facts import Milestone
from incident.core.timeline import rows
from incident.engine import Engine, Settings
from incident.errors import UsageError
from tests.fakes import World, page

HOUR = 3600


async def responding(world: World) -> tuple[Engine, str]:
    engine = world.engine()
    identity = await engine.open(page(ago=0))
    await engine.settled()
    await engine.escalation.look(identity)
    return engine, identity


def passed(engine: Engine, identity: str) -> list[facts.EscalationDue]:
    return [event.fact for event in engine.log.events(identity) if isinstance(event.fact, facts.EscalationDue)]


async def test_the_runbooks_hour_is_counted_down_and_written_down_once(world: World) -> None:
    engine, identity = await responding(world)
    due = engine.escalation.pressing(identity)
    assert due is not None
    assert (due.rule.who, due.stand) == ("VP Eng", Stand.WAITING)
    world.clock.move(HOUR - 1)
    await engine.escalation.look(identity)
    assert passed(engine, identity) == []
    world.clock.move(1)
    await engine.escalation.look(identity)
    await engine.escalation.look(identity)
    assert [fact.who for fact in passed(engine, identity)] == ["VP Eng"]
    event = engine.log.events(identity)[-1]
    assert event.at == world.clock.now()
    assert [row.line for row in rows(engine.log.events(identity))][-1] == "due VP Eng if user-impact > 1 hour"


async def test_one_that_passed_while_no_console_ran_stands_at_its_own_time_and_says_so(world: World) -> None:
    _, identity = await responding(world)
    world.clock.move(HOUR + 25 * 60)
    later = Engine(world.parts())
    await later.load()
    await later.escalation.look(identity)
    [event] = [event for event in later.log.events(identity) if isinstance(event.fact, facts.EscalationDue)]
    assert event.recorded_at - event.at == timedelta(minutes=25)
    assert [row.line for row in rows([event])] == ["due VP Eng if user-impact > 1 hour, noticed 25m00s later"]
    third = Engine(world.parts())
    await third.load()
    await third.escalation.look(identity)
    assert len(passed(third, identity)) == 1


async def test_whoever_does_not_lead_leaves_the_leader_time_to_write_it_down(world: World) -> None:
    engine, identity = await responding(world)
    await engine.response.handover(identity, "alex")
    engine.escalation._turn = timedelta(seconds=5)
    world.clock.move(HOUR + 1)
    await engine.escalation.look(identity)
    assert passed(engine, identity) == []
    world.clock.move(5)
    await engine.escalation.look(identity)
    assert len(passed(engine, identity)) == 1


async def test_what_was_mitigated_in_time_is_never_due(world: World) -> None:
    engine, identity = await responding(world)
    world.clock.move(1800)
    await engine.response.mark(identity, Milestone.MITIGATED, None)
    world.clock.move(HOUR)
    await engine.escalation.look(identity)
    assert passed(engine, identity) == []
    assert engine.escalation.pressing(identity) is None


async def test_the_running_console_notices_by_itself(world: World) -> None:
    engine, identity = await responding(world)
    await engine.start()
    try:
        async with asyncio.timeout(20):
            while not passed(engine, identity):
                await world.clock.somebody_sleeps()
                world.clock.move(600)
    finally:
        await engine.stop()
    assert len(passed(engine, identity)) == 1


async def test_the_configuration_adds_people_and_told_takes_them_off(world: World) -> None:
    rule = Rule("CTO", "CTO", timedelta(minutes=30), Milestone.MITIGATED, "+1 555", "the configuration")
    world.settings = Settings(escalation=(rule,), update_every=timedelta(minutes=20))
    engine, identity = await responding(world)
    world.clock.move(1900)
    due = engine.escalation.pressing(identity)
    assert due is not None
    assert due.rule == rule
    assert "You hear of it because of: CTO (the configuration)" in engine.escalation.message(identity, due)
    assert "Next step: Open dashboard" in engine.escalation.message(identity, due)
    await engine.escalation.told(identity, rule.key)
    assert engine.escalation.dues(identity)[0].stand is Stand.TOLD
    next_one = engine.escalation.pressing(identity)
    assert next_one is not None
    assert next_one.rule.who == "VP Eng"
    with pytest.raises(UsageError, match="nobody on the list"):
        await engine.escalation.told(identity, "no such key")
    known = engine.escalation.communication(identity)
    opened = engine.incident(identity).opened_at
    assert opened is not None
    assert known.next_update == opened + timedelta(minutes=20)


async def test_without_a_runbook_the_configuration_still_counts(world: World) -> None:
    world.shelf.books = {}
    world.settings = Settings(escalation=(Rule("CTO", "CTO", timedelta(minutes=30), Milestone.MITIGATED),))
    engine, identity = await responding(world)
    due = engine.escalation.pressing(identity)
    assert due is not None
    assert engine.escalation.message(identity, due)
    await engine.response.close(identity)
    assert engine.escalation.pressing(identity) is None
