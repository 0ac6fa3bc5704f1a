"""Leaving a finding in place, with a reason: `incident-check: allow RULE because REASON` in a comment."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.text import one_line

_COMMENT = re.compile(r"(<!--|#)\s*incident-check:\s*([^\n]*?)\s*(?:-->.*)?$")
_LONGEST_LINE = 1_000  # characters of a line in which a comment is looked for
_ALLOW = re.compile(r"allow\s+([a-z][a-z-]*)(?:\s+because\b[:\s]*(.*))?\Z", re.IGNORECASE)
_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,})")
_SHAPE = "write `incident-check: allow RULE because REASON` in a comment"

UNCLEAR_ALLOWANCE = Rule(
    "unclear-allowance",
    About.RUNBOOK,
    Severity.WARNING,
    "A finding is only left in place with a reason; without one nobody can tell later whether it still holds.",
    "# Disk full\n\n<!-- incident-check: allow pipe-to-shell -->\n\n1. Check the disk: `df -h`\n",
    "# Disk full\n\n<!-- incident-check: allow pipe-to-shell because it is ours -->\n\n1. Check the disk: `df -h`\n",
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Findings of `rule` on lines `first` to `last` stay, because of `reason`."""

    line: int
    rule: str
    reason: str
    first: int
    last: int


def allowances(
    path: str, lines: Sequence[str], sign: Callable[[int], str], known: Collection[str]
) -> tuple[list[Allowance], list[Finding]]:
    """The allowances in a file, and what is wrong with some. `sign` is what begins a comment on a line: `#`, `<!--`."""
    made: list[Allowance] = []
    unclear: list[Finding] = []
    head = _head(lines, sign(1))
    for number, line in enumerate(lines, 1):
        comment = _COMMENT.search(line[:_LONGEST_LINE]) if "incident-check:" in line else None
        if comment is None or comment[1] != sign(number):
            continue
        allow = _ALLOW.match(comment[2])
        problem = _problem(allow, known)
        if allow is None or problem:
            unclear.append(UNCLEAR_ALLOWANCE.found(path, number, problem, _SHAPE))
            continue
        first, last = (1, len(lines)) if number <= head else _next_block(lines, number)
        made.append(Allowance(number, allow[1].lower(), one_line(allow[2], 300), first, last))
    return made, unclear


def _head(lines: Sequence[str], sign: str) -> int:
    """How many lines at the top hold nothing but front matter, comments and blanks."""
    mark = lines[0].rstrip()
    front = next((n for n, line in enumerate(lines[1:], 2) if line.rstrip() == mark), 0)
    head = front if sign != "#" and mark in ("---", "+++") else 0
    while head < len(lines) and (not lines[head].strip() or lines[head].startswith((sign, "---"))):
        head += 1
    return head


def _problem(allow: re.Match[str] | None, known: Collection[str]) -> str:
    if allow is None:
        return "this is no allowance that the check understands, so it silences nothing"
    if allow[1].lower() not in known:
        return f"there is no rule {allow[1]}, so this silences nothing"
    if not (allow[2] or "").strip():
        return f"this gives no reason for leaving {allow[1]}, so it silences nothing"
    return ""


def _next_block(lines: Sequence[str], number: int) -> tuple[int, int]:
    """The lines of what follows a comment: a code block, or a line with what is indented below it."""
    first = number
    while first < len(lines) and (not lines[first].strip() or _COMMENT.search(lines[first])):
        first += 1
    if first >= len(lines):
        return number, number
    last = first + 1
    if _FENCE.match(lines[first]):
        while last < len(lines) and not _FENCE.match(lines[last]):
            last += 1
        return number, last + 1
    indent = _indent(lines[first])
    while last < len(lines) and lines[last].strip() and _indent(lines[last]) > indent:
        last += 1
    return number, last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def settle(findings: Sequence[Finding], made: Sequence[Allowance]) -> list[Finding]:
    """The findings, those that are allowed with the reason."""
    settled = []
    for finding in findings:
        reason = next(
            (one.reason for one in made if one.rule == finding.rule and one.first <= finding.line <= one.last), ""
        )
        settled.append(replace(finding, allowed=reason) if reason else finding)
    return settled
