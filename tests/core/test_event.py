"""An event is written once and read forever: by this version, by an older one, by a newer one."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core import facts
from incident.core.event import Event, Writer, body_of, fact_of, from_json, next_id, to_json
from incident.core.facts import KINDS, Fact, Unrecognised
from incident.core.when import Precision
from tests.fakes import ME, START

TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds
TEXTS = st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "<class 'str'>": TEXTS,
    "<class 'int'>": st.integers(),
    "<class 'bool'>": st.booleans(),
    "<class 'float'>": NUMBERS,
    "float | None": st.none() | NUMBERS,
    "<class 'datetime.datetime'>": TIMES,
    "tuple[str, ...]": st.lists(TEXTS, max_size=3).map(tuple),
    "collections.abc.Mapping[str, str]": st.dictionaries(TEXTS, TEXTS, max_size=3),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def facts_of(cls: type[Fact]) -> st.SearchStrategy[Fact]:
    hints = get_type_hints(cls)
    return st.builds(cls, **{f.name: VALUES[str(hints[f.name])] for f in fields(cls)})


ANY_FACT = st.one_of(
    *map(facts_of, KINDS.values()),
    st.builds(Unrecognised, TEXTS.filter(lambda kind: kind not in KINDS), st.dictionaries(TEXTS, JSON, max_size=3)),
)
EVENTS = st.builds(
    Event, id=TEXTS, incident=TEXTS, at=TIMES, fact=ANY_FACT, writer=st.builds(Writer, TEXTS, TEXTS, TEXTS),
    recorded_at=TIMES, precision=st.sampled_from(Precision), source=TEXTS, seq=st.integers(0),
    until=st.none() | TIMES,
)  # fmt: skip


def event(fact: Fact, **changed: Any) -> dict[str, Any]:
    data = to_json(Event(next_id(START, "", 1), "INC-1", START, fact, ME, START, seq=7))
    return {**data, **changed}


@settings(deadline=None)
@given(EVENTS)
def test_every_event_reads_back_from_its_json_as_it_was(written: Event) -> None:
    text = json.dumps(to_json(written), allow_nan=False)
    assert from_json(json.loads(text)) == written


def test_there_is_a_kind_for_every_fact_and_no_two_share_one() -> None:
    named = {cls for cls in vars(facts).values() if isinstance(cls, type) and issubclass(cls, Fact)}
    assert {cls.kind: cls for cls in named - {Fact, Unrecognised}} == KINDS
    assert len(KINDS) == len(named) - 2


def test_a_kind_of_a_newer_version_is_kept_and_written_again_as_it_was() -> None:
    data = event(
        facts.Joined("kim"), kind="weather.changed", body={"to": ["rain"], "degrees": 7.5, "deep": {"a": None}}
    )
    read = from_json(data)
    assert read.fact == Unrecognised("weather.changed", data["body"])
    assert to_json(read) == data


def test_fields_of_a_newer_version_are_left_out_and_missing_ones_take_their_defaults() -> None:
    assert fact_of("joined", {"person": "kim", "mood": "calm"}) == facts.Joined("kim", "responder")


def test_a_precision_of_a_newer_version_is_about() -> None:
    read = from_json(event(facts.Joined("kim"), precision="day"))
    assert (read.precision, read.fact) == (Precision.ABOUT, facts.Joined("kim"))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("joined", {}),
        ("joined", {"role": "lead"}),
        ("joined", {"person": None}),
        ("joined", {"person": 5}),
        ("incident.opened", {"title": "x", "drill": "false"}),
        ("incident.opened", {"title": "x", "drill": 0}),
        ("command.finished", {"run": "r", "exit": "0", "seconds": 1.0}),
        ("command.finished", {"run": "r", "exit": 0.0, "seconds": 1.0}),
        ("command.finished", {"run": "r", "exit": True, "seconds": 1.0}),
        ("command.finished", {"run": "r", "exit": 0, "seconds": True}),
        ("command.finished", {"run": "r", "exit": 0, "seconds": "1"}),
        ("command.finished", {"run": "r", "exit": 0, "seconds": math.nan}),
        ("command.finished", {"run": "r", "exit": 0, "seconds": math.inf}),
        ("command.finished", {"run": "r", "exit": 0, "seconds": 10**400}),
        ("command.finished", {"run": "r", "exit": 0, "seconds": None}),
        ("command.finished", {"run": "r", "exit": 0, "seconds": 1.0, "head": "abc"}),
        ("command.finished", {"run": "r", "exit": 0, "seconds": 1.0, "head": ["a", 1]}),
        ("signal.seen", {"name": "errors", "value": 1.0, "unit": "%", "limit": "7"}),
        ("alert.fired", {"occurrence": "o"}),
    ],
)
def test_a_broken_body_is_kept_as_unrecognised_and_never_guessed_at(kind: str, body: dict[str, Any]) -> None:
    assert fact_of(kind, body) == Unrecognised(kind, body)


@pytest.mark.parametrize(
    ("key", "value"),
    [("starts_at", "yesterday"), ("starts_at", 5), ("starts_at", "2026-05-02T03:07:12"),
     ("starts_at", "0001-01-01T00:00:00+05:00"), ("labels", []), ("labels", {"a": 1}), ("annotations", "x")],
)  # fmt: skip
def test_an_alert_with_a_broken_value_is_kept_as_unrecognised(key: str, value: object) -> None:
    fired = facts.AlertFired("o", "f", "Up", "page", START, "am", {"a": "b"})
    body = {**body_of(fired), key: value}
    assert isinstance(fact_of("alert.fired", body), Unrecognised)
    assert fact_of("alert.fired", body_of(fired)) == fired


@pytest.mark.parametrize(
    "changed",
    [{"at": "now"}, {"at": None}, {"seq": "x"}, {"writer": None}, {"writer": {"person": "kim"}}, {"body": None},
     {"body": [1]}, {"body": "abc"}, {"recorded_at": "2026-05-02"}],
)  # fmt: skip
def test_a_broken_envelope_is_an_error(changed: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_json(event(facts.Joined("kim"), **changed))


def test_an_envelope_without_a_part_is_an_error() -> None:
    whole = event(facts.Joined("kim"))
    for part in whole:
        with pytest.raises(KeyError):
            from_json({key: value for key, value in whole.items() if key != part})


@pytest.mark.fault(18)
@settings(deadline=None)
@given(st.lists(st.tuples(st.timedeltas(timedelta(days=-400), timedelta(days=400)), st.integers(0)), min_size=2))
def test_ids_keep_their_order_whatever_the_clock_does(steps: list[tuple[timedelta, int]]) -> None:
    ids = [""]
    for step, chance in steps:
        ids.append(next_id(START + step, ids[-1], chance))
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {len(identity) for identity in ids[1:]} == {28}


@pytest.mark.fault(18)
def test_ids_count_on_when_the_clock_steps_back_and_follow_it_when_it_is_right_again() -> None:
    first = next_id(START, "", 7)
    back = next_id(START - timedelta(hours=1), first, 7)
    again = next_id(START + timedelta(milliseconds=1), back, 7)
    assert [int(i[:12], 16) - int(first[:12], 16) for i in (first, back, again)] == [0, 0, 1]
    assert [int(i[12:16], 16) for i in (first, back, again)] == [0, 1, 0]
    full = f"{first[:12]}ffff{first[16:]}"
    assert next_id(START, full, 0) > full
    assert next_id(START, "", 2**60 + 5).endswith("000000000005")


@pytest.mark.parametrize("foreign", ["e1", "zzz", "f" * 28, "0" * 27, "０" * 28])
def test_nothing_is_counted_from_an_id_of_another_make(foreign: str) -> None:
    assert next_id(START, foreign, 1) == next_id(START, "", 1)


def test_a_writer_is_told_apart_by_machine_and_process() -> None:
    assert ME.node == "laptop-7/4711-1"


def test_events_at_one_moment_are_ordered_by_when_they_were_recorded() -> None:
    early, late = (from_json(event(facts.Joined("kim"), id=identity)) for identity in ("0a", "0b"))
    assert sorted([late, early], key=lambda e: e.order) == [early, late]


def test_the_end_of_a_range_is_written_only_where_there_is_one() -> None:
    end = START + timedelta(minutes=3)
    over = Event("e1", "INC-1", START, facts.Joined("kim"), ME, START, Precision.RANGE, until=end)
    assert to_json(over)["until"] == "2026-05-02T03:10:12Z"
    assert "until" not in event(facts.Joined("kim"))


def test_lists_in_a_fact_are_lists_in_its_json() -> None:
    assert event(facts.CommandFinished("r", 0, 1.0, head=("a", "b")))["body"]["head"] == ["a", "b"]
