"""A runbook for reading: every block of the file in order, as text that a terminal can lay out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from incident.core.runbook.blocks import Block, mark_tasks, tree
from incident.core.runbook.inline import Piece, inline
from incident.core.runbook.source import source
from incident.core.text import one_line, plain

_ALERT = re.compile(r"\[!(\w{1,20})\]\s*")
_ADMONITION = re.compile(
    r"""[ \t]*(?:(?:!!!|\?\?\?\+?)[ \t]+(?P<mk>[\w-]+)[ \t]*(?P<title>"[^"]{0,200}")?
    |(?::{3,}|`{3,})[ \t]*\{(?P<myst>[\w-]+)\}(?P<rest>.{0,200}))[ \t]*\Z""",
    re.VERBOSE,
)


class Look(StrEnum):
    """How a block is shown."""

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    LABEL = "label"  # of an admonition: NOTE, WARNING
    CODE = "code"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class PageBlock:
    """One block. `line` is where it stands in the file, from 1; every text is clean."""

    look: Look
    line: int
    level: int = 0  # of a heading, else how deep in lists and quotes
    marker: str = ""  # of an item: `3.`, `•`, `☐`; of code its language
    pieces: tuple[Piece, ...] = ()  # words, code spans and link targets in order
    lines: tuple[str, ...] = ()  # of code
    rows: tuple[tuple[str, ...], ...] = ()  # of a table, the head first
    quoted: bool = False

    @property
    def words(self) -> str:
        """Everything it says, for searching."""
        cells = (cell for row in self.rows for cell in row)
        return " ".join(filter(None, (*(piece.text.strip() for piece in self.pieces), *self.lines, *cells)))


def page(data: bytes) -> tuple[PageBlock, ...]:
    """The blocks of a runbook's bytes. Never raises; what cannot be read is said by `read`."""
    text = source(data)
    read = tree(text.markdown, text.lines)
    mark_tasks(read.blocks)
    raw = plain(data.decode("utf-8", "replace"), len(data) + 1).split("\n")
    walker = _Walker(read.references, _admonitions(raw))
    walker.walk(read.blocks, 0, quoted=False)
    return tuple(walker.out)


def _admonitions(raw: Sequence[str]) -> dict[int, str]:
    """The labels of admonitions by their line; the Markdown parser never sees those lines."""
    found = {}
    for number, line in enumerate(raw, 1):
        match = _ADMONITION.match(line) if len(line) < 500 else None
        if match is not None:
            title = (match["title"] or match["rest"] or "").strip().strip('"')
            found[number] = one_line(f"{(match['mk'] or match['myst']).upper()}  {title}")
    return found


class _Walker:
    """One pass over the tree."""

    def __init__(self, references: dict[str, str], labels: dict[int, str]) -> None:
        self.out: list[PageBlock] = []
        self._references = references
        self._labels = sorted(labels.items(), reverse=True)

    def walk(self, blocks: Sequence[Block], depth: int, *, quoted: bool) -> None:
        """Every block in order."""
        for block in blocks:
            while self._labels and self._labels[-1][0] <= block.start:
                line, label = self._labels.pop()
                self._say(Look.LABEL, line, label, depth, quoted=quoted)
            match block.kind:
                case "heading":
                    self._say(Look.HEADING, block.start, block.content, block.level, quoted=quoted)
                case "paragraph":
                    self._paragraph(block, depth, quoted=quoted)
                case "fence" | "indented":
                    self._code(block, depth, quoted=quoted)
                case "table":
                    self._table(block, depth)
                case "list":
                    self._list(block, depth, quoted=quoted)
                case _:
                    self.walk(block.children, depth + (block.kind == "quote"), quoted=quoted or block.kind == "quote")

    def _say(self, look: Look, line: int, content: str, level: int, *, quoted: bool, marker: str = "") -> None:
        pieces = tuple(Piece(p.kind, plain(p.text)) for p in inline(content, self._references).pieces)
        self.out.append(PageBlock(look, line, level, marker, pieces, quoted=quoted))

    def _paragraph(self, block: Block, depth: int, *, quoted: bool) -> None:
        content, line = block.content, block.start
        if quoted and (alert := _ALERT.match(content)):
            self._say(Look.LABEL, line, alert[1].upper(), depth, quoted=quoted)
            content, line = content[alert.end() :], line + 1
        if content:
            self._say(Look.TEXT, line, content, depth, quoted=quoted)

    def _code(self, block: Block, depth: int, *, quoted: bool) -> None:
        lines = tuple(plain(line).expandtabs(4) for line in block.content.rstrip("\n").split("\n"))
        language = one_line(block.info, 40).partition(" ")[0]
        self.out.append(PageBlock(Look.CODE, block.start, depth, language, lines=lines, quoted=quoted))

    def _table(self, block: Block, depth: int) -> None:
        rows = tuple(
            tuple(inline(cell.strip(), self._references).text for cell in row.content.split(" | "))
            for row in block.children
        )
        self.out.append(PageBlock(Look.TABLE, block.start, depth, rows=rows))

    def _list(self, block: Block, depth: int, *, quoted: bool) -> None:
        for item in block.children:
            marker = f"{item.number}." if item.number else "☐" if item.task else "•"
            first, *rest = item.children or [Block("paragraph", item.start, item.end)]
            if first.kind == "paragraph":
                self._say(Look.ITEM, first.start, first.content, depth, quoted=quoted, marker=marker)
            else:
                self._say(Look.ITEM, item.start, "", depth, quoted=quoted, marker=marker)
                rest = [first, *rest]
            self.walk(rest, depth + 1, quoted=quoted)
