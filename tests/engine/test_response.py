"""Ticks, choices, remarks and milestones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.facts import Milestone, Remark, Tick
from incident.core.timeline import rows
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
    book = await engine.runbooks.of(identity)
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
    book = await engine.runbooks.of(identity)
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


async def test_a_remark_about_a_range_stands_where_the_range_begins_and_knows_its_end(world: World) -> None:
    engine, identity = await responding(world)
    await engine.response.remark(identity, Remark.NOTE, "02:58..03:01 errors at 20 %")
    event = world.journal.events[-1]
    assert (event.fact, event.precision) == (facts.Remarked("note", "errors at 20 %"), Precision.RANGE)
    assert (f"{event.at:%H:%M}", f"{event.until:%H:%M}") == ("02:58", "03:01")


async def test_a_milestone_can_be_a_range(world: World) -> None:
    engine, identity = await responding(world)
    end = START - timedelta(minutes=4)
    begin = Moment(START - timedelta(minutes=9), Precision.RANGE, end)
    await engine.response.mark(identity, Milestone.STARTED, begin, "errors crept up")
    assert world.journal.events[-1].until == end
    assert engine.incident(identity).milestones()[Milestone.STARTED].at == begin.at


async def noted(world: World, text: str = "saw 500") -> tuple[Engine, str, str]:
    engine, identity = await responding(world)
    await engine.response.remark(identity, Remark.NOTE, text)
    return engine, identity, world.journal.events[-1].id


async def test_a_corrected_row_reads_otherwise_and_the_log_keeps_both(world: World) -> None:
    engine, identity, note = await noted(world)
    await engine.response.correct(identity, note, "~03:05 saw \x1b[31m502", why="typo")
    event = world.journal.events[-1]
    assert (event.fact, event.source) == (facts.Corrected(note, "saw 502", "typo"), "person")
    assert (event.at, event.precision) == (START.replace(minute=5, second=0), Precision.ABOUT)
    row = next(row for row in rows(engine.log.events(identity)) if row.id == note)
    assert (row.line, row.stamp, row.was) == ("note saw 502 (corrected)", "~03:05", "03:07:12 note saw 500")
    assert world.journal.events[-2].fact == facts.Remarked("note", "saw 500")


async def test_words_alone_leave_the_time_and_a_time_alone_leaves_the_words(world: World) -> None:
    engine, identity, note = await noted(world, "-5m saw 500")
    before = world.journal.events[-1]
    await engine.response.correct(identity, note, "saw 502")
    words = world.journal.events[-1]
    assert (words.at, words.precision) == (before.at, before.precision)
    await engine.response.correct(identity, note, moment=Moment(START))
    assert world.journal.events[-1].fact == facts.Corrected(note, "")
    row = next(row for row in rows(engine.log.events(identity)) if row.id == note)
    assert (row.text, row.at) == ("saw 502", START)


@pytest.mark.parametrize(("text", "why"), [("saw 500", "reads like this already"), ("", "reads like this already")])
async def test_a_correction_that_changes_nothing_writes_nothing(world: World, text: str, why: str) -> None:
    engine, identity, note = await noted(world)
    count = len(world.journal.events)
    with pytest.raises(UsageError, match=why):
        await engine.response.correct(identity, note, text)
    with pytest.raises(UsageError, match="no such row"):
        await engine.response.correct(identity, "nothing", "x")
    assert len(world.journal.events) == count


async def test_what_was_run_cannot_be_worded_otherwise(world: World) -> None:
    engine, identity = await responding(world)
    alert = next(e for e in world.journal.events if isinstance(e.fact, facts.AlertFired))
    with pytest.raises(UsageError, match="only what a person wrote"):
        await engine.response.correct(identity, alert.id, "nothing fired")
    await engine.response.correct(identity, alert.id, moment=Moment(START - timedelta(minutes=9)))
    assert engine.incident(identity).milestones()[Milestone.DETECTED].at == START - timedelta(minutes=9)


async def test_the_lead_is_given_and_then_taken(world: World) -> None:
    engine, identity = await responding(world)
    assert engine.incident(identity).lead == "kim"
    await engine.response.handover(identity, " ana ", "errors are falling")
    assert world.journal.events[-1].fact == facts.HandedOver("ana", "errors are falling")
    assert engine.incident(identity).people == {"kim": "responder", "ana": "lead"}
    for to, why in (("ana", "ana has the lead already"), (" ", "say who gets the lead")):
        with pytest.raises(UsageError, match=why):
            await engine.response.handover(identity, to)
    await engine.response.take(identity)
    taken = [event.fact for event in world.journal.events[-2:]]
    assert taken == [facts.HandedOver("kim", "taken over from ana"), facts.Joined("kim", "lead")]
    with pytest.raises(UsageError, match="kim has the lead already"):
        await engine.response.take(identity)


async def test_a_link_is_evidence_and_has_to_be_an_address(world: World) -> None:
    engine, identity = await responding(world)
    await engine.response.link(identity, " https://grafana.example/d/1 ", "errors by endpoint")
    assert world.journal.events[-1].fact == facts.LinkAdded("https://grafana.example/d/1", "errors by endpoint")
    for address in ("", "grafana.example", "vscode://open", "https:// x"):
        with pytest.raises(UsageError, match="is no address"):
            await engine.response.link(identity, address)
