"""Lines below the band in a drill: what somebody says, and on the guided level which key to press next."""

from __future__ import annotations

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from incident.game import Notice
from incident.tui.paint import Line, Span, strip_of, width_of, wrap_spans
from incident.tui.theme import DIM, DRILL, KEY, STRONG, TEXT

MOST = 3  # lines of either


class Aside(Widget):
    """Notices and a lesson, as many lines as they need; none when there is neither."""

    DEFAULT_CSS = "Aside { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._notices: tuple[Notice, ...] = ()
        self._lesson = ""
        self.display = False

    def show(self, notices: tuple[Notice, ...], lesson: str) -> None:
        """Put these words in place."""
        if (notices, lesson) != (self._notices, self._lesson):
            self._notices, self._lesson = notices, lesson
            self.display = bool(notices or lesson)
            self.refresh(layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as the words need."""
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        """One of them."""
        lines = self._lines(self.size.width)
        line = lines[y] if y < len(lines) else Line()
        return strip_of(line, self.size.width, self.rich_style)

    def _lines(self, width: int) -> list[Line]:
        lines: list[Line] = []
        for notice in self._notices:
            head = (f" {notice.who} ", DRILL if notice.key else STRONG)
            lines += _told(head, notice.text, STRONG, width, [(f"  {notice.key}", KEY)] if notice.key else [])
        if self._lesson:
            lines += _told((" guide ", DIM), self._lesson, TEXT, width, [])
        return lines


def _told(head: Span, text: str, style: Style, width: int, last: list[Span]) -> list[Line]:
    indent = min(width_of([head]) + 1, width // 2)
    rows = wrap_spans([(text, style), *last], max(10, width - indent - 3))[:MOST]
    first, *others = rows
    return [Line([head, (" ", DIM), *first]), *(Line([(" " * indent, DIM), *row]) for row in others)]
