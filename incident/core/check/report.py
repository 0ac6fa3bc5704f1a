"""Findings for people, for scripts and for code-review tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from incident.core.check.finding import Finding, Rule, Severity
from incident.core.text import visible

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_EXAMPLE = "      "


def text_lines(findings: Sequence[Finding]) -> list[str]:
    """One block of lines for each file: `file:line: rule severity: message`, and below it what to do."""
    lines: list[str] = []
    before = ""
    for finding in findings:
        if before and finding.path != before:
            lines.append("")
        before = finding.path
        lines.append(f"{visible(finding.path)}:{finding.line}: {finding.rule} {finding.severity}: {finding.message}")
        lines.append(f"    {finding.hint}")
    return lines


def summary(findings: Sequence[Finding], files: int, allowed: int, hidden: int) -> str:
    """One line: how much was looked at, and what was found. `hidden` are those of severity info that are not shown."""
    counts = Counter(finding.severity for finding in findings)
    found = ", ".join(_count(counts[severity], severity.value) for severity in Severity if counts[severity])
    said = f"{_count(files, 'file')} checked: {found or 'nothing found'}"
    more = [f"{allowed} allowed in place"] if allowed else []
    more += [f"{hidden} for information (--info shows them)"] if hidden else []
    return f"{said}; {', '.join(more)}" if more else said


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 or what == "info" else f"{number:,} {what}s"


def sarif(findings: Iterable[Finding], rules: Iterable[Rule], version: str) -> dict[str, Any]:
    """A SARIF 2.1.0 log. What is allowed in place is in it too, as suppressed, with its reason."""
    listed = list(rules)
    index = {rule.id: place for place, rule in enumerate(listed)}
    return {
        "$schema": _SARIF,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "incident", "version": version, "rules": [_rule(rule) for rule in listed]}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, index) for finding in findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.why},
        "help": {"text": explanation(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. {finding.hint}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(finding.path, safe="/")},
                    "region": {"startLine": finding.line},
                }
            }
        ],
    }
    if finding.allowed:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.allowed}]
    return result


def explanation(rule: Rule) -> str:
    """Why a rule is there, an example of each kind, and how to leave a finding in place."""
    comment = "<!-- {} -->" if rule.about.value in ("runbook", "post-mortem") else "# {}"
    allow = comment.format(f"incident-check: allow {rule.id} because REASON")
    return "\n".join(
        [
            f"{rule.id}  {rule.severity}, {rule.about}", "",
            f"  {rule.why}", "",
            "  found in", "", *(f"{_EXAMPLE}{line}".rstrip() for line in rule.bad.split("\n")),
            "  not found in", "", *(f"{_EXAMPLE}{line}".rstrip() for line in rule.good.split("\n")),
            "  To leave one in place, on the line before it, or at the file's top for all of the file:", "",
            f"{_EXAMPLE}{allow}",
        ]
    )  # fmt: skip
