"""Commands beyond one console: found again, repeated, verified, typed by hand, approved, and what they hand on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from incident.core import facts
from incident.core.command import Tier
from incident.core.event import Writer
from incident.core.runbook import Effect
from incident.engine import Engine, Settings
from incident.engine.approvals import answer, why_not_by
from incident.errors import RunError, UsageError
from tests.engine.test_commands import at_rollback, command_of, declared
from tests.fakes import FakeRunning, World, page

SAM = Writer("sam", "laptop-8", "99-1")


async def second_console(world: World) -> Engine:
    """A console that starts after the first one died."""
    world.surroundings.dead = frozenset({world.writer.process})
    engine = world.engine()
    await engine.load()
    return engine


@pytest.mark.fault(32)
async def test_a_command_that_outlived_its_console_is_followed_to_its_end_by_the_next_one(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    run = await engine.run(identity, await engine.prepare(identity, command, step))
    engine.commands.let_go()
    world.runner.kept[run] = still = FakeRunning()
    again = await second_console(world)
    assert again.commands.running == [run]
    still.prints("created workflow_dispatch event")
    still.ends(0, 42.0)
    await again.commands.ended(run)
    record = again.incident(identity).commands[run]
    assert record.outcome == "exit 0, 42s"
    assert list(again.commands.outputs[run].lines) == ["created workflow_dispatch event"]
    assert record.ended_at is not None
    assert (record.ended_at - record.at).total_seconds() == 42.0


@pytest.mark.fault(34)
async def test_what_is_not_known_to_have_ended_blocks_its_repetition_until_somebody_looked(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    run = await engine.run(identity, await engine.prepare(identity, command, step))
    engine.commands.let_go()
    again = await second_console(world)
    blocked = await again.prepare(identity, command, step)
    assert blocked.unverified == run
    with pytest.raises(RunError, match="what became of it the last time is not known"):
        await again.run(identity, blocked)
    with pytest.raises(UsageError, match="in a few words"):
        await again.commands.verify(again.incident(identity), run, "  ")
    with pytest.raises(UsageError, match="no such command"):
        await again.commands.verify(again.incident(identity), "nothing", "seen")
    await again.commands.verify(again.incident(identity), run, "no workflow run in the list")
    assert again.incident(identity).commands[run].verified == "no workflow run in the list"
    await again.run(identity, await again.prepare(identity, command, step))
    assert len(world.runner.orders) == 2


@pytest.mark.fault(53)
async def test_the_same_change_again_wants_the_target_typed_and_shows_how_the_first_one_ended(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    first = await engine.prepare(identity, command, step)
    run = await engine.run(identity, first)
    running = await engine.prepare(identity, command, step)
    assert "kim runs this very command since 03:07" in engine.commands.preflights.why_not(running)
    world.runner.running[0].ends(1)
    await engine.commands.ended(run)
    again = await engine.prepare(identity, command, step)
    assert (first.tier, again.tier) == (Tier.CONFIRM, Tier.TYPE_TARGET)
    assert again.warnings == ("already run at 03:07: exit 1, 4s",)


@pytest.mark.fault(21)
async def test_two_responders_on_one_machine_do_not_roll_back_at_once(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    other = replace_writer(world, SAM)
    await other.load()
    await engine.run(identity, await engine.prepare(identity, command, step))
    other.log.load()
    with pytest.raises(RunError, match="kim runs this very command"):
        await other.run(identity, await other.prepare(identity, command, step))
    assert len(world.runner.orders) == 1


def replace_writer(world: World, writer: Writer) -> Engine:
    """A second person's console on the same journal."""
    return Engine(replace(world.parts(), writer=writer))


async def test_what_only_reads_may_be_repeated_with_one_key(world: World) -> None:
    engine, identity, _, _ = await at_rollback(world)
    for _ in range(2):
        flight = await engine.prepare_typed(identity, "gh run list")
        assert (flight.tier, flight.effect, flight.warnings) == (Tier.ONE_KEY, Effect.READS, ())
        await engine.run(identity, flight)


async def test_a_typed_command_goes_through_the_same_preflight_and_says_so(world: World) -> None:
    engine, identity, step, _ = await at_rollback(world)
    flight = await engine.prepare_typed(identity, "  kubectl -n shop delete pod <pod>  ", None, {"pod": "web-7"})
    assert flight.text == "kubectl -n shop delete pod web-7"
    assert (flight.origin, flight.tier, flight.typed) == ("typed by hand", Tier.TYPE_TARGET, True)
    run = await engine.run(identity, flight)
    assert engine.incident(identity).commands[run].started.origin == "typed by hand"
    assert await engine.attach_to_step(identity, step) == flight.text
    assert engine.incident(identity).commands[run].step == step.id
    with pytest.raises(RunError, match="no command here"):
        await engine.prepare_typed(identity, "   ")


async def test_nothing_can_be_attached_before_something_was_typed(world: World) -> None:
    engine, identity, step, _ = await at_rollback(world)
    with pytest.raises(UsageError, match="no command was typed"):
        await engine.attach_to_step(identity, step)


async def test_an_edited_command_is_recorded_as_typed_by_hand_instead_of_the_runbooks(world: World) -> None:
    engine, identity, step, command = await at_rollback(world)
    shown = await engine.prepare(identity, command, step)
    edited = await engine.prepare_typed(identity, shown.text + " --ref main", step, None, shown.origin)
    assert edited.origin == "typed by hand, instead of acme-error-rate.md:17"
    assert edited.step == step.id
    run = await engine.run(identity, edited)
    assert engine.incident(identity).commands[run].step == step.id


async def test_an_edited_command_of_a_way_that_was_not_taken_does_not_run(world: World) -> None:
    engine, identity, step, _ = await at_rollback(world)
    await engine.response.undo(identity)
    with pytest.raises(RunError, match="choose the way first"):
        await engine.prepare_typed(identity, "gh run list", step)


CARRIES = b"""1. Find it

   ```sh
   POD=$(kubectl get pods -o name | head -1)
   ```

2. Look

   ```sh
   kubectl describe "$POD"
   ```
"""


async def test_what_a_command_set_is_there_for_the_next_one_and_never_on_the_timeline(world: World) -> None:
    world.shelf.books = {"acme-error-rate.md": CARRIES}
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    book = await engine.runbooks.of(identity)
    assert book is not None
    find, look = book.steps
    missing = await engine.prepare(identity, command_of(book, look), look)
    assert "$POD is set by another command of the runbook" in engine.commands.preflights.why_not(missing)
    run = await engine.run(identity, await engine.prepare(identity, command_of(book, find), find))
    assert world.runner.orders[0].carry == ("POD",)
    world.runner.running[0].ends(variables={"POD": "pod/web-7 $(reboot)"})
    await engine.commands.ended(run)
    flight = await engine.prepare(identity, command_of(book, look), look)
    assert [(one.name, one.value, one.origin) for one in flight.variables] == [
        ("POD", "pod/web-7 $(reboot)", "set by a command at 03:07")
    ]
    assert flight.text == 'kubectl describe "$POD"'
    await engine.run(identity, flight)
    assert world.runner.orders[1].environment == {"POD": "pod/web-7 $(reboot)"}
    started = [event.fact for event in world.journal.events if isinstance(event.fact, facts.CommandStarted)]
    assert started[1].environment == ("POD",)
    assert "reboot" not in repr(world.journal.events)


async def test_a_read_only_target_takes_what_reads_and_refuses_what_changes(world: World) -> None:
    world.settings = Settings(read_only_targets=("github.com/acme/*",))
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    assert "this target is read-only" in engine.commands.preflights.why_not(flight)
    assert engine.commands.preflights.why_not(await engine.prepare_typed(identity, "gh run list")) == ""


async def test_a_change_under_the_two_person_rule_runs_once_after_somebody_else_agreed(world: World) -> None:
    world.settings = Settings(approval=("github.com/acme/*",))
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    assert flight.approvers
    with pytest.raises(RunError, match="a second person has to agree"):
        await engine.run(identity, flight)
    request = await engine.commands.approvals.ask(engine.incident(identity), flight)
    said_yes(world, engine, identity, request, "sam")
    run = await engine.run(identity, flight, request)
    assert engine.incident(identity).commands[run].started.approval == request
    world.runner.running[0].ends()
    await engine.commands.ended(run)
    with pytest.raises(RunError, match="a second person"):
        await engine.run(identity, await engine.prepare(identity, command, step), request)


def said_yes(world: World, engine: Engine, identity: str, request: str, person: str) -> None:
    """A second person's yes, from another process."""
    said = facts.ApprovalAnswered(request, person, approved=True)
    event = engine.log.stamp(identity, said)
    world.journal.append_by_other(replace(event, writer=SAM))
    engine.log.load()


@pytest.mark.fault(54)
async def test_nobody_agrees_to_their_own_command(world: World) -> None:
    world.settings = Settings(approval=("github.com/acme/*",))
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    request = await engine.commands.approvals.ask(engine.incident(identity), flight)
    assert why_not_by(engine.incident(identity), request, "kim") == "kim asked for it; somebody else has to answer"
    said_yes(world, engine, identity, request, "kim")
    with pytest.raises(RunError, match="a second person"):
        await engine.run(identity, flight, request)


@pytest.mark.fault(49)
async def test_a_yes_to_one_command_is_none_to_another(world: World) -> None:
    world.settings = Settings(approval=("github.com/acme/*",))
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    request = await engine.commands.approvals.ask(engine.incident(identity), flight)
    said_yes(world, engine, identity, request, "sam")
    with pytest.raises(RunError, match="a second person"):
        await engine.run(identity, replace(flight, text=flight.text + " --force"), request)
    assert world.runner.orders == []


async def test_an_answer_that_counts_for_nothing_is_refused_with_the_reason(world: World) -> None:
    world.settings = Settings(approval=("github.com/acme/*",))
    engine, identity, step, command = await at_rollback(world)
    flight = await engine.prepare(identity, command, step)
    ask = engine.commands.approvals.ask
    request, left = await ask(engine.incident(identity), flight), await ask(engine.incident(identity), flight)
    await engine.commands.approvals.withdraw(engine.incident(identity), left)
    said_yes(world, engine, identity, request, "sam")
    incident = engine.incident(identity)
    assert why_not_by(incident, left, "sam") == "nobody waits for it any more"
    assert why_not_by(incident, request, "lee") == "sam answered it already"
    with pytest.raises(UsageError, match="there is no such request"):
        answer(incident, "other", "sam", approved=True, reason="")


async def test_a_command_that_needs_somebody_to_talk_to_it_gets_the_real_terminal(world: World) -> None:
    engine, identity, step, command = await declared(world, 2)
    flight = await engine.prepare(identity, command, step)
    assert flight.terminal
    given: list[str] = []

    @contextlib.asynccontextmanager
    async def give_away() -> AsyncIterator[None]:
        given.append(world.kinds()[-1])
        yield
        given.append("back")

    run = await engine.commands.run_at_terminal(engine.incident(identity), flight, give_away)
    assert given == ["command.started", "back"]
    record = engine.incident(identity).commands[run]
    assert (record.started.terminal, record.started.output, record.outcome) == (True, "", "exit 0, 3s")


async def test_a_terminal_that_cannot_be_given_away_runs_nothing(world: World) -> None:
    engine, identity, step, command = await declared(world, 2)
    flight = await engine.prepare(identity, command, step)

    @contextlib.asynccontextmanager
    async def refuse() -> AsyncIterator[None]:
        raise RunError("the terminal cannot be given to a command from here")
        yield

    with pytest.raises(RunError, match="cannot be given"):
        await engine.commands.run_at_terminal(engine.incident(identity), flight, refuse)
    assert (world.kinds()[-1], world.runner.orders) == ("command.failed", [])


async def test_leaving_a_command_behind_tells_the_runner(world: World) -> None:
    engine, identity, _, _ = await at_rollback(world)
    run = await engine.run(identity, await engine.prepare_typed(identity, "gh run watch"))
    await engine.commands.leave(run)
    assert world.runner.running[0].left
    assert [order.outlives for order in world.runner.orders] == [False]
