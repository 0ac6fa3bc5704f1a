"""What is proposed, and above all what is not: nothing on missing, old or impossible data, nothing on a lost source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core import facts
from incident.core.event import Event
from incident.core.facts import Fact
from incident.core.incident import Incident, fold
from incident.core.proposals import (
    ANSWERED,
    GAP,
    HOLD,
    INTERVALS,
    MITIGATED,
    OLD,
    RESOLVED,
    Course,
    Kind,
    Proposal,
    Reading,
    Seen,
    held,
    proposals,
)
from incident.core.runbook import Runbook
from incident.core.runbook.read import read
from incident.core.verification import Stated
from incident.core.when import Precision
from tests.fakes import ME, SEED, START

BOOK = read(SEED.read_bytes(), SEED.name)
QUERY = "sum(rate(errors[5m]))"
NOW = START + timedelta(hours=1)
FIRED = facts.AlertFired("a1@x", "a1", "AcmeErrorBudgetFastBurn", "page", START, "am")
P99 = facts.AlertFired("b1@x", "b1", "AcmeLatencyP99", "page", START, "am")


def incident(*more: Fact, fired: Sequence[facts.AlertFired] = (FIRED,), done: bool = True) -> Incident:
    """The seed's incident: the way with the deploy is taken, and everything before the check is done."""
    steps = [step for step in BOOK.steps if step.branch is None or step.branch.group == 1]
    told: list[Fact] = [facts.IncidentOpened("Acme"), *fired]
    way = next(step.branch for step in steps if step.branch)
    told.append(facts.BranchChosen(way.fork, way.id, way.condition))
    if done:
        told += [facts.StepTicked(step.id, step.text) for step in steps if step.text.startswith("Roll back")]
    told += more
    events = [Event(f"{at:04}", "INC-1", more_at(fact, at), fact, ME, START) for at, fact in enumerate(told)]
    return fold("INC-1", events)


def more_at(fact: Fact, at: int) -> datetime:
    if isinstance(fact, facts.AlertResolved):
        return NOW - timedelta(minutes=30) + timedelta(seconds=at)
    return START + timedelta(seconds=at)


def course(*values: float | None, ago: float = 5.0, step: float = 15.0, **changes: object) -> Course:
    """Readings `step` seconds apart, the last one `ago` seconds old."""
    last = NOW - timedelta(seconds=ago)
    times = [last - timedelta(seconds=step * back) for back in range(len(values) - 1, -1, -1)]
    readings = tuple(Reading(at, value, 3.0, 15.0) for at, value in zip(times, values, strict=True))
    return replace(Course("errors", "%", QUERY, 7.0, False, readings, own=True), **changes)  # type: ignore[arg-type]  # fields of it


GOOD = course(*[0.3] * 30)


def seen(*courses: Course, answered: datetime | None = NOW, key: str = "a1@x") -> Seen:
    return Seen({key: courses}, {"am": answered} if answered else {})


def of(found: Sequence[Proposal]) -> list[Kind]:
    return [one.kind for one in found]


# -- ticks ------------------------------------------------------------------------------------------------------


def test_a_verify_step_is_proposed_with_value_limit_time_and_query() -> None:
    bad_then_good = course(19.0, *[0.3] * 9)
    [one] = proposals(incident(), BOOK, seen(bad_then_good), NOW)
    assert one.step is not None
    assert one.step.text == "Verify error rate drops in dashboard."
    assert one.words == "errors 0.3 % under 7 % for 2m"
    assert one.evidence == (f"errors 0.3 % under 7 % for 2m, 04:05:07 to 04:07:07 UTC: {QUERY}",)
    assert one.precision is Precision.MINUTE
    assert one.key == f"tick:{one.step.id}"


def test_a_check_of_what_nobody_did_yet_is_not_proposed() -> None:
    assert proposals(incident(done=False), BOOK, seen(course(*[0.3] * 9)), NOW) == ()
    rollback = next(step for step in BOOK.steps if step.text.startswith("Roll back"))
    started = facts.CommandStarted("r1", "gh run", ("gh",), "/", "/o", step=rollback.id)
    running = incident(started, done=False)
    assert proposals(running, BOOK, seen(course(*[0.3] * 9)), NOW) == ()
    ended = incident(started, facts.CommandFinished("r1", 0, 4.0), done=False)
    assert of(proposals(ended, BOOK, seen(course(*[0.3] * 9)), NOW)) == [Kind.TICK]


def test_nothing_is_proposed_once_it_is_ticked_closed_or_without_a_runbook() -> None:
    step = next(step for step in BOOK.steps if step.check and "error rate" in step.text)
    ticked = incident(facts.StepTicked(step.id, step.text))
    good = course(*[0.3] * 9)
    assert proposals(ticked, BOOK, seen(good), NOW) == ()
    assert proposals(incident(facts.IncidentClosed()), BOOK, seen(good), NOW) == ()
    assert proposals(incident(), None, seen(good), NOW) == ()


def book_of(line: str) -> Runbook:
    return read(f"# X\n\n## Verification\n1. {line}\n".encode(), "x.md")


def words_of(line: str, known: Seen, state: Incident | None = None) -> list[str]:
    found = proposals(state or incident(), book_of(line), known, NOW)
    return [one.words for one in found if one.kind is Kind.TICK]


def test_a_step_about_the_alert_waits_for_its_end_as_an_answering_source_says() -> None:
    over = incident(facts.AlertResolved("a1@x", FIRED.name))
    line = "Verify the alert is resolved"
    assert words_of(line, seen(), over) == ["AcmeErrorBudgetFastBurn over for 29m"]
    assert words_of(line, seen()) == []
    assert words_of(line, seen(answered=None), over) == []
    assert words_of(line, seen(answered=NOW - ANSWERED - timedelta(seconds=1)), over) == []
    assert words_of(line, seen(answered=NOW + timedelta(seconds=1)), over) == []
    assert words_of("Verify <!-- incident: check=alert:Other -->", seen(), over) == []


def test_recovery_wants_both_the_alert_over_and_its_signal_back() -> None:
    line, over = "Verify that the service has recovered", incident(facts.AlertResolved("a1@x", FIRED.name))
    assert words_of(line, seen(GOOD), over) == ["errors 0.3 % under 7 % for 7m and 1 more"]
    assert words_of(line, seen(GOOD)) == []
    assert words_of(line, seen(course(9.0)), over) == []
    assert words_of(line, seen(), over) == []
    assert words_of(line, seen(replace(GOOD, limit=None)), over) == []


def test_an_alert_that_is_over_since_a_moment_is_not_yet_over() -> None:
    over = incident(facts.AlertResolved("a1@x", FIRED.name))
    just = NOW - timedelta(minutes=29)
    found = proposals(
        over, book_of("Verify the alert is resolved"), Seen({}, {"am": just}), just + timedelta(seconds=9)
    )
    assert found == ()


def test_the_steps_own_limit_counts_when_it_fits_and_is_stricter() -> None:
    at_one = course(*[1.0] * 9)
    assert words_of("Verify errors are below 2 %", seen(at_one)) == ["errors 1.0 % under 2 % for 2m"]
    assert words_of("Verify errors are below 0.5 %", seen(at_one)) == []
    assert words_of("Verify errors are below 50 %", seen(at_one)) == ["errors 1.0 % under 7 % for 2m"]
    assert words_of("Verify errors are below 2 s", seen(at_one)) == []
    assert words_of("Verify errors are above 0.5 %", seen(at_one)) == []
    assert words_of("Verify errors are below 2 %", seen(replace(at_one, limit=None))) == [
        "errors 1.0 % under 2 % for 2m"
    ]


def test_a_signal_is_found_by_its_name_by_what_it_is_or_not_at_all() -> None:
    p99 = course(*[0.2] * 9, name="p99", unit="s", limit=1.0, own=False)
    value = course(*[0.001] * 9, name="value", unit="", limit=0.07)
    assert words_of("Verify latency drops", seen(p99)) == ["p99 200 ms under 1 s for 2m"]
    assert words_of("Verify error rate drops", seen(value)) == ["value 0.001 under 0.07 for 2m"]
    assert words_of("Verify error rate drops", seen(replace(value, own=False))) == []
    assert words_of("Verify error rate drops", seen(replace(value, query="sum(rate(x[5m]))"))) == []
    assert words_of("Verify error rate and traffic drop", seen(GOOD)) == []
    assert words_of("Verify error rate drops for 9 minutes", seen(GOOD)) == []


def test_every_signal_that_is_meant_has_to_be_good() -> None:
    other = course(*[9.0] * 9, query="other")
    assert words_of("Verify error rate drops", seen(GOOD, other)) == []


# -- how long a signal has been good ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        course(),
        course(*[0.3] * 9, ago=OLD.total_seconds() + 1),
        course(*[0.3] * 9, ago=-1),
        course(*[0.3] * 8, 7.0),
        course(*[0.3] * 8, math.nan),
        course(*[0.3] * 8, None),
        course(*[0.3] * 9, limit=None),
        course(*[0.3] * 9, limit=math.nan),
        course(*[0.3] * 9, limit=0.3, floor=True),
        replace(GOOD, readings=(Reading(NOW, 0.3),)),
        replace(GOOD, readings=(Reading(NOW, 0.3, 3.0, None),)),
        replace(GOOD, readings=(Reading(NOW, 0.3, 30.1, 15.0),)),
        replace(GOOD, readings=(Reading(NOW, 0.3, -1.0, 15.0),)),
        replace(GOOD, readings=(Reading(NOW, 0.3, 0.0, 0.0),)),
        replace(GOOD, readings=(Reading(NOW, 0.3, math.nan, 15.0),)),
    ],
)
def test_a_signal_that_is_missing_old_or_no_number_is_not_good(bad: Course) -> None:
    assert held(bad, NOW) is None


def test_a_gap_or_a_reading_that_does_not_count_begins_anew() -> None:
    assert held(GOOD, NOW) is not None
    early = Reading(NOW - timedelta(minutes=9), 0.3, 3.0, 15.0)
    gap = held(replace(GOOD, readings=(early, *GOOD.readings[-2:])), NOW)
    assert gap is not None
    assert (gap.since, gap.crossed) == (GOOD.readings[-2].at, False)
    nan = held(course(0.3, math.nan, 0.3, 0.3), NOW)
    assert nan is not None
    assert nan.until - nan.since == timedelta(seconds=15)
    stepped = held(course(0.3, 0.3, step=-15.0, ago=20), NOW)
    assert stepped is not None
    assert stepped.since == stepped.until


def test_a_floor_is_the_lowest_good_value() -> None:
    traffic = course(*[300.0] * 9, name="traffic", unit="/s", limit=200.0, floor=True)
    good = held(traffic, NOW)
    assert good is not None
    assert good.words == "traffic 300/s above 200/s for 2m"
    stricter = held(traffic, NOW, Stated(250.0, "/s", floor=True))
    assert stricter is not None
    assert stricter.limit == 250.0
    assert held(traffic, NOW, Stated(250.0, "/s")) is None


FINE = (15.0, 0.3, 3.0, 15.0)  # seconds after the one before, value, age, interval
SPOILS: tuple[tuple[int, float | None], ...] = (
    *((0, step) for step in (0.0, -5.0, 44.0, 45.1, 600.0)),
    *((1, value) for value in (None, math.nan, math.inf, -math.inf, 7.0, 19.0)),
    *((2, old) for old in (None, math.nan, -1.0, 30.0, 30.1, 900.0)),
    *((3, interval) for interval in (None, math.nan, 0.0, -15.0, 60.0)),
)
spoils = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(SPOILS)), max_size=2)
limits = st.sampled_from([7.0, 7.0, 7.0, 7.0, 0.3, None, math.nan])
ages = st.sampled_from([5.0, 5.0, 5.0, 39.0, 41.0, -1.0, 900.0])


@settings(max_examples=400)
@given(st.integers(9, 30), spoils, limits, ages)
def test_whatever_was_read_a_proposal_rests_on_fresh_finite_good_readings_without_a_gap(
    count: int, odd: list[tuple[int, tuple[int, float | None]]], limit: float | None, ago: float
) -> None:
    found: list[list[float | None]] = [list(FINE) for _ in range(count)]
    for back, (field, value) in odd:
        found[max(0, count - 1 - back)][field] = value
    at = NOW - timedelta(seconds=ago + sum(step or 0.0 for step, *_ in found[1:]))
    known: list[Reading] = []
    for step, value, old, interval in found:
        at += timedelta(seconds=step or 0.0) if known else timedelta(0)
        known.append(Reading(at, value, old, interval))
    tested = Course("errors", "%", QUERY, limit, False, tuple(known), own=True)
    for one in proposals(incident(), BOOK, Seen({"a1@x": (tested,)}, {}), NOW):
        assert limit == 7.0
        assert timedelta(0) <= NOW - known[-1].at <= OLD
        begin = next(place for place in range(count - 1, -1, -1) if known[place].at == one.at)
        streak = known[begin:]
        assert streak[-1].at - streak[0].at >= {Kind.TICK: HOLD, Kind.MITIGATED: MITIGATED}[one.kind]
        assert all(timedelta(0) < after.at - before.at <= GAP for before, after in pairwise(streak))
        for reading in streak:
            assert reading.value is not None
            assert -math.inf < reading.value < 7.0
            assert reading.age is not None
            assert reading.interval is not None
            assert 0 <= reading.age <= INTERVALS * reading.interval


@given(st.lists(st.booleans(), min_size=1, max_size=3), st.one_of(st.none(), st.integers(-300, 4000)))
def test_alerts_are_only_over_when_each_is_and_their_source_answers(ended: list[bool], ago: int | None) -> None:
    fired = [facts.AlertFired(f"a{n}@x", f"a{n}", f"A{n}", "page", START, "am") for n in range(len(ended))]
    gone = [facts.AlertResolved(one.occurrence, one.name) for one, over in zip(fired, ended, strict=True) if over]
    state = incident(*gone, fired=fired)
    answered = {} if ago is None else {"am": NOW - timedelta(seconds=ago)}
    if of(proposals(state, None, Seen({}, answered), NOW)):
        assert all(ended)
        assert ago is not None
        assert 0 <= ago <= ANSWERED.total_seconds()


# -- milestones -------------------------------------------------------------------------------------------------


def test_mitigated_is_proposed_when_every_signal_has_been_good_for_some_minutes() -> None:
    [one] = proposals(incident(), None, seen(GOOD), NOW)
    assert (one.kind, one.key, one.at) == (Kind.MITIGATED, "mitigated", GOOD.readings[0].at)
    assert one.precision is Precision.ABOUT
    two = incident(fired=(FIRED, P99))
    assert proposals(two, None, seen(GOOD), NOW) == ()
    both = Seen({"a1@x": (GOOD,), "b1@x": (course(*[0.2] * 25, name="p99"),)}, {})
    assert of(proposals(two, None, both, NOW)) == [Kind.MITIGATED]
    assert proposals(incident(), None, seen(course(*[0.3] * 9)), NOW) == ()
    assert proposals(incident(fired=()), None, seen(GOOD), NOW) == ()
    assert proposals(incident(facts.MilestoneSet("mitigated")), None, seen(GOOD), NOW) == ()


def test_resolved_is_proposed_when_every_alert_has_been_over_for_some_minutes() -> None:
    over = incident(facts.AlertResolved("a1@x", FIRED.name), facts.MilestoneSet("mitigated"))
    [one] = proposals(over, None, seen(), NOW)
    assert one.kind is Kind.RESOLVED
    assert one.precision is Precision.SECOND
    assert one.at == over.alerts["a1@x"].resolved_at
    end = one.at + RESOLVED - timedelta(seconds=1)
    assert proposals(over, None, seen(answered=end), end) == ()
    assert proposals(incident(facts.MilestoneSet("resolved")), None, seen(GOOD), NOW) == ()


def test_an_alert_that_fires_again_ends_the_proposal() -> None:
    again = replace(FIRED, occurrence="a1@y")
    assert proposals(incident(facts.AlertResolved("a1@x", FIRED.name), again), None, seen(), NOW) == ()


def test_two_alerts_that_are_over_are_counted() -> None:
    gone = [facts.AlertResolved(one.occurrence, one.name) for one in (FIRED, P99)]
    found = proposals(incident(*gone, fired=(FIRED, P99)), None, seen(), NOW)
    assert of(found) == [Kind.MITIGATED, Kind.RESOLVED]
    assert found[1].words == "2 alerts over for 29m"
    assert found[1].evidence[0].startswith("AcmeErrorBudgetFastBurn, AcmeLatencyP99 over from ")
