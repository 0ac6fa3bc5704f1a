"""The error budget on the screen: everything known of it, and its queries to take along."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.core.budget.asking import asks, spans_asked
from incident.core.budget.slo import Promises
from incident.errors import SourceError
from tests.core.test_budget import ACME, burning, parts
from tests.fakes import START, World, page
from tests.tui.console import console


@pytest.fixture
def world() -> World:
    """A shop that promises something and burns."""
    world = World(promises=Promises((ACME,)))
    world.alerts.alerts = (page(ago=600),)
    short, window, _ = asks(ACME, START)
    world.signals.series[short.query] = burning(0.046)
    world.signals.series[window.query] = parts({"failed": 1850, "asked": 1_000_000})
    return world


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_b_shows_what_is_left_how_fast_it_goes_and_whether_a_change_may_go(
    world: World, size: tuple[int, int]
) -> None:
    async with console(world, size) as driver:
        await driver.see("B", then="63 % left")
        assert "acme/availability" in driver.line("99.5 % over 28 days")
        assert "9.2x over the last 5m: gone in 1d 22h at this pace" in driver.text
        assert "page: it burns fast, above 5.6x over 6h and 30m" in driver.text
        assert "low, normal, risky: no go" in driver.text
        assert all(len(line) <= size[0] for line in driver.lines)
        await driver.see("escape", then="AcmeErrorBudgetFastBurn")


async def test_every_query_can_be_copied(world: World) -> None:
    async with console(world) as driver:
        await driver.see("B", then="63 % left")
        await driver.press("y")
        assert driver.app.clipboard == "sum(increase(bad[28d]))"
        await driver.press("j", "j", "y")
        assert driver.app.clipboard == "sum(increase(all[28d]))"


async def test_in_an_incident_it_says_what_the_incident_has_spent(world: World) -> None:
    (asked,) = spans_asked(ACME, START - timedelta(seconds=600), START)
    world.signals.series[asked.query] = parts({"failed": 600, "asked": 5000, "trailing": 1_000_000})
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("B", then="12 % of the budget, 600 of 5,000 requests failed, 02:57 to 03:07 UTC")
        assert "failed in 10m" in driver.text


async def test_a_server_that_does_not_answer_is_told_with_the_last_numbers_beside_it(world: World) -> None:
    async with console(world) as driver:
        await driver.see("B", then="63 % left")
        world.signals.error = SourceError("connection refused", hint="is it running?")
        await driver.see("r", then="connection refused - is it running")
        assert "63 % left" in driver.text


async def test_without_an_answer_yet_or_at_all_there_is_no_number(world: World) -> None:
    world.signals.error = SourceError("no answer within 10 s")
    async with console(world) as driver:
        await driver.see("B", then="no answer within 10 s")
        assert "% left" not in driver.text
        assert "about 202 minutes of complete failure" in driver.text
        await driver.see("y", then="There is no query here yet")


async def test_an_unknown_budget_says_why(world: World) -> None:
    _, window, _ = asks(ACME, START)
    world.signals.series[window.query] = parts({"asked": 10})
    async with console(world) as driver:
        await driver.see("B", then="unknown: failed requests")
        assert "which is no proof of 0" in " ".join(driver.text.split())


async def test_without_an_objective_it_says_how_to_write_one_and_what_could_not_be_read(world: World) -> None:
    world.promises = Promises((), (SourceError("it is off", at="slo.yml:3"),))
    async with console(world, (80, 24)) as driver:
        await driver.see("B", then="No objective is known")
        assert "slo.yml:3: it is off" in driver.text
        assert "objective: 99.5" in driver.text
