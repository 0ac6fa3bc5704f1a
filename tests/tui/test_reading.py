"""Reading a runbook, and reading it again when somebody changed it."""

from __future__ import annotations

import pytest

from incident.engine import Settings
from tests.fakes import SEED, World
from tests.tui.console import Driver, console

RICH = b"""# Queue lag

!!! warning "Careful"
    Never purge a queue.

Look at [the board](https://grafana.acme.com/d/q) and ![a picture of the queue](q.png) first.

| Queue | Owner | What to do when it is late and nobody from the owning team answers the phone |
| --- | --- | --- |
| receipts | mailer | wait |

> [!NOTE]
> Lag is measured in seconds.

## Steps
1. List them: `queue list`
   ```sh
   queue list --all --with-a-very-long-option-that-does-not-fit-into-eighty-columns-at-all=true
   ```
- [ ] Tell support
"""


async def reading(driver: Driver) -> None:
    """From the alerts to the text of the runbook."""
    await driver.see("enter", then=" done")
    await driver.see("v", then="reading|:1 |search")
    await driver.until(lambda: driver.chosen != "")


async def test_prose_tables_admonitions_code_links_and_images_are_legible_at_80_columns(world: World) -> None:
    world.shelf.books = {"acme-error-rate.md": RICH}
    async with console(world, (80, 36)) as driver:
        await reading(driver)
        for words in (
            "WARNING Careful",
            "Never purge a queue.",
            "the board (https://grafana.acme.com/d/q)",
            "a picture of the queue",
            "receipts",
            "▏ NOTE",
            "▏ Lag is measured in seconds.",
            "1. List them: queue list",
            "│ queue list --all",
            "☐  Tell support",
        ):
            assert words in driver.text
        assert all(len(line) <= 80 for line in driver.lines)
        assert "↩" in driver.line("│ queue list --all")
        assert driver.line("Queue +Owner") != ""


async def test_reading_begins_where_the_checklists_cursor_was(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.press("j", "j")
        await driver.see("v", then="acme-error-rate.md:14")
        assert "Identify the start time" in driver.chosen


async def test_words_are_found_one_place_after_the_other(world: World) -> None:
    async with console(world) as driver:
        await reading(driver)
        await driver.see("slash", then="words to find here")
        await driver.type("check")
        await driver.press("enter")
        await driver.until("“check” in 5 places")
        assert "/api/v1/checkout" in driver.chosen
        await driver.press("n")
        await driver.until(lambda: "Check upstreams" in driver.chosen)
        await driver.press("N", "N")
        await driver.until(lambda: "Users see HTTP 500" in driver.text and "Check upstreams" not in driver.chosen)
        await driver.press("N")
        await driver.until(lambda: "Check rate limits" in driver.chosen)
        await driver.see("slash", then="words to find here")
        await driver.press(*["backspace"] * 5)
        await driver.type("nowhere")
        await driver.see("enter", then="is not in this runbook")


async def test_sections_are_walked_and_a_block_is_copied(world: World) -> None:
    async with console(world) as driver:
        await reading(driver)
        await driver.press("g")
        await driver.press("right_square_bracket")
        await driver.until(lambda: "acme-error-rate.md:3" in driver.text)
        await driver.press("left_square_bracket")
        await driver.see("left_square_bracket", then="no heading before this")
        await driver.press("G", "y")
        assert driver.app.clipboard == "VP Eng if user-impact > 1 hour"
        await driver.see("escape", then="0 of 9 done")


async def test_a_changed_file_is_said_and_ticks_stay_with_their_steps(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.press("space", "space")
        await driver.until("2 of 9 done")
        edited = SEED.read_bytes().replace(b"## First 2 minutes\n", b"## First 2 minutes\n1. Breathe.\n")
        world.shelf.books["acme-error-rate.md"] = edited.replace(b"are erroring. Often", b"fail. Often")
        await driver.until("changed on disk: r reads it")
        await driver.see("r", then="1 of 10 done")
        assert driver.line("✓ . +Open dashboard") != ""
        assert driver.line("○ . +Identify which endpoint") != ""


async def test_a_step_whose_command_changed_is_open_again(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("right_square_bracket", "enter", then="chosen")
        await driver.press("space")
        await driver.until("1 of 6 done")
        world.shelf.books["acme-error-rate.md"] = SEED.read_bytes().replace(
            b"-f sha=<previous>", b"-f commit=<previous>"
        )
        await driver.until("changed on disk")
        await driver.see("r", then="0 of 6 done")


async def test_a_runbook_that_is_gone_is_one_clear_line(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        world.shelf.books = {}
        await driver.until("changed on disk")
        await driver.see("v", then="there is no runbook acme-error-rate.md")


@pytest.mark.fault(52)
async def test_read_only_edits_nothing(world: World) -> None:
    world.settings = Settings(read_only=True)
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("e", then="Read-only: nothing is edited here")


async def test_where_no_editor_can_be_opened_the_file_is_named(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("e", then="No editor can be opened from here")


async def test_a_long_runbook_lays_out_only_what_changed_when_a_step_is_ticked(world: World) -> None:
    sections = "".join(f"\n## Part {n}\n" + "".join(f"1. Check thing {n}-{m}\n" for m in range(8)) for n in range(500))
    world.shelf.books = {"acme-error-rate.md": f"# Long\n{sections}".encode()}
    async with console(world) as driver:
        await driver.see("enter", then="0 of 4000 done")
        from incident.tui.widgets import checklist

        laid_out = []
        real = checklist._StepBlock.lines

        def counted(block: checklist._StepBlock, width: int) -> object:
            laid_out.append(block.key)
            return real(block, width)

        checklist._StepBlock.lines = counted  # type: ignore[method-assign, assignment]  # counted on the way
        try:
            await driver.see("space", then="1 of 4000 done")
        finally:
            checklist._StepBlock.lines = real  # type: ignore[method-assign]  # as it was
        assert len(set(laid_out)) <= 3
