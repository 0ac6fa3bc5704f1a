"""Alerts: what fires, the matched runbook and why, and the signals of the one under the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from incident.core.alert import Alert, AlertState
from incident.core.change_rank import nearest
from incident.core.match import Match
from incident.core.signals import Signal
from incident.core.text import one_line
from incident.core.when import clock
from incident.engine.news import AlertsSeen, IncidentChanged, News
from incident.errors import IncidentError, SourceError
from incident.tui import actions
from incident.tui.paint import Line, RuleLine, Span, column, rule, wrap
from incident.tui.screens.place import Place
from incident.tui.theme import AMBER, DIM, GOOD, KEY, STRONG, TEXT
from incident.tui.widgets import signals as signal_lines
from incident.tui.widgets.alert_list import AlertList, Row, Rows
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.lines import Block, Fixed, Lines


class AlertsScreen(Place):
    """Home."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.ALERTS))
    where = actions.ALERTS

    def compose(self) -> ComposeResult:
        """The band, the list, the detail of one alert, the keys."""
        yield Band()
        yield AlertList(lambda: self.engine.now())
        yield Lines(id="detail", cursor=False)
        yield Foot()

    def on_mount(self) -> None:
        """Say what is going on until there is an answer."""
        self._signals: dict[str, tuple[Signal, ...] | str] = {}  # by occurrence; a text says why there are none
        self.draw_bands()
        self.draw_detail()

    def on_screen_resume(self) -> None:
        """Coming back from an incident: notes on the rows may have changed."""
        if self.console.ready:
            self.draw_alerts()

    # -- painting -----------------------------------------------------------------------------------------------

    def heard(self, news: News) -> None:
        """Alerts and incidents change the list."""
        if isinstance(news, AlertsSeen | IncidentChanged):
            self.draw_alerts()
        self.draw_bands()

    def beat(self) -> None:
        """Ages grow, and signals get old."""
        self.draw_bands()
        self.query_one(AlertList).look_again()
        self.read_signals()

    def draw_bands(self) -> None:
        """The sources and what fires."""
        super().draw_bands()
        if not self.console.ready:
            self.band([(0, [("incident", STRONG)]), (1, [("starting…", DIM)])])
            return
        sources = self.sources()
        known = len(self.engine.log.open_incidents())
        still_open: list[tuple[int, list[Span]]] = [(4, [(f"{known} open, i", AMBER)])] if known else []
        self.band([(0, [("incident", STRONG)]), *([(2, sources)] if sources else []), *self.counts(), *still_open])

    def draw_alerts(self) -> None:
        """The list as the board has it."""
        listed = self.query_one(AlertList)
        board = self.engine.watch.board
        listed.seen(Rows(board.alerts, partial(self._row, board.matches)))
        self.draw_detail()
        self.read_signals()

    def _row(self, matches: Mapping[str, Match], alert: Alert) -> Row:
        match = matches.get(alert.occurrence)
        runbook = ""
        if match is not None and match.path:
            runbook = match.path.rpartition("/")[2].removesuffix(".md")
        elif match is not None and match.candidates:
            runbook = f"{len(match.candidates)} may fit"
        return Row(alert, runbook, self._note(alert))

    def _note(self, alert: Alert) -> str:
        incident = self.engine.incident_of(alert)
        if incident is not None:
            return incident.id
        if alert.state is not AlertState.ACTIVE:
            return alert.state.value
        trouble = self.engine.changes.trouble_at(alert)
        near = nearest(self.engine.changes.known, trouble)
        return f"{near.change.name} {trouble.gap(near.change)}" if near else ""

    def draw_detail(self) -> None:
        """What is known of the alert under the cursor, or what to do when there is none."""
        detail = self.query_one("#detail", Lines)
        row = self.query_one(AlertList).row
        blocks = self._alert_detail(row) if row else self._nothing()
        detail.show(blocks)
        detail.styles.height = min(sum(block.height or 1 for block in blocks), max(6, self.size.height - 8))

    def _alert_detail(self, row: Row) -> list[Block]:
        alert = row.alert
        match = self.engine.watch.board.matches.get(alert.occurrence)
        why = match.reason if match else ""
        room = max(20, self.size.width - 5)
        drawn: list[Line | RuleLine] = [rule(alert.title, one_line(why, 70))]
        drawn_lines: list[Line] = [Line([(text, TEXT)]) for text in wrap(alert.summary, room)[:3] if text]
        read = self._signals.get(alert.occurrence)
        if isinstance(read, str):
            drawn_lines.append(Line([("signals  ", DIM), (read, AMBER)]))
        elif read:
            drawn_lines += signal_lines.lines(read)
        if left := self.engine.budget.line_for(alert):
            drawn_lines.append(Line([column("budget", signal_lines.NAME, DIM), (left.removeprefix("budget "), TEXT)]))
        if before := self.engine.past.seen(alert):
            drawn_lines.append(Line([(before.words(self.engine.now()), TEXT), (f"  L opens {before.incident}", DIM)]))
        if row.note:
            drawn_lines.append(Line([(row.note, DIM)]))
        return [Fixed(*drawn, *drawn_lines, Line())]

    def _nothing(self) -> list[Block]:
        """A calm sentence when nothing fires; what to do when no source is known."""
        if not self.console.ready:
            return [Fixed(Line([("Reading the configuration and the timeline…", DIM)]), Line())]
        if not self.engine.parts.alerts:
            return [Fixed(*(Line(spans) for spans in _FIRST_START), Line())]
        statuses = list(self.engine.watch.board.statuses.values())
        lost = [status for status in statuses if status.error]
        if lost:
            told = [Line([(f"{status.name}: {status.error}", AMBER)]) for status in lost]
            hints = [Line([(status.hint, DIM)]) for status in lost if status.hint]
            return [Fixed(*told, *hints, Line([("It is asked again by itself; r asks now.", DIM)]), Line())]
        seen = [status.seen for status in statuses if status.seen]
        if not seen:
            return [Fixed(Line([("Asking for the alerts…", DIM)]), Line())]
        quiet = Line([("Nothing fires.", GOOD), (f"  Last look at {clock(max(seen))} UTC.", DIM)])
        return [Fixed(quiet, Line())]

    # -- signals ------------------------------------------------------------------------------------------------

    @on(Lines.Moved, "#alerts")
    def _moved(self) -> None:
        self.draw_detail()
        self.read_signals()

    @on(Lines.Chosen, "#alerts")
    def _chosen(self) -> None:
        self.action_respond()

    def read_signals(self) -> None:
        """Ask for the signals of the alert under the cursor; an answer that is young enough is reused."""
        row = self.query_one(AlertList).row
        if row is not None and self.engine.parts.signals is not None:
            self._read_signals(row.alert)

    @work(exclusive=True, group="signals", exit_on_error=False)
    async def _read_signals(self, alert: Alert) -> None:
        known = self._signals.get(alert.occurrence)
        try:
            read: tuple[Signal, ...] | str = await self.engine.signals(alert)
        except SourceError as failed:
            read = failed.what
        if read != known:
            self._signals[alert.occurrence] = read
            self.draw_detail()

    # -- keys ---------------------------------------------------------------------------------------------------

    def action_respond(self) -> None:
        """Open the incident of the alert under the cursor."""
        row = self.query_one(AlertList).row
        if row is None:
            self.say("There is no alert to respond to." if self.console.ready else "Still starting; one moment.")
            return
        self._respond(row.alert)

    @work(exit_on_error=False, group="respond", exclusive=True)
    async def _respond(self, alert: Alert) -> None:
        try:
            identity = await self.console.which_incident(alert)
            if identity is not None:
                self.console.open_incident(identity)
        except IncidentError as error:
            self.say_error(error)

    def action_show_new(self) -> None:
        """Put what is new into the list."""
        listed = self.query_one(AlertList)
        if not listed.waiting:
            self.say("Nothing is new.")
        elif self.console.ready:
            listed.show_new()
            self.draw_detail()

    @work(exit_on_error=False)
    async def action_filter(self) -> None:
        """Show only rows that hold these words."""
        from incident.tui.screens.sheets import LineSheet

        listed = self.query_one(AlertList)
        words = await self.app.push_screen_wait(
            LineSheet("Filter", "words that a row must hold; empty shows all", listed.words, empty=True)
        )
        if words is not None:
            listed.filter(words)
            self.draw_detail()

    @work(exit_on_error=False)
    async def action_incidents(self) -> None:
        """Go back to an incident that is open."""
        identity = await self.console.pick_incident()
        if identity is not None:
            self.console.open_incident(identity)

    @work(exit_on_error=False)
    async def action_details(self) -> None:
        """Show everything known of this alert."""
        from incident.tui.screens.sheets import TextSheet

        row = self.query_one(AlertList).row
        if row is None:
            self.say("There is no alert here.")
            return
        match = self.engine.watch.board.matches.get(row.alert.occurrence)
        await self.app.push_screen_wait(
            TextSheet(row.alert.title, _everything(row.alert, match.reason if match else ""))
        )

    def action_copy(self) -> None:
        """Copy the alert's runbook link, else its name."""
        row = self.query_one(AlertList).row
        if row is None:
            self.say("There is nothing to copy.")
            return
        alert = row.alert
        link = next((alert.annotations[key] for key in ("runbook_url", "runbook") if alert.annotations.get(key)), "")
        self.app.copy_to_clipboard(link or alert.title)
        self.say(f"Copied: {link or alert.title}")

    def action_refresh(self) -> None:
        """Ask the sources now."""
        if self.console.ready:
            self.engine.watch.look_now()

    def action_before(self) -> None:
        """The post-mortem of the last incident with this alert."""
        row = self.query_one(AlertList).row
        before = self.engine.past.seen(row.alert) if row else None
        if before is None:
            self.say("No earlier incident with this alert is known.")
            return
        from incident.tui.screens.review import ReviewScreen

        self.console.go(ReviewScreen(before.incident))

    def action_play_drill(self) -> None:
        """Leave this screen and play the drill."""
        self.console.play_drill()


_FIRST_START: tuple[list[Span], ...] = (
    [("No alert source is set up yet.", STRONG)],
    [],
    [("D", KEY), ("  play a drill now, in this same program; it touches nothing real", TEXT)],
    [],
    [("With an Alertmanager:   ", DIM), ("incident --alertmanager http://HOST:9093", TEXT)],
    [("Or in the configuration:", DIM), (" alertmanager: http://HOST:9093", TEXT)],
    [("Your runbooks:          ", DIM), ("a folder of Markdown named runbooks here, or `runbooks: FOLDER`", TEXT)],
    [("Where it is read from:  ", DIM), ("incident help config names the places", TEXT)],
)


def _everything(alert: Alert, reason: str) -> str:
    """Every label and annotation, for reading."""
    head = [
        f"severity   {alert.severity}",
        f"state      {alert.state}",
        f"firing     since {clock(alert.starts_at)} UTC",
    ]
    head += [f"source     {alert.source}", f"runbook    {reason}", ""]
    labels = [f"{key} = {value}" for key, value in sorted(alert.labels.items())]
    notes = [f"{key}: {value}" for key, value in sorted(alert.annotations.items())]
    expression = ["", "expression", alert.expression] if alert.expression else []
    return "\n".join([*head, "labels", *labels, "", "annotations", *notes, *expression])
