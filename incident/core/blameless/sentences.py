"""Prose out of Markdown: sentences with their lines, and the part of a post-mortem that each stands in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from incident.core.markdown import Kind, Line, lines_in, scan

_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_RULE = re.compile(r"[ \t]*\|?[ \t:|-]+\|?[ \t]*\Z")
_CODE = re.compile(r"(`+)(?!`)(.{1,2000}?)(?<!`)\1(?!`)")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\](?:\([^()\s]{0,500}(?:\s+\"[^\"]*\")?\)|\[[^\[\]]{0,100}\])")
_BARE_URL = re.compile(r"https?://\S+")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)")
_CELL = re.compile(r"(?<!\\)\|")
_END = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\betc\.)[\"”’')\]]*\s+(?=[\"“'(\[]*[A-Z0-9@])|(?<=[.!?])\s*\Z"
)


class Part(StrEnum):
    """The part of a post-mortem that a sentence stands in."""

    NONE = ""
    SUMMARY = "summary"
    TIMELINE = "timeline"
    CAUSE = "root cause"
    IMPACT = "impact"
    WELL = "went well"
    LUCKY = "lucky"
    BADLY = "went badly"
    ACTIONS = "action items"


_PARTS = (
    (re.compile(r"luck", re.IGNORECASE), Part.LUCKY),
    (
        re.compile(r"action|follow[- ]?ups?|next steps|remediation|prevent|improvement|to ?do", re.IGNORECASE),
        Part.ACTIONS,
    ),
    (re.compile(r"(?:went|go|worked) (?:well|right)|positives?", re.IGNORECASE), Part.WELL),
    (
        re.compile(r"badly|wrong|poorly|surpris|could (?:be|have)|lessons|did not work|runbook", re.IGNORECASE),
        Part.BADLY,
    ),
    (re.compile(r"cause|trigger|factor|sensible|5 whys|five whys|why", re.IGNORECASE), Part.CAUSE),
    (re.compile(r"timeline|sequence|chronolog", re.IGNORECASE), Part.TIMELINE),
    (re.compile(r"impact|affected|damage", re.IGNORECASE), Part.IMPACT),
    (re.compile(r"summary|overview|abstract|what happened|description", re.IGNORECASE), Part.SUMMARY),
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of prose. `lines` says at which offsets further lines of the document begin."""

    text: str
    line: int = 1
    part: Part = Part.NONE
    lines: tuple[tuple[int, int], ...] = ()  # offset, line

    def line_at(self, offset: int) -> int:
        """The line of the document that a character stands in."""
        at = bisect_right(self.lines, (offset, 1 << 30)) - 1
        return self.lines[at][1] if at >= 0 else self.line


@dataclass(slots=True)
class _Paragraph:
    text: str = ""
    lines: tuple[tuple[int, int], ...] = ()

    def add(self, piece: str, line: int) -> None:
        if self.text:
            self.text += " "
        self.lines = (*self.lines, (len(self.text), line))
        self.text += piece

    def taken(self, part: Part) -> Iterator[Sentence]:
        yield from _split(self, part)
        self.text, self.lines = "", ()


def sentences(text: str) -> Iterator[Sentence]:
    """Every sentence outside front matter, code blocks, comments and markers, in order."""
    part = sub = Part.NONE
    open_one = _Paragraph()
    quoted = False
    for told in _prose(lines_in(text)):
        number, line, heading = told.number, told.text, told.kind is Kind.HEADING
        quoted, before = line.lstrip().startswith(">"), quoted
        if heading or not line.strip() or _RULE.match(line) or "|" in line or _ITEM.match(line) or quoted != before:
            yield from open_one.taken(sub)
        if heading:
            named = part_of(told.title)
            part = named if told.level < 3 else part
            sub = named or part
            yield Sentence(_bare(told.title), number, sub)
        elif line.lstrip().startswith("|") and not _RULE.match(line):
            for cell in _CELL.split(line):
                row = _Paragraph()
                row.add(_bare(cell), number)
                yield from row.taken(sub)
        elif line.strip() and not _RULE.match(line):
            item = _ITEM.match(line)
            open_one.add(_bare(line[item.end() :] if item else line.lstrip(" \t>")), number)
    yield from open_one.taken(sub)


def part_of(heading: str) -> Part:
    """The part that a heading begins, by its words."""
    return next((part for pattern, part in _PARTS if pattern.search(heading)), Part.NONE)


def _prose(lines: Sequence[str]) -> Iterator[Line]:
    """The lines that are neither front matter, code nor comment; blank ones too, as where a block of code begins."""
    before = Kind.TEXT
    for line in scan(lines):
        if line.kind in (Kind.HEADING, Kind.TEXT):
            yield replace(line, text=_COMMENT.sub(lambda hit: " " * len(hit[0]), line.text))
        elif line.kind is Kind.CODE and before is not Kind.CODE:
            yield replace(line, text="")
        before = line.kind


def _bare(line: str) -> str:
    """The words of a line in their places: code, addresses and marks are blanked out."""
    line = _CODE.sub(lambda hit: "".join("x" if c != " " else "_" for c in hit[0]), line[:4_000])
    line = _LINK.sub(lambda hit: f" {hit[1]}".ljust(len(hit[0])), line)
    line = _BARE_URL.sub(lambda hit: "x" * len(hit[0]), line)
    line = _TAG.sub(lambda hit: " " * len(hit[0]), line)
    return re.sub(r"\*+|~~|(?<!\w)_+|_+(?!\w)|\\(?=\W)", lambda hit: " " * len(hit[0]), line)


def _split(paragraph: _Paragraph, part: Part) -> Iterator[Sentence]:
    begin = 0
    for end in [hit.end() for hit in _END.finditer(paragraph.text)] or [len(paragraph.text)]:
        yield from _sentence(paragraph, begin, end, part)
        begin = end
    yield from _sentence(paragraph, begin, len(paragraph.text), part)


def _sentence(paragraph: _Paragraph, begin: int, end: int, part: Part) -> Iterator[Sentence]:
    whole = paragraph.text[begin:end]
    text = whole.strip()
    if not text:
        return
    begin += len(whole) - len(whole.lstrip())
    at = bisect_right(paragraph.lines, (begin, 1 << 30)) - 1
    here = max(0, at)
    lines = [(0, paragraph.lines[here][1])]
    further = [(offset - begin, line) for offset, line in paragraph.lines[here + 1 :] if offset < begin + len(text)]
    lines += [(len(" ".join(text[:offset].split())) + 1, line) for offset, line in further]
    yield Sentence(" ".join(text.split()), lines[0][1], part, tuple(lines))
