"""A runbook laid out for reading: prose, lists, tables, code and links, legible at 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.style import Style

from incident.core.runbook.page import Look, PageBlock
from incident.tui.paint import Line, RuleLine, Span, column, wrap, wrap_spans
from incident.tui.theme import AMBER, DIM, FAINT, KEY, STRONG, TEXT
from incident.tui.widgets.lines import Block, Lines

LEAST = 6  # columns that a table's column keeps
_FOUND = Style.parse("bold #0e1218 on #e5b567")
_CODE = Style.parse("#9fc3a8")
_PIECES = {"text": TEXT, "code": _CODE, "link": FAINT}


class _Block(Block):
    def __init__(self, at: int, block: PageBlock, words: str) -> None:
        self.key = f"block:{at}"
        self.block = block
        self.stamp = (at, words if words and words in block.words.lower() else "")
        self._words = words

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        block = self.block
        drawn = _layout(block, width)
        if self._words and self._words in block.words.lower():
            drawn = [Line(_marked(line.left, self._words)) for line in drawn]
        space = [Line()] if block.look in (Look.HEADING, Look.LABEL, Look.TEXT) and not block.level else []
        return [*([Line()] if block.look is Look.HEADING else space), *drawn]


def _layout(block: PageBlock, width: int) -> list[Line]:
    edge: list[Span] = [("▏ ", AMBER)] if block.quoted else []
    depth = block.level if block.look is not Look.HEADING else 0
    indent = "   " * max(0, depth - (1 if block.quoted else 0))
    room = max(12, width - len(indent) - 2 * bool(edge))
    before: list[Span] = [*edge, (indent, TEXT)] if indent or edge else []
    match block.look:
        case Look.HEADING:
            style = STRONG if block.level < 3 else KEY
            return [Line([(text, style)]) for text in wrap(_text(block), width)]
        case Look.LABEL:
            return [Line([*before, (_text(block), AMBER)])]
        case Look.CODE:
            return [Line([*before, ("│ ", FAINT), (text, _CODE)]) for text in _code(block.lines, room - 2)]
        case Look.TABLE:
            return [Line([*before, *spans]) for spans in _table(block.rows, room)]
        case Look.ITEM:
            marker = f"{block.marker:<3}" if len(block.marker) < 3 else f"{block.marker} "
            lines = wrap_spans(_spans(block), max(12, room - len(marker)))
            blank = (" " * len(marker), TEXT)
            return [Line([*before, (marker, DIM) if not at else blank, *line]) for at, line in enumerate(lines)]
        case _:
            return [Line([*before, *line]) for line in wrap_spans(_spans(block), room)]


def _text(block: PageBlock) -> str:
    return "".join(piece.text for piece in block.pieces if piece.kind != "link")


def _spans(block: PageBlock) -> list[Span]:
    return [(f" ({p.text})" if p.kind == "link" else p.text, _PIECES.get(p.kind, TEXT)) for p in block.pieces]


def _code(lines: Sequence[str], room: int) -> list[str]:
    """Code keeps its columns; a line that is longer than the screen goes on behind an arrow."""
    drawn = []
    for line in lines:
        rest = line
        while len(rest) > room:
            drawn.append(rest[: room - 1] + "↩")
            rest = rest[room - 1 :]
        drawn.append(rest)
    return drawn


def _table(rows: Sequence[Sequence[str]], room: int) -> list[list[Span]]:
    """Columns that line up; where they do not fit, the widest give way and their cells are wrapped."""
    count = max((len(row) for row in rows), default=0)
    cells = [[*row, *[""] * (count - len(row))] for row in rows]
    widths = [max(1, *(cell_len(row[at]) for row in cells)) for at in range(count)]
    spare = room - 2 * (count - 1)
    while sum(widths) > spare and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
    drawn: list[list[Span]] = []
    for number, row in enumerate(cells):
        wrapped = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in range(max((len(cell) for cell in wrapped), default=0)):
            spans: list[Span] = []
            for cell, width in zip(wrapped, widths, strict=True):
                text = cell[line] if line < len(cell) else ""
                spans += [column(text, width, STRONG if not number else TEXT), ("  ", TEXT)]
            drawn.append(spans)
    return drawn


def _marked(spans: Sequence[Span], words: str) -> list[Span]:
    """The spans with what was searched for on a ground of its own."""
    drawn: list[Span] = []
    for text, style in spans:
        rest = text
        while (at := rest.lower().find(words)) >= 0:
            drawn += [(rest[:at], style), (rest[at : at + len(words)], _FOUND)]
            rest = rest[at + len(words) :]
        drawn.append((rest, style))
    return drawn


class Reader(Lines):
    """The blocks of a runbook under a cursor."""

    def __init__(self) -> None:
        super().__init__(id="reader")
        self._page: Sequence[PageBlock] = ()
        self.words = ""

    def draw(self, page: Sequence[PageBlock], words: str = "") -> None:
        """Lay out a page; what holds the words is marked."""
        self._page, self.words = page, words.lower()
        self.show(_Block(at, block, self.words) for at, block in enumerate(page))

    @property
    def line(self) -> int:
        """The line of the file under the cursor."""
        block = self.block(self.selected)
        return block.block.line if isinstance(block, _Block) else 1

    @property
    def text(self) -> str:
        """What the block under the cursor says, as it is copied."""
        block = self.block(self.selected)
        if not isinstance(block, _Block):
            return ""
        return "\n".join(block.block.lines) or block.block.words

    def go_to(self, line: int) -> None:
        """To the block that a line of the file belongs to."""
        known = [at for at, block in enumerate(self._page) if block.line <= line]
        if known:
            self.select(f"block:{known[-1]}")

    def jump(self, by: int) -> bool:
        """To the next heading, or the one before; False when there is none."""
        return self._step(by, lambda block: block.look is Look.HEADING)

    def next_match(self, by: int) -> bool:
        """To the next block that holds the words, around the end if need be; False when none does."""
        matches = [at for at, block in enumerate(self._page) if self.words and self.words in block.words.lower()]
        if not matches:
            return False
        here = int(self.selected.removeprefix("block:") or 0)
        further = [at for at in matches if at > here] if by > 0 else [at for at in reversed(matches) if at < here]
        self.select(f"block:{(further or (matches if by > 0 else matches[::-1]))[0]}")
        return True

    @property
    def matches(self) -> int:
        """How many blocks hold the words."""
        return sum(bool(self.words) and self.words in block.words.lower() for block in self._page)

    def _step(self, by: int, wanted: Callable[[PageBlock], bool]) -> bool:
        here = int(self.selected.removeprefix("block:") or 0)
        path = range(here + 1, len(self._page)) if by > 0 else range(here - 1, -1, -1)
        target = next((at for at in path if wanted(self._page[at])), None)
        if target is not None:
            self.select(f"block:{target}")
        return target is not None
