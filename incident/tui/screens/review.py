"""The post-mortem draft, as it would be exported now."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from incident.core.text import plain
from incident.engine.news import IncidentChanged, News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.paint import Line
from incident.tui.screens.place import IncidentPlace
from incident.tui.theme import AMBER, DIM, FAINT, KEY, STRONG, TEXT
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.lines import Block, Fixed, Lines


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
        self.band([*self.incident_parts(), (2, [("post-mortem draft, ", DIM), (left, AMBER)])])

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
        self.query_one("#draft", Lines).show(_blocks(shown))
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


class _DraftLine(Fixed):
    def __init__(self, number: int, text: str) -> None:
        super().__init__(Line([(text, _style(text))]), key=f"line:{number}", selectable=True)
        self.text = text


def _blocks(lines: list[str]) -> list[Block]:
    return [_DraftLine(number, text) for number, text in enumerate(lines)]


def _style(text: str) -> Style:
    if text.startswith(("# ", "## ")):
        return STRONG
    if text.startswith("### "):
        return KEY
    if "TODO" in text:
        return AMBER
    return FAINT if text.startswith("<!--") or text == "---" else TEXT
