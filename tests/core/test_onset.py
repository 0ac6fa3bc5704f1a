"""Since when: a step is found to the value, and what is no step is not called one."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.onset import NotFound, Onset, onset, widened
from incident.core.when import Precision

START = datetime(2026, 5, 1, 21, 0, tzinfo=UTC)
STEP = timedelta(minutes=1)


def course(values: list[float]) -> list[tuple[datetime, float]]:
    return [(START + at * STEP, value) for at, value in enumerate(values)]


def at(index: int) -> datetime:
    return START + index * STEP


def noise(count: int, seed: int = 1, level: float = 0.0, spread: float = 1.0, most: float = math.inf) -> list[float]:
    """Values around a level, none of them more than `most` spreads away."""
    chance = Random(seed)
    return [level + spread * max(-most, min(most, chance.gauss(0, 1))) for _ in range(count)]


def found(values: list[float], *, falls: bool | None = False) -> Onset:
    answer = onset(course(values), falls=falls)
    assert isinstance(answer, Onset), answer
    return answer


def why_not(values: list[float], *, falls: bool | None = False) -> str:
    answer = onset(course(values), falls=falls)
    assert isinstance(answer, NotFound), answer
    return answer.why


def test_a_step_lies_between_the_last_usual_value_and_the_first_other_one() -> None:
    answer = found([0.1] * 300 + [19.0] * 8)
    assert (answer.after, answer.by) == (at(299), at(300))
    assert (answer.before, answer.level) == (0.1, 19.0)
    assert answer.precision is Precision.RANGE
    assert answer.moment.until == at(300)


@given(
    seed=st.integers(0, 10_000), length=st.integers(60, 360), high=st.integers(4, 40), size=st.floats(12, 1000),
    falls=st.booleans(), known=st.booleans(),
)  # fmt: skip
@settings(deadline=None, max_examples=200)
def test_a_step_of_twelve_spreads_is_found_to_the_value_in_any_noise(
    seed: int, length: int, high: int, size: float, falls: bool, known: bool
) -> None:
    values = noise(length, seed, 50, most=3) + noise(high, seed + 1, 50 + (-size if falls else size), most=3)
    answer = found(values, falls=falls if known else None)
    assert answer.by == at(length)
    assert not answer.slow


@given(seed=st.integers(0, 10_000), length=st.integers(60, 400), level=st.floats(-1000, 1000))
@settings(deadline=None, max_examples=200)
def test_noise_alone_has_no_beginning(seed: int, length: int, level: float) -> None:
    answer = onset(course(noise(length, seed, level=level)), falls=False)
    assert isinstance(answer, NotFound)


@given(
    st.lists(st.one_of(st.floats(), st.integers(-5, 5).map(float)), max_size=80), st.sampled_from([True, False, None])
)
@settings(deadline=None, max_examples=300)
def test_whatever_the_values_are_an_answer_lies_within_them(values: list[float], falls: bool | None) -> None:
    answer = onset(course(values), falls=falls)
    if isinstance(answer, Onset):
        assert START <= answer.after < answer.by <= at(len(values))


def test_a_spike_before_is_not_when_it_started() -> None:
    answer = found([0.0] * 100 + [90.0] * 6 + [0.0] * 60 + [20.0] * 10)
    assert (answer.by, answer.level) == (at(166), 20.0)


def test_a_short_calm_in_between_belongs_to_the_same_trouble() -> None:
    assert found([0.0] * 100 + [20.0] * 10 + [0.0] * 3 + [20.0] * 10).by == at(100)
    assert found([0.0] * 100 + [20.0] * 10 + [0.0] * 8 + [20.0] * 10).by == at(118)


def test_a_creeping_rise_is_only_about_right_and_begins_where_it_left_the_usual() -> None:
    values = [1.0] * 200 + [1.0 + step for step in range(1, 31)] + [31.0] * 10
    answer = found(values)
    assert answer.precision is Precision.ABOUT
    assert answer.moment.until is None
    assert at(198) <= answer.after <= at(204)


def test_a_ramp_over_the_whole_time_has_no_step() -> None:
    assert why_not([float(step) for step in range(300)]).startswith("no step stands out")


def test_the_tide_of_a_day_is_no_step_and_hides_none() -> None:
    tide = [100 + 40 * math.sin(step / 1440 * 2 * math.pi) + wave for step, wave in enumerate(noise(360, 3))]
    assert why_not(tide).startswith("no step stands out")
    assert found([*tide, *(value + 400 for value in tide[-12:])]).by == at(360)


def test_a_gap_before_it_makes_the_range_as_long_as_the_gap() -> None:
    values = [0.1] * 100 + [math.nan] * 20 + [19.0] * 8
    answer = found(values)
    assert (answer.after, answer.by) == (at(99), at(120))


def test_a_counters_reset_is_not_taken_for_it() -> None:
    assert found([100.0] * 60 + [0.0] * 3 + [100.0] * 60 + [900.0] * 8).by == at(123)


def test_what_was_so_all_along_may_have_begun_before_and_says_so() -> None:
    assert onset(course([20.0] * 100)) == NotFound(
        "no step stands out: it changes slowly, or as much as it always does", early=True
    )
    restless = ([0.0] * 3 + [20.0] * 3) * 10 + [20.0] * 6
    assert onset(course(restless), falls=False) == NotFound("it was like this already when the data begin", early=True)
    under_way = [4.0] * 5 + [20.0, 20.0, 20.0, 20.0, 0.0] * 9 + [20.0] * 6
    assert onset(course(under_way), falls=False) == NotFound(
        "it was on its way already when the data begin", early=True
    )


def test_what_comes_and_goes_has_no_one_beginning() -> None:
    values = ([0.0] * 8 + [20.0] * 6) * 12 + [0.0] * 8 + [20.0] * 6
    assert why_not(values).startswith("it comes and goes")


def test_a_few_values_of_noise_have_no_beginning_either() -> None:
    assert isinstance(onset(course(noise(30, 2143)), falls=False), NotFound)


def test_a_value_that_falls_is_found_for_a_floor() -> None:
    answer = found([99.9] * 100 + [98.0] * 8, falls=True)
    assert (answer.by, answer.before, answer.level) == (at(100), 99.9, 98.0)
    assert why_not([99.9] * 100 + [98.0] * 8, falls=False).startswith("no step stands out")


def test_recovery_right_at_the_end_does_not_hide_it() -> None:
    assert found([0.1] * 100 + [19.0] * 8 + [0.1] * 2).by == at(100)


def test_a_few_values_say_nothing() -> None:
    assert why_not([0.0] * 9 + [9.0] * 6) == "there are only 15 values to look at"
    assert why_not([math.nan] * 50) == "there are only 0 values to look at"


def test_what_is_counted_may_have_happened_a_little_earlier() -> None:
    answer = widened(found([0.1] * 100 + [19.0] * 8), timedelta(seconds=15))
    assert answer.after == at(99) - timedelta(seconds=15)
    assert answer.by == at(100)
