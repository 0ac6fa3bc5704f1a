"""A timeline that grows costs what is new in it, and reads as if it had been read from the beginning."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core import facts
from incident.core.event import Event, next_id
from incident.core.growing import MANY, GrowingTimeline
from incident.core.timeline import Category, Row, rows
from tests.fakes import ME, START


def recorded(number: int, at: int, fact: facts.Fact | None = None) -> Event:
    now = START + timedelta(seconds=number)
    happened = START + timedelta(seconds=at)
    return Event(next_id(now, "", number), "INC-1", happened, fact or facts.Remarked("note", f"n{number}"), ME, now)


def told(*parts: tuple[Event, ...]) -> GrowingTimeline:
    timeline = GrowingTimeline()
    for part in parts:
        timeline.hear(part)
    return timeline


def odd(row: Row) -> bool:
    return row.text.endswith(("1", "3", "5", "7", "9"))


TIMES = st.lists(st.integers(-600, 600), min_size=1, max_size=30)


@settings(deadline=None)
@given(TIMES, st.data())
def test_however_it_grew_it_reads_as_a_whole_and_is_in_order(times: list[int], data: st.DataObject) -> None:
    events: tuple[Event, ...] = ()
    timeline = GrowingTimeline()
    for number, at in enumerate(times):
        fact: facts.Fact | None = None
        if events and data.draw(st.booleans()):
            target = data.draw(st.sampled_from(events))
            fact = facts.Corrected(target.id, data.draw(st.sampled_from(["", "other words 1"])))
        events = (*events, recorded(number, at, fact))
        if data.draw(st.booleans()):
            timeline.hear(events)
            timeline.look(*data.draw(st.sampled_from([("odd", odd), (None, None)])))
    timeline.hear(events)
    timeline.look(None, None)
    whole = rows(events)
    assert timeline.rows(0, len(events)) == whole
    assert [(row.at, row.id) for row in whole] == sorted((row.at, row.id) for row in whole)
    timeline.look("odd", odd)
    assert timeline.rows(0, len(timeline)) == [row for row in whole if odd(row)]
    for number, row in enumerate(timeline.rows(0, len(timeline))):
        assert timeline.number_of(row.id) == number


def test_what_is_read_later_stands_before_what_was_there_already() -> None:
    events = tuple(recorded(number, number) for number in range(MANY + 20))
    timeline = told(events[-5:], events)
    assert len(timeline) == len(events)
    assert [row.id for row in timeline.rows(-3, 2)] == [event.id for event in events[:2]]
    assert timeline.number_at(events[7].at) == 7
    assert timeline.number_of(events[-1].id) == len(events) - 1
    assert timeline.number_of("of no event") is None


def test_a_row_that_was_redacted_reads_so_at_once() -> None:
    events = tuple(recorded(number, number) for number in range(3))
    timeline = told(events)
    assert timeline.rows(0, 3)[1].text == "n1"
    grave = replace(events[1], fact=facts.Tombstone("remark", "kim", START, "a name"))
    timeline.hear((events[0], grave, events[2]))
    assert timeline.rows(0, 3)[1].text != "n1"


def test_what_comes_while_only_some_rows_are_wanted_is_let_through_or_not() -> None:
    events = tuple(recorded(number, number) for number in range(4))
    timeline = told(events[:1])
    timeline.look("odd", odd)
    timeline.hear(events)
    assert [row.text for row in timeline.rows(0, len(timeline))] == ["n1", "n3"]


def test_kinds_are_counted_whatever_is_looked_at() -> None:
    events = (recorded(0, 0, facts.IncidentOpened("x")), recorded(1, 1), recorded(2, 2))
    timeline = told(events)
    timeline.look("none", lambda row: False)
    timeline.hear((*events, recorded(3, 3)))
    assert len(timeline) == 0
    assert timeline.counts[Category.REMARKS] == 3
    assert timeline.number_of(events[1].id) is None
    timeline.look("none", odd)  # the same view, so nothing is looked at anew
    assert len(timeline) == 0
