"""The arithmetic of an error budget, and what the course says about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incident.core.alert import Alert, Severity
from incident.core.budget.asking import DAYS, LABEL, SHORT, WINDOW, asks, spans_asked, step_of, windows
from incident.core.budget.burn import Alarm, Burn, Pair, alarm_of, empties_in, pairs
from incident.core.budget.slo import (
    Reading,
    Sli,
    Slo,
    chosen,
    counting,
    for_alert,
    has_place,
    objective_of,
    over,
    service_in,
    sli_of,
    widened,
    with_place,
)
from incident.core.budget.spans import promql, seconds_in, spoken
from incident.core.budget.spending import spending
from incident.core.budget.standing import Standing, standing
from incident.core.signals import Series

NOW = datetime(2026, 5, 2, 3, 7, tzinfo=UTC)
DAY = 86_400
COUNTED = sli_of("sum(increase(all[$window]))", bad="sum(increase(bad[$window]))")
ACME = Slo("availability", 0.995, 28 * DAY, COUNTED, "acme")
BY_GOOD = replace(ACME, sli=sli_of("sum(increase(all[$window]))", good="sum(increase(good[$window]))"))
BY_SHARE = replace(ACME, sli=Sli(ratio="bad[$window] / all[$window]"))
BY_TIME = replace(ACME, sli=Sli(moment="failing", scale=0.01))


def parts(values: Mapping[str, float], *, at: datetime = NOW) -> tuple[Series, ...]:
    """An answer to a joined query."""
    return tuple(Series({LABEL: key}, ((at, value),)) for key, value in values.items())


def course(values: Mapping[int, float], *, step: float) -> Series:
    """Values by how many steps ago they were."""
    return Series(
        {}, tuple((NOW - timedelta(seconds=step * ago), value) for ago, value in sorted(values.items())[::-1])
    )


def burning(ratio: float, asked: float = 10_000, slo: Slo = ACME) -> tuple[Series, ...]:
    """The same failed share over every window."""
    named = {f"{name} {promql(at)}": value for at in windows(slo)
             for name, value in (("failed", asked * ratio), ("asked", asked))}  # fmt: skip
    return parts(named)


# -- the course's own numbers -----------------------------------------------------------------------------------------


def test_995_over_28_days_is_about_200_minutes() -> None:
    assert ACME.budget == 0.005
    assert ACME.minutes == pytest.approx(201.6)


def test_999_over_28_days_is_about_40_minutes() -> None:
    assert replace(ACME, objective=0.999).minutes == pytest.approx(40.3, abs=0.05)


def test_a_burn_of_14_empties_28_days_in_two() -> None:
    assert empties_in(1.0, 14, 28 * DAY) == 2 * DAY
    assert empties_in(0.0, 14, 28 * DAY) == 0
    assert empties_in(0.5, 0, 28 * DAY) == math.inf


def test_the_rates_of_the_pairs_are_those_of_30_days_and_follow_the_window() -> None:
    assert [pair.rate for pair in pairs(30 * DAY)] == [14.4, 6, 3, 1]
    assert [pair.rate for pair in pairs(28 * DAY)] == [13.44, 5.6, 2.8, 1.0]
    assert [(pair.long, pair.short, pair.alarm) for pair in pairs(30 * DAY)] == [
        (3600, 300, Alarm.PAGE),
        (21_600, 1800, Alarm.PAGE),
        (DAY, 7200, Alarm.TICKET),
        (3 * DAY, 21_600, Alarm.TICKET),
    ]
    assert [pair.long for pair in pairs(2 * 3600)] == [3600]


# -- lengths of time and queries --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"), [("28d", 28 * DAY), ("4w", 28 * DAY), ("1h30m", 5400), (" 5m ", 300), ("200ms", 0.2)]
)
def test_lengths_of_time_are_read(text: str, seconds: float) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize("text", ["", "28", "1M", "d", "28 d", "-1d", "1.5h"])
def test_what_is_no_length_of_time_is_none(text: str) -> None:
    assert seconds_in(text) is None


def test_a_query_gets_one_unit_and_a_reader_two() -> None:
    assert [promql(s) for s in (28 * DAY, 5400, 1019, 0.2, 3600)] == ["28d", "90m", "1019s", "1s", "1h"]
    assert [spoken(s) for s in (46 * 3600, 2 * DAY, 3 * 3600 + 300, 125, 40, -5)] == [
        "1d 22h", "2d", "3h 05m", "2m", "40s", "0s",
    ]  # fmt: skip


def test_objectives_are_per_cent_or_shares_and_never_everything_or_nothing() -> None:
    assert objective_of(99.5) == objective_of(0.995) == 0.995
    assert [objective_of(value) for value in (100, 1, 0.4, 49, 0, -1, 101, math.nan)] == [None] * 8


def test_the_place_of_the_window_is_known_in_every_spelling() -> None:
    for spelling in ("$window", "${window}", "{{.window}}", "{{ .window }}"):
        assert over(with_place(f"rate(x[{spelling}])"), 300) == "rate(x[5m])"
    assert not has_place("rate(x[5m])")


def test_a_bare_counter_is_made_to_count_and_anything_else_is_not() -> None:
    assert counting('x_total{job="a",path=~"/b{2}"}') == 'sum(increase(x_total{job="a",path=~"/b{2}"}[$window]))'
    assert counting("job:x:sum") == "sum(increase(job:x:sum[$window]))"
    assert [counting(query) for query in ("sum(x)", "x[5m]", "x / y", "", 'x{a="b"} or y')] == [""] * 5


def test_rates_over_one_fixed_range_are_made_to_count_where_that_changes_nothing() -> None:
    assert widened('sum(rate(x{a="[1h]"}[5m]))') == 'sum(increase(x{a="[1h]"}[$window]))'
    assert widened("sum(increase(x[1m]))") == "sum(increase(x[$window]))"
    for query in ("rate(x[5m]) + rate(y[1m])", "rate(x[5m] offset 1d)", "max_over_time(x[5m])", "x", "irate(x[5m])"):
        assert widened(query) == ""


def test_what_counts_rates_is_made_to_count_requests_else_it_is_a_share_alone() -> None:
    made = sli_of("sum(rate(all[$window]))", bad="sum(rate (bad[$window]))")
    assert (made.total, made.bad) == ("sum(increase(all[$window]))", "sum(increase (bad[$window]))")
    assert (
        sli_of("job:all:rate$window", bad="job:bad:rate$window").ratio
        == "(job:bad:rate$window) / (job:all:rate$window)"
    )
    assert sli_of("job:all:rate$window", good="job:ok:rate$window").ratio == (
        "1 - (job:ok:rate$window) / (job:all:rate$window)"
    )
    assert [slo.sli.reading for slo in (ACME, BY_SHARE, BY_TIME)] == [Reading.REQUESTS, Reading.QUERY, Reading.TIME]


def test_the_service_is_the_one_job_that_a_query_selects() -> None:
    assert service_in('sum(x{job="acme"}) / sum(y{job = "acme"})') == "acme"
    assert service_in('x{job="a"} / y{job="b"}') == service_in("x") == ""


# -- which objective --------------------------------------------------------------------------------------------------


def an_alert(name: str = "Burn", **labels: str) -> Alert:
    return Alert("f", name, Severity.PAGE, NOW, "am", labels=labels)


def test_an_alert_finds_the_objective_that_it_names_else_the_one_that_names_it_else_those_of_its_service() -> None:
    other = replace(ACME, name="latency")
    foreign = replace(ACME, name="availability", service="web")
    named = replace(ACME, name="named", service="", alerts=("Burn",))
    known = (ACME, other, foreign, named)
    assert for_alert(known, an_alert(sloth_slo="availability", sloth_service="web")) == (foreign,)
    assert for_alert(known, an_alert(slo="latency", service="elsewhere")) == (other,)
    assert for_alert(known, an_alert(service="acme")) == (named,)
    assert for_alert(known, an_alert("Else", service="acme")) == (ACME, other)
    assert for_alert(known, an_alert("Else")) == for_alert(known, an_alert("", x="y")) == ()


def test_an_objective_is_chosen_by_its_name_or_its_service() -> None:
    other = replace(ACME, name="latency")
    alone = Slo("acme", 0.99, DAY, COUNTED, "acme")
    assert chosen((ACME, other), "") == (ACME, other)
    assert chosen((ACME, other), "latency") == chosen((ACME, other), "acme/latency") == (other,)
    assert chosen((ACME, other), "acme") == (ACME, other)
    assert chosen((ACME,), "web") == ()
    assert (ACME.title, alone.title) == ("acme/availability", "acme")


def test_a_fixed_window_begins_again_and_again_and_a_rolling_one_never() -> None:
    fixed = replace(ACME, since=NOW - timedelta(days=28 + 16))
    assert fixed.begins(NOW) == NOW - timedelta(days=16)
    assert fixed.to_go(NOW) == pytest.approx(12 / 28)
    assert ACME.begins(NOW) == NOW - timedelta(days=28)
    assert ACME.to_go(NOW) is None


# -- asking -----------------------------------------------------------------------------------------------------------


def test_three_queries_are_enough_and_each_part_of_them_is_told_apart() -> None:
    short, whole, days = asks(ACME, NOW)
    assert (short.what, whole.what, days.what) == (SHORT, WINDOW, DAYS)
    assert short.query.count("label_replace(") == 14
    assert whole.query == (
        'label_replace(sum(increase(bad[28d])), "slo_part", "failed", "", "") or '
        'label_replace(sum(increase(all[28d])), "slo_part", "asked", "", "")'
    )
    assert (days.step, days.end - days.start) == (DAY, timedelta(days=27))
    assert step_of(3600) == 300


def test_a_fixed_window_also_asks_for_the_requests_of_a_whole_one() -> None:
    fixed = replace(ACME, since=NOW - timedelta(days=16))
    _, whole, _ = asks(fixed, NOW)
    assert "sum(increase(bad[16d]))" in whole.query
    assert '"trailing"' in whole.query
    assert '"trailing"' not in asks(replace(BY_SHARE, since=NOW - timedelta(days=16)), NOW)[1].query


def test_a_share_at_a_moment_is_asked_for_as_a_course() -> None:
    short, whole = asks(BY_TIME, NOW)
    assert (short.query, short.step, whole.step) == ("failing", 30, 300)
    assert (whole.end - whole.start, short.end - short.start) == (timedelta(days=28), timedelta(hours=1))


# -- how it stands ----------------------------------------------------------------------------------------------------


def test_what_is_left_is_what_failed_against_what_may() -> None:
    found = standing(ACME, NOW, {WINDOW: parts({"failed": 1850, "asked": 1_000_000}), SHORT: burning(0.046)})
    assert found.left == pytest.approx(0.63)
    assert (found.asked, found.failed) == (1_000_000, 1850)
    assert found.alarm is Alarm.PAGE
    assert found.pace is not None
    assert found.pace.window == 300
    assert found.empty_in == pytest.approx(0.63 * 28 * DAY / 9.2)
    assert found.queries == (("failed in 28d", "sum(increase(bad[28d]))"), ("asked in 28d", "sum(increase(all[28d]))"))


def test_good_requests_and_a_share_give_the_same() -> None:
    by_good = standing(BY_GOOD, NOW, {WINDOW: parts({"good": 998_150, "asked": 1_000_000})})
    by_share = standing(BY_SHARE, NOW, {WINDOW: parts({"ratio": 0.00185})})
    assert by_good.left == by_share.left == pytest.approx(0.63)
    assert (by_good.failed, by_share.failed) == (1850, None)


def test_a_page_is_a_burn_in_both_windows_of_a_pair() -> None:
    page = standing(ACME, NOW, {WINDOW: parts({"failed": 0, "asked": 10}), SHORT: burning(0.1)})
    assert (page.alarm, page.pair) == (Alarm.PAGE, Pair(3600, 300, 13.44, Alarm.PAGE))
    over_again = [one if one.labels[LABEL] != "failed 5m" else replace_value(one, 0) for one in burning(0.1)]
    slow = standing(ACME, NOW, {WINDOW: (), SHORT: tuple(over_again)})
    assert slow.pair == Pair(21_600, 1800, 5.6, Alarm.PAGE)
    assert standing(ACME, NOW, {SHORT: burning(0.001)}).alarm is Alarm.NONE


def replace_value(series: Series, value: float) -> Series:
    return Series(series.labels, ((series.points[-1][0], value),))


def test_an_alarm_that_cannot_be_judged_is_unknown_and_never_none() -> None:
    assert standing(ACME, NOW, {}).alarm is Alarm.UNKNOWN
    without = tuple(one for one in burning(0.1) if not one.labels[LABEL].endswith((" 5m", " 30m")))
    assert standing(ACME, NOW, {SHORT: without}).alarm is Alarm.TICKET
    assert alarm_of({3600.0: Burn(3600, 0.1, 20)}, 28 * DAY) == (Alarm.UNKNOWN, None)
    calm = {300.0: Burn(300, 0, 0), 1800.0: Burn(1800, 0, 0)}
    assert alarm_of(calm, 28 * DAY) == (Alarm.NONE, None)
    assert alarm_of(calm, 3600)[0] is Alarm.UNKNOWN


@pytest.mark.parametrize(
    ("slo", "answer", "why"),
    [
        (ACME, {}, "requests: the query finds no series"),
        (ACME, {"asked": 0}, "there were no requests"),
        (ACME, {"asked": math.nan}, "gives no number"),
        (ACME, {"asked": 10}, "failed requests: the query finds no series, which is no proof of 0"),
        (BY_GOOD, {"asked": 10}, "good requests: the query finds no series"),
        (ACME, {"asked": 10, "failed": 11}, "11 failed requests of 10 cannot be"),
        (ACME, {"asked": 10, "failed": -1}, "cannot be"),
        (BY_SHARE, {"ratio": 19.2}, "the query gives 19.2, and a failed share is between 0 and 1"),
        (BY_SHARE, {"ratio": math.nan}, "gives no number"),
        (BY_SHARE, {}, "no proof of 0"),
    ],
)
def test_missing_data_is_unknown_with_a_reason_and_never_0(slo: Slo, answer: dict[str, float], why: str) -> None:
    found = standing(slo, NOW, {WINDOW: parts(answer)})
    assert found.left is None
    assert why in found.missing
    assert found.empty_in is None


def test_several_series_are_not_guessed_about() -> None:
    twice = (*parts({"failed": 1, "asked": 10}), *parts({"failed": 2}))
    assert "gives 2 series; sum them" in standing(ACME, NOW, {WINDOW: twice}).missing
    both = (Series({"a": "1"}, ((NOW, 1.0),)), Series({"a": "2"}, ((NOW, 2.0),)))
    assert "gives 2 series" in standing(BY_TIME, NOW, {WINDOW: both}).missing
    assert standing(ACME, NOW, {WINDOW: (Series({LABEL: "asked"}, ()),)}).left is None


def test_a_small_excess_that_prometheus_extrapolates_is_all_of_them() -> None:
    found = standing(ACME, NOW, {WINDOW: parts({"failed": 10.2, "asked": 10})})
    assert found.failed == 10
    assert standing(BY_SHARE, NOW, {WINDOW: parts({"ratio": 1.001})}).left == pytest.approx(1 - 200)


def test_no_series_in_a_short_window_is_no_failure_once_the_query_was_seen_to_find_some() -> None:
    short = parts({"asked 5m": 100, "asked 1h": 1000, "failed 1h": 3})
    proven = standing(ACME, NOW, {WINDOW: parts({"failed": 5, "asked": 10_000}), SHORT: short})
    assert proven.burns[300].rate == 0
    unproven = standing(ACME, NOW, {WINDOW: parts({"failed": 0, "asked": 10_000}), SHORT: short})
    assert unproven.burns[300].rate is None
    by_good = standing(BY_GOOD, NOW, {WINDOW: parts({"good": 9_000, "asked": 10_000}), SHORT: short})
    assert by_good.burns[300].rate is None


def test_the_pace_is_that_of_the_shortest_window_with_enough_requests() -> None:
    short = parts({"failed 5m": 1, "asked 5m": 20, "failed 30m": 3, "asked 30m": 400})
    found = standing(ACME, NOW, {WINDOW: parts({"failed": 5, "asked": 10_000}), SHORT: short})
    assert found.pace is not None
    assert (found.pace.window, found.pace.rate) == (1800, pytest.approx(1.5))
    assert not found.few
    quiet = standing(ACME, NOW, {WINDOW: parts({"failed": 5, "asked": 10_000}), SHORT: short[:2]})
    assert quiet.few
    assert standing(ACME, NOW, {}).pace is None
    assert not standing(ACME, NOW, {}).few


def test_a_server_that_has_no_data_of_now_knows_no_pace_and_one_without_requests_does() -> None:
    whole = parts({"failed": 5, "asked": 10_000})
    silent = standing(ACME, NOW, {WINDOW: whole, SHORT: parts({"failed 1h": 500, "asked 1h": 1000})})
    assert silent.burns[3600].rate == pytest.approx(100)
    assert (silent.pace, silent.empty_in) == (None, None)
    calm = parts({"asked 5m": 0, "asked 30m": 0, "failed 1h": 500, "asked 1h": 1000})
    found = standing(ACME, NOW, {WINDOW: whole, SHORT: calm})
    assert found.pace is not None
    assert found.pace.window == 3600


def test_what_lasts_has_no_time_to_empty() -> None:
    whole = parts({"failed": 1850, "asked": 1_000_000})
    assert standing(ACME, NOW, {WINDOW: whole, SHORT: burning(0.004)}).empty_in is None
    assert standing(ACME, NOW, {WINDOW: parts({"failed": 9, "asked": 10}), SHORT: burning(0.1)}).empty_in is None
    fixed = replace(ACME, since=NOW - timedelta(days=27))
    answer = {WINDOW: (*whole, *parts({"trailing": 1_000_000})), SHORT: burning(0.01)}
    assert standing(fixed, NOW, answer).empty_in is None
    assert standing(fixed, NOW, {**answer, SHORT: burning(0.5)}).empty_in is not None


def test_a_fixed_window_is_held_against_the_requests_of_a_whole_one() -> None:
    fixed = replace(ACME, since=NOW - timedelta(days=14))
    found = standing(fixed, NOW, {WINDOW: parts({"failed": 1000, "asked": 500_000, "trailing": 1_000_000})})
    assert found.left == pytest.approx(0.8)
    without = standing(fixed, NOW, {WINDOW: parts({"failed": 1000, "asked": 500_000})})
    assert (without.left, without.missing) == (None, "how many requests a whole window has is not known")
    by_share = standing(replace(BY_SHARE, since=fixed.since), NOW, {WINDOW: parts({"ratio": 0.005})})
    assert by_share.left == pytest.approx(0.5)


def test_the_share_of_the_window_with_data_is_told_and_how_the_spending_is_spread() -> None:
    times = [NOW - timedelta(days=back) for back in range(6, -1, -1)]
    asked = Series({LABEL: "asked"}, tuple((at, 100.0) for at in times))
    failed = Series({LABEL: "failed"}, ((times[0], 1.0), (times[-1], 3.0), (times[1], math.nan)))
    whole = parts({"failed": 4, "asked": 700})
    found = standing(ACME, NOW, {WINDOW: whole, DAYS: (asked, failed)})
    assert found.covered == pytest.approx(7 / 28)
    assert found.patchy
    assert sum(found.days) == pytest.approx(4 / 3.5)
    assert found.days[-1] == pytest.approx(3 / 3.5)
    good = Series({LABEL: "good"}, tuple((at, 99.0) for at in times[1:]))
    assert standing(BY_GOOD, NOW, {WINDOW: parts({"good": 694, "asked": 700}), DAYS: (asked, good)}).days[0] == 0
    ratio = Series({LABEL: "ratio"}, tuple((at, 0.0) for at in times))
    calm = standing(BY_SHARE, NOW, {WINDOW: parts({"ratio": 0}), DAYS: (ratio,)})
    assert (calm.days, calm.covered) == ((), 0.25)
    assert standing(ACME, NOW, {WINDOW: whole}).covered is None
    assert not standing(ACME, NOW, {WINDOW: whole}).patchy


def test_a_share_at_a_moment_is_averaged_over_time_where_there_is_data() -> None:
    whole = course(dict.fromkeys(range(4032), 0.2), step=300)
    fine = course({ago: 19.2 if ago < 10 else 0.2 for ago in range(120)}, step=30)
    found = standing(BY_TIME, NOW, {WINDOW: (whole,), SHORT: (fine,)})
    assert found.left == pytest.approx(0.6)
    assert found.covered == 0.5
    assert found.burns[300].rate == pytest.approx(38.4)
    assert found.burns[7200].rate == pytest.approx(0.4)
    assert sum(found.days) == pytest.approx(0.4)
    assert found.asked is None
    assert found.queries == (("failed share now", "failing"),)
    half = standing(replace(BY_TIME, since=NOW - timedelta(days=14)), NOW, {WINDOW: (whole,)})
    assert half.left == pytest.approx(0.8)


def test_a_course_without_points_or_of_odd_ones_is_unknown() -> None:
    assert "no proof of 0" in standing(BY_TIME, NOW, {}).missing
    odd = course({0: 400.0}, step=300)
    assert "a failed share is between 0 and 1" in standing(BY_TIME, NOW, {WINDOW: (odd,)}).missing
    calm = standing(BY_TIME, NOW, {WINDOW: (course({0: 0.0, 1: math.nan}, step=300),)})
    assert (calm.left, calm.days) == (1.0, ())


# -- what an incident cost --------------------------------------------------------------------------------------------

START, END = NOW - timedelta(minutes=17), NOW


def test_an_incident_spent_what_failed_in_it_against_what_may_fail_in_the_window() -> None:
    (ask,) = spans_asked(ACME, START, END)
    assert "sum(increase(bad[17m]))" in ask.query
    assert "sum(increase(all[28d]))" in ask.query
    assert (ask.end, ask.step) == (END, 0)
    spent = spending(ACME, START, END, parts({"failed": 600, "asked": 5000, "trailing": 1_000_000}))
    assert (spent.share, spent.failed, spent.asked) == (pytest.approx(0.12), 600, 5000)
    assert spent.queries[0] == ("failed in 17m", "sum(increase(bad[17m]))")
    assert spent.seconds == 17 * 60


def test_a_share_without_counts_is_held_against_the_length_of_the_window() -> None:
    (ask,) = spans_asked(BY_SHARE, START, END)
    assert '"trailing"' not in ask.query
    spent = spending(BY_SHARE, START, END, parts({"ratio": 0.2}))
    assert spent.share == pytest.approx(0.2 * 17 / 201.6)
    (moment,) = spans_asked(BY_TIME, START, END)
    assert (moment.query, moment.step, moment.start) == ("failing", 5, START)
    timed = spending(BY_TIME, START, END, (course({0: 20.0, 1: 20.0}, step=5),))
    assert timed.share == pytest.approx(0.2 * 17 / 201.6)


@pytest.mark.parametrize(
    ("slo", "series", "why"),
    [
        (ACME, parts({"failed": 1, "asked": 2}), "requests of the window: unknown"),
        (ACME, parts({"failed": 1, "asked": 2, "trailing": 0}), "requests of the window: unknown"),
        (ACME, parts({"asked": 2}), "no proof of 0"),
        (BY_SHARE, (), "no proof of 0"),
        (BY_TIME, (), "there is no data of this time"),
        (BY_TIME, (course({0: 400.0}, step=5),), "between 0 and 1"),
    ],
)
def test_what_an_incident_spent_is_unknown_with_a_reason(slo: Slo, series: tuple[Series, ...], why: str) -> None:
    spent = spending(slo, START, END, series)
    assert spent.share is None
    assert why in spent.missing


def test_a_standing_that_nobody_asked_for_knows_nothing() -> None:
    empty = Standing(ACME, NOW)
    assert (empty.left, empty.pace, empty.empty_in, empty.alarm) == (None, None, None, Alarm.UNKNOWN)
    unknown_rate = Standing(ACME, NOW, left=0.5, burns={300.0: Burn(300.0)})
    assert unknown_rate.pace is None
