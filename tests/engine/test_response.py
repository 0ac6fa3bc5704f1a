"""Ticks, choices, remarks and milestones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.facts import Milestone, Remark, Tick
from incident.core.when import Moment, Precision
from incident.engine import Engine
from incident.errors import UsageError
from tests.fakes import START, World, page


async def responding(world: World) -> tuple[Engine, str]:
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    return engine, identity


async def test_undo_takes_back_the_last_tick_then_the_choice_by_new_events(world: World) -> None:
    engine, identity = await responding(world)
    book = await engine.runbook(identity)
    assert book is not None
    fork = next(step for step in book.steps if step.branch)
    before = engine.incident(identity)
    assert fork.branch is not None
    await engine.response.choose(identity, fork.branch, ("no recent deploy",))
    await engine.response.tick(identity, fork)
    assert engine.incident(identity).ticks[fork.id].tick is Tick.DONE
    assert await engine.response.undo(identity) == facts.StepUnticked(fork.id, fork.text)
    assert isinstance(await engine.response.undo(identity), facts.BranchUnchosen)
    after = engine.incident(identity)
    assert (after.ticks, after.choices) == (before.ticks, before.choices)
    assert await engine.response.undo(identity) is None


async def test_a_step_of_an_undecided_fork_cannot_be_ticked(world: World) -> None:
    engine, identity = await responding(world)
    book = await engine.runbook(identity)
    assert book is not None
    fork = next(step for step in book.steps if step.branch)
    with pytest.raises(UsageError, match="choose the way first"):
        await engine.response.tick(identity, fork)


@pytest.mark.parametrize(
    ("typed", "at", "precision", "text"),
    [
        ("saw 502", START, Precision.SECOND, "saw 502"),
        ("-5m saw 502", START - timedelta(minutes=5), Precision.MINUTE, "saw 502"),
        ("~03:05 first ticket", START.replace(minute=5, second=0), Precision.ABOUT, "first ticket"),
        ("\x1b[31mred\x1b[0m", START, Precision.SECOND, "red"),
    ],
)
async def test_a_remark_stands_where_its_time_puts_it(
    world: World, typed: str, at: object, precision: Precision, text: str
) -> None:
    engine, identity = await responding(world)
    await engine.response.remark(identity, Remark.NOTE, typed)
    event = world.journal.events[-1]
    assert (event.at, event.precision, event.fact) == (at, precision, facts.Remarked("note", text))
    assert event.recorded_at == START


async def test_an_empty_remark_is_refused(world: World) -> None:
    engine, identity = await responding(world)
    with pytest.raises(UsageError):
        await engine.response.remark(identity, Remark.NOTE, "   ")


async def test_a_milestone_that_a_person_sets_wins_over_the_computed_one(world: World) -> None:
    engine, identity = await responding(world)
    earlier = START - timedelta(minutes=9)
    await engine.response.mark(identity, Milestone.DETECTED, Moment(earlier, Precision.ABOUT))
    await engine.response.mark(identity, Milestone.MITIGATED, None)
    marks = engine.incident(identity).milestones()
    assert (marks[Milestone.DETECTED].at, marks[Milestone.DETECTED].precision) == (earlier, Precision.ABOUT)
    assert marks[Milestone.MITIGATED].at == START


async def test_a_closed_incident_is_not_offered_and_can_be_opened_again(world: World) -> None:
    engine, identity = await responding(world)
    await engine.response.close(identity)
    assert engine.log.open_incidents() == []
    await engine.response.reopen(identity)
    assert [incident.id for incident in engine.log.open_incidents()] == [identity]
