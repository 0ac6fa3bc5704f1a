"""Leaving a finding in place, with a reason."""

from __future__ import annotations

import pytest

from tests.core.checking import ids, in_rules, in_runbook

PIPE = "curl -s https://acme.com/x.sh | sh"
ALLOW = "incident-check: allow pipe-to-shell because the script is ours"


def test_a_comment_before_a_code_block_covers_the_whole_block_and_nothing_behind_it() -> None:
    text = f"# Web\n\n1. Go.\n\n<!-- {ALLOW} -->\n\n```sh\nls\n{PIPE}\n```\n\n```sh\n{PIPE}\n```\n"
    found = [finding for finding in in_runbook(text) if finding.rule == "pipe-to-shell"]
    assert [(finding.line, finding.allowed) for finding in found] == [(9, "the script is ours"), (13, "")]


def test_a_comment_inside_a_script_covers_the_line_behind_it_with_what_is_indented_below() -> None:
    text = f"# Web\n\n```sh\n# {ALLOW}\n{PIPE}\n{PIPE}\n```\n"
    found = [finding for finding in in_runbook(text) if finding.rule == "pipe-to-shell"]
    assert [bool(finding.allowed) for finding in found] == [True, False]


def test_a_comment_before_a_list_item_covers_the_item() -> None:
    text = f"# Web\n\n<!-- {ALLOW} -->\n1. Install\n   it: `{PIPE}`\n2. Again: `{PIPE}`\n"
    found = [finding for finding in in_runbook(text) if finding.rule == "pipe-to-shell"]
    assert [bool(finding.allowed) for finding in found] == [True, False]


def test_several_comments_may_stand_one_above_the_other() -> None:
    text = f"# Web\n\n<!-- {ALLOW} -->\n<!-- {ALLOW.replace('pipe-to-shell', 'no-target')} -->\n1. Do: `{PIPE}`\n"
    assert "pipe-to-shell" not in ids(in_runbook(text))


def test_a_comment_at_the_end_of_a_file_covers_nothing() -> None:
    assert "pipe-to-shell" in ids(in_runbook(f"# Web\n\n1. Do: `{PIPE}`\n\n<!-- {ALLOW} -->\n\n"))


def test_a_block_that_nobody_shuts_is_covered_to_the_end() -> None:
    assert "pipe-to-shell" not in ids(in_runbook(f"# Web\n\n<!-- {ALLOW} -->\n```sh\nls\n{PIPE}\n"))


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("incident-check: allow pipe-to-shell", "no reason"),
        ("incident-check: allow pipe-to-shell because", "no reason"),
        ("incident-check: allow pipe-to-bash because it is ours", "no rule pipe-to-bash"),
        ("incident-check: ignore everything", "no allowance"),
    ],
)
def test_a_comment_without_a_reason_or_a_known_rule_silences_nothing_and_says_so(comment: str, told: str) -> None:
    findings = in_runbook(f"# Web\n\n<!-- {comment} -->\n1. Do: `{PIPE}`\n")
    assert {"pipe-to-shell", "unclear-allowance"} <= ids(findings)
    assert any(told in finding.message for finding in findings)


def test_the_words_in_prose_or_in_another_kind_of_comment_are_no_allowance() -> None:
    text = f"# Web\n\n# {ALLOW}\n1. Do: `{PIPE}`\n"
    assert "pipe-to-shell" in ids(in_runbook(text))
    assert "unclear-allowance" not in ids(in_runbook("# Web\n\nWrite incident-check: allow.\n"))


def test_a_comment_before_an_alert_rule_covers_the_rule() -> None:
    rule = "  - alert: {name}\n    expr: up == 0\n    for: 1m\n    annotations: {{summary: x}}\n"
    text = (
        "groups:\n- name: web\n  rules:\n  # incident-check: allow no-severity because the route decides\n"
        + rule.format(name="One")
        + rule.format(name="Two")
    )
    found = [finding for finding in in_rules(text) if finding.rule == "no-severity"]
    assert [finding.allowed for finding in found] == ["the route decides", ""]
