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
from incident.tui.widgets.timeline_list import TimelineList, View, place_text, read_place


class TimelineScreen(IncidentPlace):
    """Every row, the newest under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.TIMELINE))
    where = actions.TIMELINE

    def __init__(self, identity: str) -> None:
        super().__init__(identity)
        self._view = View()
        self._left = ""  # the row on which the cursor stood when the console ended here

    def compose(self) -> ComposeResult:
        """The band, the rows, the keys."""
        yield Band()
        yield TimelineList(id="rows", cursor=True)
        yield Foot()

    def on_mount(self) -> None:
        """Begin at the newest row, or as the last console ended here, while the rows before are still being read."""
        self._view, self._left = read_place(self.engine.parts.desk.left(self._desk_name))
        self.draw_bands()
        self.draw_rows()
        self.call_after_refresh(self._to_first_row)
        self.read_all()

    def _to_first_row(self) -> None:
        rows = self.query_one(TimelineList)
        rows.newest()
        rows.select_row(self._left)

    @property
    def _desk_name(self) -> str:
        return f"{self.identity} timeline"

    @on(Lines.Moved, "#rows")
    def _moved(self) -> None:
        self._keep_place()

    def _keep_place(self) -> None:
        """Leave on the desk how this looks, for the next console if this one is killed."""
        rows = self.query_one(TimelineList)
        row = "" if rows.is_at_newest else rows.selected
        self.engine.parts.desk.leave(self._desk_name, place_text(self._view, row))

    def action_back(self) -> None:
        """Go back; the next look begins at the newest row."""
        self.engine.parts.desk.leave(self._desk_name, "")
        super().action_back()

    @work(exit_on_error=False)
    async def read_all(self) -> None:
        """Bring the whole timeline into memory."""
        try:
            await self.engine.reading.whole(self.identity)
        except IncidentError as error:
            self.say_error(error)
            return
        if self._left:
            self.query_one(TimelineList).select_row(self._left)

    def heard(self, news: News) -> None:
        """New events of this incident."""
        if isinstance(news, IncidentChanged) and news.incident == self.identity:
            self.draw_rows()
        self.draw_bands()

    def draw_bands(self) -> None:
        """The incident, how many events it has, and which of them are shown."""
        super().draw_bands()
        view = self._view
        count = self.engine.log.count(self.identity) + self.engine.log.behind(self.identity)
        only = [*sorted(category.value for category in view.categories), *([f"“{view.words}”"] if view.words else [])]
        shown = f"only {', '.join(only)}" if only else "folded" if view.fold else ""
        parts = [(0, [(f"timeline, {count:,} events", DIM)])]
        self.band([*self.incident_parts(), *parts, *([(0, [(shown, AMBER)])] if shown else [])])

    def draw_rows(self) -> None:
        """The rows that the filters let through."""
        log = self.engine.log
        unsaved = {event.id for event in log.unsaved}
        events, unread = log.in_memory(self.identity), log.behind(self.identity)
        self.query_one(TimelineList).draw(events, unsaved, self._view, unread)

    def _look(self, view: View) -> None:
        self._view = view
        self.draw_rows()
        self.draw_bands()
        self._keep_place()

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
        counts = self.query_one(TimelineList).timeline.counts
        picks = [Pick("", "everything", "")]
        picks += [Pick(kind.value, kind.value, f"{counts[kind]:,}") for kind in Category]
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
        self.query_one(TimelineList).toggle_fold()

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
        event = self.engine.log.event(self.identity, row.id)
        worded = event is not None and words_of(event.fact) is not None

        def check(text: str) -> tuple[bool, str]:
            moment, words = split_time(text, self.engine.now())
            time = f"at {understood(moment, self.engine.now())}" if moment else f"still at {row.stamp} UTC"
            return True, f"{time}: {words or 'the words stay'}"

        help_line = "other words, a time, or a time and words" if worded else "another time: 03:07, -5m, ~03:05 (UTC)"
        name = f"{self.identity} correction {row.id}"
        help_line = f"{help_line}; the original stays in the log"
        text = await self.console.ask_line(name, "Correct this row", help_line, check=check)
        if text:
            with self.console.saving(name, timeout=8):
                await self.engine.response.correct(self.identity, row.id, text)

    @work(exit_on_error=False)
    async def action_redact(self) -> None:
        """Take what stands in the row off the disk for good."""
        row = self._row
        if row is None:
            return
        has_output = self.engine.redacting.has_output(self.identity, row.id)
        printed = "what the command printed goes too, files included; " if has_output else ""
        help_line = f"it cannot be undone; {printed}time, kind, who and this reason stay. Why?"
        name = f"{self.identity} redaction {row.id}"
        why = await self.console.ask_line(name, "Redact this row", help_line)
        if why:
            with self.console.saving(name, timeout=8):
                await self.engine.redacting.redact(self.identity, row.id, why)
                self.say("It is gone from this machine's disk. What was exported or copied before is not.")

    @work(exit_on_error=False)
    async def action_link(self) -> None:
        """Put an address on the timeline as evidence."""
        name = f"{self.identity} link"
        text = await self.console.ask_line(name, "Which address?", "https://…, then what it shows")
        if text:
            address, _, words = text.partition(" ")
            with self.console.saving(name, timeout=8):
                await self.engine.response.link(self.identity, address, words)

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
