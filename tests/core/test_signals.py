"""A signal in numbers a half-asleep reader can trust: unit, trend and limit."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.signals import amount, limit_of, sparkline
from tests.fakes import ERRORS


@pytest.mark.parametrize(
    ("value", "limit", "floor", "beyond"),
    [
        (19.2, 7.0, False, True), (7.0, 7.0, False, False), (6.9, 7.0, False, False), (19.2, None, False, False),
        (None, 7.0, False, False), (99.0, 99.9, True, True), (99.9, 99.9, True, False), (None, 99.9, True, False),
        (0.1, 0.0, False, True),
    ],
)  # fmt: skip
def test_a_value_is_beyond_its_limit_only_on_the_bad_side(
    value: float | None, limit: float | None, floor: bool, beyond: bool
) -> None:
    assert replace(ERRORS, value=value, limit=limit, floor=floor).beyond is beyond


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (19.24, "%", "19.2 %"), (0, "%", "0 %"), (0.5, "%", "0.5 %"), (0.123, "%", "0.12 %"), (0.999, "%", "1.0 %"),
        (1, "%", "1.0 %"), (0.000012, "%", "0.000012 %"), (99.94, "%", "99.9 %"), (99.96, "%", "100 %"), (-0.5, "%",
        "-0.5 %"),
        (250, "%", "250 %"), (1.94, "s", "1.9 s"), (0.45, "s", "450 ms"), (0.9994, "s", "999 ms"), (0.9996, "s",
        "1.0 s"),
        (0.0042, "s", "4.2 ms"), (0.0004, "s", "0.4 ms"), (0, "s", "0 ms"), (-2, "s", "-2.0 s"), (310.4, "/s", "310/s"),
        (1536, "B", "1.5 kB"), (5, "B", "5.0 B"), (3 * 2**30, "B", "3.0 GB"), (7, "jobs", "7 jobs"),
        (4, " open", "4 open"),
        (9.4, "/s", "9.4/s"), (9.99, "/s", "10/s"), (0.00001, "", "0.00001"), (41, "", "41"), (1_234_567, "",
        "1234567"),
    ],
)  # fmt: skip
def test_an_amount_keeps_what_says_something_and_no_more(value: float, unit: str, shown: str) -> None:
    assert amount(value, unit) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (7.0, "%", "7 %"),
        (7.000000000000001, "%", "7 %"),
        (7.5, "%", "7.5 %"),
        (2.0, "s", "2 s"),
        (0.5, "s", "500 ms"),
        (3, "", "3"),
    ],
)
def test_a_limit_stands_as_its_author_wrote_it(value: float, unit: str, shown: str) -> None:
    assert limit_of(value, unit) == shown


def test_what_only_explains_another_signal_is_minor_unless_it_is_what_alerts() -> None:
    assert [replace(ERRORS, name=name).minor for name in ("p99", "p95", "p50")] == [False, True, True]
    assert not replace(ERRORS, name="p95", own=True).minor


@pytest.mark.parametrize(
    ("values", "width", "bars"),
    [
        ([], 5, ""), ([3.0], 5, "▁"), ([3.0, 3.0], 5, "▁▁"), ([0.0, 7.0], 5, "▁█"),
        ([0.0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"), ([9.0, 0.0, 1.0], 2, "▁█"), ([1.0, 2.0], 0, ""), ([1.0], -1, ""),
        ([0.0, math.nan, 7.0], 5, "▁ █"), ([math.inf, 1.0], 5, " ▁"), ([math.nan], 5, " "), ([-1e308, 1e308], 5, "▁▁"),
    ],
)  # fmt: skip
def test_a_trend_runs_from_its_lowest_to_its_highest_and_shows_gaps(values: list[float], width: int, bars: str) -> None:
    assert sparkline(values, width) == bars


@settings(deadline=None)
@given(st.lists(st.floats(), max_size=50), st.integers(-2, 60))
def test_a_trend_never_takes_more_room_than_it_has(values: list[float], width: int) -> None:
    assert len(sparkline(values, width)) == min(len(values), max(0, width))


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["%", "s", "/s", ""]))
def test_an_amount_is_never_written_as_a_power_and_never_rounds_something_to_nothing(value: float, unit: str) -> None:
    digits = amount(value, unit).split()[0].rstrip("/s")
    assert "e" not in digits
    assert (float(digits) == 0) == (value == 0) or abs(value) < 1e-300
