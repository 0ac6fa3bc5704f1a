"""The whole timeline of an incident."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from incident.core.timeline import stamp
from incident.engine.news import IncidentChanged, News
from incident.tui import actions
from incident.tui.screens.place import IncidentPlace
from incident.tui.theme import DIM
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.timeline_list import TimelineList


class TimelineScreen(IncidentPlace):
    """Every row, the newest under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.TIMELINE))
    where = actions.TIMELINE
    words = ""

    def compose(self) -> ComposeResult:
        """The band, the rows, the keys."""
        yield Band()
        yield TimelineList(id="rows", cursor=True)
        yield Foot()

    def on_mount(self) -> None:
        """Begin at the newest row."""
        self.draw_bands()
        self.draw_rows()
        self.call_after_refresh(lambda: self.query_one(TimelineList).action_move_to(-1))

    def heard(self, news: News) -> None:
        """New events of this incident."""
        if isinstance(news, IncidentChanged) and news.incident == self.identity:
            self.draw_rows()
        self.draw_bands()

    def draw_bands(self) -> None:
        """The incident, and how many events it has."""
        super().draw_bands()
        count = len(self.engine.log.events(self.identity))
        self.band([*self.incident_parts(), (0, [(f"timeline, {count} events", DIM)])])

    def draw_rows(self) -> None:
        """The rows that hold the words of the filter."""
        unsaved = {event.id for event in self.engine.log.unsaved}
        self.query_one(TimelineList).draw(self.engine.log.events(self.identity), unsaved, self.words)

    @work(exit_on_error=False)
    async def action_filter(self) -> None:
        """Show only rows that hold these words."""
        from incident.tui.screens.sheets import LineSheet

        words = await self.app.push_screen_wait(
            LineSheet("Filter", "words that a row must hold; empty shows all", self.words, empty=True)
        )
        if words is not None:
            self.words = words
            self.draw_rows()

    def action_copy(self) -> None:
        """Copy the row under the cursor."""
        rows = self.query_one(TimelineList)
        row = rows.rows.get(rows.selected)
        if row is None:
            self.say("There is nothing to copy.")
            return
        line = f"{row.at:%Y-%m-%d} {stamp(row.at, row.precision)} UTC  {row.line}"
        self.app.copy_to_clipboard(line)
        self.say(f"Copied: {line}")
