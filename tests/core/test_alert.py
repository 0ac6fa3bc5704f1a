"""What an alert says of itself: how severe, who is affected, where, and which firing of it this is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from incident.core.alert import Alert, AlertState, Severity, in_order, severity_of
from tests.fakes import page, ticket


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("page", Severity.PAGE), (" Critical ", Severity.PAGE), ("P1", Severity.PAGE), ("p0", Severity.PAGE),
        ("sev0", Severity.PAGE), ("1", Severity.PAGE), ("none", Severity.INFO), ("Info", Severity.INFO),
        ("warning", Severity.TICKET), ("", Severity.TICKET), ("sev3", Severity.TICKET), ("pagee", Severity.TICKET),
    ],
)  # fmt: skip
def test_a_severity_nobody_taught_us_is_a_ticket_so_that_it_is_seen(label: str, severity: Severity) -> None:
    assert severity_of(label) is severity


def test_a_team_may_have_its_own_words_for_page_and_info() -> None:
    words = {"page": frozenset({"red"}), "info": frozenset({"green"})}
    assert [severity_of(word, **words) for word in ("RED", "green", "critical")] == [
        Severity.PAGE,
        Severity.INFO,
        Severity.TICKET,
    ]


def test_an_alert_that_fires_again_is_another_occurrence_of_the_same_fingerprint() -> None:
    first = page()
    again = replace(first, starts_at=first.starts_at + timedelta(hours=1))
    assert first.occurrence == "a1@20260502T030312"
    assert again.occurrence != first.occurrence
    assert again.fingerprint == first.fingerprint


def test_an_alert_without_a_name_has_a_title_all_the_same() -> None:
    assert page("").title == "(alert without a name)"
    assert page("Up").title == "Up"


@pytest.mark.parametrize(
    ("annotations", "summary"),
    [
        ({}, ""),
        ({"summary": "", "message": " "}, ""),
        ({"description": "long", "summary": "  short\n one "}, "short one"),
        ({"summary": " \n", "description": "what is\tleft"}, "what is left"),
        ({"title": "d", "message": "b", "description": "c"}, "b"),
        ({"title": "d"}, "d"),
    ],
)
def test_the_summary_is_the_first_sentence_that_the_author_really_wrote(
    annotations: dict[str, str], summary: str
) -> None:
    assert replace(page(), annotations=annotations).summary == summary


@pytest.mark.parametrize(
    ("labels", "expression", "service"),
    [
        ({"service": "shop", "job": "node"}, "", "shop"),
        ({"service": "", "app": "cart", "job": "node"}, "", "cart"),
        ({"job": "acme"}, 'up{job="other"}', "acme"),
        ({}, "sum(rate(x{job=\"acme\"}[5m])) / sum(rate(y{job = 'acme'}[5m]))", "acme"),
        ({}, 'x{job="a"} / y{job="b"}', ""),
        ({}, 'x{job=~"a.*"} + y{job!="b", kube_job="c"}', ""),
        ({}, "", ""),
    ],
)
def test_the_service_comes_from_the_labels_else_from_the_one_job_that_the_rule_selects(
    labels: dict[str, str], expression: str, service: str
) -> None:
    assert replace(page(), labels=labels, expression=expression).service == service


def test_the_place_is_the_most_telling_label_that_says_something() -> None:
    assert page(pod="web-0", endpoint="/api/v1/checkout", region="eu").place == "/api/v1/checkout"
    assert page(endpoint="", namespace="shop").place == "shop"
    assert page().place == ""


def test_pages_stand_before_tickets_the_active_before_the_muted_and_the_newest_first() -> None:
    wanted = [
        page(fingerprint="b", ago=10),
        page(fingerprint="a", ago=20),
        page(fingerprint="c", ago=20),
        ticket(ago=1),
        replace(page(ago=1), severity=Severity.INFO),
        replace(page(ago=1), state=AlertState.SILENCED),
        replace(page(ago=2), state=AlertState.INHIBITED),
        replace(ticket(ago=0), state=AlertState.SILENCED),
    ]
    assert in_order(list(reversed(wanted))) == wanted
    tied: list[Alert] = wanted[1:3]
    assert {tuple(a.fingerprint for a in in_order(list(order))) for order in permutations(tied)} == {("a", "c")}
