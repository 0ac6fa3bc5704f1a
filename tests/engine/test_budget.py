"""The engine's budgets: asked when somebody looks, kept while they are young, never waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.budget.asking import asks, spans_asked
from incident.core.budget.slo import Promises, Sli, Slo
from incident.core.signals import Series
from incident.drills import scenario as scenarios
from incident.drills.clock import PlayClock, start_of
from incident.drills.player import Player
from incident.engine import Engine
from incident.engine.budget import ask, ask_spent, span_of
from incident.errors import SourceError
from tests.core.test_budget import ACME, BY_TIME, burning, parts
from tests.fakes import START, World, page, ticket


@pytest.fixture
def world() -> World:
    """A shop that promises something, and a server that knows how it does."""
    world = World(promises=Promises((ACME,)))
    answers(world, {"failed": 1850, "asked": 1_000_000}, 0.046)
    return world


def answers(world: World, whole: dict[str, float], ratio: float) -> None:
    """What the server says to the queries of now."""
    short, window, _ = asks(ACME, START)
    world.signals.series[short.query] = burning(ratio)
    world.signals.series[window.query] = parts(whole)


async def test_the_line_beside_an_alert_is_there_as_soon_as_the_server_has_answered(world: World) -> None:
    engine = world.engine()
    heard: list[object] = []
    engine.listen(heard.append)
    assert engine.budget.line_for(page()) == ""
    await engine.settled()
    assert engine.budget.line_for(page()) == "budget 63 % left, gone in 1d 22h"
    assert heard
    await engine.stop()


async def test_an_alert_of_another_service_has_no_budget_and_nothing_is_asked(world: World) -> None:
    engine = world.engine()
    assert engine.budget.line_for(ticket()) == ""
    assert world.signals.asked == []
    await engine.stop()


async def test_what_is_young_is_not_asked_for_again_and_the_whole_window_less_often(world: World) -> None:
    engine = world.engine()
    await engine.budget.read(ACME)
    assert len(world.signals.asked) == 3
    engine.budget.look(ACME)
    await engine.settled()
    assert len(world.signals.asked) == 3
    world.clock.move(31)
    engine.budget.look(ACME)
    await engine.settled()
    assert len(world.signals.asked) == 4
    world.clock.move(300)
    await engine.budget.read(ACME)
    assert len(world.signals.asked) == 7
    await engine.budget.read(ACME, afresh=True)
    assert len(world.signals.asked) == 10
    await engine.stop()


async def test_a_server_that_is_gone_leaves_the_last_numbers_with_their_age_and_is_not_pestered(world: World) -> None:
    engine = world.engine()
    await engine.budget.read(ACME)
    world.signals.error = SourceError("connection refused")
    for _ in range(3):
        world.clock.move(90)
        engine.budget.line_for(page())
        await engine.settled()
    assert engine.budget.line_for(page()) == "budget 63 % left, gone in 1d 22h, 4m old"
    assert engine.budget.error(ACME) == "connection refused"
    tried = len(world.signals.asked)
    world.clock.move(31)
    engine.budget.line_for(page())
    await engine.settled()
    assert len(world.signals.asked) == tried
    with pytest.raises(SourceError):
        await engine.budget.read(ACME)
    world.signals.error = None
    await engine.budget.read(ACME)
    assert engine.budget.error(ACME) == ""
    await engine.stop()


async def test_without_a_server_there_is_nothing_to_ask(world: World) -> None:
    engine = Engine(replace(world.parts(), signals=None))
    assert engine.budget.line_for(page()) == ""
    with pytest.raises(SourceError, match="there is no Prometheus to ask"):
        await engine.budget.read(ACME)
    assert engine.budget.known(ACME) is None
    assert engine.budget.error(ACME) == ""
    await engine.stop()


async def test_what_could_not_be_read_of_the_objectives_is_told(world: World) -> None:
    world.promises = Promises((ACME,), (SourceError("it is off", at="slo.yml:3"),))
    engine = world.engine()
    assert engine.budget.problems == ("slo.yml:3: it is off",)
    assert engine.budget.slos == (ACME,)
    assert engine.budget.slos_for(None) == ()
    await engine.stop()


async def test_an_incident_spent_from_its_alerts_start_until_it_was_resolved(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(page(ago=600))
    await engine.settled()
    end = START + timedelta(seconds=420)
    incident = engine.incident(identity)
    (asked,) = spans_asked(ACME, START - timedelta(seconds=600), end)
    world.signals.series[asked.query] = parts({"failed": 600, "asked": 5000, "trailing": 1_000_000}, at=end)
    world.clock.move(500)
    await engine.record(identity, facts.AlertResolved(next(iter(incident.alerts)), "x"), at=end)
    (spent,) = await engine.budget.spent_in(identity)
    assert (spent.start, spent.end) == (START - timedelta(seconds=600), end)
    assert (spent.share, spent.failed, spent.asked) == (pytest.approx(0.12), 600, 5000)
    assert spent.queries[0] == ("failed in 17m", "sum(increase(bad[17m]))")
    await engine.stop()


async def test_an_incident_without_an_alert_has_the_budgets_of_its_service_or_none(world: World) -> None:
    engine = world.engine()
    identity = await engine.open_on_runbook("acme-error-rate.md")
    assert await engine.budget.spent_in(identity) == ()
    incident = engine.incident(identity)
    assert engine.budget.concerned(incident) == ()
    assert engine.budget.concerned(replace(incident, service="acme")) == (ACME,)
    assert span_of(incident, world.clock.now()) == (START, START + timedelta(seconds=1))
    assert span_of(replace(incident, opened_at=None), START) == (None, START)
    closed = replace(incident, closed_at=START + timedelta(seconds=60))
    assert span_of(closed, START + timedelta(days=1))[1] == START + timedelta(seconds=60)
    await engine.stop()


async def test_a_share_at_a_moment_is_asked_for_as_a_course(world: World) -> None:
    end = START
    points = tuple((end - timedelta(seconds=5 * back), 20.0) for back in range(100, -1, -1))
    world.signals.series["failing"] = (Series({}, points),)
    found = await ask(world.signals, BY_TIME, end)
    assert found.left == pytest.approx(1 - 0.2 / 0.005)
    spent = await ask_spent(world.signals, BY_TIME, end - timedelta(seconds=100), end)
    assert spent.ratio == pytest.approx(0.2)


async def test_a_drills_budget_is_read_from_its_own_signals_through_the_same_port() -> None:
    scenario = scenarios.find("bad-deploy")
    clock = PlayClock(start_of(scenario), 1.0)
    player = Player(scenario, clock)
    promise = Slo("availability", 0.995, 28 * 86_400, Sli(moment="simulated errors", scale=0.01), "acme")
    found = await ask(player.signals, promise, clock.now())
    assert found.missing == ""
    assert found.left is not None
    assert 0.3 < found.left < 0.9
    assert found.covered == pytest.approx(1.0, abs=0.01)
    spent = await ask_spent(player.signals, promise, clock.now() - timedelta(minutes=2), clock.now())
    assert spent.share is not None
    assert 0 < spent.share < 0.01
