"""Foreign text on every screen: it is shown, and it does nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incident.core.text import plain
from tests.fakes import DEPLOY, World, page
from tests.tui.console import Driver, console

# What a door cleans away, what Textual would read as markup, and what only looks like it.
ESCAPES = "\x1b]52;c;Y2FuYXJ5\x07\x1b[2J\x9b31m\x1bPq\x1b\\\u202e\u200b\x00"
MARKUP = ("[/red]", "[/]", "[@click=app.quit]x[/]", "[b + x", "a[/", "[/var/lib/docker]", "[link=file:///etc/passwd]y")
BOOK = f"""# {MARKUP[0]} runbook {ESCAPES}

## {MARKUP[2]} First
1. Look at {MARKUP[5]} and `gh run list {MARKUP[3]}` {ESCAPES}

## If {MARKUP[4]} happens
1. Do: `gh workflow run x.yml -f sha=<previous>`

## Escalation
- {MARKUP[6]} {MARKUP[1]}
"""
SCREENS = {
    "alerts": (),
    "details": ("v",),
    "respond": ("enter",),
    "timeline": ("enter", "t"),
    "draft": ("enter", "p"),
    "runbooks": ("enter", "b"),
    "help": ("question_mark",),
    "palette": ("colon",),
}


def hostile(world: World) -> World:
    """Every port speaks hostile text; what a door cleans is cleaned as the doors do it."""
    text = plain("".join(MARKUP))
    alert = page(f"Name{text}", pod=text, instance="中文" * 30 + "👩‍🚀" + "e" + "\u0301" * 60)
    world.alerts.alerts = (
        replace(alert, annotations={**alert.annotations, "summary": text, "long": "x" * 10_000, "runbook": "a/b"}),
    )
    world.changes.changes = (replace(DEPLOY, version="1[/]", title=text, by=text),)
    world.signals.signals = (replace(world.signals.signals[0], name="[/red]", missing="[/]"),)
    world.shelf.books = {"b.md": BOOK.encode(), "[x].md": b"# [y]\n"}
    return world


def inert(driver: Driver) -> bool:
    """Nothing on the screen acts on a terminal; a joiner within an emoji does not either."""
    return all(char.isprintable() or char == "\u200d" for line in driver.lines for char in line)


@pytest.mark.fault(57, 59, 60, 61, 62, 63)
@pytest.mark.parametrize("keys", SCREENS.values(), ids=SCREENS.keys())
@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_foreign_text_is_inert_on_every_screen(
    world: World, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    async with console(hostile(world), size) as driver:
        for key in keys:
            await driver.press(key)
            await driver.pilot.pause(0.2)
        assert inert(driver)
        assert driver.app.is_running


async def test_markup_in_an_alerts_name_is_shown_as_it_is(world: World) -> None:
    async with console(hostile(world)) as driver:
        await driver.until(r"Name\[/red\]\[/\]")
        await driver.see("enter", then=r"\[/\] fired|Name\[/red\]")


@pytest.mark.fault(58, 72)
async def test_the_last_door_takes_out_what_a_widget_was_given_raw(world: World) -> None:
    async with console(world) as driver:
        driver.app.notify(f"canary {ESCAPES} end", markup=False)
        await driver.until("canary.*end")
        assert inert(driver)


@pytest.mark.fault(74)
@pytest.mark.parametrize("size", [(40, 10), (20, 5), (200, 60)])
async def test_every_size_is_usable(world: World, size: tuple[int, int]) -> None:
    async with console(world, size) as driver:
        await driver.until("incident")
        await driver.press("enter")
        await driver.until("INC-")
        await driver.press("space", "space", "t", "escape", "p", "escape", "question_mark", "escape", "n", "escape")
        await driver.pilot.resize_terminal(120, 36)
        await driver.until("2 of 9 done")
        await driver.pilot.resize_terminal(*size)
        assert driver.app.is_running
