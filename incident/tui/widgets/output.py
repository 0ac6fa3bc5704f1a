"""What a command prints: its last lines in view, drawn from the engine's own buffer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from incident.core.incident import CommandRecord
from incident.core.when import run_time
from incident.engine.commands import Output
from incident.tui.paint import Line, Span, rule, strip_of
from incident.tui.theme import AMBER, DIM, GOOD, KEY, RED, TEXT

_MARGIN: Span = ("  ", TEXT)


class OutputPane(ScrollView, can_focus=True):
    """A rule that names the command and how it stands, and its output below."""

    DEFAULT_CSS = """
    OutputPane { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden; }
    """

    def __init__(self) -> None:
        super().__init__(id="output")
        self._title = "Ready"
        self._note = ""
        self._style = DIM
        self._lines: Sequence[str] = ()

    def draw(self, title: str, note: str, lines: Sequence[str], style: Style = DIM) -> None:
        """Show these lines; the view stays at the end unless somebody scrolled up."""
        at_end = self.scroll_offset.y >= self.max_scroll_y
        self._title, self._note, self._style, self._lines = title, note, style, lines
        self.virtual_size = Size(self.size.width, len(lines) + 1)
        if at_end:
            self.scroll_end(animate=False, immediate=True)
        self.refresh()

    def draw_run(self, record: CommandRecord, output: Output | None, now: datetime, room: int) -> None:
        """Show a command, as the engine follows it or as the timeline has it, in at most `room` lines."""
        finished = record.finished
        if output is not None:
            lines = [*output.lines, *([output.unfinished] if output.unfinished else [])]
        elif finished is not None:
            lines = [*finished.head, *(["…"] if finished.tail else []), *finished.tail]
        else:
            lines = [record.lost or record.failed or f"its output goes to {record.started.output}"]
        self.styles.height = max(3, min(len(lines) + 1, room))
        since = run_time((now - record.at).total_seconds())
        if record.open and output is not None and output.stopping:
            note, style = f"{output.rung or 'stopping'}, {since}", AMBER
        elif record.open:
            note, style = f"running {since}   S stops it", KEY
        else:
            good = finished is not None and finished.exit == 0
            note, style = record.outcome, GOOD if good else AMBER if record.lost else RED
        self.draw(f"$ {record.started.text}", note, lines, style)

    def render_line(self, y: int) -> Strip:
        """The rule stays on top; the lines scroll below it."""
        width = self.size.width
        if y == 0:
            inner = rule(self._title, self._note, style=self._style).at(max(1, width - 3))
            return strip_of(Line([(" ", DIM), *inner.left]), width, self.rich_style)
        at = y - 1 + self.scroll_offset.y
        text = self._lines[at] if at < len(self._lines) else ""
        return strip_of(Line([_MARGIN, (text.replace("\t", "    "), TEXT)]), width, self.rich_style)
