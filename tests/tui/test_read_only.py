"""Read-only has no hole: every key of every screen and every sheet behind it, and no change is run."""

from __future__ import annotations

import pytest

from incident.engine import Settings
from incident.tui import actions
from incident.tui.screens.place import Place
from incident.tui.screens.sheets import GUARD
from tests.fakes import World
from tests.tui.console import Driver, console

BOOK = b"""## Act

1. Delete: `kubectl -n shop delete pod web-7`
2. Log in: `gh auth login` <!-- incident: interactive -->
3. Restart: `kubectl -n shop rollout restart deploy/web`
4. Look: `gh run list`
"""
# Every key that an open sheet may take, so that whatever hides behind it is reached too.
ON_A_SHEET = ("enter", "R", "e", "enter", "R", "v", "enter", "V", "x", "enter")
TYPED = ("k", "u", "b", "e", "c", "t", "l", "space", "d", "r", "a", "i", "n", "space", "n", "1")


async def poke(driver: Driver, key: str) -> None:
    """Press a key, then everything on what opened, and come back."""
    await driver.press(key)
    for answer in ON_A_SHEET:
        if isinstance(driver.app.screen, Place) or not driver.app.is_running:
            break
        driver.world.clock.move(GUARD + 0.1)
        await driver.press(answer)
    for _ in range(4):
        if not isinstance(driver.app.screen, Place):
            await driver.press("escape")
    assert isinstance(driver.app.screen, Place), key


def keys_of(where: str) -> list[str]:
    """Every key that this screen's table names, but the two that leave it."""
    return [key for action in actions.on(where) for key in action.keys if action.id not in ("leave", "back")]


def place(driver: Driver) -> str:
    """The screen that is on top, by its name in the table."""
    screen = driver.app.screen
    return screen.where if isinstance(screen, Place) else ""


async def back_to_the_checklist(driver: Driver) -> None:
    """From wherever the keys led."""
    if place(driver) == actions.ALERTS:
        await driver.press("g", "enter")
    for _ in range(4):
        if place(driver) != actions.RESPOND:
            await driver.press("escape")
    assert place(driver) == actions.RESPOND


@pytest.mark.fault(52)
async def test_no_key_of_any_screen_runs_what_may_change_something(world: World) -> None:
    world.settings = Settings(read_only=True)
    world.shelf.books = {"acme-error-rate.md": BOOK}
    async with console(world) as driver:
        await driver.see("enter", then="0 of 4 done")
        for step in range(4):
            await driver.press("g", *("j" for _ in range(step)))
            await poke(driver, "enter")
        for key in keys_of(actions.RESPOND):
            await poke(driver, key)
            where = place(driver)
            if where == actions.RESPOND:
                continue
            for inner in keys_of(where):
                if place(driver) == where:
                    await poke(driver, inner)
            await back_to_the_checklist(driver)
        assert {order.argv for order in world.runner.orders} <= {("gh", "run", "list")}


@pytest.mark.fault(52)
async def test_a_line_that_a_person_types_is_no_way_around_it(world: World) -> None:
    world.settings = Settings(read_only=True)
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("dollar_sign", then="Which command")
        await driver.press(*TYPED)
        await driver.see("enter", then="only commands that are known to read can run here")
        driver.world.clock.move(GUARD + 0.1)
        await driver.press("R", "enter")
        assert world.runner.orders == []


async def test_the_walk_would_find_a_hole(world: World) -> None:
    world.shelf.books = {"acme-error-rate.md": BOOK}
    async with console(world) as driver:
        await driver.see("enter", then="0 of 4 done")
        await poke(driver, "enter")
        await driver.press("g", "j", "j")
        await poke(driver, "enter")
        assert [order.argv[0] for order in world.runner.orders] == ["kubectl"]
