"""Lines of styled text, fitted to a width. Everything on the screens is made of these, never of markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from incident.core.text import plain, shorten
from incident.tui.theme import DIM, KEY, RULE

Span = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Line:
    """Spans from the left, and spans that end at the right edge."""

    left: Sequence[Span] = ()
    right: Sequence[Span] = ()


def width_of(spans: Iterable[Span]) -> int:
    """Cells that the spans take."""
    return sum(cell_len(text) for text, _ in spans)


def fit(spans: Sequence[Span], width: int) -> list[Span]:
    """The spans in exactly `width` cells: cut with `…`, or filled with blanks."""
    fitted: list[Span] = []
    room = width
    for text, style in spans:
        cells = cell_len(text)
        if cells > room:
            if room > 0:
                fitted.append((set_cell_size(text, room - 1) + "…", style))
            return fitted
        fitted.append((text, style))
        room -= cells
    if room:
        fitted.append((" " * room, Style.null()))
    return fitted


def column(text: str, width: int, style: Style, *, right: bool = False) -> Span:
    """A cell of a table: cut with `…` or filled, with nothing behind it."""
    cells = cell_len(text)
    if cells > width:
        text, cells = set_cell_size(text, max(0, width - 1)) + "…", width
    blanks = " " * (width - cells)
    return (blanks + text if right else text + blanks, style)


def strip_of(line: Line, width: int, ground: Style = Style.null()) -> Strip:  # noqa: B008 - styles are immutable
    """A line as Textual paints it."""
    return Strip(segments_of(spans_in(line, width), ground), width)


def spans_in(line: Line, width: int) -> list[Span]:
    """A line in exactly `width` cells; the left side gives way to the right one."""
    right = list(line.right)
    beside = width_of(right)
    if beside and beside + 2 < width:
        return [*fit(line.left, width - beside - 2), ("  ", Style.null()), *right]
    return fit(line.left, width)


def segments_of(spans: Iterable[Span], ground: Style) -> list[Segment]:
    """The spans on a ground, as few as look the same: each one takes some forty bytes of colours to the terminal."""
    joined: list[Span] = []
    for text, style in filter(itemgetter(0), spans):
        before, last = joined[-1] if joined else ("", style)
        blank = not (_marks_blanks(style) or _marks_blanks(last))
        if style == last or (blank and text.isspace()):
            joined[-1:] = [(before + text, last)]
        elif blank and before.isspace():
            joined[-1:] = [(before + text, style)]
        else:
            joined.append((text, style))
    return [Segment(text, ground + style) for text, style in joined]


@lru_cache(256)
def _marks_blanks(style: Style) -> bool:
    """Whether a blank in this style can be seen."""
    return style.bgcolor is not None or bool(style.underline or style.strike or style.reverse)


def rule(title: str, note: str = "", *, style: Style = DIM) -> RuleLine:
    """`Title ──────── note`, as long as the screen is wide."""
    return RuleLine(title, note, style)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A thin line with a title on the left and a note on the right."""

    title: str
    note: str
    style: Style

    def at(self, width: int) -> Line:
        """The line for a width."""
        # What it says at the end, such as which key stops a command, matters more than the end of a long title.
        note = f" {shorten(self.note, max(0, width - 12))}" if self.note else ""
        title = f"{shorten(self.title, max(0, width - cell_len(note) - 4))} " if self.title else ""
        dashes = max(0, width - cell_len(title) - cell_len(note))
        return Line([(title, self.style), ("─" * dashes, RULE), (note, DIM)])


def keys(pairs: Iterable[tuple[str, str]]) -> list[Span]:
    """`enter run   esc back`: keys in the accent, what they do dim."""
    spans: list[Span] = []
    for key, what in pairs:
        if spans:
            spans.append(("   ", DIM))
        spans += [(key, KEY), (f" {what}", DIM)]
    return spans


def wrap(text: str, width: int) -> list[str]:
    """Words in lines of at most `width` cells; a longer word is broken. Newlines stay."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        current = ""
        for whole in paragraph.split():
            word = whole
            while cell_len(word) > width:
                if current:
                    lines.append(current)
                    current = ""
                piece = set_cell_size(word, width).rstrip()
                lines.append(piece)
                word = word[len(piece) :]
            joined = f"{current} {word}" if current else word
            if cell_len(joined) > width:
                lines.append(current)
                joined = word
            current = joined
        lines.append(current)
    return lines


def wrap_spans(spans: Sequence[Span], width: int) -> list[list[Span]]:
    """Spans in lines of at most `width` cells, broken between words; a longer word is broken."""
    lines: list[list[Span]] = [[]]
    room = width
    for text, style in spans:
        for word in re.findall(r"\s+|\S+", text.replace("\n", " ")):
            if word.isspace():
                if lines[-1] and room > 0:
                    lines[-1].append((" ", style))
                    room -= 1
                continue
            rest, cells = word, cell_len(word)
            if cells > room and lines[-1]:
                lines.append([])
                room = width
            while cells > room:
                piece = set_cell_size(rest, room).rstrip()
                lines[-1].append((piece, style))
                lines.append([])
                rest, room = rest[len(piece) :], width
                cells = cell_len(rest)
            lines[-1].append((rest, style))
            room -= cells
    return lines


class Inert(LineFilter):
    """The last door before the terminal: whatever acts on one is taken out of every line that is painted."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without controls; untouched, which is nearly always, when there are none."""
        return [segment if segment.control or segment.text.isprintable() else _clean(segment) for segment in segments]


def _clean(segment: Segment) -> Segment:
    text = plain(segment.text)
    return Segment(text.replace("\n", " ").replace("\t", " "), segment.style, segment.control)
