"""What an alert's own expression can say of the impact."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from incident.core import facts
from incident.core.budget.slo import Sli, Slo
from incident.core.budget.spending import Spending
from incident.core.facts import Measured
from incident.core.impact import Question, Window, answer, questions, spent, window_of
from incident.core.signals import Series
from tests.golden.cases import NOW, QUERY, Log, at, bad_deploy, cleared, fired

WINDOW = Window(at("03:02:10"), at("03:19:20"), over=True)


def series(*values: float, step: float = 60.0, **labels: str) -> Series:
    return Series(labels, tuple((WINDOW.start + timedelta(seconds=step * n), v) for n, v in enumerate(values)))


def test_the_window_is_from_the_start_to_the_end_of_the_incident() -> None:
    window = window_of(bad_deploy().folded(), NOW)
    assert window == Window(at("03:02:10"), at("03:19:20"), over=True)
    assert (window.seconds, window.step) == (1030, 15.0)
    assert Window(at("03:00"), at("+1 03:00"), over=True).step == 360.0


def test_without_a_start_it_begins_with_the_alert_and_while_it_goes_on_it_ends_now() -> None:
    log = Log("INC-1")
    log.add("03:04:41", fired("03:04:41"))
    assert window_of(log.folded(), at("03:10")) == Window(at("03:04:41"), at("03:10"), over=False)
    log.add("03:20", facts.IncidentClosed())
    assert window_of(log.folded(), NOW) == Window(at("03:04:41"), at("03:20"), over=True)


def test_a_window_that_is_not_there_or_too_short_is_none() -> None:
    log = Log("INC-1")
    assert window_of(log.folded(), NOW) is None
    page = fired("03:04:41")
    log.add("03:04:41", page)
    log.add("03:05:01", cleared(page))
    assert window_of(log.folded(), NOW) is None


def test_of_a_ratio_the_peak_and_both_counts_are_asked() -> None:
    asked = questions(f"{QUERY} > 0.07", WINDOW)
    assert [(one.name, one.query, one.unit, one.course) for one in asked] == [
        ("error_ratio_peak", QUERY, "%", True),
        ("requests_failed", 'sum(increase(http_requests_total{job="acme",status=~"5.."}[1030s]))', "", False),
        ("requests", 'sum(increase(http_requests_total{job="acme"}[1030s]))', "", False),
    ]


def test_brackets_around_a_ratio_and_groups_in_it_stay_whole() -> None:
    ratio = '(sum by (job) (rate(a{code=~"5.."}[5m])) / sum by (job) (irate(a[5m])))'
    queries = [one.query for one in questions(f"{ratio} > 0.07", WINDOW)]
    assert queries[1:] == ['sum by (job) (increase(a{code=~"5.."}[1030s]))', "sum by (job) (increase(a[1030s]))"]


@pytest.mark.parametrize(
    "half",
    [
        'sum(rate(a{code=~"5.."}[5m] offset 1h))',
        'sum(rate(a{code=~"5.."}[5m] @ 10))',
        'job:failed:rate5m{code=~"5.."}',
        'max_over_time(rate(a{code=~"5.."}[5m])[30m:1m])',
        'sum(rate(a{code=~"5.."}[5m:1m]))',
    ],
)
def test_what_is_no_plain_rate_is_not_turned_into_a_count(half: str) -> None:
    names = [one.name for one in questions(f"{half} / sum(rate(a[5m])) > 0.07", WINDOW)]
    assert names == ["error_ratio_peak", "requests"]


def test_of_any_other_comparison_the_worst_value_is_asked() -> None:
    assert questions("queue_lag > 100", WINDOW) == (Question("value_peak", "queue_lag", course=True),)
    assert questions("replicas < 2", WINDOW) == (Question("value_peak", "replicas", course=True, lowest=True),)
    assert questions("up", WINDOW) == ()
    assert questions("", WINDOW) == ()


def test_counts_of_all_series_that_fit_the_alert_are_added() -> None:
    asked = Question("requests_failed", "q")
    got = answer(
        asked,
        WINDOW,
        (series(1, 40.5, path="/a"), series(2.0, path="/a", pod="x"), series(9, path="/b")),
        {"path": "/a"},
    )
    assert got is not None
    assert (got.value, got.start, got.end, got.query) == (42.5, WINDOW.start, WINDOW.end, "q")


def test_an_answer_without_numbers_gives_none() -> None:
    asked = Question("requests_failed", "q")
    assert answer(asked, WINDOW, (), {}) is None
    assert answer(asked, WINDOW, (Series({}, ()),), {}) is None
    assert answer(asked, WINDOW, (series(math.nan),), {}) is None
    course = Question("value_peak", "q", course=True)
    assert answer(course, WINDOW, (series(math.nan), series(math.inf)), {}) is None


def test_the_worst_value_comes_with_its_course() -> None:
    asked = Question("error_ratio_peak", "q", "%", course=True, scale=100.0)
    got = answer(asked, WINDOW, (series(0.001, 0.192, math.nan, 0.02), series(0.01)), {})
    assert got is not None
    assert got.value == pytest.approx(19.2)
    assert got.how == "highest of 3 readings, one every 15 s"
    assert [value for value in got.trend if value] == ["0.1", "19.2", "2"]
    assert len(got.trend) == 60
    assert "" in got.trend


def test_of_a_floor_the_lowest_value_is_the_worst() -> None:
    got = answer(Question("value_peak", "q", course=True, lowest=True), WINDOW, (series(3, 1, 2), series(2)), {})
    assert got is not None
    assert (got.value, got.how.split()[0]) == (1, "lowest")


def spending(share: float | None, **more: float) -> Spending:
    slo = Slo("acme-availability", 0.995, 28 * 86400.0, Sli(total="t", bad="b"))
    return Spending(slo, WINDOW.start, WINDOW.end, share, queries=(("failed", "b"), ("asked", "t")), **more)


def test_of_several_budgets_the_one_that_it_cost_most_is_told() -> None:
    found = spent([spending(0.1), spending(0.368, failed=31406.0, asked=319812.0), spending(None)])
    assert [(one.name, one.value, one.unit) for one in found] == [
        ("error_budget_spent", pytest.approx(36.8), "%"),
        ("requests_failed", 31406.0, ""),
        ("requests", 319812.0, ""),
    ]
    assert {one.query for one in found} == {"b; t"}
    assert found[0].how == "of acme-availability, 99.5 % over 28 days"


def test_an_unknown_budget_gives_no_number() -> None:
    assert spent([spending(None)]) == ()
    assert [one.name for one in spent([spending(0.1)])] == ["error_budget_spent"]


def test_a_measured_number_is_a_fact_that_json_holds() -> None:
    from incident.core.event import body_of, fact_of

    fact = Measured("requests_failed", 3.0, "", "q", WINDOW.start, WINDOW.end, "how", ("1", ""))
    assert fact_of(Measured.kind, body_of(fact)) == fact
    assert isinstance(body_of(fact)["start"], str)
    assert isinstance(WINDOW.start, datetime)
