"""Matchers mean here what they mean to Alertmanager."""

from __future__ import annotations

import pytest

from incident.core.matcher import parse
from incident.errors import UsageError
from tests.fakes import page


@pytest.mark.parametrize(
    ("matcher", "holds"),
    [
        ("severity=page", True), ("severity=pag", False), ("severity = page ", True), ('severity="page"', True),
        ("severity!=page", False), ("severity!=ticket", True), ("severity=~pa.e", True), ("severity=~a", False),
        ("severity=~pag", False), ("severity=~a|page", True), ('severity!~"page|crit.*"', False),
        ("severity!~pag", True),
        ("pod=", True), ("pod!=", False), ("pod=~", True), ("pod=~.+", False), ("pod!~.+", True), ("job=~.*", True),
        ("AcmeErrorBudgetFastBurn", True), ("  AcmeErrorBudgetFastBurn  ", True), ("Acme", False), ("Acme.*", False),
        ("alertname=~Acme.*", True), ("severity=~(?i)PAGE", True), ("severity=p.ge", False),
        (r'odd="a\"b\\c\nd"', True), (r'odd=~"a.b\\\\c\nd"', True), ("a.b-c=x y", True), ("odd=~a.*d", False),
    ],
)  # fmt: skip
def test_a_matcher_holds_as_alertmanager_would_say(matcher: str, holds: bool) -> None:
    alert = page(odd='a"b\\c\nd', **{"a.b-c": "x y"})
    assert parse(matcher).holds(alert) is holds


def test_an_alert_name_with_blanks_is_one_name() -> None:
    assert parse("High error rate").holds(page("High error rate"))


@pytest.mark.parametrize(
    "text",
    ["", " ", '{severity="page"}', "severity==page", "severity=~~x", 'severity="page', 'severity=page"',
     'a="b"c"', "=x",
     "9a=b", "severity~page", "severity=~[", "severity=~*", "severity=~[[:alpha:]]", "severity=~x{99999999999}",
     "severity=~a\\", '"'],
)  # fmt: skip
def test_what_would_silently_match_nothing_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert "severity=page" in refused.value.hint
