"""Two responders' logs become one timeline, whoever hands theirs over first and however often."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core import facts
from incident.core.event import Event, Writer, next_id
from incident.core.facts import Fact
from incident.core.incident import fold
from incident.core.merge import History, tombstone_of
from tests.fakes import ME, START

LEE = Writer("lee", "laptop-8", "12-1")


def told(*what: Fact, skew: float = 0, writer: Writer = ME, first: int = 1) -> list[Event]:
    """A log of one writer, whose clock is `skew` seconds off: a fact each ten seconds."""
    events: list[Event] = []
    for number, fact in enumerate(what, first):
        at = START + timedelta(seconds=10 * number + skew)
        identity = next_id(at, events[-1].id if events else "", number)
        events.append(Event(identity, "INC-1", at, fact, writer, at, seq=number))
    return events


def merged(*logs: Iterable[Event]) -> History:
    history = History("INC-1")
    for log in logs:
        for event in log:
            history.add(event)
    return history


MINE = told(
    facts.IncidentOpened("Checkout fails"), facts.Remarked("note", "hunter2"), facts.SeveritySet("SEV1"),
    facts.Joined("kim"), facts.IncidentClosed(), facts.IncidentReopened(),
)  # fmt: skip
THEIRS = told(
    facts.IncidentOpened("Checkout is slow"), facts.Remarked("note", "users call"), facts.SeveritySet("SEV3"),
    facts.IncidentClosed(), skew=-4, writer=LEE,
)  # fmt: skip
ORDERS = told(
    facts.Redacted(MINE[1].id, "a password"), facts.Redacted(THEIRS[0].id), facts.Redacted("of another incident"),
    writer=LEE, first=7,
) + told(facts.Redacted(MINE[1].id, "the same"), facts.Redacted(MINE[0].id), first=8, skew=3)  # fmt: skip
BEFORE = [replace(event, seq=0) for event in MINE[:4]]  # as they were before they were on disk
EVERYTHING = [*MINE, *THEIRS, *ORDERS, *BEFORE]
LOGS = st.lists(st.sampled_from(EVERYTHING), max_size=30)


def outcome(history: History) -> tuple[object, ...]:
    return (list(history.events), history.state, history.is_open)


@settings(deadline=None)
@given(LOGS, LOGS, LOGS)
@pytest.mark.fault(19)
def test_merging_is_commutative_associative_and_idempotent_and_ends_in_one_order(
    mine: list[Event], theirs: list[Event], others: list[Event]
) -> None:
    once = merged(mine, theirs, others)
    assert outcome(once) == outcome(merged(others, theirs, mine))
    assert outcome(once) == outcome(merged(mine, merged(theirs, others).events))
    assert outcome(once) == outcome(merged(merged(mine, theirs).events, others))
    assert outcome(once) == outcome(merged(mine, theirs, others, mine, once.events))
    assert [event.id for event in list(once.events)] == sorted({event.id for event in (*mine, *theirs, *others)})


@settings(deadline=None)
@given(LOGS, st.data())
def test_the_state_is_the_fold_of_the_events_in_one_order_whenever_it_is_looked_at(
    log: list[Event], data: st.DataObject
) -> None:
    history = History("INC-1")
    for event in log:
        history.add(event)
        if data.draw(st.booleans()):
            assert history.state == fold("INC-1", list(history.events))
            assert history.is_open is history.state.is_open
    assert history.state == fold("INC-1", list(history.events))
    assert history.is_open is history.state.is_open


@settings(deadline=None)
@given(st.permutations([*MINE, *THEIRS, *ORDERS]))
def test_what_was_redacted_is_gone_wherever_the_order_stands_and_the_first_order_is_named(log: list[Event]) -> None:
    history = merged(log)
    assert "hunter2" not in repr(history.events)
    gone = history.get(MINE[1].id)
    assert gone is not None
    assert gone.fact == facts.Tombstone("remark", "lee", ORDERS[0].recorded_at, "a password")
    assert replace(gone, fact=MINE[1].fact) == MINE[1]
    assert not history.add(MINE[1])


def test_an_event_that_is_added_twice_or_without_its_number_changes_nothing() -> None:
    history = merged(MINE)
    assert not history.add(MINE[0])
    assert not history.add(BEFORE[1])
    assert history.events == tuple(MINE)
    waiting = merged(BEFORE)
    assert waiting.state == merged(MINE[:4]).state
    assert waiting.add(MINE[0])
    assert waiting.get(MINE[0].id) == MINE[0]
    assert waiting.get("nothing") is None
    assert waiting.state == merged(MINE[:4]).state


def test_a_row_that_reads_otherwise_on_disk_reads_so_from_then_on() -> None:
    history = merged(BEFORE)
    assert history.state.severity == "SEV1"
    joined = replace(MINE[2], fact=facts.Joined("kim"))
    assert history.add(joined)
    assert history.state.severity == "SEV2"


def test_whether_it_is_open_is_known_by_what_decides_it() -> None:
    history = History("INC-1")
    seen = []
    for event in MINE:
        history.add(event)
        seen.append(history.is_open)
    assert seen == [True, True, True, True, False, True]


def test_an_order_that_comes_before_what_it_redacts_holds() -> None:
    history = merged(ORDERS[:1], MINE)
    known = history.get(MINE[1].id)
    assert known is not None
    assert isinstance(known.fact, facts.Tombstone)


def test_a_tombstone_without_its_order_stays_one() -> None:
    grave = tombstone_of(MINE[1], ORDERS[0])
    history = merged(MINE, [grave])
    assert history.get(grave.id) == grave
    assert not history.add(MINE[1])


def test_neither_an_order_nor_anything_without_an_order_is_redacted() -> None:
    assert tombstone_of(ORDERS[0], ORDERS[1]) is ORDERS[0]
    assert tombstone_of(MINE[1], MINE[0]) is MINE[1]
    again = told(facts.Redacted(ORDERS[0].id), first=20)
    assert merged(ORDERS, again).get(ORDERS[0].id) == ORDERS[0]


def test_a_kind_of_a_later_version_is_redacted_under_its_own_name() -> None:
    strange = replace(MINE[1], fact=facts.Unrecognised("weather", {"password": "hunter2"}))
    fact = tombstone_of(strange, ORDERS[0]).fact
    assert isinstance(fact, facts.Tombstone)
    assert fact.was == "weather"


def test_events_stand_in_the_order_in_which_they_were_recorded_whenever_they_come() -> None:
    history = merged(THEIRS, MINE)
    assert history.events == tuple(sorted((*THEIRS, *MINE), key=lambda event: event.id))
    assert history.newest(2) == history.events[-2:]
    assert len(history) == len(THEIRS) + len(MINE)
    late = merged(THEIRS[1:], THEIRS[:1])
    assert late.newest(1) == late.events[-1:] == (THEIRS[-1],)
