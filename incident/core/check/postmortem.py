"""Rules about a post-mortem: whether programs can read it, whether it is whole, and whom it blames."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from incident.core import strict_yaml
from incident.core.blameless import FAMILIES, Weight, look_at
from incident.core.check import shape
from incident.core.check.allowance import allowances, settle
from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.markdown import Kind, front_end, scan
from incident.core.postmortem.blocks import lines_of, stretches
from incident.core.postmortem.manner import HEADINGS
from incident.core.when import from_iso
from incident.errors import IncidentError

_MARK = re.compile(
    rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(?:(?!---)[^\n]*\n){0,40}?schema:[ \t]*[\"']?incident\.postmortem/"
)
_TODO = re.compile(r"\bTODO\b")
_SPAN = re.compile(r"(-?)(\d+)([dhms])(?:(\d+)([hms]))?\Z")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DONE = ("reviewed", "closed")

_FRONT = """---
schema: incident.postmortem/1
id: INC-1
title: Checkout fails
kind: incident
status: {status}
times:
  detected: {{at: 2026-05-02T03:04:41Z, precision: second, source: alertmanager}}
  acknowledged: {{at: 2026-05-02T03:06:02Z, precision: second, source: tool}}
durations: {{detected_to_acknowledged: {span}}}
follow_up_review: 2026-05-30
---

# INC-1: Checkout fails
"""
_BODY = "".join(f"\n## {title}\n{'-' if title != 'Root cause' else '{cause}'}\n" for title in HEADINGS)


def _example(status: str = "draft", span: str = "1m21s", cause: str = "The limit has no test.") -> str:
    return _FRONT.format(status=status, span=span) + _BODY.replace("{cause}", cause)


BAD_FRONT_MATTER = Rule(
    "bad-front-matter", About.POST_MORTEM, Severity.ERROR,
    "Reviews, statistics and searches read the front matter; what they cannot read is not counted.",
    _example("done"), _example(),
)  # fmt: skip
MISSING_HEADING = Rule(
    "missing-heading", About.POST_MORTEM, Severity.WARNING,
    "The seven headings are the same in every post-mortem, so that a reader and a program find their way in each.",
    _example().replace("## Impact\n", "## Consequences\n"), _example(),
)  # fmt: skip
UNFINISHED = Rule(
    "unfinished", About.POST_MORTEM, Severity.WARNING,
    "It says that it was reviewed, and still holds a TODO: somebody meant to write more.",
    _example("reviewed", cause="TODO what set it off"), _example("reviewed"),
)  # fmt: skip
CONTRADICTION = Rule(
    "contradicting-duration", About.POST_MORTEM, Severity.WARNING,
    "A duration that does not follow from its two times was typed; four of ten of these are wrong.",
    _example(span="12m"), _example(),
)  # fmt: skip
EDITED_BLOCK = Rule(
    "edited-block", About.POST_MORTEM, Severity.INFO,
    "A computed part that was edited no longer follows the timeline; a corrected event reaches every export.",
    _example() + "\n<!-- incident:review 000000000000 -->\nwe will see\n<!-- /incident:review -->\n", _example(),
)  # fmt: skip
BLAME = {
    family.id: Rule(
        family.id, About.POST_MORTEM, Severity.WARNING if family.warns else Severity.INFO, family.why,
        _example(cause=family.bad), _example(cause=family.good),
    )
    for family in FAMILIES
}  # fmt: skip
RULES = (BAD_FRONT_MATTER, MISSING_HEADING, UNFINISHED, CONTRADICTION, EDITED_BLOCK, *BLAME.values())


def is_postmortem(data: bytes) -> bool:
    """Whether a Markdown file says of itself that it is a post-mortem."""
    return bool(_MARK.match(data[:20_000]))


def check(
    data: bytes,
    path: str,
    schema: Mapping[str, Any],
    headings: Sequence[str] = HEADINGS,
    known: Sequence[str] = (),
    people: Sequence[str] = (),
) -> list[Finding]:
    """Everything found in a post-mortem, by line; what its author allows is marked so.

    `headings` are the seven in this team's own words; `known` are the ids of all rules, for what may be allowed;
    `people` took part, beside those that the document names.
    """
    text = data.decode("utf-8-sig", "replace")
    lines = [line.rstrip("\r\n") for line in lines_of(text)]
    found: list[Finding] = []
    front: dict[str, Any] = {}
    try:
        document = strict_yaml.load(_front(lines), path, IncidentError)
        front = document.data if isinstance(document.data, dict) else {}
        found += _shape(document, path, schema)
        found += _durations(document, path)
    except IncidentError as broken:
        line = broken.at.rpartition(":")[2]
        found.append(BAD_FRONT_MATTER.found(path, int(line) if line.isdecimal() else 1, broken.what, broken.hint))
    found += _headings(lines, path, headings)
    found += _unfinished(lines, path, str(front.get("status", "")))
    found += _edited(text, path)
    found += _blame(text, path, (*people, *_people(front)))
    made, unclear = allowances(path, lines or [""], lambda line: "<!--", {*known, *(rule.id for rule in RULES)})
    settled = settle([*found, *unclear], made)
    return sorted(dict.fromkeys(settled), key=lambda finding: (finding.line, finding.rule))


def _front(lines: Sequence[str]) -> str:
    """The front matter at its own line numbers."""
    end = front_end(lines)
    return "\n".join(["", *lines[1 : end - 1 if end else len(lines)]])


def _shape(document: strict_yaml.Document, path: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    for place, what in shape.faults(document.data if document.data is not None else {}, schema):
        named = ".".join(map(str, place))
        said = f"`{named}`: {what}" if named else what
        hint = "`incident export --schema` prints what may stand here; TODO stands for what is not known"
        yield BAD_FRONT_MATTER.found(path, _line(document, place), said, hint)


def _line(document: strict_yaml.Document, place: shape.Path) -> int:
    at = document.at(*place).rpartition(":")[2]
    return int(at) if at.isdecimal() else 1


def _durations(document: strict_yaml.Document, path: str) -> Iterator[Finding]:
    data = document.data if isinstance(document.data, dict) else {}
    times, spans = data.get("times"), data.get("durations")
    if not isinstance(times, dict) or not isinstance(spans, dict):
        return
    for name, written in spans.items():
        begin, _, end = str(name).partition("_to_")
        between, typed = _between(times.get(begin), times.get(end)), _seconds(written)
        if between is None or typed is None:
            continue
        seconds, slack = between
        if abs(typed - seconds) > slack:
            said = f"`{name}: {written}`, but from {begin} to {end} it is {timedelta(seconds=abs(round(seconds)))}"
            hint = "correct the milestone on the timeline and export again; durations are computed"
            yield CONTRADICTION.found(path, _line(document, ("durations", name)), said, hint)


def _between(begin: Any, end: Any) -> tuple[float, float] | None:
    """Seconds from one time to the other, and how far a duration may be off by how exactly they are known."""
    try:
        seconds = (from_iso(end["at"]) - from_iso(begin["at"])).total_seconds()
        exact = begin["precision"] == end["precision"] == "second"
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
    # Above an hour a duration is written without its seconds, above a day without its minutes.
    rounding = 1.0 if abs(seconds) < 3600 else 60.0 if abs(seconds) < 86400 else 3600.0
    return seconds, rounding if exact else max(60.0, rounding)


def _seconds(written: Any) -> float | None:
    found = _SPAN.match(str(written))
    if found is None:
        return None
    size = int(found[2]) * _SECONDS[found[3]] + (int(found[4]) * _SECONDS[found[5]] if found[4] else 0)
    return float(-size if found[1] else size)


def _headings(lines: Sequence[str], path: str, headings: Sequence[str]) -> Iterator[Finding]:
    found = [
        (line.title, line.number)
        for line in scan(lines)
        if line.kind is Kind.HEADING and line.level == 2 and line.title in headings
    ]
    names = [name for name, _ in found]
    for heading in headings:
        if heading not in names:
            yield MISSING_HEADING.found(path, 1, f"there is no heading `## {heading}`", "give it back, word for word")
    wanted = [heading for heading in headings if heading in names]
    for (name, number), expected in zip(found, wanted, strict=False):
        if name != expected:
            hint = f"the order is: {', '.join(headings)}"
            yield MISSING_HEADING.found(path, number, f"`## {name}` stands where `## {expected}` belongs", hint)
            return


def _unfinished(lines: Sequence[str], path: str, status: str) -> Iterator[Finding]:
    open_lines = [number for number, line in enumerate(lines, 1) if _TODO.search(line)]
    if status in _DONE and open_lines:
        count = f"{len(open_lines)} lines still say TODO" if len(open_lines) > 1 else "a line still says TODO"
        said = f"it is {status}, and {count}"
        yield UNFINISHED.found(path, open_lines[0], said, "write it, or say that it will not be known")


def _edited(text: str, path: str) -> Iterator[Finding]:
    number = 1
    for stretch in stretches(text):
        if stretch.name and not stretch.untouched:
            said = f"the computed part `{stretch.name}` was edited: later exports leave it as it is"
            yield EDITED_BLOCK.found(path, number, said, "take the part out to have it computed again")
        number += len(stretch.lines)


def _blame(text: str, path: str, people: Sequence[str]) -> Iterator[Finding]:
    for hit in look_at(text, people):
        severity = Severity.WARNING if hit.weight is Weight.WARNING else Severity.INFO
        yield BLAME[hit.family.id].found(path, hit.line, f"`{hit.words}`", hit.family.instead, severity)


def _people(front: Mapping[str, Any]) -> tuple[str, ...]:
    """Who took part, as the front matter has it."""
    roles = front.get("roles")
    named = [front.get("authors"), *(roles.values() if isinstance(roles, dict) else ())]
    flat = [one for value in named for one in (value if isinstance(value, list) else [value])]
    return tuple(dict.fromkeys(str(one) for one in flat if isinstance(one, str) and one.strip() and one != "TODO"))
