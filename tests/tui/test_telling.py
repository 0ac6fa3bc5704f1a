"""Proposals, whom to tell, and updates, on the screen: shown, read, and only then done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.facts import Milestone
from incident.core.told import Outcome
from incident.core.updates import Delivery
from incident.engine import Settings
from incident.errors import SourceError
from tests.engine.test_proposals import good
from tests.fakes import FakeMessenger, World
from tests.tui.console import Driver, console


async def respond(driver: Driver) -> str:
    await driver.see("enter", then="of 9 done")
    return driver.app.engine.log.open_incidents()[0].id


async def rolled_back(driver: Driver, looks: int = 10) -> str:
    """The way is chosen, the rollback ticked, and the signal has been good for so many looks."""
    identity = await respond(driver)
    engine = driver.app.engine
    book = await engine.runbooks.of(identity)
    assert book is not None
    way = next(step.branch for step in book.steps if step.branch)
    await engine.response.choose(identity, way, ("no recent deploy",))
    await engine.response.tick(identity, next(step for step in book.steps if step.text.startswith("Roll back")))
    for _ in range(looks):
        good(driver.world)
        await engine.proposals.look(identity)
        driver.world.clock.move(15)
    driver.beat()
    return identity


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_watched_step_says_what_was_seen_and_space_ticks_it_with_that(size: tuple[int, int]) -> None:
    async with console(World(), size) as driver:
        identity = await rolled_back(driver)
        await driver.until(r"errors 0.3 % under 7 % for 2m")
        assert "watched" in driver.line("Verify error rate drops")
        assert sum("space" in line and "ticks it" in line for line in driver.lines) <= 2
        await driver.press("j", "j", "j", "j")
        while "Verify error rate" not in driver.chosen:
            await driver.press("j")
        await driver.press("space")
        await driver.until(r"✓ 2  Verify error rate")
        fact = driver.app.engine.log.newest(identity)[-1].fact
        assert isinstance(fact, facts.StepTicked)
        assert fact.because == "errors 0.3 % under 7 % for 2m"


async def test_before_it_has_lasted_the_line_says_nothing_and_space_ticks_without_evidence(world: World) -> None:
    async with console(world) as driver:
        identity = await rolled_back(driver, looks=3)
        assert "ticks it" not in driver.text
        while "Verify error rate" not in driver.chosen:
            await driver.press("j")
        await driver.press("space")
        await driver.until(r"✓ 2  Verify error rate")
        fact = driver.app.engine.log.newest(identity)[-1].fact
        assert isinstance(fact, facts.StepTicked)
        assert (fact.because, fact.evidence) == ("", ())


async def test_a_proposal_that_does_not_hold_any_more_leaves_the_screen(world: World) -> None:
    async with console(world) as driver:
        await rolled_back(driver)
        await driver.until("ticks it")
        world.clock.move(120)
        driver.beat()
        await driver.until(lambda: "ticks it" not in driver.text)


async def test_milestones_that_are_proposed_stand_first_and_enter_sets_them(world: World) -> None:
    async with console(world) as driver:
        identity = await rolled_back(driver, looks=24)
        await driver.see("exclamation_mark", then="This was seen; is it so")
        assert "mitigated at" in driver.text
        assert Milestone.MITIGATED not in driver.app.engine.incident(identity).marks
        await driver.press("j", "enter")
        await driver.until(lambda: Milestone.MITIGATED in driver.app.engine.incident(identity).marks)


async def test_not_so_takes_the_proposals_away_and_another_milestone_is_as_near_as_before(world: World) -> None:
    async with console(world) as driver:
        identity = await rolled_back(driver)
        await driver.see("exclamation_mark", then="not so")
        await driver.press("j", "enter")
        await driver.until("Which milestone")
        await driver.press("escape")
        await driver.see("exclamation_mark", then="not so")
        await driver.press("j", "j", "enter")
        await driver.until(lambda: driver.app.engine.proposals.of(identity) == ())
        await driver.see("exclamation_mark", then="Which milestone")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_who_is_due_is_counted_down_and_the_sheet_says_who_why_and_what_to_say(size: tuple[int, int]) -> None:
    world = World()
    async with console(world, size) as driver:
        identity = await respond(driver)
        await driver.app.engine.escalation.look(identity)
        world.clock.move(49 * 60)
        driver.beat()
        await driver.until(r"VP Eng due in 7m   E")
        world.clock.move(600)
        await driver.app.engine.escalation.look(identity)
        driver.beat()
        await driver.until(r"VP Eng due 3m ago   E")
        await driver.see("E", then="Whom to tell")
        assert "VP Eng if user-impact > 1 hour" in driver.text
        assert "You hear of it because of" in driver.text
        await driver.press("y", "T")
        await driver.until(lambda: "Whom to tell" not in driver.text)
        await driver.until(lambda: "due 3m ago" not in driver.text)
        assert driver.app.clipboard.startswith(identity)


async def test_whoever_is_not_on_any_list_is_said(world: World) -> None:
    world.shelf.books["acme-error-rate.md"] = b"# Acme Error Rate\n\n1. Look\n"
    async with console(world) as driver:
        await driver.see("enter", then="of 1 done")
        await driver.see("E", then="Neither the runbook")


async def test_an_update_is_read_then_sent_once(world: World) -> None:
    world.messenger = FakeMessenger()
    async with console(world) as driver:
        identity = await respond(driver)
        await driver.see("u", then="goes to #inc-acme at hooks.example.com")
        assert "Users see: HTTP 500 / 502" in driver.text
        assert world.messenger.bodies == []
        world.clock.move(1)
        await driver.see("v", then=r'\{"text"')
        await driver.press("S")
        await driver.until("Sent; it is on the timeline")
        assert len(world.messenger.bodies) == 1
        [send] = driver.app.engine.incident(identity).updates.values()
        assert send.outcome is Outcome.SENT
        world.clock.move(300)
        driver.beat()
        await driver.until("update 5m ago")


async def test_a_key_that_was_meant_for_the_screen_before_sends_nothing(world: World) -> None:
    world.messenger = FakeMessenger()
    async with console(world) as driver:
        await respond(driver)
        await driver.see("u", then="goes to")
        await driver.press("S")
        assert "goes to" in driver.text
        assert world.messenger.bodies == []


async def test_the_text_is_edited_kept_over_a_crash_and_read_again_before_it_goes(world: World) -> None:
    world.messenger = FakeMessenger()
    async with console(world) as driver:
        identity = await respond(driver)
        await driver.see("u", then="goes to")
        world.clock.move(1)
        await driver.see("e", then="done, read it again")
        await driver.type("S now")
        assert world.desk.left(f"{identity} message").startswith("S nowSEV2")
        assert world.messenger.bodies == []
        await driver.see("escape", then="S nowSEV2")
        await driver.press("escape")
        await driver.until(lambda: "goes to" not in driver.text)
        await driver.see("u", then="S nowSEV2")
        world.clock.move(1)
        await driver.press("w")
        await driver.until(lambda: "goes to" not in driver.text)
        fact = driver.app.engine.log.newest(identity)[-1].fact
        assert isinstance(fact, facts.Remarked)
        assert fact.text.startswith("S nowSEV2")
        assert world.desk.left(f"{identity} message") == ""


@pytest.mark.fault(89)
async def test_one_of_which_nobody_knows_whether_it_arrived_is_said_in_the_band_and_before_the_next(
    world: World,
) -> None:
    world.messenger = FakeMessenger(answer=Delivery(Outcome.UNKNOWN, "no answer within 10 s"))
    async with console(world) as driver:
        await respond(driver)
        await driver.see("u", then="goes to")
        world.clock.move(1)
        await driver.press("y", "S")
        await driver.until("Nobody knows whether it arrived")
        driver.beat()
        await driver.until("update: outcome unknown")
        await driver.see("u", then="nobody knows whether it arrived: no answer")
        assert len(world.messenger.bodies) == 1


async def test_what_surely_did_not_arrive_is_said_and_can_be_sent_again(world: World) -> None:
    world.messenger = FakeMessenger(
        answer=Delivery(Outcome.FAILED, "connection refused"), error=SourceError("the variable is not set", at="HOOK")
    )
    async with console(world) as driver:
        await respond(driver)
        await driver.see("u", then="cannot be sent from here: HOOK")
        world.clock.move(1)
        await driver.press("S")
        await driver.until("Not sent: connection refused")


async def test_without_a_webhook_u_writes_a_line_as_ever(world: World) -> None:
    async with console(world) as driver:
        identity = await respond(driver)
        await driver.see("u", then="a time may stand in front")
        assert "ctrl+y copy what is known" in driver.text
        await driver.see("ctrl+y", then="Copied. Nothing was sent")
        assert driver.app.clipboard.startswith("SEV2 ")
        assert "Users see: HTTP 500 / 502" in driver.app.clipboard
        await driver.type("told support")
        await driver.press("enter")
        await driver.until(lambda: "told support" in str(driver.app.engine.log.newest(identity)[-1].fact))


async def test_an_update_that_is_overdue_is_said_in_the_band(world: World) -> None:
    world.settings = Settings(update_every=timedelta(minutes=20))
    async with console(world) as driver:
        await respond(driver)
        assert "no update yet" not in driver.text
        world.clock.move(1201)
        driver.beat()
        await driver.until("no update yet")


async def test_the_message_for_whoever_is_due_can_go_through_the_webhook(world: World) -> None:
    world.messenger = FakeMessenger()
    async with console(world) as driver:
        await respond(driver)
        await driver.see("E", then="Whom to tell")
        await driver.see("S", then="goes to #inc-acme")
        assert "You hear of it because of" in driver.text
        world.clock.move(1)
        await driver.press("S")
        await driver.until("T says that VP Eng knows")
        assert len(world.messenger.bodies) == 1
