"""A signal in words: what a half-asleep reader is told, and what is left out."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.onset import Onset
from incident.core.signals import Nature, downsampled
from incident.core.signals.nature import nature_of
from incident.core.signals.wanted import Wanted, wanted_for
from incident.core.signals.words import (
    beside,
    course_words,
    evidence,
    is_unusual,
    past_words,
    signal_words,
    since_words,
    when_words,
)
from tests.fakes import ERRORS, START

MINUTE = timedelta(minutes=1)


def course(*values: float) -> list[tuple[datetime, float]]:
    return [(START + at * MINUTE, value) for at, value in enumerate(values)]


def test_a_value_stands_beside_its_limit_else_beside_what_is_usual() -> None:
    calm = replace(ERRORS, value=1.0)
    assert beside(ERRORS) == "> limit 7 %"
    assert beside(calm) == "limit 7 %"
    assert beside(replace(calm, limit=99.5, floor=True)) == "< limit 99.5 %"
    assert beside(replace(calm, value=99.9, limit=99.5, floor=True)) == "at least 99.5 %"
    assert beside(replace(calm, limit=None, usual=0.5)) == "usual 0.5 %"
    assert beside(replace(calm, limit=None)) == ""


def test_a_signal_on_one_line_says_everything_that_is_known() -> None:
    full = replace(ERRORS, yesterday=0.1, last_week=0.2, nature=Nature.SYMPTOM, stale="2m old: gone")
    assert signal_words(full) == (
        "errors 19.2 %, limit 7 %, yesterday 0.1 %, a week ago 0.2 %, a symptom, 2m old: gone"
    )
    assert signal_words(replace(ERRORS, limit=None)) == "errors 19.2 %"
    assert signal_words(replace(ERRORS, value=None, missing="no such series")) == "errors: no such series"
    assert signal_words(replace(ERRORS, value=None)) == "errors: no value"
    assert past_words(replace(ERRORS, last_week=0.2)) == "a week ago 0.2 %"


@pytest.mark.parametrize(
    ("value", "yesterday", "last_week", "usual", "unusual"),
    [
        (19.2, 0.1, 0.2, None, True), (0.2, 0.1, 0.2, None, False), (0.29, 0.1, 0.2, None, False),
        (0.31, 0.1, 0.2, None, True), (0.0, 10.0, 12.0, None, True), (9.0, 10.0, 12.0, None, False),
        (5.0, None, None, None, False), (5.0, None, None, 1.0, True), (None, 1.0, 1.0, None, False),
        (0.0, 0.0, 0.0, None, False),
    ],
)  # fmt: skip
def test_a_value_is_unusual_when_it_is_far_from_every_known_past(
    value: float | None, yesterday: float | None, last_week: float | None, usual: float | None, unusual: bool
) -> None:
    signal = replace(ERRORS, value=value, yesterday=yesterday, last_week=last_week, usual=usual)
    assert is_unusual(signal) is unusual


def test_a_course_in_words_names_its_extremes_and_how_long_it_has_been_beyond() -> None:
    words = course_words(ERRORS, course(0.1, 0.1, 9.0, 21.0, 19.2))
    assert words == ("lowest 0.1 % at 03:07, highest 21.0 % at 03:10, last 19.2 %; beyond its limit 7 % for 2m00s")
    assert course_words(ERRORS, course(9.0, 21.0)).endswith("beyond its limit 7 % for at least 1m00s")
    assert course_words(ERRORS, course(0.1, 21.0)).endswith("beyond its limit 7 % since the last value")
    assert course_words(ERRORS, course(0.1, 21.0, 1.0, 1.0)).endswith("beyond its limit 7 % until 03:08")
    assert course_words(ERRORS, course(0.1, 1.0)).endswith("never beyond its limit 7 %")
    assert course_words(replace(ERRORS, limit=None), course(0.1, 1.0)).endswith("last 1.0 %")
    floor = replace(ERRORS, limit=99.0, floor=True)
    assert course_words(floor, course(99.9, 98.0, 98.0)).endswith("beyond its at least 99 % for 1m00s")


def test_a_course_without_values_says_so() -> None:
    assert course_words(ERRORS, course(math.nan)) == "there is nothing to draw: no values in this time"


def test_since_when_is_told_as_exactly_as_it_is_known() -> None:
    step = Onset(START - 9 * MINUTE, START - 9 * MINUTE + timedelta(seconds=15), 0.1, 19.0, query="q")
    signal = replace(ERRORS, since=step)
    assert since_words(signal) == "0.1 % to 19.0 %, between 02:58:12 and 02:58:27"
    assert evidence(signal) == "errors went from 0.1 % to 19.0 %, between 02:58:12 and 02:58:27 UTC: q"
    assert since_words(ERRORS) == ""
    assert evidence(replace(ERRORS, since=replace(step, query=""))).endswith("02:58:27 UTC")
    wide = replace(step, by=START)
    assert when_words(replace(wide, by=START + 2 * MINUTE), START.date()) == "between 02:58 and 03:09"
    slow = replace(step, slow=True)
    assert when_words(slow, START.date()) == "slowly, from about 02:58"
    assert when_words(step, datetime(2026, 5, 3, tzinfo=UTC).date()).startswith("between 2026-05-02 02:58:12")


@pytest.mark.parametrize(
    ("name", "query", "nature"),
    [
        ("errors", "", Nature.SYMPTOM), ("p99", "", Nature.SYMPTOM), ("saturation", "", Nature.CAUSE),
        ("traffic", "sum(rate(http_requests_total[5m]))", Nature.UNSAID),
        ("value", 'sum(rate(x{status=~"5.."}[5m])) > 1', Nature.SYMPTOM),
        ("value", "node_filesystem_avail_bytes < 5", Nature.CAUSE), ("value", "up == 0", Nature.CAUSE),
        ("value", "queue_errors_lag", Nature.UNSAID), ("", "", Nature.UNSAID),
    ],
)  # fmt: skip
def test_symptom_or_cause_is_said_where_it_is_clear(name: str, query: str, nature: Nature) -> None:
    assert nature_of(name, query) is nature


def test_a_service_has_its_own_signals_and_the_default_ones_beside_them() -> None:
    own, default = Wanted("a"), Wanted("b")
    plans = {"acme": {"errors": own}, "default": {"errors": default, "lag": default}}
    assert wanted_for("acme", plans) == {"errors": own, "lag": default}
    assert wanted_for("other", plans) == plans["default"]
    assert wanted_for("other", {}) == {}


@settings(deadline=None)
@given(st.lists(st.floats(), max_size=200), st.integers(4, 60))
def test_few_points_keep_the_ends_and_the_extremes_of_a_course(values: list[float], most: int) -> None:
    points = course(*values)
    few = downsampled(points, most)
    known = [point for point in points if math.isfinite(point[1])]
    assert len(few) <= most
    assert list(few) == sorted(few, key=lambda point: point[0])
    assert set(few) <= set(known)
    if known:
        assert (few[0], few[-1]) == (known[0], known[-1])
        assert max(value for _, value in few) == max(value for _, value in known)
        assert min(value for _, value in few) == min(value for _, value in known)


def test_a_short_peak_and_a_short_dip_stay() -> None:
    values = [5.0] * 30 + [99.0] + [5.0] * 30 + [-7.0] + [5.0] * 30
    few = [value for _, value in downsampled(course(*values), 10)]
    assert 99.0 in few
    assert -7.0 in few


def test_a_flat_course_needs_few_points() -> None:
    assert [value for _, value in downsampled(course(*[1.0] * 40), 10)] == [1.0] * 6


def test_a_course_of_less_than_four_points_is_refused() -> None:
    with pytest.raises(ValueError, match="four"):
        downsampled(course(1.0), 3)
