"""The picture of an incident as SVG: one drawing for wide pages, one for narrow ones; no script, no outside part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape

from incident.core.facts import Milestone
from incident.core.postmortem.picture import Course, Picture, Span
from incident.core.signals import amount
from incident.core.text import shorten
from incident.core.when import clock, minute

_LABELS = {
    Milestone.STARTED: "impact began",
    Milestone.DETECTED: "detected",
    Milestone.ACKNOWLEDGED: "acknowledged",
    Milestone.MITIGATED: "mitigated",
    Milestone.RESOLVED: "resolved",
}
_STEPS = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)  # seconds between ticks
_LETTER, _BOLD = 6.7, 7.5  # generous widths of one letter of 12 px
_ROW, _COURSE = 22.0, 74.0
_ROWS = 5  # of one lane, before its marks stand on each other


@dataclass(slots=True)
class _Canvas:
    """Where things go, and what was drawn so far."""

    picture: Picture
    width: float
    gutter: float  # for names beside their lanes; 0: they stand above them
    ticks: int
    y: float = 0.0
    shapes: list[str] = field(default_factory=list)

    def x(self, at: datetime) -> float:
        """Where a time is."""
        whole = (self.picture.end - self.picture.start).total_seconds()
        part = (at - self.picture.start).total_seconds() / whole
        return self.gutter + max(0.0, min(1.0, part)) * (self.width - self.gutter - 8)

    def text(self, x: float, y: float, words: str, look: str = "", anchor: str = "") -> None:
        """Words that end before the right edge."""
        room = max(4, int((self.width - x) / _LETTER)) if anchor == "" else 60
        kind = f' class="{look}"' if look else ""
        end = f' text-anchor="{anchor}"' if anchor else ""
        self.shapes.append(f'<text x="{x:.1f}" y="{y:.1f}"{kind}{end}>{escape(shorten(words, room))}</text>')

    def name(self, words: str, look: str = "name") -> None:
        """A lane's name: beside it where there is room, else above it."""
        if self.gutter:
            self.text(0, self.y + 15, shorten(words, int(self.gutter / _BOLD) - 1), look)
        else:
            self.text(0, self.y + 12, words, look)
            self.y += 17


def drawing(picture: Picture, *, narrow: bool) -> str:
    """One SVG element. Legible at its own width or a little less: 360 or 960 pixels."""
    canvas = _Canvas(picture, 360.0, 0.0, 4) if narrow else _Canvas(picture, 960.0, 200.0, 10)
    _marks(canvas)
    top = canvas.y
    for course in picture.courses:
        _course(canvas, course)
    for alert in picture.alerts:
        _alert(canvas, alert)
    _numbered(canvas, "changes", [(at, at, _diamond) for at, _ in picture.changes], 1)
    bars = [(one.start, one.end or picture.end, _bar(one)) for one in picture.commands]
    _numbered(canvas, "commands", bars, len(picture.changes) + 1)
    _axis(canvas, top)
    _lines(canvas, top)
    words = _description(picture)
    size = f'viewBox="0 0 {canvas.width:.0f} {canvas.y:.0f}"'
    kind = "narrow" if narrow else "wide"
    return (
        f'<svg class="chart {kind}" {size} role="img" aria-label="{escape(words)}" xmlns="http://www.w3.org/2000/svg">'
        f"{''.join(canvas.shapes)}</svg>"
    )


def legend(picture: Picture) -> list[tuple[int, str]]:
    """What the numbers in the drawing stand for."""
    told = [f"{clock(at)} {words}" for at, words in picture.changes]
    told += [f"{clock(one.start)} {one.name}, {one.outcome}" for one in picture.commands]
    return list(enumerate(told, 1))


def _description(picture: Picture) -> str:
    count = f"{len(picture.alerts)} alerts, {len(picture.changes)} changes, {len(picture.commands)} commands"
    marks = ", ".join(f"{_LABELS[milestone]} {minute(at)}" for milestone, at in picture.marks)
    return f"Timeline from {minute(picture.start)} to {minute(picture.end)} UTC: {count}. {marks}".strip()


def _marks(canvas: _Canvas) -> None:
    """The milestones' names, in as many rows as keep them apart."""
    ends: list[float] = []
    for milestone, at in sorted(canvas.picture.marks, key=lambda mark: mark[1]):
        words = f"{_LABELS[milestone]} {minute(at)}"
        width = len(words) * _BOLD
        left = max(0.0, min(canvas.x(at) + 3, canvas.width - width))
        row = next((number for number, end in enumerate(ends) if end + 6 <= left), len(ends))
        ends[row : row + 1] = [left + width]
        canvas.text(left, 13 + row * 16, words, "mark")
    canvas.y = 8 + max(1, len(ends)) * 16


def _lines(canvas: _Canvas, top: float) -> None:
    """A line through all lanes at every milestone, behind everything else."""
    lines = [
        f'<line class="at" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 4:.1f}" y2="{canvas.y - 20:.1f}"/>'
        for x in (canvas.x(at) for _, at in canvas.picture.marks)
    ]
    canvas.shapes[:0] = lines


def _course(canvas: _Canvas, course: Course) -> None:
    known = [value for _, value in course.points if value is not None]
    if not known:
        return
    limit = f", limit {amount(course.limit, course.unit)}" if course.limit is not None else ""
    words = f"{course.name}{'' if canvas.gutter else f', to {amount(max(known), course.unit)}{limit}'}"
    canvas.name(words)
    top, bottom = canvas.y + 6, canvas.y + _COURSE - 12
    high = max([*known, *([course.limit] if course.limit is not None else [])])
    low = min(0.0, *known)
    scale = (bottom - top) / ((high - low) or 1.0)

    def y(value: float) -> float:
        return bottom - (value - low) * scale

    canvas.shapes.append(
        f'<line class="base" x1="{canvas.gutter:.1f}" x2="{canvas.width - 8:.1f}" y1="{bottom:.1f}" y2="{bottom:.1f}"/>'
    )
    if course.limit is not None:
        at = y(course.limit)
        canvas.shapes.append(
            f'<line class="limit" x1="{canvas.gutter:.1f}" x2="{canvas.width - 8:.1f}" y1="{at:.1f}" y2="{at:.1f}"/>'
        )
    if canvas.gutter:
        canvas.text(0, canvas.y + 31, f"to {amount(max(known), course.unit)}", "small")
        canvas.text(0, canvas.y + 46, limit.removeprefix(", "), "small")
    canvas.shapes.append(_curve(canvas, course, y))
    canvas.y += _COURSE


def _curve(canvas: _Canvas, course: Course, y: Callable[[float], float]) -> str:
    path, pen = [], False
    for at, value in course.points:
        if value is not None:
            path.append(f"{'L' if pen else 'M'}{canvas.x(at):.1f} {y(value):.1f}")
        pen = value is not None
    dots = [
        f'<circle class="dot" cx="{canvas.x(at):.1f}" cy="{y(value):.1f}" r="2.5"/>'
        for at, value in course.points
        if value is not None and len(course.points) <= 20
    ]
    return f'<path class="curve" d="{" ".join(path)}"/>{"".join(dots)}'


def _alert(canvas: _Canvas, alert: Span) -> None:
    canvas.name(alert.name)
    left, right = canvas.x(alert.start), canvas.x(alert.end or canvas.picture.end)
    open_end = "" if alert.end else " open"
    said = f"{alert.name}, from {clock(alert.start)}" + (f" to {clock(alert.end)}" if alert.end else ", not resolved")
    canvas.shapes.append(
        f'<rect class="alert{open_end}" x="{left:.1f}" y="{canvas.y + 4:.1f}" width="{max(3, right - left):.1f}" '
        f'height="13" rx="2"><title>{escape(said)}</title></rect>'
    )
    canvas.y += _ROW


def _diamond(left: float, right: float, y: float) -> str:
    return f'<path class="change" d="M{left:.1f} {y:.1f} l6 6.5 l-6 6.5 l-6 -6.5 z"/>'


def _bar(one: Span) -> Callable[[float, float, float], str]:
    look = (
        "command"
        + (" reads" if one.harmless else "")
        + (" bad" if one.good is False else " unknown" if one.good is None else "")
    )

    def shape(left: float, right: float, y: float) -> str:
        title = escape(f"{clock(one.start)} {one.name}, {one.outcome}")
        width = max(4.0, right - left)
        return (
            f'<rect class="{look}" x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="13" rx="2">'
            f"<title>{title}</title></rect>"
        )

    return shape


Shape = Callable[[float, float, float], str]


def _numbered(canvas: _Canvas, name: str, things: Sequence[tuple[datetime, datetime, Shape]], first: int) -> None:
    """A lane of numbered marks, in as many rows as keep them apart."""
    if not things:
        return
    canvas.name(name)
    ends: list[float] = []
    for number, (start, end, shape) in enumerate(things, first):
        left, right = canvas.x(start), max(canvas.x(start) + 7, canvas.x(end))
        label = min(right + 2, canvas.width - 16)
        free = (row for row, taken in enumerate(ends) if taken + 5 <= left - 6)
        row = next(free, len(ends) if len(ends) < _ROWS else _ROWS - 1)
        ends[row : row + 1] = [label + len(str(number)) * _LETTER]
        canvas.shapes.append(shape(left, canvas.x(end), canvas.y + 4 + row * 17))
        canvas.text(label, canvas.y + 15 + row * 17, str(number), "number")
    canvas.y += len(ends) * 17 + 5


def _axis(canvas: _Canvas, top: float) -> None:
    picture = canvas.picture
    seconds = (picture.end - picture.start).total_seconds()
    step = next((step for step in _STEPS if seconds / step <= canvas.ticks), 0) or _STEPS[-1] * (
        int(seconds / _STEPS[-1] / canvas.ticks) + 1
    )
    day = picture.start.replace(hour=0, minute=0, second=0, microsecond=0)
    at = day + timedelta(seconds=(int((picture.start - day).total_seconds() / step) + 1) * step)
    bottom = canvas.y + 4
    canvas.shapes.append(
        f'<line class="axis" x1="{canvas.gutter:.1f}" x2="{canvas.width - 8:.1f}" y1="{bottom:.1f}" y2="{bottom:.1f}"/>'
    )
    while at <= picture.end:
        x = canvas.x(at)
        words = (
            f"{at:%m-%d}"
            if step >= 86400 or at.hour == at.minute == at.second == 0
            else minute(at)
            if step >= 60
            else clock(at)
        )
        canvas.shapes.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom:.1f}" y2="{bottom + 4:.1f}"/>')
        if canvas.gutter + 14 < x < canvas.width - 20:
            canvas.text(x, bottom + 17, words, "small", "middle")
        at += timedelta(seconds=step)
    canvas.y = bottom + 24
