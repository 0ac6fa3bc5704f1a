"""A signal over time, drawn with dots in text cells: the course, its limit, what was usual, and what happened when."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.cells import cell_len
from rich.style import Style

from incident.core.signals import Point, amount, limit_of
from incident.core.text import shorten
from incident.core.when import minute
from incident.tui.paint import Line, Span, width_of
from incident.tui.theme import AMBER, DIM, PAGE, RULE, TEXT

LABEL = 10  # columns at most of a number at the left
LEAST = 4  # rows of a drawing that says anything
_TICKS = tuple(timedelta(minutes=count) for count in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080))
_APART = 11  # columns between two times on the axis
_EMPTY = 0x2800  # the first of the characters that are made of eight dots
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # by column and row within a cell
_LIMIT, _USUAL = "╌", "·"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, under the course at its time."""

    at: datetime
    sign: str  # one cell
    words: str
    style: Style


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn."""

    points: Sequence[Point]  # the oldest first
    unit: str
    limit: float | None
    floor: bool
    start: datetime
    end: datetime
    gap: float  # seconds between two points from which on they are not joined
    usual: Sequence[Point] = ()  # another time's, moved to this one
    marks: Sequence[Mark] = ()

    def scale(self) -> tuple[float, float]:
        """The lowest and the highest value of the drawing."""
        known = [value for _, value in (*self.points, *self.usual) if math.isfinite(value)]
        low, high = min(known, default=0.0), max(known, default=1.0)
        limit = self.limit
        if limit is not None and (limit <= high * 4 or high <= 0) and not self.floor:
            high = max(high, limit * 1.1)
        elif limit is not None and self.floor:
            low, high = min(low, limit), max(high, limit)
        if 0 <= low < high / 2:
            low = 0.0
        return (low, _rounded(high, low)) if high > low else (low - 0.5, low + 0.5) if low else (0.0, 1.0)


def drawn(plot: Plot, width: int, height: int) -> list[Line]:
    """The drawing in so many columns and rows; the last two rows are the axis and its times."""
    low, high = plot.scale()
    rows = max(LEAST, height - 2)
    labels = {row: shorten(label, LABEL) for row, label in _labels(plot, low, high, rows).items()}
    margin = max(cell_len(label) for label in labels.values()) + 1
    columns = max(8, width - margin - 1)
    course = _raster(plot, plot.points, low, high, columns, rows)
    usual = _raster(plot, plot.usual, low, high, columns, rows)
    limit = _row_of(plot.limit, low, high, rows)
    lines = []
    for row in range(rows):
        label = labels.get(row, "").rjust(margin - 1)
        style = AMBER if row == limit else DIM
        beyond = limit is not None and (row > limit if plot.floor else row < limit)
        cells = [_cell(course[row][at], usual[row][at], row == limit, beyond) for at in range(columns)]
        lines.append(Line([(label, style), (" ┤" if labels.get(row) else " │", RULE), *_joined(cells)]))
    lines.append(Line([(" " * margin, DIM), *_axis(plot, columns)]))
    lines.append(Line([(" " * (margin + 1), DIM), (_times(plot, columns), DIM)]))
    return lines


def legend(plot: Plot, width: int, rows: int = 2) -> list[Line]:
    """What the signs on the axis stand for: the last ones that fit, and how many there are before them."""
    marks = sorted((mark for mark in plot.marks if plot.start <= mark.at <= plot.end), key=lambda mark: mark.at)
    for first in range(len(marks)):
        earlier = f"{first} earlier" if first else ""
        lines = _filled(([[(earlier, DIM)]] if earlier else []) + [_spelled(mark) for mark in marks[first:]], width)
        if len(lines) <= rows:
            return lines
    return []


def _spelled(mark: Mark) -> list[Span]:
    return [(f"{mark.sign} ", mark.style), (f"{minute(mark.at)} ", DIM), (mark.words, TEXT)]


def _filled(pieces: Sequence[Sequence[Span]], width: int) -> list[Line]:
    """Pieces in lines, none of them broken."""
    lines: list[list[Span]] = []
    for piece in pieces:
        if lines and width_of([*lines[-1], *piece]) + 3 <= width:
            lines[-1] += [("   ", DIM), *piece]
        else:
            lines.append(list(piece))
    return [Line(spans) for spans in lines]


def _cell(course: int, usual: int, is_limit: bool, beyond: bool) -> Span:
    """One cell: the course before the limit, the limit before what was usual."""
    if course:
        return chr(_EMPTY + course), PAGE if beyond else TEXT
    if is_limit:
        return _LIMIT, AMBER
    return (_USUAL, DIM) if usual else (" ", DIM)


def _joined(cells: Sequence[Span]) -> Iterator[Span]:
    """Neighbours of one style as one span."""
    text, style = "", Style.null()
    for char, own in cells:
        if own != style and text:
            yield text, style
            text = ""
        text, style = text + char, own
    if text:
        yield text, style


def _raster(plot: Plot, points: Sequence[Point], low: float, high: float, columns: int, rows: int) -> list[list[int]]:
    """The dots of a course, as one number per cell; neighbours are joined, a gap is not."""
    cells = [[0] * columns for _ in range(rows)]
    span = (plot.end - plot.start).total_seconds() or 1.0
    before: tuple[int, int, datetime] | None = None
    for at, value in points:
        if not math.isfinite(value) or not plot.start <= at <= plot.end:
            before = None if not math.isfinite(value) else before
            continue
        x = min(columns * 2 - 1, int((at - plot.start).total_seconds() / span * columns * 2))
        y = _dot(value, low, high, rows)
        joined = before is not None and (at - before[2]).total_seconds() <= plot.gap
        for dot_x, dot_y in _line((before[0], before[1]), (x, y)) if joined and before else ((x, y),):
            cells[dot_y // 4][dot_x // 2] |= _DOTS[dot_x % 2][dot_y % 4]
        before = (x, y, at)
    return cells


def _line(begin: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The dots between two, both included."""
    wide, tall = end[0] - begin[0], end[1] - begin[1]
    steps = max(abs(wide), abs(tall), 1)
    for step in range(steps + 1):
        yield begin[0] + round(wide * step / steps), begin[1] + round(tall * step / steps)


def _dot(value: float, low: float, high: float, rows: int) -> int:
    """Which row of dots a value is on, from the top."""
    part = (value - low) / (high - low)
    return min(rows * 4 - 1, max(0, round((1 - part) * (rows * 4 - 1))))


def _row_of(value: float | None, low: float, high: float, rows: int) -> int | None:
    """Which row of cells a value is on; None outside the drawing."""
    return None if value is None or not low <= value <= high else _dot(value, low, high, rows) // 4


def _labels(plot: Plot, low: float, high: float, rows: int) -> dict[int, str]:
    """The numbers at the left: the highest, the lowest, the limit; the middle where there is room."""
    unit = plot.unit
    labels = {0: amount(high, unit), rows - 1: amount(low, unit)}
    limit = _row_of(plot.limit, low, high, rows)
    middle = (rows - 1) // 2
    if limit is not None and plot.limit is not None:
        labels[limit] = limit_of(plot.limit, unit)
    elif rows >= 7:
        labels[middle] = amount(high - (high - low) * middle / (rows - 1), unit)
    return labels


def _axis(plot: Plot, columns: int) -> list[Span]:
    """The line at the foot, with the signs of what happened."""
    cells: list[Span] = [("─", RULE)] * columns
    for at in _ticks(plot, columns):
        cells[_column(plot, at, columns)] = ("┴", RULE)
    for mark in sorted(plot.marks, key=lambda mark: mark.at):
        if plot.start <= mark.at <= plot.end:
            cells[_column(plot, mark.at, columns)] = (mark.sign, mark.style)
    return [("└", RULE), *_joined(cells)]


def _times(plot: Plot, columns: int) -> str:
    """The times under the axis, where they are whole; with the day where a day begins."""
    text = [" "] * columns
    for at in _ticks(plot, columns):
        label = f"{at:%m-%d}" if at.hour == at.minute == 0 else minute(at)
        begin = _column(plot, at, columns) - 2
        if begin >= 0 and begin + len(label) <= columns:
            text[begin : begin + len(label)] = label
    return "".join(text)


def _ticks(plot: Plot, columns: int) -> list[datetime]:
    span = plot.end - plot.start
    step = next((tick for tick in _TICKS if columns * (tick / span) >= _APART), _TICKS[-1])
    seconds = step.total_seconds()
    first = math.ceil(plot.start.timestamp() / seconds) * seconds
    count = int((plot.end.timestamp() - first) // seconds) + 1
    return [datetime.fromtimestamp(first + at * seconds, UTC) for at in range(max(0, count))]


def _column(plot: Plot, at: datetime, columns: int) -> int:
    return min(columns - 1, int((at - plot.start) / (plot.end - plot.start) * columns))


def _rounded(high: float, low: float) -> float:
    """A little above the highest value: a number that is easily read."""
    size = 10 ** math.floor(math.log10(high - low)) if high - low > 0 else 1.0
    steps = (high - low) / size
    return low + size * next(step for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 20) if steps <= step)
