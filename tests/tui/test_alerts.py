"""The alerts: order, stillness, trouble."""

from __future__ import annotations

import pytest

from incident.core.signals import Signal
from incident.errors import SourceError
from tests.fakes import START, World, page, ticket
from tests.tui.console import Driver, console


async def look_again(driver: Driver) -> None:
    """Let the console look at its source once more."""
    asked = driver.world.alerts.asked
    driver.app.engine.watch.look_now()
    await driver.until(lambda: driver.world.alerts.asked > asked)
    await driver.pilot.pause()


async def test_pages_stand_first_with_age_service_runbook_and_why(world: World) -> None:
    world.alerts.alerts = (ticket(), page())
    async with console(world) as driver:
        await driver.until("limit 7")
        assert [line.split()[1] for line in driver.lines if "PAGE" in line or "● ticket" in line][-2:] == [
            "▲",
            "ticket",
        ]
        row = driver.line("AcmeErrorBudgetFastBurn")
        assert row.startswith("▌ ▲ PAGE      4m  AcmeErrorBudgetFastBurn")
        assert "acme-error-rate" in row
        assert "deploy a1b2c3d 7m before" in row
        assert "found by the last part of its link" in driver.text
        assert "Acme error rate burning budget fast" in driver.text
        assert "19.2 %" in driver.line("^  errors")


async def test_looking_again_never_moves_the_row_under_the_cursor(world: World) -> None:
    async with console(world) as driver:
        await driver.press("j")
        before = driver.lines.index(driver.chosen)
        assert "QueueLagHigh" in driver.chosen
        world.alerts.alerts = (page("Another", fingerprint="c3", ago=1), page(), ticket())
        await look_again(driver)
        assert "QueueLagHigh" in driver.chosen
        assert driver.lines.index(driver.chosen) == before
        assert "1 new page — press ." in driver.text
        assert "▲ 2 pages" in driver.lines[0]
        await driver.press("full_stop")
        assert "QueueLagHigh" in driver.chosen
        assert "Another" in driver.text


async def test_a_row_that_is_over_stays_until_new_ones_are_asked_for(world: World) -> None:
    async with console(world) as driver:
        world.alerts.alerts = (ticket(), ticket("Fresh", fingerprint="d4", ago=2))
        await look_again(driver)
        assert "✓ over" in driver.line("AcmeErrorBudgetFastBurn")
        assert "no longer firing" in driver.line("AcmeErrorBudgetFastBurn")
        await driver.press("full_stop")
        assert driver.line("✓ over") == ""
        assert "Fresh" in driver.text


@pytest.mark.fault(84)
async def test_a_dead_source_keeps_its_last_data_with_its_age(world: World) -> None:
    async with console(world) as driver:
        world.alerts.error = SourceError("no answer within 10 s", hint="is it running?")
        world.clock.move(120)
        await look_again(driver)
        await driver.until("✗ am 2m old")
        assert "AcmeErrorBudgetFastBurn" in driver.text


async def test_a_source_that_never_answered_is_told_in_one_line_with_what_to_do(world: World) -> None:
    world.alerts.error = SourceError(
        "connection refused", at="http://am:9093", hint="is it running, and is this its port?"
    )
    async with console(world) as driver:
        await driver.until("am: connection refused")
        assert "is it running, and is this its port?" in driver.text
        assert "r asks now" in driver.text


async def test_without_a_source_the_first_screen_says_what_to_do_and_offers_the_drill(world: World) -> None:
    world.has_source = False
    async with console(world) as driver:
        await driver.until("No alert source is set up yet")
        assert "incident --alertmanager http://HOST:9093" in driver.text
        await driver.press("D")
        assert driver.app.return_value == "drill"


async def test_nothing_firing_is_a_calm_sentence_with_the_time_of_the_last_look(world: World) -> None:
    world.alerts.alerts = ()
    async with console(world) as driver:
        await driver.until("Nothing fires.  Last look at 03:07:12 UTC.")
        await driver.press("enter")
        await driver.until("There is no alert to respond to")


async def test_a_filter_shows_only_rows_that_hold_the_words(world: World) -> None:
    async with console(world) as driver:
        await driver.see("slash", then="words that a row must hold")
        await driver.type("orders")
        await driver.press("enter")
        await driver.until("1 of 2 hold")
        assert driver.line("AcmeErrorBudgetFastBurn  ") == ""
        assert "QueueLagHigh" in driver.chosen


async def test_a_signal_that_cannot_be_had_says_why(world: World) -> None:
    world.signals.signals = (Signal("errors", None, "%", START, missing="no such series"),)
    async with console(world) as driver:
        await driver.until("no such series")
        world.signals.error = SourceError("connection refused")
        world.clock.move(60)
        await driver.press("j", "k")
        await driver.until("1m old: connection refused")


async def test_everything_known_of_an_alert_is_one_key_away(world: World) -> None:
    async with console(world) as driver:
        await driver.see("v", then="alertname = AcmeErrorBudgetFastBurn")
        assert "runbook: https://wiki.acme.com/runbooks/acme-error-rate" in driver.text
        await driver.press("escape")
        await driver.until("RUNBOOK")


async def test_a_new_page_rings_and_is_named(world: World) -> None:
    async with console(world) as driver:
        world.alerts.alerts = (page(), ticket(), page("AcmeLatencyP99", fingerprint="e5", ago=1))
        await look_again(driver)
        await driver.until("AcmeLatencyP99 fired")


async def test_a_second_alert_may_join_an_open_incident_or_open_its_own(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="acme-error-rate.md")
        await driver.see("escape", then="RUNBOOK")
        assert "INC-20260502-acme-1" in driver.line("AcmeErrorBudgetFastBurn  ")
        await driver.see("j", "enter", then="Respond to this alert as")
        await driver.see("down", "enter", then="2 firing")
        assert len(driver.app.engine.incident("INC-20260502-acme-1").alerts) == 2


async def test_starting_again_offers_the_open_incidents(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="acme-error-rate.md")
        await driver.press("space")
        await driver.until("1 of 9 done")
    async with console(world) as driver:
        await driver.until("is still open")
        await driver.see("enter", then="1 of 9 done")


@pytest.mark.fault(64)
async def test_five_thousand_alerts_of_two_hundred_labels_are_a_list_like_any_other(world: World) -> None:
    labels = {f"label_{number}": f"value {number} of an alert" for number in range(200)}
    many = tuple(ticket(f"Lag{number:04}", fingerprint=f"f{number}", **labels) for number in range(4_999))
    world.alerts.alerts = (page(), *many)
    async with console(world) as driver:
        await driver.until("4999 tickets")
        await driver.press("G")
        await driver.until(lambda: "Lag" in driver.chosen)
        await driver.see("slash", then="words that a row must hold")
        await driver.type("Lag4321")
        await driver.press("enter")
        await driver.until(lambda: "Lag4321" in driver.text and "Lag0001" not in driver.text)
