"""Watching the signals of an incident, and what becomes of a proposal."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from incident.core import facts
from incident.core.facts import Milestone, Tick
from incident.core.freshness import age_query, interval_query
from incident.core.proposals import Kind
from incident.core.runbook.read import read
from incident.core.signals import Series, Signal
from incident.engine import Engine, Settings
from incident.engine.proposals import ATTENDED, LOOK, NOT_AGAIN, _named
from incident.errors import SourceError, UsageError
from tests.fakes import ERRORS, START, World, page, ticket

QUERY = 'sum(rate(errors_total{job="acme"}[5m]))'
SELECTION = 'errors_total{job="acme"}'


def number(value: float) -> tuple[Series, ...]:
    return (Series({}, ((START, value),)),)


def good(world: World, value: float = 0.3, age: float = 3.0) -> None:
    """The server says: errors are well under the limit, from data of a few seconds ago, scraped every 15 s."""
    world.signals.signals = (replace(ERRORS, value=value, query=QUERY, at=world.clock.now(), own=True),)
    world.signals.series = {age_query(SELECTION): number(age), interval_query(SELECTION): number(15.0)}


async def responding(world: World) -> tuple[Engine, str]:
    """Opened, rolled back: the check is what comes next."""
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    book = await engine.runbooks.of(identity)
    assert book is not None
    way = next(step.branch for step in book.steps if step.branch)
    await engine.response.choose(identity, way, ("no recent deploy",))
    await engine.response.tick(identity, next(step for step in book.steps if step.text.startswith("Roll back")))
    return engine, identity


async def watch(world: World, engine: Engine, identity: str, looks: int, value: float = 0.3, age: float = 3.0) -> None:
    for _ in range(looks):
        good(world, value, age)
        await engine.proposals.look(identity)
        world.clock.move(15)


async def test_a_tick_is_proposed_and_carries_its_evidence_when_a_person_accepts(world: World) -> None:
    engine, identity = await responding(world)
    await watch(world, engine, identity, 10)
    [one] = engine.proposals.of(identity)
    assert one.kind is Kind.TICK
    assert one.step is not None
    assert engine.proposals.for_step(identity, one.step.id) == one
    before = len(engine.log.events(identity))
    assert engine.proposals.of(identity) == (one,)
    assert len(engine.log.events(identity)) == before
    await engine.proposals.accept(identity, one.key)
    fact = engine.log.events(identity)[-1].fact
    assert isinstance(fact, facts.StepTicked)
    assert fact.because == "errors 0.3 % under 7 % for 2m"
    assert QUERY in fact.evidence[0]
    assert "UTC" in fact.evidence[0]
    assert engine.incident(identity).ticks[one.step.id].tick is Tick.DONE
    assert engine.proposals.of(identity) == ()


async def test_a_proposal_that_does_not_hold_any_more_disappears_and_cannot_be_accepted(world: World) -> None:
    engine, identity = await responding(world)
    await watch(world, engine, identity, 10)
    [one] = engine.proposals.of(identity)
    world.clock.move(60)
    assert engine.proposals.of(identity) == ()
    with pytest.raises(UsageError, match="does not hold any more"):
        await engine.proposals.accept(identity, one.key)
    assert engine.incident(identity).ticks.get(one.key) is None


@pytest.mark.parametrize("ill", ["lost", "beyond", "stale", "said stale", "missing", "no interval", "unclear"])
async def test_nothing_is_proposed_on_what_is_not_known_to_be_good(world: World, ill: str) -> None:
    engine, identity = await responding(world)
    await watch(world, engine, identity, 9)
    good(world)
    signal = world.signals.signals[0]
    series = world.signals.series
    match ill:
        case "lost":
            world.signals.error = SourceError("connection refused")
        case "beyond":
            good(world, 9.0)
        case "stale":
            good(world, age=31.0)
        case "said stale":
            world.signals.signals = (replace(signal, stale="nothing newer than 2m"),)
        case "missing":
            world.signals.signals = (replace(signal, value=None, missing="the query finds no series"),)
        case "no interval":
            engine.proposals._intervals.clear()
            world.signals.series = {**series, interval_query(SELECTION): number(0.0)}
        case "unclear":
            world.signals.signals = (replace(signal, query=f"{QUERY} offset 5m"),)
    await engine.proposals.look(identity)
    assert engine.proposals.of(identity) == ()


async def test_a_server_that_does_not_say_how_old_its_data_are_leads_to_no_proposal(world: World) -> None:
    engine, identity = await responding(world)
    for _ in range(10):
        good(world)
        world.signals.series = {}
        await engine.proposals.look(identity)
        world.clock.move(15)
    assert engine.proposals.of(identity) == ()


async def test_in_a_drill_the_signals_are_as_new_as_the_look_at_them(world: World) -> None:
    world.settings = Settings(drill="bad-deploy")
    engine, identity = await responding(world)
    await watch(world, engine, identity, 10)
    world.signals.series = {}
    assert [one.kind for one in engine.proposals.of(identity)] == [Kind.TICK]


async def test_a_declined_proposal_does_not_come_back_at_once(world: World) -> None:
    engine, identity = await responding(world)
    await watch(world, engine, identity, 10)
    [one] = engine.proposals.of(identity)
    engine.proposals.decline(identity, [one.key])
    assert engine.proposals.of(identity) == ()
    await watch(world, engine, identity, int(NOT_AGAIN.total_seconds() / 15) + 1)
    assert one.key in [again.key for again in engine.proposals.of(identity)]


async def test_a_tick_that_was_taken_back_is_not_proposed_again_at_once(world: World) -> None:
    engine, identity = await responding(world)
    await watch(world, engine, identity, 10)
    [one] = engine.proposals.of(identity)
    assert one.step is not None
    await engine.proposals.accept(identity, one.key)
    await engine.response.untick(identity, one.step)
    engine.proposals.taken_back(identity, one.step.id)
    assert engine.proposals.of(identity) == ()


async def test_mitigated_is_proposed_never_set_and_stands_since_the_signal_is_back(world: World) -> None:
    engine, identity = await responding(world)
    await watch(world, engine, identity, 2, value=19.0)
    back = world.clock.now()
    await watch(world, engine, identity, 22)
    kinds = {one.kind: one for one in engine.proposals.of(identity)}
    assert Milestone.MITIGATED not in engine.incident(identity).milestones()
    await engine.proposals.accept(identity, kinds[Kind.MITIGATED].key)
    assert engine.incident(identity).marks[Milestone.MITIGATED].at == back
    event = engine.log.events(identity)[-1]
    assert isinstance(event.fact, facts.MilestoneSet)
    assert event.fact.evidence


async def test_resolved_is_proposed_once_every_alert_is_over_and_the_source_says_so(world: World) -> None:
    engine, identity = await responding(world)

    async def look() -> None:
        await engine.watch.look(world.alerts, engine.evidence.source_answered)

    await look()
    world.alerts.alerts = ()
    world.clock.move(5)
    await look()
    world.clock.move(601)
    assert Kind.RESOLVED not in [one.kind for one in engine.proposals.of(identity)]
    await look()
    [one] = [one for one in engine.proposals.of(identity) if one.kind is Kind.RESOLVED]
    await engine.proposals.accept(identity, one.key)
    assert Milestone.RESOLVED in engine.incident(identity).marks
    world.alerts.error = SourceError("gone")
    await look()
    assert engine.proposals.of(identity) == ()


async def test_only_an_incident_that_somebody_works_on_is_watched_and_not_for_ever(world: World) -> None:
    engine, identity = await responding(world)
    other = await engine.open(ticket())
    await engine.settled()
    good(world)
    engine.proposals.attend(identity)
    await engine.start()
    try:
        async with asyncio.timeout(20):
            while not engine.proposals._readings:
                await world.clock.somebody_sleeps()
                world.clock.move(LOOK + 1)
            world.clock.move(ATTENDED.total_seconds())
            read = {key: len(readings) for key, readings in engine.proposals._readings.items()}
            await world.clock.somebody_sleeps()
            world.clock.move(LOOK + 1)
            await world.clock.somebody_sleeps()
    finally:
        await engine.stop()
    assert {occurrence for occurrence, _ in read} == set(engine.incident(identity).alerts)
    assert {key: len(readings) for key, readings in engine.proposals._readings.items()} == read
    assert engine.proposals.of(other) == ()


async def test_a_closed_incident_is_left_alone(world: World) -> None:
    engine, identity = await responding(world)
    await engine.response.close(identity)
    good(world)
    await engine.proposals.look(identity)
    assert engine.proposals.of(identity) == ()


async def test_without_a_source_of_signals_nothing_is_read(world: World) -> None:
    engine = Engine(replace(world.parts(), signals=None))
    identity = await engine.open(page())
    await engine.settled()
    await engine.proposals.look(identity)
    assert engine.proposals.of(identity) == ()


async def test_a_signal_that_nothing_asks_about_costs_no_further_query(world: World) -> None:
    engine, identity = await responding(world)
    good(world)
    world.signals.signals = (*world.signals.signals, Signal("traffic", 300.0, "/s", world.clock.now(), query="sum(x)"))
    await engine.proposals.look(identity)
    world.clock.move(15)
    good(world)
    world.signals.signals = (*world.signals.signals, Signal("traffic", 300.0, "/s", world.clock.now(), query="sum(x)"))
    await engine.proposals.look(identity)
    assert {name for (_, name), readings in engine.proposals._readings.items() if readings} == {"errors"}
    book = await engine.runbooks.of(identity)
    assert _named(book) == {"errors"}
    assert _named(read(b"# X\n\n## Verification\n1. Verify latency drops\n", "x.md")) > {"latency", "p99"}
    assert _named(None) == frozenset()
