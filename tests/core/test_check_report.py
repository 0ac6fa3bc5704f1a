"""Findings for people, scripts and code-review tools; and what is found in a configuration."""

from __future__ import annotations

import json

from incident.core.check import RULES, Finding, Severity, check_config
from incident.core.check.report import sarif, summary, text_lines


def finding(path: str, line: int, severity: Severity = Severity.WARNING, allowed: str = "") -> Finding:
    return Finding(path, line, "pipe-to-shell", severity, "it runs unread", "read it first", allowed)


def test_text_names_file_line_rule_and_severity_with_what_to_do_below_it() -> None:
    lines = text_lines([finding("a.md", 3), finding("a.md", 9), finding("b\x1b[2J.md", 1, Severity.ERROR)])
    assert lines == [
        "a.md:3: pipe-to-shell warning: it runs unread",
        "    read it first",
        "a.md:9: pipe-to-shell warning: it runs unread",
        "    read it first",
        "",
        "b\\x1b[2J.md:1: pipe-to-shell error: it runs unread",
        "    read it first",
    ]


def test_the_summary_counts_what_is_shown_allowed_and_hidden() -> None:
    assert summary([], 1, 0, 0) == "1 file checked: nothing found"
    shown = [finding("a", 1, Severity.ERROR), finding("a", 2), finding("a", 3)]
    assert summary(shown, 1200, 2, 7) == (
        "1,200 files checked: 1 error, 2 warnings; 2 allowed in place, 7 for information (--info shows them)"
    )
    assert summary([finding("a", 1, Severity.INFO)], 2, 0, 0) == "2 files checked: 1 info"


def test_json_has_one_flat_entry_for_each_finding() -> None:
    assert finding("a.md", 3).as_json() == {
        "path": "a.md", "line": 3, "rule": "pipe-to-shell", "severity": "warning",
        "message": "it runs unread", "hint": "read it first",
    }  # fmt: skip


def test_sarif_has_the_members_that_its_schema_requires() -> None:
    found = [finding("a b.md", 3), finding("c.md", 1, Severity.INFO), finding("d.md", 1, allowed="it is ours")]
    log = json.loads(json.dumps(sarif(found, RULES.values(), "0.1.0")))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "incident"
    assert len({rule["id"] for rule in driver["rules"]}) == len(RULES)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in ("error", "warning", "note")
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert " " not in physical["artifactLocation"]["uri"]
        assert physical["region"]["startLine"] >= 1
    assert [result.get("suppressions") for result in run["results"]] == [
        None, None, [{"kind": "inSource", "justification": "it is ours"}],
    ]  # fmt: skip


def test_a_configuration_that_is_refused_is_an_error_where_it_is_off() -> None:
    (found,) = check_config("config.yaml", ("a: 1", "b: 2"), (2, "unknown key `b`", "known keys: a"))
    assert (found.rule, found.line, found.severity) == ("bad-config", 2, Severity.ERROR)
    assert check_config("config.yaml", ("a: 1",), None) == []


def test_a_message_is_inert_whatever_it_quotes() -> None:
    rule = RULES["pipe-to-shell"]
    made = rule.found("a.md", 0, "bad \x1b[2J\u202e text\n", "do\tthis")
    assert (made.line, made.message, made.hint) == (1, "bad text", "do this")
