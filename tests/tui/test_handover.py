"""Handing over on the screen: the note as it would be written, who gets the lead, who joined, lines half typed."""

from __future__ import annotations

import pytest

from incident.core import facts
from incident.core.event import Writer
from incident.tui.screens.sheets import GUARD
from tests.fakes import ME, World
from tests.tui.console import Driver, console

LEE = Writer("lee", "laptop-8", "12-1")


async def in_an_incident(driver: Driver) -> None:
    await driver.see("enter", then="0 of 9 done")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_note_is_read_copied_and_the_lead_given_with_it(world: World, size: tuple[int, int]) -> None:
    async with console(world, size) as driver:
        await in_an_incident(driver)
        await driver.press("f")
        await driver.type("the deploy did it")
        await driver.see("enter", then="Timeline|finding")
        await driver.see("h", then="Lead:.. kim")
        assert "Handover INC-20260502-acme-1" in driver.text
        assert driver.app.screen.region.size == driver.app.size
        await driver.press("y")
        assert "the deploy did it" in driver.app.clipboard
        assert driver.app.clipboard.startswith("# Handover: INC-20260502-acme-1")
        await driver.see("enter", then="Give the lead to whom")
        await driver.type("lee watch the queue")
        await driver.until("lee gets the lead: watch the queue")
        await driver.see("enter", then="NOT YET TAKEN")
        assert world.journal.events[-1].fact == facts.HandedOver("lee", "watch the queue")
        await driver.see("T", then="Lead:.. kim")
        assert facts.Joined("kim", "lead") in [event.fact for event in world.journal.events[-1:]]
        await driver.see("escape", then="0 of 9 done")


async def test_giving_the_lead_to_whoever_has_it_is_refused_and_what_was_typed_stays(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        await driver.see("h", then="Lead:.. kim")
        await driver.see("enter", then="Give the lead")
        await driver.type("kim")
        await driver.see("enter", then="kim has the lead already")
        await driver.see("enter", then="Give the lead")
        await driver.until("kim gets the lead")


async def test_somebody_joins_with_one_key_at_a_time_that_is_read_back(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        await driver.see("J", then="enter: you joined")
        await driver.type("-5m Lee Wu, scribe")
        await driver.until("Lee Wu joined as scribe at 03:02 UTC")
        await driver.press("enter")
        await driver.until(lambda: facts.Joined("Lee Wu", "scribe") in [e.fact for e in world.journal.events])
        assert world.journal.events[-1].at < world.journal.events[0].at
        await driver.see("J", then="enter: you joined")
        await driver.type("kim")
        await driver.until("kim has the lead - h gives it")
        await driver.press("enter")
        assert world.kinds()[-1] == "joined"
        assert world.kinds().count("joined") == 2


async def test_whoever_was_given_the_lead_takes_it_with_two_keys(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        await driver.see("h", then="Lead:.. kim")
        await driver.see("enter", then="Give the lead")
        await driver.type("lee")
        await driver.see("enter", then="NOT YET TAKEN")
        await driver.press("escape")
    world.writer = LEE
    async with console(world) as driver:
        await driver.see("enter", then="lead you")
        await driver.see("J", then="you take the lead that was given to you")
        await driver.press("enter")
        await driver.until(lambda: world.kinds()[-1] == "joined")
        assert world.journal.events[-1].fact == facts.Joined("lee", "lead")
        assert world.journal.events[-1].writer == LEE
    world.writer = ME


@pytest.mark.parametrize(
    ("keys", "typed", "shown"),
    [
        (("n",), "users see 502", "note at 03:07 UTC: users see 502"),
        (("f",), "~03:05 a bad deploy", "finding at about 03:05 UTC: a bad deploy"),
        (("d",), "-5m roll back", "decision at 03:02 UTC: roll back"),
        (("u",), "02:58..03:01 told support", "update at 02:58 to 03:01 UTC: told support"),
        (("J",), "lee scribe", "lee joined as scribe"),
        (("exclamation_mark", "enter"), "03:01", "started at 03:01 UTC"),
        (("dollar_sign",), "kubectl get pods", "kubectl get pods"),
    ],
)
@pytest.mark.parametrize("place", ["respond", "timeline"])
async def test_a_line_half_typed_anywhere_is_read_back_and_there_again_after_a_crash(
    world: World, keys: tuple[str, ...], typed: str, shown: str, place: str
) -> None:
    if place == "timeline" and keys == ("dollar_sign",):
        pytest.skip("commands are typed at the checklist")
    before = 0
    for crashes in range(2):
        async with console(world) as driver:
            if crashes:
                await driver.until("is still open")
            await driver.see("enter", then="0 of 9 done")
            if place == "timeline":
                await driver.see("t", then="timeline, ")
            before = before or len(world.journal.events)
            await driver.press(*keys)
            await driver.until("enter save")
            if not crashes:
                await driver.type(typed)
            await driver.until(shown.replace(".", r"\."))
    assert len(world.journal.events) == before


async def test_a_secret_in_a_half_typed_line_does_not_lie_on_the_desk(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        await driver.press("n")
        await driver.type("password=hunter2hunter2")
        await driver.until("hunter2")
        assert "hunter2" not in repr(world.desk.things)
        assert "password=" in repr(world.desk.things)


async def test_a_note_is_written_while_a_command_prints(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        await driver.see("dollar_sign", then="Which command")
        await driver.type("gh run list")
        await driver.see("enter", then="only reads")
        world.clock.move(GUARD + 0.1)
        await driver.see("enter", then="S stops it")
        running = world.runner.running[0]
        await driver.press("n")
        for number, letter in enumerate("still at it"):
            running.prints(f"line {number}")
            await driver.type(letter)
        await driver.see("enter", then="line 3")
        await driver.until(lambda: facts.Remarked("note", "still at it") in [e.fact for e in world.journal.events])
        running.ends()
        await driver.until("exit 0")
