"""The runbook as it is written, for reading: searched, walked by section, opened in an editor."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from incident.core.text import shorten
from incident.engine.news import News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.screens.place import IncidentPlace
from incident.tui.theme import AMBER, DIM, STRONG
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.reader import Reader


class ReadingScreen(IncidentPlace):
    """One runbook's text; it begins where the checklist's cursor was."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.READING))
    where = actions.READING

    def __init__(self, identity: str, line: int = 1) -> None:
        super().__init__(identity)
        self._line = line
        self._location = ""

    def compose(self) -> ComposeResult:
        """The band, the text, the keys."""
        yield Band()
        yield Reader()
        yield Foot()

    def on_mount(self) -> None:
        """Read the file."""
        self.draw_bands()
        self.read()

    def heard(self, news: News) -> None:
        """Only the band changes."""
        self.draw_bands()

    def draw_bands(self) -> None:
        """The file, and what is searched for."""
        super().draw_bands()
        reader = self.query_one(Reader)
        found = f"“{shorten(reader.words, 20)}” in {reader.matches} places" if reader.words else ""
        self.band(
            [
                (0, [(self.incident.runbook.rpartition("/")[2], STRONG), (f":{reader.line}", DIM)]),
                (1, [(found, AMBER)] if found else []),
                (2, [(self.identity, DIM)]),
            ]
        )

    @work(exclusive=True, group="read", exit_on_error=False)
    async def read(self) -> None:
        """Lay the file out, and go to the line."""
        reader = self.query_one(Reader)
        try:
            page, self._location = await self.engine.runbooks.page(self.identity)
        except IncidentError as error:
            self.say_error(error)
            return
        reader.draw(page, reader.words)
        reader.go_to(self._line)
        self.draw_bands()

    def on_lines_moved(self) -> None:
        """The band names the line."""
        self._line = self.query_one(Reader).line
        self.draw_bands()

    @work(exit_on_error=False)
    async def action_search(self) -> None:
        """Find words in this runbook."""
        from incident.tui.screens.sheets import LineSheet

        reader = self.query_one(Reader)
        words = await self.app.push_screen_wait(
            LineSheet("Search", "words to find here; empty ends the search", reader.words, empty=True)
        )
        if words is None:
            return
        page, _ = await self.engine.runbooks.page(self.identity)
        reader.draw(page, words)
        if words and not reader.next_match(1):
            self.say(f"“{words}” is not in this runbook.")
        self.draw_bands()

    def action_next_match(self) -> None:
        """The next place that holds the words."""
        if not self.query_one(Reader).next_match(1):
            self.say("Nothing is searched for; / searches.")

    def action_previous_match(self) -> None:
        """The place before."""
        if not self.query_one(Reader).next_match(-1):
            self.say("Nothing is searched for; / searches.")

    def action_next_section(self) -> None:
        """The next heading."""
        if not self.query_one(Reader).jump(1):
            self.say("There is no heading further on.")

    def action_previous_section(self) -> None:
        """The heading before."""
        if not self.query_one(Reader).jump(-1):
            self.say("There is no heading before this.")

    @work(exit_on_error=False)
    async def action_edit(self) -> None:
        """Open the file in the editor, at this line."""
        if await self.console.edit(self.identity, self._location, self.query_one(Reader).line):
            self.read()

    @work(exit_on_error=False)
    async def action_refresh(self) -> None:
        """Read the file again."""
        await self.console.read_again(self.identity)
        self.read()

    def action_copy(self) -> None:
        """Copy the block under the cursor."""
        reader = self.query_one(Reader)
        text = reader.text
        self.app.copy_to_clipboard(text)
        self.say(f"Copied: {shorten(' '.join(text.split()), 60)}" if text else "There is nothing to copy.")
