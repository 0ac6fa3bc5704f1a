"""A past incident is told as it was lived: nothing is known before somebody wrote it down."""

from __future__ import annotations

from datetime import timedelta

from incident.core import facts
from incident.core.event import Event
from incident.core.replay import known, turns
from tests.fakes import ME, START


def event(number: int, fact: facts.Fact, *, late: float = 0, source: str = "tool") -> Event:
    """An event that happened after so many minutes, and was written down so many minutes later."""
    happened = START + timedelta(minutes=number)
    return Event(f"{number:03}", "INC-1", happened, fact, ME, happened + timedelta(minutes=late), source=source)


OPENED = event(0, facts.IncidentOpened("slow"))
VALUE = event(1, facts.ParameterSet("previous", "9f8e7d6", "a change"))
STARTED = event(1, facts.CommandStarted("r1", "roll back", ("gh",), "/srv", "/out"))
ENDED = event(2, facts.CommandFinished("r1", 0, 4))
FOUND_LATE = event(1, facts.Remarked("note", "the deploy was it"), late=60, source="person")
DECIDED = event(5, facts.Remarked("decision", "wait"), source="person")
CLOSED = event(9, facts.IncidentClosed())
AFTER = event(10, facts.Exported("x.md", "md"))


def test_each_thing_that_was_done_is_a_turn_and_what_came_before_it_is_its_news() -> None:
    first, second, third, last = turns([OPENED, STARTED, ENDED, DECIDED, CLOSED, AFTER])
    assert (first.news, first.deed) == ((OPENED,), STARTED)
    assert (second.news, second.deed) == ((ENDED,), DECIDED)
    assert (third.news, third.deed) == ((), CLOSED)
    assert (last.news, last.deed) == ((AFTER,), None)


def test_what_was_written_down_later_is_not_known_before_that() -> None:
    told = turns([OPENED, FOUND_LATE, STARTED, CLOSED])
    assert [FOUND_LATE in known(told, number, deed=True) for number in range(len(told))] == [False, False, True]


def test_a_value_that_was_filled_in_for_a_command_does_not_give_it_away() -> None:
    [turn] = turns([OPENED, VALUE, STARTED])
    assert (turn.news, turn.along) == ((OPENED,), (VALUE,))
    assert known((turn,), 0, deed=False) == (OPENED,)
    assert known((turn,), 0, deed=True) == (OPENED, VALUE, STARTED)


def test_behind_the_last_turn_everything_is_known() -> None:
    told = turns([OPENED, STARTED, ENDED])
    assert known(told, 2, deed=False) == (OPENED, STARTED, ENDED)
    assert turns([]) == ()


def test_only_what_a_person_decided_is_asked_about() -> None:
    simulated = event(1, facts.Remarked("update", "said by the drill"), source="drill")
    noted = event(2, facts.Remarked("note", "hm"), source="person")
    [turn] = turns([OPENED, simulated, noted])
    assert turn.deed is None
