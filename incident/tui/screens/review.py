"""The post-mortem draft, as it would be exported now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from incident.core.text import plain
from incident.engine.news import IncidentChanged, News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.paint import Line, RuleLine, wrap
from incident.tui.screens.place import IncidentPlace
from incident.tui.theme import AMBER, DIM, FAINT, KEY, STRONG, TEXT
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.lines import Block, Lines


class ReviewScreen(IncidentPlace):
    """The draft with its TODOs counted; the cursor goes from one to the next."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.REVIEW))
    where = actions.REVIEW
    todos = 0

    def compose(self) -> ComposeResult:
        """The band, the draft, the keys."""
        yield Band()
        yield Lines(id="draft")
        yield Foot()

    def on_mount(self) -> None:
        """Build the draft."""
        self.draw_bands()
        self.draw_draft()

    def heard(self, news: News) -> None:
        """New events change the draft."""
        if isinstance(news, IncidentChanged) and news.incident == self.identity:
            self.draw_draft()
        self.draw_bands()

    def draw_bands(self) -> None:
        """The incident, and what is still to be written."""
        super().draw_bands()
        left = f"{self.todos} TODO" if self.todos else "nothing left to write"
        self.band([*self.incident_parts(), (0, [("post-mortem draft, ", DIM), (left, AMBER)])])

    @work(exclusive=True, group="draft", exit_on_error=False)
    async def draw_draft(self) -> None:
        """Build the draft off the screen, then show it."""
        try:
            text = await self.engine.draft(self.identity)
        except IncidentError as error:
            self.say_error(error)
            return
        shown = plain(text).split("\n")
        self.todos = sum("TODO" in line for line in shown)
        draft = self.query_one("#draft", Lines)
        first = not draft.keys
        draft.show([_DraftLine(number, line) for number, line in enumerate(shown)])
        if first:
            draft.select(_title_of(shown))
            draft.scroll_to(y=draft.top_of(draft.selected), animate=False, immediate=True)
        self.draw_bands()

    def action_next_section(self) -> None:
        """The next TODO."""
        self._to_todo(1)

    def action_previous_section(self) -> None:
        """The TODO before."""
        self._to_todo(-1)

    def _to_todo(self, by: int) -> None:
        draft = self.query_one("#draft", Lines)
        keys = draft.keys
        here = keys.index(draft.selected) if draft.selected in keys else 0
        path = keys[here + 1 :] if by > 0 else list(reversed(keys[:here]))
        target = next((key for key in path if isinstance(b := draft.block(key), _DraftLine) and "TODO" in b.text), "")
        if target:
            draft.select(target)
        else:
            self.say("There is no TODO further on." if by > 0 else "There is no TODO before this.")

    def action_copy(self) -> None:
        """Copy the line under the cursor."""
        draft = self.query_one("#draft", Lines)
        block = draft.block(draft.selected)
        text = block.text if isinstance(block, _DraftLine) else ""
        self.app.copy_to_clipboard(text)
        self.say(f"Copied: {text}" if text else "There is nothing to copy.")


class _DraftLine(Block):
    def __init__(self, number: int, text: str) -> None:
        self.key = f"line:{number}"
        self.text = text

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        return [Line([(piece, _style(self.text))]) for piece in wrap(self.text, width)]


def _title_of(lines: list[str]) -> str:
    """The key of the first heading behind the front matter, where a reader begins."""
    ends = [number for number, text in enumerate(lines) if text == "---"]
    after = ends[1] if len(ends) > 1 else 0
    return next((f"line:{number}" for number, text in enumerate(lines) if number > after and text.startswith("# ")), "")


def _style(text: str) -> Style:
    if text.startswith(("<!--", "# incident:", "# /incident:", "# Computed")) or text == "---":
        return FAINT
    if text.startswith(("# ", "## ")):
        return STRONG
    if text.startswith("### "):
        return KEY
    return AMBER if "TODO" in text else TEXT
