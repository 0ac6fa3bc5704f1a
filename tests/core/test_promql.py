"""PromQL as text: a label's value stays a value, whatever it holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.promql import filled, literal, places, quoted, seconds_of, sharpened, tokens
from incident.errors import UsageError

HOSTILE = [
    'a"b',
    "a'b",
    "a\\",
    'x"} or vector(1) #',
    "\n",
    "`",
    "$labels.job",
    "{}",
    'a",b="c',
    "é ☃",
    "a.*|b",
    "\\\"'",
]


def strings_of(query: str) -> list[str]:
    """The string literals of a query."""
    return [one.text for one in tokens(query) if one.kind == "string"]


@pytest.mark.fault(47)
@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "template",
    ['up{job="$labels.job"}', "up{job='$labels.job'}", 'up{a="1",job!="x-$labels.job-y"}', 'up{job=~"$labels.job|z"}',
     "up{job!~'$labels.job.*'}"],
)  # fmt: skip
def test_a_labels_value_never_leaves_its_quotes(template: str, value: str) -> None:
    query = filled(template, {"job": value})
    shape = [(one.kind, "" if one.kind == "string" else one.text) for one in tokens(query)]
    assert shape == [(one.kind, "" if one.kind == "string" else one.text) for one in tokens(template)]


@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30))
@settings(deadline=None)
def test_a_value_in_double_quotes_reads_back_as_itself(value: str) -> None:
    import json

    [found] = strings_of(filled('up{job="$labels.job"}', {"job": value}))
    assert json.loads(found) == value


@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30))
@settings(deadline=None)
def test_a_value_in_a_pattern_matches_itself_and_nothing_longer(value: str) -> None:
    import json

    [found] = strings_of(filled('up{job=~"$labels.job"}', {"job": value}))
    pattern = json.loads(found)
    assert re.fullmatch(pattern, value)
    assert not re.fullmatch(pattern, value + "x")
    assert pattern == literal(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [("plain", "up{job='plain'}"), ("it's", r"up{job='it\'s'}"), ('say "x"', "up{job='say \"x\"'}")],
)
def test_single_quotes_escape_only_what_ends_them(value: str, written: str) -> None:
    assert filled("up{job='$labels.job'}", {"job": value}) == written


def test_the_service_and_any_label_can_be_named_more_than_once() -> None:
    template = 'a{s="$service",p="$labels.path"} / a{s="$service"}'
    assert places(template) == {"service", "path"}
    assert filled(template, {"service": "acme", "path": "/x"}) == 'a{s="acme",p="/x"} / a{s="acme"}'


def test_other_dollars_stay() -> None:
    template = 'label_replace(up{job="$labels.job"}, "a", "$1", "b", "(.*)")'
    assert filled(template, {"job": "x"}) == 'label_replace(up{job="x"}, "a", "$1", "b", "(.*)")'
    assert places("sum(up)") == frozenset()
    assert places("") == frozenset()


@pytest.mark.parametrize(
    "template",
    ["up == $labels.job", "$labels.job", 'label_replace(up, "a", "$labels.job", "b", "c")', "up # $labels.job",
     "up{job=`$labels.job`}", 'up{job="$labels.job"', "up{$service=\"x\"}", "up offset $labels.window"],
)  # fmt: skip
def test_a_place_outside_a_matcher_is_refused(template: str) -> None:
    with pytest.raises(UsageError):
        places(template)


def test_a_label_that_the_alert_lacks_is_named() -> None:
    with pytest.raises(UsageError, match="the alert has no label path"):
        filled('up{path="$labels.path"}', {"job": "x", "path": ""})


@pytest.mark.parametrize(
    ("query", "seconds", "short"),
    [
        ("sum(rate(a[5m]))", 60, "sum(rate(a[60s]))"),
        ("rate(a[5m]) / rate(b[1h30m])", 120, "rate(a[120s]) / rate(b[120s])"),
        ("rate(a[30s])", 60, "rate(a[30s])"),
        ('rate(a{x="[5m]"}[5m])', 60, 'rate(a{x="[5m]"}[60s])'),
        ("max_over_time(rate(a[5m])[1h:1m])", 60, "max_over_time(rate(a[60s])[1h:1m])"),
        ("a", 60, "a"), ("rate(a[5m]", 60, "rate(a[5m]"), ("rate(a[5])", 1, "rate(a[5])"), ("rate(a[1m])", 0.2,
        "rate(a[1s])"),
    ],
)  # fmt: skip
def test_ranges_are_cut_short_and_nothing_else(query: str, seconds: float, short: str) -> None:
    assert sharpened(query, seconds) == short


def test_durations_are_read_as_prometheus_writes_them() -> None:
    assert (seconds_of("1h30m"), seconds_of("500ms"), seconds_of("2w")) == (5400, 0.5, 1_209_600)


def test_what_is_too_long_or_not_closed_has_no_tokens() -> None:
    assert tokens("a" * 10_001) == tokens("a)") == tokens('"a') == []
    assert quoted('a"\n') == '"a\\"\\n"'
