"""What only a drill records has words, and stands in its post-mortem."""

from __future__ import annotations

import pytest

from incident.core import facts
from incident.core.event import Event, fact_of
from incident.core.facts import Fact
from incident.core.postmortem import exercise
from incident.core.postmortem.roles import Roles, roles_of
from incident.core.wording import Category, category, words
from tests.fakes import ME, START


def event(number: int, fact: Fact) -> Event:
    return Event(f"{number:03}", "DRILL-1", START, fact, ME, START)


@pytest.mark.parametrize(
    ("fact", "line"),
    [
        (facts.DrillBegun("bad-deploy", "Checkout fails", "guided"), ("drill", "bad-deploy, guided: Checkout fails")),
        (facts.DrillBegun("kill-redis", "", live=True), ("live drill", "kill-redis")),
        (facts.DrillDebriefed("bad-deploy", True), ("debrief", "recovered")),
        (facts.DrillDebriefed("bad-deploy", False), ("debrief", "not recovered")),
        (facts.HotWashAnswered("How?", "By the graph."), ("hot wash", "How? By the graph.")),
    ],
)
def test_a_drills_own_facts_have_words(fact: Fact, line: tuple[str, str]) -> None:
    assert words(fact)[1:] == line


def test_answers_are_remarks_and_the_rest_is_bookkeeping() -> None:
    assert category(facts.HotWashAnswered("a", "b")) is Category.REMARKS
    assert category(facts.DrillDebriefed("a", True)) is Category.BOOKKEEPING


def test_figures_come_back_from_the_journal_as_they_were() -> None:
    told = facts.DrillDebriefed("bad-deploy", True, {"recovered": "after 2m"})
    assert (
        fact_of("drill.debriefed", {"scenario": "bad-deploy", "recovered": True, "figures": {"recovered": "after 2m"}})
        == told
    )


def plain() -> Roles:
    return roles_of({}, ["kim"])


def test_the_post_mortem_has_the_last_figures_and_the_last_answer_to_each_question() -> None:
    events = [
        event(1, facts.DrillDebriefed("d", False, {"recovered": "not within 5m"})),
        event(2, facts.DrillDebriefed("d", True, {"recovered": "after 6m", "hints": "1"})),
        event(3, facts.HotWashAnswered("How?", "first")),
        event(4, facts.HotWashAnswered("How?", "kim saw it")),
    ]
    assert [piece.text for (piece,) in exercise.figures(events, plain())] == ["recovered: after 6m", "hints: 1"]
    [(said,)] = exercise.hotwash(events, plain())
    assert said.text.startswith("How? ")
    assert "kim" not in said.text
    assert exercise.figures([], plain()) == ()
