"""Keys that arrive in a bunch reach the sheet that the first of them opens, and nothing below it."""

from __future__ import annotations

from textual import events
from textual.keys import _character_to_key

from incident.core import facts
from tests.fakes import World
from tests.tui.console import Driver, console


def bunch(driver: Driver, text: str) -> None:
    """Keys as a slow line delivers them: all at once."""
    for char in text:
        key = "enter" if char == "\r" else _character_to_key(char)
        driver.app.post_message(events.Key(key, None if char == "\r" else char))


async def test_a_note_typed_in_one_go_is_a_note_and_ticks_and_opens_nothing(world: World) -> None:
    text = "the t C z - N of it, x and A"
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        before = len(world.journal.events)
        bunch(driver, f"n{text}\r")
        await driver.until(lambda: len(world.journal.events) > before)
        await driver.until("0 of 9 done")
        assert [event.fact for event in world.journal.events[before:]] == [facts.Remarked("note", text)]
        bunch(driver, "ffive\rddone\r")
        await driver.until(lambda: len(world.journal.events) == before + 3)
        assert [event.fact for event in world.journal.events[before + 1 :]] == [
            facts.Remarked("finding", "five"),
            facts.Remarked("decision", "done"),
        ]


async def test_what_is_pasted_behind_a_key_lands_in_its_sheet(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        driver.app.post_message(events.Key("n", "n"))
        driver.app.post_message(events.Paste("502 on /checkout"))
        await driver.until("note at .*: 502 on /checkout")


async def test_keys_go_on_when_what_is_open_takes_none(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        bunch(driver, "jjjkk")
        await driver.until(lambda: "2 " in driver.chosen)
        bunch(driver, "?")
        await driver.until("Help")
        await driver.see("escape", then="0 of 9 done")
