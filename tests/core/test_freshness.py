"""Which series a query rests on, and what to ask about their age."""

from __future__ import annotations

import pytest

from incident.core.freshness import age_query, interval_query, selections


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        (
            'sum(rate(http{job="acme",code=~"5.."}[5m])) / sum(rate(http{job="acme"}[5m]))',
            ('http{job="acme",code=~"5.."}', 'http{job="acme"}'),
        ),
        ("sum by (le) (rate(x_bucket[5m]))", ("x_bucket",)),
        ('histogram_quantile(0.99, sum(rate(x_bucket{a="}"}[5m])) by (le))', ('x_bucket{a="}"}',)),
        ("1 - avg without(cpu) (rate(node_cpu[5m]))", ("node_cpu",)),
        ("sum(a) / on(job) group_left(x) sum(b)", ("a", "b")),
        ("a / on b", ("a", "b")),
        ("sum by foo", ("foo",)),
        ("a == bool 1", ("a",)),
        ("rate(x[5m]) > 0.5e3", ("x",)),
        ("count_over_time(x[5m:1m])", ("x",)),
        ('{__name__="x"}', ('{__name__="x"}',)),
        ("a + a", ("a",)),
    ],
)  # fmt: skip
def test_a_query_rests_on_the_series_that_it_selects(query: str, selected: tuple[str, ...]) -> None:
    assert selections(query) == selected


@pytest.mark.parametrize("query", ["", "(a", "a offset 5m", "a @ 1700000000", "a + b + c + d + e", "vector(1)", "a{"])
def test_nothing_is_said_of_a_query_that_is_not_clear(query: str) -> None:
    assert selections(query) == ()


def test_age_and_interval_are_asked_of_the_newest_values() -> None:
    assert age_query('up{job="a"}') == 'time() - max(timestamp(up{job="a"}))'
    assert interval_query("up") == (
        "(max(timestamp(up)) - min(min_over_time(timestamp(up)[5m:15s]))) / max(count_over_time(up[5m]))"
    )
