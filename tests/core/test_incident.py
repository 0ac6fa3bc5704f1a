"""An incident is the fold of its events: nothing is lost in it, and nothing in it is guessed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core import facts
from incident.core.alert import Severity
from incident.core.event import Event, Writer, next_id
from incident.core.facts import Fact, Milestone, Tick
from incident.core.incident import KINDS_THAT_BEAR, Incident, Mark, bears, durations, fold, identity_for
from incident.core.timeline import rows
from incident.core.when import Precision
from tests.fakes import ME, START

OPENED = facts.IncidentOpened("Errors on checkout", "SEV2", "acme")
DONE = facts.CommandFinished("r1", 0, 4.2)
STARTED = facts.CommandStarted("r1", "gh x", ("gh", "x"), "/", "/out")


class Story:
    """Events of one incident, each recorded a second after the one before."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def tell(self, *what: Fact, at: float | None = None, precision: Precision = Precision.SECOND, **more: Any) -> Story:
        for fact in what:
            now = START + timedelta(seconds=len(self.events))
            identity = next_id(now, self.events[-1].id if self.events else "", 0)
            happened = now if at is None else START + timedelta(seconds=at)
            event = Event(identity, "INC-1", happened, fact, ME, now, precision)
            self.events.append(replace(event, **more))
        return self

    def folded(self) -> Incident:
        return fold("INC-1", self.events)


def after(*what: Fact) -> Incident:
    return Story().tell(*what).folded()


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def fired(name: str = "Up", start: float = -240, source: str = "am", **more: Any) -> facts.AlertFired:
    occurrence = f"{name}@{start}"
    return facts.AlertFired(occurrence, name, name, "page", moment(start), source, {"alertname": name}, **more)


def test_an_incident_opens_closes_and_opens_again() -> None:
    assert not Incident("INC-1").is_open
    opened = after(OPENED)
    assert (opened.title, opened.severity, opened.service, opened.drill) == (
        "Errors on checkout",
        "SEV2",
        "acme",
        False,
    )
    assert (opened.opened_at, opened.is_open) == (START, True)
    closed = after(OPENED, facts.IncidentClosed())
    assert (closed.is_open, closed.closed_at) == (False, moment(1))
    again = after(OPENED, facts.IncidentClosed(), facts.IncidentReopened())
    assert (again.is_open, again.closed_at) == (True, None)
    assert after(OPENED, facts.SeveritySet("SEV1")).severity == "SEV1"
    assert after(facts.Joined("kim", "lead"), facts.Joined("lee"), facts.Joined("kim", "scribe")).people == {
        "kim": "scribe",
        "lee": "responder",
    }


def test_an_alert_stays_until_its_source_says_that_it_is_over() -> None:
    state = after(fired("Up"), fired("Slow"), facts.AlertResolved("Up@-240", "Up"))
    assert [record.name for record in state.firing] == ["Slow"]
    assert state.alerts["Up@-240"].resolved_at == moment(2)
    assert after(facts.AlertResolved("other", "Other")).alerts == {}


@pytest.mark.parametrize(
    ("word", "severity"), [("page", Severity.PAGE), ("critical", Severity.PAGE), ("odd", Severity.TICKET)]
)
def test_a_recorded_alert_can_be_matched_when_its_source_is_gone(word: str, severity: Severity) -> None:
    fact = replace(fired(""), severity=word, annotations={"a": "b"}, expression="up == 0")
    record = after(fact).alerts[fact.occurrence]
    alert = record.as_alert()
    assert record.name == "(alert without a name)"
    assert (alert.severity, alert.labels, alert.annotations) == (severity, fact.labels, {"a": "b"})
    assert (alert.fingerprint, alert.starts_at, alert.source, alert.expression) == ("", moment(-240), "am", "up == 0")


def test_runbooks_values_and_changes_are_kept_by_name() -> None:
    first, second = (facts.RunbookOpened(path, "00", path, "why") for path in ("a.md", "b.md"))
    state = after(
        first, second, facts.ParameterSet("pod", "web-0", "typed"), facts.ParameterSet("pod", "web-1", "label")
    )
    assert (state.runbook, dict(state.runbooks)) == ("b.md", {"a.md": first, "b.md": second})
    assert (state.values["pod"].value, state.values["pod"].origin) == ("web-1", "label")
    old, new = facts.ChangeSeen("deploy", "a1"), facts.ChangeSeen("config", "b2")
    state = Story().tell(new, at=-10).tell(old, at=-500).folded()
    assert state.changes == ((moment(-500), old), (moment(-10), new))


TICKED = facts.StepTicked("s1", "Roll back")
CHOSEN = facts.BranchChosen("f1", "b1", "it correlates with a deploy")


@pytest.mark.parametrize(
    ("done", "undone"),
    [
        (TICKED, facts.StepUnticked("s1", "Roll back")),
        (replace(TICKED, tick=Tick.NOT_APPLICABLE.value), facts.StepUnticked("s1", "Roll back")),
        (CHOSEN, facts.BranchUnchosen("f1", CHOSEN.condition)),
        (facts.IncidentClosed(), facts.IncidentReopened()),
    ],
)
def test_what_is_taken_back_leaves_everything_as_it_was(done: Fact, undone: Fact) -> None:
    before = after(OPENED, facts.StepTicked("s0", "Look"), facts.BranchChosen("f0", "b", "if"))
    changed = after(OPENED, facts.StepTicked("s0", "Look"), facts.BranchChosen("f0", "b", "if"), done)
    restored = after(OPENED, facts.StepTicked("s0", "Look"), facts.BranchChosen("f0", "b", "if"), done, undone)
    assert changed != before
    assert restored == before


def test_ticks_and_choices_say_who_when_and_what() -> None:
    state = after(TICKED, CHOSEN, replace(CHOSEN, branch="b2"))
    assert (state.ticks["s1"].tick, state.ticks["s1"].at, state.ticks["s1"].person) == (Tick.DONE, START, "kim")
    assert (state.choices["f1"].branch, state.choices["f1"].at) == ("b2", moment(2))


def test_words_of_a_newer_version_change_nothing_and_break_nothing() -> None:
    state = after(OPENED, replace(TICKED, tick="delegated"), facts.MilestoneSet("recovered"), facts.Unrecognised("x.y"))
    assert (state.ticks, state.marks, state.severity) == ({}, {}, "SEV2")


FAILED, LOST = facts.CommandFailed("r1", "no such program"), facts.CommandLost("r1", "the console ended")


@pytest.mark.parametrize(
    ("ends", "outcome", "is_open", "end"),
    [
        ((), "running", True, None),
        ((DONE,), "exit 0, 4.2s", False, 1),
        (
            (facts.CommandFinished("r1", -15, 9.96, stopped=True, meaning="TERM"),),
            "stopped, exit -15 (TERM), 10s",
            False,
            1,
        ),
        ((FAILED,), "did not start", False, 1),
        ((LOST,), "outcome unknown", False, 1),
        ((LOST, DONE), "exit 0, 4.2s", False, 2),
        ((DONE, LOST), "exit 0, 4.2s", False, 1),
        ((DONE, FAILED), "exit 0, 4.2s", False, 1),
        ((FAILED, DONE), "exit 0, 4.2s", False, 2),
        ((FAILED, LOST), "did not start", False, 1),
        ((LOST, FAILED), "did not start", False, 2),
        ((facts.CommandFailed("r1", ""),), "did not start", False, 1),
        ((facts.CommandLost("r1", ""),), "outcome unknown", False, 1),
        ((facts.CommandFinished("r2", 0, 1.0), facts.CommandLost("r2", "x")), "running", True, None),
    ],
)
def test_a_command_ends_as_it_was_seen_to_end(
    ends: Sequence[Fact], outcome: str, is_open: bool, end: int | None
) -> None:
    record = after(STARTED, *ends).commands["r1"]
    assert (record.outcome, record.open) == (outcome, is_open)
    assert record.ended_at == (None if end is None else moment(end))
    assert (record.started, record.at, record.writer) == (STARTED, START, ME)


def milestones(*what: Fact, at: dict[int, float] | None = None) -> dict[Milestone, float]:
    story = Story()
    for number, fact in enumerate(what):
        story.tell(fact, at=(at or {}).get(number))
    return {name: (mark.at - START).total_seconds() for name, mark in story.folded().milestones().items()}


def test_milestones_are_computed_from_the_alerts_and_the_first_acknowledgement() -> None:
    ack = facts.Acknowledged("Up@-240", "Up")
    ends = (facts.AlertResolved("Up@-240", "Up"), facts.AlertResolved("Slow@-300", "Slow"))
    assert milestones(OPENED) == {}
    assert milestones(fired("Up"), fired("Slow", -300), ack) == {Milestone.DETECTED: -300, Milestone.ACKNOWLEDGED: 2}
    assert Milestone.RESOLVED not in milestones(fired("Up"), fired("Slow", -300), ends[0])
    assert milestones(fired("Up"), fired("Slow", -300), *ends)[Milestone.RESOLVED] == 3
    assert Milestone.RESOLVED not in milestones(fired("Up"), fired("Slow", -300), *ends, fired("Up", 60))
    assert milestones(ack, ack, at={0: 50, 1: 20})[Milestone.ACKNOWLEDGED] == 20


def test_the_source_of_the_end_is_the_source_of_the_alert_that_ended_last() -> None:
    story = Story().tell(fired("Up", source="eu"), fired("Slow", source="us"))
    story.tell(facts.AlertResolved("Up@-240", "Up"), at=900).tell(facts.AlertResolved("Slow@-240", "Slow"), at=600)
    assert story.folded().milestones()[Milestone.RESOLVED] == Mark(moment(900), Precision.SECOND, "eu")


def test_a_milestone_that_a_person_set_outweighs_the_computed_one_and_the_last_word_stands() -> None:
    story = Story().tell(fired("Up"), facts.Acknowledged("Up@-240", "Up"), source="tool")
    story.tell(facts.MilestoneSet("detected"), at=-200, precision=Precision.ABOUT, source="person")
    story.tell(facts.MilestoneSet("mitigated"), at=900).tell(facts.MilestoneSet("mitigated"), at=600)
    marks = story.folded().milestones()
    assert list(marks) == [Milestone.DETECTED, Milestone.ACKNOWLEDGED, Milestone.MITIGATED]
    assert marks[Milestone.DETECTED] == Mark(moment(-200), Precision.ABOUT, "person")
    assert marks[Milestone.MITIGATED].at == moment(600)
    in_time = sorted(story.events, key=lambda event: event.order)
    assert fold("INC-1", in_time).milestones() == marks


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(Milestone), st.integers(-10_000, 10_000)))
def test_every_duration_is_the_difference_of_two_shown_milestones(times: dict[Milestone, int]) -> None:
    story = Story()
    for milestone, at in times.items():
        story.tell(facts.MilestoneSet(milestone.value), at=at)
    marks = story.folded().milestones()
    spans = durations(marks)
    for name, span in spans.items():
        begin, _, end = name.partition("_to_")
        assert span == marks[Milestone(end)].at - marks[Milestone(begin)].at
    expected = {"started_to_detected", "detected_to_acknowledged", "detected_to_mitigated", "started_to_resolved"}
    assert set(spans) == {n for n in expected if {Milestone(part) for part in n.split("_to_")} <= set(times)}


TALE = [
    OPENED, fired("Up"), fired("Slow", -300), facts.Acknowledged("Up@-240", "Up"), TICKED, CHOSEN, STARTED, DONE,
    facts.AlertResolved("Up@-240", "Up"), facts.MilestoneSet("mitigated"), facts.MilestoneSet("mitigated"),
    facts.ChangeSeen("deploy", "a1"), facts.ChangeSeen("deploy", "b2"), facts.Remarked("note", "hm"), LOST,
    facts.Acknowledged("Slow@-300", "Slow"), facts.SeveritySet("SEV1"), facts.Joined("lee"),
]  # fmt: skip
EFFECTS = {7, 8, 14}  # the places of what ends something; the opening comes before everything


@settings(deadline=None)
@given(st.permutations(range(len(TALE))), st.lists(st.integers(-900, 900), min_size=len(TALE), max_size=len(TALE)))
def test_any_order_that_keeps_causes_before_effects_gives_the_same_state(order: list[int], at: list[int]) -> None:
    story = Story()
    for fact, seconds in zip(TALE, at, strict=True):
        story.tell(fact, at=seconds)
    shuffled = [story.events[place] for place in sorted(order, key=lambda place: (place > 0, place in EFFECTS))]
    straight, other = story.folded(), fold("INC-1", shuffled)
    assert replace(other, changes=()) == replace(straight, changes=())
    assert {change for _, change in other.changes} == {change for _, change in straight.changes}
    assert [when for when, _ in other.changes] == sorted(when for when, _ in straight.changes)
    assert durations(other.milestones()) == durations(straight.milestones())


def corrected(story: Story, row: int, text: str = "", **more: Any) -> Story:
    """The story with a correction of one of its rows."""
    return story.tell(facts.Corrected(story.events[row].id, text), **more)


def test_a_milestone_moves_when_the_time_of_its_row_is_corrected() -> None:
    story = Story().tell(fired("Up"), source="am").tell(facts.Acknowledged("Up@-240", "Up"), source="person")
    story.tell(facts.MilestoneSet("mitigated"), at=600).tell(facts.AlertResolved("Up@-240", "Up"), at=900, source="am")
    before = story.folded()
    corrected(story, 0, at=-300, precision=Precision.ABOUT, source="person")
    corrected(story, 1, at=30, source="person")
    corrected(story, 2, at=500, precision=Precision.MINUTE, source="person")
    corrected(story, 3, at=700, source="person")
    marks = story.folded().milestones()
    assert marks == {
        Milestone.DETECTED: Mark(moment(-300), Precision.ABOUT, "person"),
        Milestone.ACKNOWLEDGED: Mark(moment(30), Precision.SECOND, "person"),
        Milestone.MITIGATED: Mark(moment(500), Precision.MINUTE, "person"),
        Milestone.RESOLVED: Mark(moment(700), Precision.SECOND, "person"),
    }
    assert before.apply_all(story.events[4:]) == story.folded()
    assert [start.at for record in story.folded().alerts.values() if (start := record.start)] == [moment(-300)]
    assert story.folded().alerts["Up@-240"].fired == fired("Up")


def test_other_words_move_no_milestone() -> None:
    story = Story().tell(fired("Up"), facts.MilestoneSet("mitigated", "errors fell"), facts.Remarked("note", "hm"))
    before = story.folded()
    corrected(story, 1, "errors fell by half", at=1)
    corrected(story, 2, "hmm", at=2)
    assert story.folded() == before


def test_everything_that_bears_a_time_moves_with_its_row() -> None:
    story = Story().tell(
        OPENED, TICKED, CHOSEN, STARTED, DONE, facts.ChangeSeen("deploy", "a1"), facts.IncidentClosed()
    )
    asked = facts.ApprovalAsked("q", "gh x", ("gh", "x"), "/", "kim@laptop", "acme")
    story.tell(asked, facts.CommandVerified("r1", "fine"))
    for row in range(8):
        corrected(story, row, at=-1000 - row)
    corrected(story, 8, "it had run", at=8)
    state = story.folded()
    assert (state.opened_at, state.closed_at) == (moment(-1000), moment(-1006))
    assert (state.ticks["s1"].at, state.choices["f1"].at) == (moment(-1001), moment(-1002))
    command = state.commands["r1"]
    assert (command.at, command.ended_at, command.verified) == (moment(-1003), moment(-1004), "it had run")
    assert (state.changes[0][0], state.approvals["q"].at) == (moment(-1005), moment(-1007))


def test_the_correction_recorded_last_stands_and_one_of_nothing_changes_nothing() -> None:
    story = Story().tell(facts.MilestoneSet("mitigated"))
    corrected(story, 0, at=60)
    corrected(story, 0, at=30)
    marks = story.folded().milestones()
    assert marks[Milestone.MITIGATED].at == moment(30)
    assert story.tell(facts.Corrected("nothing", "x"), at=5).folded().milestones() == marks


def test_a_correction_that_comes_before_its_row_still_counts() -> None:
    story = Story().tell(facts.MilestoneSet("mitigated"))
    corrected(story, 0, at=60)
    mark, fix = story.events
    assert fold("INC-1", [fix]).apply(mark).milestones() == fold("INC-1", [mark, fix]).milestones()


def test_what_was_redacted_bears_nothing_any_more() -> None:
    story = Story().tell(OPENED, facts.MilestoneSet("mitigated", "a name"))
    corrected(story, 1, at=60)
    story.events[1] = replace(story.events[1], fact=facts.Tombstone("milestone.set", "kim", START))
    assert story.folded().milestones() == {}


def test_a_handover_moves_the_lead_and_leaves_the_rest() -> None:
    state = after(facts.Joined("kim", "lead"), facts.Joined("lee", "scribe"))
    assert (state.lead, after().lead) == ("kim", "")
    story = Story().tell(facts.Joined("kim", "lead"), facts.Joined("lee", "scribe"), facts.HandedOver("ana"))
    assert story.folded().people == {"kim": "responder", "lee": "scribe", "ana": "lead"}
    assert story.tell(facts.HandedOver("lee")).folded().lead == "lee"


def test_a_command_on_the_real_terminal_says_so_while_it_runs() -> None:
    at_terminal = replace(STARTED, terminal=True)
    assert after(at_terminal).commands["r1"].outcome == "running at the terminal"
    assert after(at_terminal, DONE).commands["r1"].outcome == "exit 0, 4.2s"


def test_incidents_are_named_after_their_day_and_what_they_are_about() -> None:
    assert identity_for(START, "Acme: checkout!", 2) == "INC-20260502-acme-checkout-2"
    assert identity_for(START, "\N{SNOWMAN}", 1, drill=True) == "DRILL-20260502-incident-1"


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["note", "tick", "untick", "mark", "ack", "correct", "redact"]),
        st.integers(0, 30), st.sampled_from((-60, 0, 600)) | st.integers(-900, 900),
        st.sampled_from(["", "other words"]),
    ),
    max_size=25,
)  # fmt: skip


def played(acts: Sequence[tuple[str, int, int, str]]) -> list[Event]:
    """Events of an incident in which people note, tick, correct and redact whatever they like."""
    story = Story().tell(OPENED, fired("Up"))
    for act, row, at, text in acts:
        target = story.events[row % len(story.events)]
        what: dict[str, Fact] = {
            "note": facts.Remarked("note", text or "hm"), "tick": TICKED,
            "untick": facts.StepUnticked("s1", "Roll back"), "ack": facts.Acknowledged("Up@-240", "Up"),
            "mark": facts.MilestoneSet(list(Milestone)[row % 5].value), "correct": facts.Corrected(target.id, text),
            "redact": facts.Redacted(target.id, text),
        }  # fmt: skip
        story.tell(what[act], at=at)
        if act == "redact" and not isinstance(target.fact, facts.Redacted | facts.IncidentOpened):
            gone = facts.Tombstone(target.fact.kind, "kim", START)
            story.events = [replace(e, fact=gone) if e.id == target.id else e for e in story.events]
    return story.events


@settings(deadline=None)
@given(ACTS)
def test_whatever_people_do_the_timeline_is_sorted_by_time_then_by_when_it_was_recorded(acts: Any) -> None:
    events = played(acts)
    shown = rows(reversed(events))  # in whatever order they come, rows of one moment stand as they were recorded
    assert [(row.at, row.id) for row in shown] == sorted((row.at, row.id) for row in shown)
    assert {row.id for row in shown} == {event.id for event in events}
    assert not [row for row in shown if row.lead == "redacted" and row.corrected]


@settings(deadline=None)
@given(ACTS)
def test_one_event_at_a_time_gives_the_state_of_all_at_once(acts: Any) -> None:
    events = played(acts)
    state = Incident("INC-1")
    for event in events:
        state = state.apply(event)
    assert state == fold("INC-1", events)


@settings(deadline=None)
@given(ACTS)
def test_whatever_people_do_a_duration_is_the_difference_of_two_shown_milestones(acts: Any) -> None:
    events = played(acts)
    marks = fold("INC-1", events).milestones()
    shown = {row.at for row in rows(events)} | {moment(-240)}
    assert {mark.at for mark in marks.values()} <= shown
    for name, span in durations(marks).items():
        begin, _, end = name.partition("_to_")
        assert span == marks[Milestone(end)].at - marks[Milestone(begin)].at


@settings(deadline=None)
@given(ACTS)
def test_undo_brings_back_the_state_before(acts: Any) -> None:
    before = [event for event in played(acts) if not isinstance(event.fact, facts.StepTicked | facts.StepUnticked)]
    state = fold("INC-1", before)
    story = Story()
    story.events = before
    undone = story.tell(TICKED, facts.StepUnticked("s1", "Roll back")).folded()
    assert undone == state


def calls_in(work: Callable[[], object]) -> int:
    count = 0

    def counting(frame: FrameType, kind: str, argument: object) -> None:
        nonlocal count
        count += kind in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.fault(27)
def test_twenty_thousand_notes_cost_twice_as_much_as_ten_thousand_and_copy_nothing() -> None:
    story = Story().tell(OPENED, fired("Up"), STARTED, TICKED)
    begun = story.folded()
    note = replace(story.events[0], fact=facts.Remarked("note", "still looking"))
    half, whole = (calls_in(lambda n=n: fold("INC-1", [*story.events, *[note] * n])) for n in (10_000, 20_000))
    assert whole < half * 2.01
    noted = begun.apply(note)
    held = ("alerts", "runbooks", "ticks", "choices", "values", "commands", "people", "marks", "changes")
    assert [name for name in held if getattr(noted, name) is not getattr(begun, name)] == []


def test_an_event_of_another_writer_keeps_its_writer() -> None:
    lee = Writer("lee", "laptop-8", "12-1")
    state = Story().tell(TICKED, STARTED, writer=lee).folded()
    assert (state.ticks["s1"].person, state.commands["r1"].writer) == ("lee", lee)


@pytest.mark.fault(27)
def test_the_cost_of_a_long_incident_grows_with_its_length_and_not_faster() -> None:
    def told(number: int) -> list[Event]:
        story = Story().tell(OPENED)
        base = story.events[0]
        steps = [replace(base, fact=facts.StepTicked(f"s{at}", "Look"), id=f"{at:028d}") for at in range(number)]
        fix = replace(base, fact=facts.Corrected(steps[0].id, ""), id="1" * 28)
        return [base, *steps, fix]

    half, whole = told(2_000), told(4_000)
    first, second = (calls_in(lambda events=events: fold("INC-1", events)) for events in (half, whole))
    assert second < first * 2.01
    assert len(fold("INC-1", whole).ticks) == 4_000


def test_how_far_the_clock_was_off_is_known_by_source_and_the_last_look_counts() -> None:
    looks = [facts.ClockChecked("am", 3.5), facts.ClockChecked("prom", -0.2), facts.ClockChecked("am", 2.5)]
    assert after(OPENED).offsets == {}
    assert after(OPENED, *looks).offsets == {"am": 2.5, "prom": -0.2}
    assert corrected(Story().tell(OPENED, *looks), 0, "", at=-5).folded().offsets == {"am": 2.5, "prom": -0.2}


def test_only_facts_that_bear_on_a_state_change_it() -> None:
    quiet = (facts.Remarked("note", "hm"), facts.SignalSeen("errors", 1.0, "%"), facts.Imported("x"),
             facts.Unrecognised("x.y"))  # fmt: skip
    assert not any(map(bears, quiet))
    assert after(OPENED, *quiet) == after(OPENED)
    assert all(map(bears, (OPENED, TICKED, facts.Corrected("x", ""), facts.Tombstone("remark", "kim", START))))
    assert {fact.kind for fact in quiet}.isdisjoint(KINDS_THAT_BEAR)
    assert {OPENED.kind, TICKED.kind, facts.Corrected.kind} <= KINDS_THAT_BEAR


def test_a_command_whose_end_was_redacted_has_ended_and_nobody_looks_for_it() -> None:
    story = Story().tell(OPENED, STARTED, DONE, facts.CommandVerified("r1", "x"), facts.CommandAttached("r1", "s", "S"))
    story.events[2] = replace(story.events[2], fact=facts.Tombstone("command.finished", "kim", START))
    assert story.folded().commands["r1"].open
    story.tell(facts.Redacted(story.events[2].id, "a token", "r1"), facts.Redacted("x", "", "r9"))
    record = story.folded().commands["r1"]
    assert (record.open, record.outcome, record.ended_at) == (False, "ended, redacted", moment(5))
    done = after(OPENED, STARTED, DONE, facts.Redacted("x", "", "r1"))
    assert done.commands["r1"].outcome == "exit 0, 4.2s"
    assert after(facts.CommandVerified("r9", "x"), facts.CommandAttached("r9", "s", "S")).commands == {}
