"""Responding: the checklist, the preflight, the output, the notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.command import Target
from incident.core.runbook.read import read
from incident.engine import Settings
from incident.errors import JournalError, RunError
from incident.tui.screens.sheets import GUARD
from tests.fakes import DEPLOY, SEED, START, World
from tests.tui.console import Driver, console

SIZES = [(120, 36), (80, 24)]


async def at_rollback(driver: Driver) -> None:
    """From the alerts to the cursor on Roll back, in three keys."""
    await driver.see("enter", then="0 of 9 done")
    await driver.see("right_square_bracket", "enter", then="chosen")
    await driver.until(lambda: "Roll back" in driver.chosen)


async def at_preflight(driver: Driver) -> None:
    """On the sheet, past its first moment."""
    await at_rollback(driver)
    await driver.see("enter", then="Run this")
    driver.world.clock.move(GUARD + 0.1)


@pytest.mark.parametrize("size", SIZES)
async def test_the_seeds_runbook_is_a_checklist_with_its_two_ways(world: World, size: tuple[int, int]) -> None:
    async with console(world, size) as driver:
        await driver.see("enter", then="0 of 9 done")
        assert driver.chosen.startswith("▌  ○ 1  Open dashboard: https://grafana.acme.com/d/acme-overview")
        assert "◇ If it correlates with a deploy (most common)" in driver.text
        assert "gh workflow run rollback.yml -f sha=<previous>" in driver.text
        assert "#inc-20260502-acme" in driver.text
        await driver.press("G")
        await driver.until("VP Eng if user-impact > 1 hour +due 04:03")


async def test_space_ticks_and_goes_to_the_next_step_and_z_takes_it_back(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.press("space")
        await driver.until("1 of 9 done")
        assert "03:07" in driver.line("✓ 1  Open dashboard")
        assert "2  Identify which endpoint" in driver.chosen
        await driver.press("z")
        await driver.until("0 of 9 done")
        assert world.kinds()[-2:] == ["step.ticked", "step.unticked"]


async def test_taking_a_way_folds_the_other_and_its_steps_do_not_count(world: World) -> None:
    async with console(world) as driver:
        await at_rollback(driver)
        await driver.until("0 of 6 done")
        assert "not taken" in driver.line("If no recent deploy")
        assert "Check upstreams" not in driver.text
        assert "9f8e7d6 ran until 02:55, before a1b2c3d" in driver.text


async def test_a_step_of_a_way_not_yet_taken_says_why_it_cannot_be_ticked(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.press("right_square_bracket", "j")
        assert "Roll back" in driver.chosen
        await driver.see("space", then="choose the way first")
        await driver.see("enter", then="choose the way first")


@pytest.mark.parametrize("size", SIZES)
async def test_five_keys_from_the_alert_to_a_running_rollback(world: World, size: tuple[int, int]) -> None:
    async with console(world, size) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.press("right_square_bracket")
        await driver.see("enter", then="chosen")
        await driver.see("enter", then="Run this")
        world.clock.move(GUARD + 0.1)
        await driver.press("R")
        await driver.until(lambda: len(world.runner.orders) == 1)
        assert world.runner.orders[0].argv == ("gh", "workflow", "run", "rollback.yml", "-f", "sha=9f8e7d6")


async def test_the_preflight_says_what_where_as_whom_from_which_line(world: World) -> None:
    async with console(world, (80, 24)) as driver:
        await at_preflight(driver)
        for words in (
            "gh workflow run rollback.yml -f sha=9f8e7d6",
            "previous  9f8e7d6   ran until 02:55, before a1b2c3d",
            "github.com/acme/shop   from git remote origin",
            "/home/kim/shop   as kim@laptop-7",
            "gh·workflow·run·rollback.yml·-f·sha=9f8e7d6",
            "changes something   expected 5 min",
            "acme-error-rate.md:17   unchanged since it was opened",
        ):
            assert words in driver.text


async def test_a_half_asleep_double_enter_runs_nothing(world: World) -> None:
    async with console(world) as driver:
        await at_rollback(driver)
        await driver.see("enter", then="Run this")
        await driver.press("enter", "R")
        assert world.runner.orders == []
        world.clock.move(GUARD + 0.1)
        await driver.see("enter", then="R .shift and r. runs it")
        assert world.runner.orders == []


async def test_escape_and_copy_run_nothing(world: World) -> None:
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("y", then="Nothing was run here")
        assert driver.app.clipboard == "gh workflow run rollback.yml -f sha=9f8e7d6"
        await driver.press("escape")
        await driver.until(lambda: "Run this" not in driver.text)
        assert world.runner.orders == []


async def test_production_needs_the_targets_name_typed(world: World) -> None:
    world.settings = Settings(production=("github.com/acme/*",))
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.until("type github.com/acme/shop to run it")
        await driver.see("R", "enter", then="That is not github.com/acme/shop")
        assert world.runner.orders == []
        await driver.press("backspace")
        await driver.type("github.com/acme/shop")
        await driver.press("enter")
        await driver.until(lambda: len(world.runner.orders) == 1)


async def test_a_parameter_that_nothing_fills_is_asked_for_and_a_bad_value_refused(world: World) -> None:
    world.changes.changes = ()
    async with console(world) as driver:
        await at_rollback(driver)
        await driver.see("enter", then="<previous> [?]")
        await driver.type("a")
        await driver.press("semicolon", "b")
        await driver.until("letters, digits and")
        await driver.press("enter", "backspace", "backspace")
        await driver.type("bc1234")
        await driver.see("enter", then="sha=abc1234")
        assert "typed by you" in driver.text


async def test_another_version_can_be_picked_from_the_recent_changes(world: World) -> None:
    older = replace(DEPLOY, at=START - timedelta(hours=30), version="9f8e7d6", previous="77c0ffe", title="")
    world.changes.changes = (DEPLOY, older)
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("v", then="before deploy a1b2c3d of acme, 7m before the alert, rank 0.81")
        await driver.see("down", "enter", then="sha=77c0ffe")
        assert "undoes    deploy a1b2c3d (7m before the alert): cart: batch price lookups; and 1 more" in driver.text


async def test_output_streams_and_the_exit_code_stays_beside_the_step(world: World) -> None:
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.press("R")
        await driver.until("running")
        world.runner.running[0].prints("one", "two")
        await driver.until("two")
        world.runner.running[0].ends(1)
        await driver.until("exit 1, 4s")
        assert "S stops it" not in driver.text


async def test_the_stop_key_stops_the_command(world: World) -> None:
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("R", then="S stops it")
        await driver.see("S", then="stopped, exit -2")
        await driver.see("S", then="Nothing is running")


async def test_leaving_with_a_running_command_asks(world: World) -> None:
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("R", then="S stops it")
        await driver.see("q", then="A command is running")
        await driver.see("enter", then="S stops it")
        await driver.see("q", "down", then="A command is running")
        await driver.press("enter")
        await driver.until(lambda: not driver.app.is_running)
        assert world.kinds()[-1] == "command.finished"


async def test_a_program_that_is_not_there_is_one_clear_line(world: World) -> None:
    world.runner.error = RunError("there is no program gh", hint="install it")
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("R", then="there is no program gh - install it")
        await driver.until("did not start")


@pytest.mark.fault(52)
async def test_read_only_shows_the_command_and_runs_nothing(world: World) -> None:
    world.settings = Settings(read_only=True)
    async with console(world) as driver:
        assert "read-only" in driver.lines[0]
        await at_preflight(driver)
        assert "cannot run" in driver.text
        await driver.press("R", "enter")
        assert world.runner.orders == []


@pytest.mark.parametrize(
    ("key", "kind", "typed", "shown"),
    [
        ("n", "note", "-5m saw 502", "03:02 note saw 502"),
        ("f", "finding", "began with the deploy", "finding began with the deploy"),
        ("d", "decision", "roll back first", "decision roll back first"),
        ("u", "update", "told support", "update told support"),
    ],
)
async def test_a_line_is_written_with_one_key_and_enter(
    world: World, key: str, kind: str, typed: str, shown: str
) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see(key, then="a time may stand in front")
        await driver.type(typed)
        await driver.until(f"{kind} at")
        await driver.press("enter")
        await driver.until(shown)
        fact = world.journal.events[-1].fact
        assert isinstance(fact, facts.Remarked)
        assert fact.remark == kind


async def test_a_milestone_is_set_with_its_time(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("exclamation_mark", then="Which milestone")
        await driver.see("enter", then="When did it start")
        await driver.type("-9m")
        await driver.see("enter", then="02:58 started")


async def test_what_is_not_saved_is_red_on_every_screen_and_in_its_row(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        world.journal.broken = JournalError("the disk is full")
        await driver.press("space")
        await driver.until("NOT SAVED: 1 event")
        assert "not saved" in driver.line("✓ Open dashboard")
        world.journal.broken = None
        await driver.until(lambda: "NOT SAVED" not in driver.text)


async def test_the_timeline_the_draft_and_back(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("t", then="timeline, . events")
        assert "acknowledged AcmeErrorBudgetFastBurn" in driver.text
        await driver.see("p", then="# INC-20260502-acme-1")
        await driver.press("escape")
        await driver.see("escape", then="0 of 9 done")
        await driver.see("x", then="postmortems/INC-20260502-acme-1.md")


async def test_prose_unfolds_and_folds(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.press("g")
        assert "What it means" in driver.chosen
        await driver.see("enter", then="error budget in < 2 days at the current pace")


async def test_closing_and_opening_again(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("C", then="closed after")
        await driver.see("C", then="open 0s")


async def test_an_incident_without_a_runbook_lets_one_be_picked(world: World) -> None:
    async with console(world) as driver:
        await driver.see("j", "enter", then="No runbook was found for sure")
        await driver.see("b", then="Which runbook")
        await driver.see("enter", then="0 of 9 done")


async def test_a_change_of_target_is_a_warning(world: World) -> None:
    async with console(world) as driver:
        await at_preflight(driver)
        await driver.see("R", then="S stops it")
        world.runner.running[0].ends()
        await driver.until("exit 0")
        world.surroundings.named = Target("github.com/acme/other", "git remote origin")
        await driver.see("enter", then="the target differs from the last command's, github.com/acme/shop")
        assert "already run at 03:07: exit 0, 4s" in driver.text


async def test_a_note_with_an_at_sign_is_about_the_step_under_the_cursor(world: World) -> None:
    async with console(world, (80, 24)) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.press("j")
        await driver.see("n", then="@: this step")
        await driver.type("@ the graph lags")
        await driver.until('note at 03:07 UTC on "Identify which endpoint')
        await driver.press("enter")
        await driver.until("note the graph lags")
    [note] = [event.fact for event in world.journal.events if isinstance(event.fact, facts.Remarked)]
    [step] = [step for step in read(SEED.read_bytes(), SEED.name).steps if step.text.startswith("Identify which")]
    assert (note.text, note.step) == ("the graph lags", step.id)


async def test_a_half_typed_note_and_the_place_in_the_checklist_are_there_at_the_next_start(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.press("j", "j")
        place = driver.chosen
        await driver.see("n", then="a time may stand in front")
        await driver.type("users report")
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.until(lambda: driver.chosen == place)
        await driver.see("n", then="users report")
        await driver.type(" errors")
        await driver.press("enter")
        await driver.until("note users report errors")
        await driver.see("n", then="a time may stand in front")
        assert "users report errors" not in driver.line("│   ")
