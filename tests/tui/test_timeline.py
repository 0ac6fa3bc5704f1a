"""The timeline's screen: filtered, folded, corrected, and evidence added."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.event import Event, next_id
from incident.core.timeline import Category
from incident.errors import SourceError
from incident.tui.widgets.timeline_list import ALL, WINDOW, View, place_text, read_place
from tests.fakes import ME, START, World
from tests.tui.console import Driver, console


async def at_timeline(driver: Driver) -> None:
    """An incident with a note, and its timeline open."""
    await driver.see("enter", then="0 of 9 done")
    await driver.see("n", then="a time may stand in front")
    await driver.type("users report 502")
    await driver.see("enter", then="note users report 502")
    await driver.see("t", then="timeline, . events")
    await driver.until(lambda: "users report 502" in driver.chosen)


async def test_a_row_is_corrected_in_words_and_time_and_shows_what_it_was(world: World) -> None:
    async with console(world) as driver:
        await at_timeline(driver)
        await driver.see("c", then="Correct this row")
        await driver.type("03:02 two users report 502")
        await driver.until("at 03:02 UTC: two users report 502")
        await driver.press("enter")
        await driver.until("note two users report 502 .corrected.")
        assert "was 03:07:12 note users report 502" in driver.text
        assert world.kinds()[-1] == "correction"


async def test_what_the_tool_saw_keeps_its_words_and_only_its_time_can_be_corrected(world: World) -> None:
    async with console(world) as driver:
        await at_timeline(driver)
        await driver.press("g")
        await driver.see("c", then="another time")
        await driver.type("something else")
        await driver.see("enter", then="only what a person wrote can be worded otherwise")


async def test_bookkeeping_folds_and_unfolds(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        for _ in range(3):
            await driver.see("space", then="1 of 9 done")
            await driver.see("z", then="0 of 9 done")
        await driver.see("t", then="timeline, ")
        before = driver.text
        await driver.see("o", then="folded")
        assert driver.text != before
        await driver.see("o", then="timeline, ")
        assert "folded" not in driver.text


async def test_one_kind_of_row_is_shown_and_everything_again(world: World) -> None:
    async with console(world, (80, 24)) as driver:
        await at_timeline(driver)
        await driver.see("K", then="Show which kind")
        await driver.press("down", "down", "down", "down")
        await driver.see("enter", then="only remarks")
        assert "fired" not in driver.text
        await driver.see("K", then="Show which kind")
        await driver.press("enter")
        await driver.until("fired")


async def test_going_to_a_time_puts_the_cursor_there(world: World) -> None:
    async with console(world) as driver:
        await at_timeline(driver)
        await driver.see("T", then="Go to which time")
        await driver.type("25:00")
        await driver.press("enter")
        await driver.press(*["backspace"] * 5)
        await driver.type("03:03")
        await driver.press("enter")
        await driver.until(lambda: "fired" in driver.chosen)


async def test_an_address_and_the_signals_of_now_are_evidence(world: World) -> None:
    async with console(world) as driver:
        await at_timeline(driver)
        await driver.see("l", then="Which address")
        await driver.type("https://grafana.acme.com/d/1 the errors")
        await driver.press("enter")
        await driver.until("grafana.acme.com/d/1")
        await driver.see("l", then="Which address")
        await driver.type("ssh://-o")
        await driver.see("enter", then="is no address")
        before = world.kinds().count("signal.seen")
        await driver.see("E", then="1 values are on the timeline")
        assert world.kinds().count("signal.seen") == before + 1
        world.clock.move(60)
        world.signals.error = SourceError("prometheus does not answer")
        await driver.see("E", then="prometheus does not answer")


async def test_a_redacted_row_and_its_corrections_are_gone_and_the_reason_stays(world: World) -> None:
    async with console(world) as driver:
        await at_timeline(driver)
        await driver.see("c", then="Correct this row")
        await driver.type("the teapot is hot")
        await driver.see("enter", then="the teapot is hot .corrected.")
        await driver.see("X", then="Redact this row")
        await driver.type("a name in it")
        await driver.see("enter", then="It is gone from this machine")
        await driver.until("redacted by kim: a name in it")
        assert "teapot" not in repr(world.journal.events)
        assert "teapot" not in driver.text
        await driver.see("X", then="Redact this row")
        await driver.type("again")
        await driver.see("enter", then="nothing left in this row")


NOTES = 3 * WINDOW + 200


def with_a_long_incident(world: World) -> None:
    """An open incident with more rows than are laid out at a time, a minute apart."""
    last = ""
    for number in range(NOTES):
        at = START - timedelta(minutes=NOTES - number)
        last = next_id(at, last, number)
        fact = facts.IncidentOpened("Errors") if number == 0 else facts.Remarked("note", f"line {number:05d}.")
        world.journal.events.append(Event(last, "INC-1", at, fact, ME, at, source="person", seq=number + 1))


@pytest.mark.fault(27)
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_long_timeline_is_walked_from_end_to_end(world: World, size: tuple[int, int]) -> None:
    with_a_long_incident(world)
    async with console(world, size) as driver:
        await driver.until("is still open")
        await driver.see("enter", then="No runbook was found")
        await driver.see("t", then=f"timeline, {NOTES:,} events")
        await driver.until(lambda: f"line {NOTES - 1:05d}" in driver.chosen)
        await driver.see("g", then="opened SEV2 Errors")
        assert "opened" in driver.chosen
        await driver.see("j", "j", then="line 00002")
        await driver.see("G", then=f"line {NOTES - 1:05d}")
        assert f"line {NOTES - 1:05d}" in driver.chosen
        rows = driver.app.screen.query_one("#rows")
        assert len(rows.rows) == WINDOW
        rows.select(rows.keys[0])
        await driver.until("rows before   enter shows more")
        assert f"{NOTES - WINDOW:,} rows before" in driver.chosen
        await driver.press("enter")
        await driver.until(lambda: f"line {NOTES - WINDOW - 1:05d}" in driver.chosen)
        await driver.see("T", then="Go to which time")
        await driver.type((START - timedelta(minutes=NOTES - 500)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        await driver.press("enter")
        await driver.until(lambda: "line 00500" in driver.chosen)
        rows.select(rows.keys[-1])
        await driver.until("rows behind   enter shows more")
        await driver.press("enter")
        await driver.until(lambda: "line 01000" in driver.chosen)


async def test_words_are_looked_for_in_every_row_and_a_new_row_joins_those_found(world: World) -> None:
    with_a_long_incident(world)
    async with console(world) as driver:
        await driver.until("is still open")
        await driver.see("enter", then="No runbook was found")
        await driver.see("t", then=f"timeline, {NOTES:,} events")
        await driver.until(lambda: driver.app.engine.log.is_whole("INC-1"))
        await driver.see("slash", then="words that a row must hold")
        await driver.type("line 00007")
        await driver.see("enter", then="only .line 00007.")
        await driver.until(lambda: "line 00007" in driver.chosen)
        await driver.see("n", then="a time may stand in front")
        await driver.type("after line 00007")
        await driver.press("enter")
        await driver.until("note after line 00007")
        assert "line 00008" not in driver.text


async def test_a_timeline_that_was_left_by_a_crash_looks_as_it_did_and_one_that_was_closed_does_not(
    world: World,
) -> None:
    async with console(world) as driver:
        await at_timeline(driver)
        await driver.press("k")
        row = driver.chosen
        await driver.see("o", then="folded")
    async with console(world) as driver:
        await driver.until("is still open")
        await driver.see("enter", then="0 of 9 done")
        await driver.see("t", then="folded")
        await driver.until(lambda: driver.chosen == row)
        await driver.see("escape", then="0 of 9 done")
        await driver.see("t", then="timeline, ")
        assert "folded" not in driver.text
        await driver.until(lambda: "users report 502" in driver.chosen)


def test_how_a_timeline_is_looked_at_is_kept_and_nonsense_is_how_every_look_begins() -> None:
    view = View("502", frozenset({Category.REMARKS}), fold=True)
    assert read_place(place_text(view, "row")) == (view, "row")
    assert place_text(ALL, "") == ""
    for text in ("", "{", "[]", '{"words": 1}', '{"words": "", "kinds": ["x"], "fold": 0, "row": ""}', "[" * 9_000):
        assert read_place(text) == (ALL, "")
