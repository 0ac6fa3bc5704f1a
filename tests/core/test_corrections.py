"""A correction says how a row should read; what it read before stays in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from incident.core import facts
from incident.core.corrections import (
    corrected,
    correction_of,
    corrections_in,
    corrections_of,
    run_of,
    to_redact_with,
    words_of,
)
from incident.core.event import Event, next_id
from incident.core.facts import Fact
from incident.core.when import Moment, Precision
from incident.errors import UsageError
from tests.fakes import ME, START

NOTE = facts.Remarked("note", "saw 500")


class Told:
    """Events, each recorded a second after the one before."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, fact: Fact, at: float = 0, **more: Any) -> str:
        now = START + timedelta(seconds=len(self.events))
        identity = next_id(now, self.events[-1].id if self.events else "", 0)
        event = Event(identity, "INC-1", START + timedelta(seconds=at), fact, ME, now)
        self.events.append(replace(event, **more))
        return identity

    def reads(self, row: str) -> tuple[str | None, datetime, Precision]:
        event = next(event for event in self.events if event.id == row)
        now = corrected(event, corrections_in(reversed(self.events)).get(row))
        return words_of(now.fact), now.at, now.precision


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_correction_recorded_last_stands_whatever_times_they_name() -> None:
    told = Told()
    note = told.add(NOTE)
    assert told.reads(note) == ("saw 500", START, Precision.SECOND)
    told.add(facts.Corrected(note, "saw 502"), at=60)
    told.add(facts.Corrected(note, "saw 503"), at=-60, precision=Precision.ABOUT)
    assert told.reads(note) == ("saw 503", moment(-60), Precision.ABOUT)


def test_a_correction_without_words_leaves_those_that_stand() -> None:
    told = Told()
    note = told.add(NOTE)
    told.add(facts.Corrected(note, "saw 502"))
    told.add(facts.Corrected(note, ""), at=-60)
    assert told.reads(note) == ("saw 502", moment(-60), Precision.SECOND)


def test_a_correction_of_a_correction_is_one_of_its_row() -> None:
    told = Told()
    note = told.add(NOTE)
    first = told.add(facts.Corrected(note, "saw 502"))
    second = told.add(facts.Corrected(first, "saw 503"))
    told.add(facts.Corrected(second, "saw 504"))
    assert told.reads(note)[0] == "saw 504"
    assert set(corrections_in(told.events)) == {note}


def test_what_has_to_go_with_a_row_is_every_correction_of_it() -> None:
    told = Told()
    note, other = told.add(NOTE), told.add(NOTE)
    first = told.add(facts.Corrected(note, "saw 502"))
    told.add(facts.Corrected(other, "calm"))
    second = told.add(facts.Corrected(first, "saw 503"))
    assert corrections_of(reversed(told.events), note) == (first, second)
    assert corrections_of(told.events, second) == ()


def test_correcting_what_is_not_there_changes_nothing() -> None:
    told = Told()
    note = told.add(NOTE)
    told.add(facts.Corrected("no such row", "saw 502"))
    assert told.reads(note) == ("saw 500", START, Precision.SECOND)


def test_only_what_a_person_wrote_is_worded_otherwise() -> None:
    told = Told()
    run = told.add(facts.CommandStarted("r", "gh x", ("gh", "x"), "/", "/o"))
    told.add(facts.Corrected(run, "gh y"), at=5)
    event = corrected(told.events[0], corrections_in(told.events)[run])
    assert (event.fact, event.at) == (told.events[0].fact, moment(5))


def test_a_range_can_be_corrected_to_and_from() -> None:
    told = Told()
    note = told.add(NOTE)
    fact, stands = correction_of(told.events, note, "", Moment(START, Precision.RANGE, moment(180)))
    assert (fact, stands.until) == (facts.Corrected(note, ""), moment(180))
    told.add(fact, at=0, precision=stands.precision, until=stands.until)
    kept, still = correction_of(told.events, note, "saw 502", None, "typo")
    assert (kept, still) == (facts.Corrected(note, "saw 502", "typo"), stands)


def test_the_words_of_the_first_version_can_be_brought_back() -> None:
    told = Told()
    note = told.add(NOTE)
    told.add(facts.Corrected(note, "saw 502"))
    fact, _ = correction_of(told.events, note, "saw 500", None)
    assert fact.text == "saw 500"


def test_a_correction_named_by_an_earlier_one_is_of_the_row_itself() -> None:
    told = Told()
    note = told.add(NOTE)
    first = told.add(facts.Corrected(note, "saw 502"))
    assert correction_of(told.events, first, "saw 503", None)[0].event == note


@pytest.mark.parametrize(
    ("fact", "text", "at", "why"),
    [
        (NOTE, "saw 500", None, "reads like this already"),
        (NOTE, "", None, "reads like this already"),
        (NOTE, "", Moment(START), "reads like this already"),
        (facts.AlertResolved("o", "Up"), "it was not", None, "only what a person wrote"),
        (facts.Tombstone("remark", "kim", START), "", Moment(START), "about what was redacted"),
        (facts.Redacted("x"), "y", None, "about what was redacted"),
        (facts.Corrected("nothing", "y"), "z", None, "there is no such row"),
    ],
)
def test_what_cannot_be_corrected_says_why(fact: Fact, text: str, at: Moment | None, why: str) -> None:
    told = Told()
    row = told.add(fact)
    with pytest.raises(UsageError, match=why):
        correction_of(told.events, row, text, at)


def test_corrections_that_name_each_other_correct_nothing_and_end() -> None:
    told = Told()
    first = told.add(facts.Corrected("", "a"))
    second = told.add(facts.Corrected(first, "b"))
    told.events[0] = replace(told.events[0], fact=facts.Corrected(second, "a"))
    assert set(corrections_in(told.events)) <= {first, second}
    with pytest.raises(UsageError, match="no such row"):
        correction_of(told.events, first, "c", None)


def test_what_a_command_printed_goes_with_its_row_and_so_do_all_corrections() -> None:
    started = facts.CommandStarted("r1", "gh x", ("gh", "x"), "/", "/o")
    ended, other = facts.CommandFinished("r1", 0, 1.0, head=("token",)), facts.CommandFinished("r2", 0, 1.0)
    what = (started, ended, other, facts.Remarked("note", "x"))
    events = [event_of(number, fact) for number, fact in enumerate(what)]
    fix = event_of(9, facts.Corrected(events[1].id, ""))
    assert to_redact_with([*events, fix], events[0].id) == (fix.id, events[1].id)
    assert to_redact_with([*events, fix], events[1].id) == (fix.id,)
    assert to_redact_with(events, events[3].id) == ()
    assert to_redact_with(events, "nothing") == ()
    assert [run_of(event.fact) for event in events] == ["r1", "r1", "r2", ""]
    assert run_of(facts.CommandLost("r1", "killed")) == "r1"


def event_of(number: int, fact: Fact) -> Event:
    at = START + timedelta(seconds=number)
    return Event(f"{number:028d}", "INC-1", at, fact, ME, at)
