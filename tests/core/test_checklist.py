"""A runbook as a checklist: what is open, what is done, which ways are not taken, what is next."""

from __future__ import annotations

import pytest

from incident.core import facts
from incident.core.checklist import (
    Standing,
    last_run,
    next_step,
    other_ways,
    progress,
    standing,
    standing_of_branch,
)
from incident.core.event import Event, next_id
from incident.core.facts import Fact, Tick
from incident.core.incident import Incident, fold
from incident.core.runbook import Branch, Form, Runbook, Section, SectionKind, Step
from tests.fakes import ME, START

DEPLOY = Branch(1, "it correlates with a deploy", "w-deploy", "f-1")
OTHERWISE = Branch(1, "no recent deploy", "w-other", "f-1")
LATER = Branch(2, "it is still slow", "w-slow", "f-2")
SECTIONS = tuple(
    Section(line, 2, branch.condition if branch else "First", SectionKind.OTHER, branch)
    for line, branch in enumerate((None, DEPLOY, OTHERWISE, LATER), 1)
)


def step(identity: str, section: int) -> Step:
    return Step(identity, (1, 1), identity, section, Form.ORDERED, branch=SECTIONS[section].branch)


LOOK, WAIT, ROLL_BACK, VERIFY, SCALE, PAGE = (
    step(identity, section)
    for identity, section in (("look", 0), ("wait", 0), ("roll", 1), ("verify", 1), ("scale", 2), ("page", 3))
)
BOOK = Runbook("a.md", "00", "A", SECTIONS, (LOOK, WAIT, ROLL_BACK, VERIFY, SCALE, PAGE), ())
TAKEN = facts.BranchChosen("f-1", "w-deploy", DEPLOY.condition)


def after(*what: Fact) -> Incident:
    return fold(
        "INC-1", [Event(next_id(START, "", at), "INC-1", START, fact, ME, START) for at, fact in enumerate(what)]
    )


def ticked(what: Step, tick: Tick = Tick.DONE) -> Fact:
    return facts.StepTicked(what.id, what.text, tick.value)


@pytest.mark.parametrize(
    ("told", "which", "stands"),
    [
        ((), LOOK, Standing.OPEN),
        ((ticked(LOOK),), LOOK, Standing.DONE),
        ((ticked(LOOK, Tick.SKIPPED),), LOOK, Standing.SKIPPED),
        ((ticked(LOOK, Tick.NOT_APPLICABLE),), LOOK, Standing.NOT_APPLICABLE),
        ((ticked(LOOK), facts.StepUnticked("look", "look")), LOOK, Standing.OPEN),
        ((), ROLL_BACK, Standing.UNDECIDED),
        ((TAKEN,), ROLL_BACK, Standing.OPEN),
        ((TAKEN,), SCALE, Standing.NOT_TAKEN),
        ((TAKEN,), PAGE, Standing.UNDECIDED),
        ((TAKEN, facts.BranchUnchosen("f-1", "")), SCALE, Standing.UNDECIDED),
        ((ticked(SCALE), TAKEN), SCALE, Standing.DONE),
    ],
)
def test_a_step_stands_as_it_was_ticked_else_as_its_way_was_chosen(
    told: tuple[Fact, ...], which: Step, stands: Standing
) -> None:
    assert standing(which, after(*told)) is stands


def test_a_way_is_open_not_taken_or_undecided() -> None:
    decided = after(TAKEN)
    assert [standing_of_branch(branch, decided) for branch in (DEPLOY, OTHERWISE, LATER)] == [
        Standing.OPEN,
        Standing.NOT_TAKEN,
        Standing.UNDECIDED,
    ]


@pytest.mark.parametrize(
    ("told", "done", "counted"),
    [
        ((), 0, 6),
        ((TAKEN,), 0, 5),
        ((TAKEN, ticked(LOOK), ticked(WAIT, Tick.SKIPPED), ticked(VERIFY, Tick.NOT_APPLICABLE)), 3, 5),
        ((ticked(SCALE), TAKEN), 1, 6),
    ],
)
def test_steps_of_ways_not_taken_do_not_count_unless_they_were_done(
    told: tuple[Fact, ...], done: int, counted: int
) -> None:
    assert progress(BOOK, after(*told)) == (done, counted)


def test_the_other_ways_of_a_fork_are_named() -> None:
    assert other_ways(BOOK, DEPLOY) == ("no recent deploy",)
    assert other_ways(BOOK, LATER) == ()


@pytest.mark.parametrize(
    ("told", "behind", "following"),
    [
        ((), "", LOOK),
        ((), "look", WAIT),
        ((), "wait", None),
        ((TAKEN,), "wait", ROLL_BACK),
        ((TAKEN, ticked(LOOK)), "", WAIT),
        ((TAKEN, ticked(LOOK)), "nowhere", WAIT),
        ((TAKEN,), "verify", None),
        ((TAKEN, *map(ticked, BOOK.steps)), "", None),
    ],
)
def test_the_next_step_is_the_first_open_one_behind(
    told: tuple[Fact, ...], behind: str, following: Step | None
) -> None:
    assert next_step(BOOK, after(*told), behind) == following


def test_the_last_run_of_a_step_is_the_one_that_counts() -> None:
    runs = [
        facts.CommandStarted(run, "x", ("x",), "/", "/o", step=at)
        for run, at in (("1", "roll"), ("2", "roll"), ("3", ""))
    ]
    state = after(*runs)
    last = last_run(ROLL_BACK, state)
    assert last is not None
    assert last.started.run == "2"
    assert last_run(VERIFY, state) is None
