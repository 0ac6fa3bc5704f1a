"""A runbook beside the text it was read from: its lines, code blocks, links and anchors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from incident.core.markdown import lines_in, shuts
from incident.core.runbook import Command, Runbook
from incident.core.runbook.outline import Outline, outline
from incident.core.runbook.read import read
from incident.core.runbook.shelf import fold
from incident.core.runbook.source import source

_LONGEST_LINE = 10_000  # characters of a line in which links are looked for
_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?!.*`)|~{3,})[ \t]*\{?[ \t]*\.?([\w+-]*)")
_CODE_SPAN = re.compile(r"(`+)(?!`).{0,2000}?(?<!`)\1(?!`)")
_LINK = re.compile(
    r"(!?)\[[^\[\]]{0,300}\]\(\s*<?([^\s<>()]{1,500}(?:\([^\s()]{0,100}\)[^\s<>()]{0,200})?)>?"
    r"(?:\s+(?:\"[^\"]{0,300}\"|'[^']{0,300}'))?\s*\)"
)
_DEFINITION = re.compile(r"() {0,3}\[(?!\^)[^\[\]]{1,200}\]:\s+<?([^\s<>]{1,500})>?\s*(?:[\"'(].{0,300})?\Z")
_ANCHOR = re.compile(
    r"\b(?:id|name)\s*=\s*[\"']?([\w.:-]{1,200})|\{:?\s*#([\w.:-]{1,200})[^}]{0,200}\}|^\(([\w.:-]+)\)="
)
_HEADING_ID = re.compile(r"\s*\{:?\s*#[^}]{0,200}\}\s*\Z")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block; `start` and `end` are the lines of its marks."""

    start: int
    end: int
    language: str  # as its tag says, lower case; "" without one
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A link as it is written."""

    line: int
    target: str
    image: bool


class Neighbours(Protocol):
    """The files around one runbook, by the path a link in it gives."""

    def holds(self, target: str) -> bool:
        """Whether there is a file or folder."""
        ...

    def anchors(self, target: str) -> frozenset[str] | None:
        """The folded anchors of a Markdown file; None when it is none."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """A runbook as it was read, and as it is written."""

    runbook: Runbook
    raw: tuple[str, ...]  # the file's lines
    fences: tuple[Fence, ...]
    links: tuple[Written, ...]
    anchors: frozenset[str]  # folded
    titled: bool  # something other than the file's name gave the title

    def fence_of(self, command: Command) -> Fence | None:
        """The fenced block a command stands in."""
        return next((fence for fence in self.fences if fence.start < command.line <= fence.end), None)

    def fenced(self, line: int) -> bool:
        """Whether a line is inside a fenced block, its marks included."""
        return any(fence.start <= line <= fence.end for fence in self.fences)


def page_of(data: bytes, path: str) -> Page:
    """Read a Markdown file for checking; never raises."""
    clean = source(data).lines
    raw = lines_in(data.decode("utf-8-sig", "replace"))
    fences, prose = _fences(clean)
    links = tuple(link for line in prose for link in _links(line, clean[line - 1]))
    own = outline(raw)
    runbook = read(data, path)
    titled = bool(own.title) or any(text == runbook.title for _, text in own.headings)
    return Page(runbook, raw, tuple(fences), links, _anchors(own, raw), titled)


def anchors_in(lines: Sequence[str]) -> frozenset[str]:
    """What a link's `#anchor` may mean in a file: its headings and its own marks, folded."""
    return _anchors(outline(lines), lines)


def _anchors(own: Outline, lines: Sequence[str]) -> frozenset[str]:
    found = {fold(_HEADING_ID.sub("", text)) for _, text in own.headings}
    for line in lines:
        found.update(fold(mark[1] or mark[2] or mark[3]) for mark in _ANCHOR.finditer(line))
    return frozenset(found)


def _fences(lines: Sequence[str]) -> tuple[list[Fence], list[int]]:
    """The fenced blocks, and the numbers of the lines outside them. A block that nobody shuts ends with the file."""
    fences: list[Fence] = []
    prose: list[int] = []
    opened: re.Match[str] | None = None
    start = 0
    for number, line in enumerate(lines, 1):
        if opened is None:
            opened, start = _FENCE.match(line), number
            if opened is None:
                prose.append(number)
        elif shuts(line, opened[1]):
            fences.append(Fence(start, number, opened[2].lower(), tuple(lines[start : number - 1])))
            opened = None
    if opened is not None:
        fences.append(Fence(start, len(lines), opened[2].lower(), tuple(lines[start:])))
    return fences, prose


def _links(number: int, line: str) -> list[Written]:
    bare = _CODE_SPAN.sub("", line[:_LONGEST_LINE])
    found = [*_LINK.finditer(bare), *filter(None, [_DEFINITION.match(bare)])]
    # A link without words is a cross-reference that a site generator resolves.
    return [Written(number, link[2], bool(link[1])) for link in found if "[](" not in link[0]]
