"""The whole timeline of an incident."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from incident.core.corrections import words_of
from incident.core.timeline import Category, Row
from incident.core.when import parse, split_time, understood
from incident.engine.news import IncidentChanged, News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.screens.place import IncidentPlace
from incident.tui.screens.sheets import LineSheet, Pick, PickSheet
from incident.tui.theme import AMBER, DIM
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.lines import Lines
from incident.tui.widgets.timeline_list import TimelineList, View


class TimelineScreen(IncidentPlace):
    """Every row, the newest under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.TIMELINE))
    where = actions.TIMELINE

    def __init__(self, identity: str) -> None:
        super().__init__(identity)
        self._view = View()

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
        """The incident, how many events it has, and which of them are shown."""
        super().draw_bands()
        view, count = self._view, len(self.engine.log.events(self.identity))
        only = [*sorted(category.value for category in view.categories), *([f"“{view.words}”"] if view.words else [])]
        shown = f"only {', '.join(only)}" if only else "folded" if view.fold else ""
        parts = [(0, [(f"timeline, {count} events", DIM)])]
        self.band([*self.incident_parts(), *parts, *([(0, [(shown, AMBER)])] if shown else [])])

    def draw_rows(self) -> None:
        """The rows that the filters let through."""
        unsaved = {event.id for event in self.engine.log.unsaved}
        self.query_one(TimelineList).draw(self.engine.log.events(self.identity), unsaved, self._view)

    def _look(self, view: View) -> None:
        self._view = view
        self.draw_rows()
        self.draw_bands()

    # -- which rows ---------------------------------------------------------------------------------------------

    @work(exit_on_error=False)
    async def action_filter(self) -> None:
        """Show only rows that hold these words."""
        sheet = LineSheet("Filter", "words that a row must hold; empty shows all", self._view.words, empty=True)
        words = await self.app.push_screen_wait(sheet)
        if words is not None:
            self._look(replace(self._view, words=words))

    @work(exit_on_error=False)
    async def action_kinds(self) -> None:
        """Show only rows of one kind, or all again."""
        count = dict.fromkeys(Category, 0)
        for row in self.query_one(TimelineList).rows.values():
            count[row.category] += 1
        picks = [Pick("", "everything", "")]
        picks += [Pick(category.value, category.value, str(number)) for category, number in count.items()]
        picked = await self.app.push_screen_wait(PickSheet("Show which kind?", picks))
        if picked is not None:
            self._look(replace(self._view, categories=frozenset({Category(picked)} if picked else ())))

    def action_fold(self) -> None:
        """Fold the bookkeeping and what repeats, or show every row."""
        self.query_one(TimelineList).fold_all()
        self._look(replace(self._view, fold=not self._view.fold))

    @on(Lines.Chosen, "#rows")
    def action_unfold(self) -> None:
        """Show the rows that stand as one under the cursor."""
        if self.query_one(TimelineList).toggle_fold():
            self.draw_rows()

    @work(exit_on_error=False)
    async def action_go_to(self) -> None:
        """Go to a time."""

        def check(text: str) -> tuple[bool, str]:
            try:
                return True, understood(parse(text, self.engine.now()), self.engine.now())
            except IncidentError as error:
                return False, str(error)

        help_line = "03:07, -20m, fri 23:50 (UTC)"
        text = await self.app.push_screen_wait(LineSheet("Go to which time?", help_line, check=check))
        if text:
            self.query_one(TimelineList).select_at(parse(text, self.engine.now()).at)

    # -- what stands in them ------------------------------------------------------------------------------------

    @property
    def _row(self) -> Row | None:
        rows = self.query_one(TimelineList)
        row = rows.rows.get(rows.selected)
        if row is None:
            self.say("The cursor is not on a row.")
        return row

    @work(exit_on_error=False)
    async def action_correct(self) -> None:
        """Correct the row under the cursor: its words, its time, or both."""
        row = self._row
        if row is None:
            return
        event = next(e for e in self.engine.log.events(self.identity) if e.id == row.id)
        worded = words_of(event.fact) is not None

        def check(text: str) -> tuple[bool, str]:
            moment, words = split_time(text, self.engine.now())
            time = f"at {understood(moment, self.engine.now())}" if moment else f"still at {row.stamp} UTC"
            return True, f"{time}: {words or 'the words stay'}"

        help_line = "other words, a time, or a time and words" if worded else "another time: 03:07, -5m, ~03:05 (UTC)"
        sheet = LineSheet("Correct this row", f"{help_line}; the original stays in the log", check=check)
        text = await self.app.push_screen_wait(sheet)
        if text:
            try:
                await self.engine.response.correct(self.identity, row.id, text)
            except IncidentError as error:
                self.say_error(error)

    @work(exit_on_error=False)
    async def action_redact(self) -> None:
        """Take what stands in the row off the disk for good."""
        row = self._row
        if row is None:
            return
        help_line = "it cannot be undone; time, kind, who and this reason stay. Why?"
        why = await self.app.push_screen_wait(LineSheet("Redact this row", help_line))
        if why:
            try:
                await self.engine.redact(self.identity, row.id, why)
            except IncidentError as error:
                self.say_error(error)
            else:
                self.say("It is gone from this machine's disk. What was exported or copied before is not.")

    @work(exit_on_error=False)
    async def action_link(self) -> None:
        """Put an address on the timeline as evidence."""
        text = await self.app.push_screen_wait(LineSheet("Which address?", "https://…, then what it shows"))
        if text:
            address, _, words = text.partition(" ")
            try:
                await self.engine.response.link(self.identity, address, words)
            except IncidentError as error:
                self.say_error(error)

    @work(exit_on_error=False)
    async def action_sample(self) -> None:
        """Ask the signals and put their values on the timeline."""
        try:
            count = await self.engine.evidence.sample(self.identity)
        except IncidentError as error:
            self.say_error(error)
        else:
            self.say(f"{count} values are on the timeline." if count else "There is no signal to ask here.")

    def action_copy(self) -> None:
        """Copy the row under the cursor."""
        row = self._row
        if row is not None:
            line = f"{row.at:%Y-%m-%d} {row.stamp} UTC  {row.line}"
            self.app.copy_to_clipboard(line)
            self.say(f"Copied: {line}")
