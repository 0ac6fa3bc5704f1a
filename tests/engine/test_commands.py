"""Preparing and running a runbook's commands."""

from __future__ import annotations

import pytest

from incident.core import facts
from incident.core.command import Tier
from incident.core.ports import Order
from incident.core.runbook import Command, Runbook, Step
from incident.engine import Engine, Settings
from incident.errors import JournalError, RunError
from tests.fakes import World, page


async def at_rollback(world: World) -> tuple[Engine, str, Step, Command]:
    """An engine with the seed's runbook open and the deploy branch taken."""
    engine = world.engine()
    await engine.load()
    identity = await engine.open(page())
    await engine.settled()
    book = await engine.runbooks.of(identity)
    assert book is not None
    step = next(step for step in book.steps if step.text == "Roll back")
    assert step.branch is not None
    await engine.response.choose(identity, step.branch, ())
    return engine, identity, step, command_of(book, step)


def command_of(book: Runbook, step: Step) -> Command:
    return book.commands[step.commands[0]]


async def test_the_preflight_shows_exactly_what_would_run_and_why_these_values(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    assert flight.text == "gh workflow run rollback.yml -f sha=9f8e7d6"
    assert flight.argv == ("gh", "workflow", "run", "rollback.yml", "-f", "sha=9f8e7d6")
    assert not flight.shell
    (previous,) = flight.parameters
    assert (previous.value, previous.origin) == ("9f8e7d6", "ran until 02:55, before a1b2c3d")
    assert (flight.directory, flight.who, flight.target.name) == (
        "/home/kim/shop",
        "kim@laptop-7",
        "github.com/acme/shop",
    )
    assert (flight.origin, flight.expected, flight.tier) == ("acme-error-rate.md:17", "5 min", Tier.CONFIRM)


async def test_rollback_is_journaled_before_it_runs(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    seen: list[str] = []
    world.runner.on_start = lambda order: seen.extend(world.kinds())
    await engine.run(identity, await engine.prepare(identity, command, step))
    assert seen[-2:] == ["parameter.set", "command.started"]


async def test_the_end_of_a_command_is_recorded_with_its_output(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    run = await engine.run(identity, await engine.prepare(identity, command, step))
    world.runner.running[0].prints("✓ Created workflow_dispatch event")
    world.runner.running[0].ends()
    await engine.commands.ended(run)
    record = engine.incident(identity).commands[run]
    assert record.outcome == "exit 0, 4s"
    assert record.finished is not None
    assert record.finished.head == ("✓ Created workflow_dispatch event",)
    assert list(engine.commands.outputs[run].lines) == ["✓ Created workflow_dispatch event"]


async def test_stopping_waits_for_the_end_and_says_stopped(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    run = await engine.run(identity, await engine.prepare(identity, command, step))
    await engine.commands.stop(run)
    assert engine.incident(identity).commands[run].outcome.startswith("stopped, exit -2")
    assert engine.commands.running == []
    await engine.commands.stop(run)


async def test_an_end_that_was_not_seen_is_outcome_unknown(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    run = await engine.run(identity, await engine.prepare(identity, command, step))
    world.runner.running[0].vanishes("its end was taken by another program")
    await engine.commands.ended(run)
    assert engine.incident(identity).commands[run].outcome == "outcome unknown"
    assert engine.commands.running == []


@pytest.mark.fault(4, 7)
async def test_nothing_runs_when_its_start_cannot_be_saved(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    world.journal.broken = JournalError("the disk is full")
    with pytest.raises(RunError, match="could not be saved"):
        await engine.run(identity, flight)
    assert world.runner.orders == []
    assert len(engine.log.unsaved) == 3
    world.journal.broken = None
    await engine.record(identity, facts.Remarked("note", "space again"))
    assert engine.log.unsaved == ()
    assert world.kinds()[-4:] == ["parameter.set", "command.started", "command.failed", "remark"]


async def test_a_command_that_does_not_start_says_so_and_is_not_running(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    world.runner.error = RunError("there is no program gh")
    with pytest.raises(RunError, match="no program gh"):
        await engine.run(identity, await engine.prepare(identity, command, step))
    (record,) = engine.incident(identity).commands.values()
    assert record.outcome == "did not start"


async def test_a_parameter_nobody_knows_has_to_be_given(world: World) -> None:
    world.changes.changes = ()
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    assert [p.placeholder for p in flight.unfilled] == ["<previous>"]
    with pytest.raises(RunError, match="<previous> has no value yet"):
        await engine.run(identity, flight)
    typed = await engine.prepare(identity, command, step, {"previous": "0ddba11"})
    assert typed.text.endswith("sha=0ddba11")
    assert typed.parameters[0].origin == "typed by you"


@pytest.mark.fault(47, 48)
@pytest.mark.parametrize("value", ["; rm -rf /", "$(reboot)", "`id`", "-rf", "a\nb", "a b", "'", '"', ""])
async def test_a_value_that_a_shell_could_read_never_gets_into_a_command(world: World, value: str) -> None:
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step, {"previous": value})
    assert flight.unfilled
    assert flight.text == command.text
    with pytest.raises(RunError):
        await engine.run(identity, flight)
    assert world.runner.orders == []


async def test_a_way_that_was_not_taken_cannot_run(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    book = await engine.runbooks.of(identity)
    assert book is not None
    other = next(s for s in book.steps if s.branch and step.branch and s.branch.id != step.branch.id)
    assert other.branch is not None
    await engine.response.choose(identity, other.branch, ())
    with pytest.raises(RunError, match="was not taken"):
        await engine.prepare(identity, command, step)


@pytest.mark.fault(95)
async def test_a_runbook_that_changed_under_the_reader_has_to_be_read_again(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    world.shelf.books["acme-error-rate.md"] += b" "
    with pytest.raises(RunError, match="changed on disk"):
        await engine.prepare(identity, command, step)


@pytest.mark.fault(52)
async def test_read_only_refuses_whatever_is_not_known_to_read(world: World) -> None:
    world.settings = Settings(read_only=True)
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    assert "read-only" in engine.commands.preflights.why_not(flight)
    with pytest.raises(RunError, match="read-only"):
        await engine.run(identity, flight)
    assert world.runner.orders == []


@pytest.mark.fault(53)
async def test_the_same_change_twice_is_warned_about_with_how_the_first_one_ended(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    run = await engine.run(identity, await engine.prepare(identity, command, step))
    world.runner.running[0].ends(1)
    await engine.commands.ended(run)
    again = await engine.prepare(identity, command, step)
    assert again.warnings == ("already run at 03:07: exit 1, 4s",)


async def test_a_command_whose_console_died_reads_outcome_unknown_and_is_not_run_again(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    run = await engine.run(identity, await engine.prepare(identity, command, step))
    engine.commands.let_go()
    world.surroundings.dead = frozenset({world.writer.process})
    restarted = world.engine()
    await restarted.load()
    record = restarted.incident(identity).commands[run]
    assert record.outcome == "outcome unknown"
    assert record.started.output in record.lost
    assert len(world.runner.orders) == 1
    await restarted.load()
    assert world.kinds().count("command.outcome_unknown") == 1


async def test_the_order_is_what_the_preflight_showed(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    run = await engine.run(identity, flight)
    number = run.rpartition("/")[2]
    assert world.runner.orders == [
        Order(run, flight.argv, flight.directory, f"/state/{identity}/{number}.log"),
    ]


DECLARED = b"""---
title: Declared
inputs:
  previous: {pattern: '[0-9a-f]{7,40}', help: last good SHA}
---
1. Roll back: `gh workflow run rollback.yml -f sha=<previous>` <!-- incident: confirm=production undo=2 -->
2. Look: `gh run list` <!-- incident: confirm -->
3. Log in: `gh auth login` <!-- incident: interactive -->
4. Never: `gh repo view` <!-- incident: run=false -->
"""


async def declared(world: World, step: int) -> tuple[Engine, str, Step, Command]:
    """The steps of a runbook whose author added attributes."""
    world.shelf.books = {"acme-error-rate.md": DECLARED}
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    book = await engine.runbooks.of(identity)
    assert book is not None
    return engine, identity, book.steps[step], command_of(book, book.steps[step])


async def test_an_author_can_raise_the_tier_and_say_how_to_undo(world: World) -> None:
    engine, identity, step, command = await declared(world, 0)
    flight = await engine.prepare(identity, command, step)
    assert (flight.tier, flight.undo) == (Tier.TYPE_TARGET, "2")
    engine, identity, step, command = await declared(world, 1)
    assert (await engine.prepare(identity, command, step)).tier is Tier.CONFIRM


async def test_a_value_that_the_authors_pattern_does_not_allow_is_refused(world: World) -> None:
    engine, identity, step, command = await declared(world, 0)
    flight = await engine.prepare(identity, command, step, {"previous": "main"})
    assert flight.unfilled[0].refused == "the runbook wants [0-9a-f]{7,40} here"
    assert (await engine.prepare(identity, command, step, {"previous": "0ddba11"})).unfilled == ()


async def test_what_a_drill_has_no_terminal_for_or_must_not_run_from_here_does_not(world: World) -> None:
    world.settings = Settings(drill="bad-deploy")
    engine, identity, step, command = await declared(world, 2)
    flight = await engine.prepare(identity, command, step)
    assert "terminal of its own" in engine.commands.preflights.why_not(flight)
    with pytest.raises(RunError):
        await engine.run(identity, flight)
    engine, identity, step, command = await declared(world, 3)
    with pytest.raises(RunError, match="not run from here"):
        await engine.prepare(identity, command, step)
