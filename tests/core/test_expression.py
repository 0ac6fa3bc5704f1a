"""A rule's expression is taken apart only where that is certain."""

from __future__ import annotations

import pytest

from incident.core.expression import Comparison, is_error_ratio, number, split_comparison, with_zeros

SEED = """
(
  sum(rate(http_requests_total{job="acme",status=~"5.."}[5m]))
  / sum(rate(http_requests_total{job="acme"}[5m]))
) > 0.005 * 14   # 14× normal burn — we'll exhaust budget in 2 days at this rate
"""


def test_the_rule_of_the_fast_burn_is_a_ratio_of_errors_against_seven_percent() -> None:
    parts = split_comparison(SEED)
    assert parts is not None
    assert parts.operator == ">"
    assert number(parts.limit) == pytest.approx(0.07)
    assert is_error_ratio(parts.query)


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ("up == 0", ("up", "==", "0")),
        ("up != 1", ("up", "!=", "1")),
        ('a{x=~"> 5", y!="1"} >= 1e-3', ('a{x=~"> 5", y!="1"}', ">=", "1e-3")),
        ("a{x='#'} <= 5 # why > not", ("a{x='#'}", "<=", "5")),
        ('a{x=`"`} < 5', ('a{x=`"`}', "<", "5")),
        (r'a{x="\" > 1"} > 5', (r'a{x="\" > 1"}', ">", "5")),
        ("a # > 3\n > 5", ("a", ">", "5")),
        ("((a > 5))", ("a", ">", "5")),
        ("(a) > (5)", ("(a)", ">", "(5)")),
        ("a > bool 5", ("a", ">", "5")),
        ("a > BOOL (5)", ("a", ">", "(5)")),
        ("a > -5", ("a", ">", "-5")),
        ("5 < a", ("a", ">", "5")),
        ("0.5 >= a", ("a", "<=", "0.5")),
        ("0 == a", ("a", "==", "0")),
        ("5 < 6", ("5", "<", "6")),
        ("a > b", ("a", ">", "b")),
        ("a > 5 and b > 6", ("a", ">", "5")),
        ("(a > 5) AND on(job) (b > 6)", ("a", ">", "5")),
        ("a > 5 unless b > 6 and c", ("a", ">", "5")),
        ("((a > 5) and b) and c", ("a", ">", "5")),
        ("rate(a[5m] offset 1h) > 2", ("rate(a[5m] offset 1h)", ">", "2")),
        ("max_over_time((a > 1)[5m:]) > 2", ("max_over_time((a > 1)[5m:])", ">", "2")),
        ("android > 5", ("android", ">", "5")),
    ],
)
def test_the_comparison_that_decides_is_found(expression: str, parts: tuple[str, str, str]) -> None:
    assert split_comparison(expression) == Comparison(*parts)


@pytest.mark.parametrize(
    "expression",
    [
        "", " ", "# only a comment", "a", "absent(a)", "a > 1 < 5", "a or b > 5", "a > 1 or b > 5", "(a > 1 or b > 2)",
        "a > on(job) b", "a > ignoring (x) group_left b", "a > bool on(job) b", "> 5", "a >", "a > # 5",
        "(a > 5", "a) > 5", "a(] > 5", 'a{x="1} > 5', "a > 'x", "(", ")", "()", "and", "a[5m > 3",
        "(" * 4_000 + "a" + ")" * 4_000, "a" * 20_000 + " > 5", "(" * 30 + "a" + " and b)" * 30,
    ],
)  # fmt: skip
def test_an_expression_that_is_not_certain_is_left_whole(expression: str) -> None:
    assert split_comparison(expression) is None


def test_a_deeply_bracketed_comparison_is_still_one() -> None:
    assert split_comparison("(" * 4_000 + "a > 1" + ")" * 4_000) == Comparison("a", ">", "1")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7.0), (" 0.005 * 14 ", 0.07), ("14 * (1 - 0.995)", 0.07), ("-5", -5.0), ("+5", 5.0), ("-(3 + .5)", -3.5),
        ("1e3", 1000.0), ("1E-3", 0.001), ("5.", 5.0), ("10 / 4", 2.5), ("2\n*\n3", 6.0), ("1 - -1", 2.0),
    ],
)  # fmt: skip
def test_arithmetic_on_numbers_is_a_limit(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "1 / 0", "2 ** 9", "9 // 2", "5 % 3", "5(3)", "(1)(2)", "1 2", "e", "1e5e", "1e400", "1e308 * 10",
        "07", "1_000", "True", "0x1f", "__import__('os')", "Inf", "NaN", "5m", "(" * 150 + "1" + ")" * 150, "1" * 201,
        "(1,)", "-e", "1,2",
    ],
)  # fmt: skip
def test_anything_but_arithmetic_is_no_limit(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    "query",
    [
        'sum(rate(r{status=~"5.."}[5m])) / sum(rate(r[5m]))',
        '((sum(r{code=~"5.*"}) by (x) / sum(r) by (x)))',
        "rate(r{response_code=~'5xx'}[1m]) / ignoring(response_code) rate(r[1m])",
        'sum(r{status="500"}) / sum(r)',
        'sum(r{code=~"5[0-9]{2}"}) / sum(r)',
        'sum(r{status=~"(5..|429)"}) / sum(r)',
    ],
)
def test_failed_requests_over_all_requests_are_an_error_ratio(query: str) -> None:
    assert is_error_ratio(query)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "a / b",
        'sum(r{status!~"5.."}) / sum(r)',
        'sum(r{status=~"5.."})',
        '100 * sum(r{status=~"5.."}) / sum(r)',
        '1 - sum(r{status=~"5.."}) / sum(r)',
        'sum(r{status=~"5.."}) / sum(r{status=~"5.."})',
        'sum(r) / sum(r{status=~"5.."})',
        'sum(r{status=~"5.."}) - sum(r)',
        'sum(r{status=~"4.."}) / sum(r)',
        'sum(r{status=~"5.."}) / sum(r) > 1',
        'sum(r{status=~"5.."} / sum(r)',
    ],
)
def test_anything_else_is_not_shown_as_percent_of_errors(query: str) -> None:
    assert not is_error_ratio(query)


def test_an_error_ratio_is_zero_where_nothing_failed_yet() -> None:
    failed, every = 'sum(rate(a{code=~"5.."}[5m]))', "sum(rate(a[5m]))"
    assert with_zeros(f"{failed} / {every}") == f"({failed} / {every}) or ({every}) * 0"
    assert with_zeros(f"({failed} / {every})") == f"(({failed} / {every})) or ({every}) * 0"
    assert with_zeros("up == 0") == "up == 0"
    assert with_zeros(f"{every} / {failed}") == f"{every} / {failed}"
