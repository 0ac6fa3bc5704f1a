"""Running beyond the plain case: edited, typed, approved, repeated, left behind."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import OptionList

from incident.core import facts
from incident.core.event import Writer
from incident.engine import Settings
from incident.tui.screens.sheets import GUARD
from tests.fakes import FakeRunning, World
from tests.tui.console import Driver, console
from tests.tui.test_respond import at_preflight, at_rollback


async def past_the_guard(driver: Driver, *keys: str, then: str) -> None:
    """Wait until the sheet takes keys, then press some."""
    driver.world.clock.move(GUARD + 0.1)
    await driver.see(*keys, then=then)


async def test_a_command_can_be_edited_before_it_runs_and_is_shown_again(world: World) -> None:
    async with console(world, (80, 24)) as driver:
        await at_preflight(driver)
        await driver.see("e", then="Edit before it runs")
        await driver.type(" --ref main")
        await driver.see("enter", then="typed by hand, instead of acme-error-rate.md:17")
        await past_the_guard(driver, "R", then="S stops it")
        assert world.runner.orders[0].argv[-2:] == ("--ref", "main")


async def test_editing_can_be_given_up_and_nothing_runs(world: World) -> None:
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("e", then="Edit before it runs")
        await driver.press("escape")
        await driver.until(lambda: "Edit before" not in driver.text)
        assert world.runner.orders == []


async def test_a_line_of_ones_own_is_shown_before_it_runs_and_can_be_counted_to_a_step(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("A", then="no command was typed by hand")
        await driver.see("dollar_sign", then="Which command")
        await driver.type("gh run list")
        await driver.see("enter", then="only reads")
        assert "typed by hand" in driver.text
        await past_the_guard(driver, "enter", then="S stops it")
        await driver.see("A", then="belongs to this step")
        assert world.kinds()[-1] == "command.attached"


async def test_the_palette_runs_what_begins_with_an_exclamation_mark(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.press("colon")
        await driver.type("!gh run list")
        await driver.until("! gh run list")
        await driver.see("down", "enter", then="only reads")


async def test_a_second_person_is_waited_for_and_their_yes_runs_it(world: World) -> None:
    world.settings = Settings(approval=("github.com/acme/*",))
    async with console(world, (80, 24)) as driver:
        await at_preflight(driver)
        await driver.see("R", then="incident approve INC-20260502-acme-1/approval-")
        assert world.runner.orders == []
        asked = next(e.fact for e in world.journal.events if isinstance(e.fact, facts.ApprovalAsked))
        answers(world, driver, facts.ApprovalAnswered(asked.request, "sam", approved=True))
        await driver.until("S stops it")
        assert len(world.runner.orders) == 1


def answers(world: World, driver: Driver, fact: facts.ApprovalAnswered) -> None:
    """The second person, in another process."""
    event = driver.app.engine.log.stamp("INC-20260502-acme-1", fact)
    world.journal.append_by_other(replace(event, writer=Writer("sam", "laptop-8", "9-1")))


async def test_a_no_is_said_with_its_reason_and_nothing_runs(world: World) -> None:
    world.settings = Settings(approval=("github.com/acme/*",))
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("R", then="Waiting for a second person")
        asked = next(e.fact for e in world.journal.events if isinstance(e.fact, facts.ApprovalAsked))
        answers(world, driver, facts.ApprovalAnswered(asked.request, "sam", approved=False, reason="freeze"))
        await driver.until("sam said no: freeze")
        assert world.runner.orders == []


async def test_waiting_for_a_second_person_can_be_given_up(world: World) -> None:
    world.settings = Settings(approval=("github.com/acme/*",))
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("R", then="Waiting for a second person")
        await driver.press("escape")
        await driver.until(lambda: world.kinds()[-1] == "approval.withdrawn")
        assert world.runner.orders == []


async def test_a_terminal_that_cannot_be_given_away_says_so(world: World) -> None:
    world.shelf.books = {"acme-error-rate.md": b"1. Log in: `gh auth login` <!-- incident: interactive -->\n"}
    async with console(world) as driver:
        await driver.see("enter", then="0 of 1 done")
        await driver.see("enter", then="it gets the real one")
        await past_the_guard(driver, "R", then="the terminal cannot be given")
        assert world.runner.orders == []


async def test_what_was_left_running_is_there_at_the_next_start_with_its_output(world: World) -> None:
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("R", then="S stops it")
        await driver.see("q", "down", "down", "enter", then="")
        await driver.until(lambda: not driver.app.is_running)
        assert world.runner.running[0].left
    world.surroundings.dead = frozenset({world.writer.process})
    run = next(e.fact.run for e in world.journal.events if isinstance(e.fact, facts.CommandStarted))
    world.runner.kept[run] = still = FakeRunning()
    still.prints("half way")
    async with console(world) as driver:
        await driver.see("enter", then="half way")
        still.ends(0, 61.0)
        await driver.until("exit 0, 1m 1s|exit 0, 1m01s|exit 0, 61s")


async def test_an_unknown_outcome_blocks_the_command_until_somebody_says_what_was_found(world: World) -> None:
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("R", then="S stops it")
        world.runner.running[0].vanishes("the supervisor is gone")
        await driver.until("outcome unknown")
        await driver.see("enter", then="look what it did, then V says so")
        await past_the_guard(driver, "V", then="What became of it")
        await driver.type("no run in the list")
        await driver.see("enter", then="type github.com/acme/shop to run it")
        assert world.kinds()[-1] == "command.verified"


async def test_a_question_that_has_not_ended_is_on_the_screen(world: World) -> None:
    async with console(world) as driver:
        await at_rollback(driver)
        await driver.see("enter", then="Run this")
        await past_the_guard(driver, "R", then="S stops it")
        world.runner.running[0].prints(unfinished="Continue? [y/N] ")
        await driver.until("Continue. .y/N.")


LISTED = b"""---
title: Restart
inputs:
  pod: {from: kubectl get pods -o name, pattern: 'pod/[a-z0-9-]+'}
---
1. Restart it: `kubectl delete <pod>`
"""


async def test_a_value_can_be_picked_from_what_the_authors_own_command_lists(world: World) -> None:
    world.shelf.books = {"acme-error-rate.md": LISTED}
    world.changes.changes = ()
    async with console(world) as driver:
        await driver.see("enter", then="0 of 1 done")
        await driver.see("enter", then="with  kubectl get pods -o name")
        await driver.see("enter", then="only reads")
        await past_the_guard(driver, "enter", then="S stops it")
        world.runner.running[0].prints("NAME", "pod/web-7", "pod/web-8; reboot")
        world.runner.running[0].ends()
        await driver.until("pod .")
        assert driver.app.screen.query_one(OptionList).option_count == 1
        await driver.see("enter", then="kubectl delete pod/web-7")
        assert len(world.runner.orders) == 1
