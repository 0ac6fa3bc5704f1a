"""Changes: what changed, and how near it was to an alert in time, place and kind."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from incident.core.alert import Alert
from incident.core.change_rank import CAVEAT, Trouble, trouble_of, verdict
from incident.core.when import age, clock
from incident.engine.changes import stands_in
from incident.engine.news import AlertsSeen, IncidentChanged, News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.paint import Line, Span, wrap
from incident.tui.screens.place import Place
from incident.tui.screens.sheets import LineSheet, TextSheet
from incident.tui.theme import AMBER, DIM, GOOD, KEY, STRONG, TEXT
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.change_list import ChangeList, ChangeRow, detail, when
from incident.tui.widgets.lines import Fixed, Lines

SHORT = 30  # rows up to which the list needs every line
_ADDRESS = re.compile(r"https?://[^\s/]\S*\Z", re.IGNORECASE)
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")  # what says that a browser can be opened


class ChangesScreen(Place):
    """The changes as the feeds tell them, the newest first; the cursor begins on the likeliest one."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.CHANGES))
    where = actions.CHANGES

    def __init__(self, incident: str | None = None, alert: Alert | None = None) -> None:
        """Measured against an incident, else an alert, else this moment."""
        super().__init__()
        self._incident = incident
        self._alert = alert
        self._words = ""
        self._placed = False  # the cursor was put on the likeliest change

    def compose(self) -> ComposeResult:
        """The band, the verdict, the list, all about one change, the keys."""
        yield Band()
        yield Lines(id="verdict", cursor=False)
        yield ChangeList()
        yield Lines(id="about", cursor=False)
        yield Foot()

    def on_mount(self) -> None:
        """Show what is known, and ask for what is new."""
        for name in ("#verdict", "#about"):
            self.query_one(name).can_focus = False
        self.query_one(ChangeList).focus()
        self.draw_bands()
        self.call_after_refresh(self.draw_changes)
        self._read()

    def on_resize(self) -> None:
        """The detail depends on the width."""
        self.call_after_refresh(self.draw_changes)

    # -- painting -----------------------------------------------------------------------------------------------

    def heard(self, news: News) -> None:
        """A feed answered, or the timeline grew."""
        if isinstance(news, AlertsSeen | IncidentChanged):
            self.draw_changes()
        self.draw_bands()

    def draw_bands(self) -> None:
        """Against what the changes are measured."""
        super().draw_bands()
        about = self._incident or (self._alert.title if self._alert else "this moment")
        trouble = self._trouble()
        since = [(3, [(f"{trouble.said} {clock(trouble.start)} UTC", DIM)])] if about != "this moment" else []
        sources = self.sources()
        self.band([(0, [("changes", STRONG)]), (1, [("near ", DIM), (about, TEXT)]), *since, (4, sources)])

    def draw_changes(self) -> None:
        """Every change with its distance and its rank."""
        trouble, listed = self._trouble(), self.query_one(ChangeList)
        ranks = self.engine.changes.ranked(trouble)
        places = {one.change: (at, one) for at, one in enumerate(ranks, 1)}
        incident = self.engine.incident(self._incident) if self._incident else None
        rows = []
        for change in self.engine.changes.known:
            place, rank = places.get(change, (0, None))
            rows.append(ChangeRow(change, rank, place, incident is not None and stands_in(incident, change)))
        listed.draw(rows, trouble, self._words, self._feeds() if self._told else self._nothing_told())
        said = [Line([(text, STRONG)]) for text in wrap(verdict(ranks, trouble), max(20, self.size.width - 5))[:2]]
        said += [Line([(CAVEAT, DIM)])] if ranks and ranks[0].likely else []
        said += [Line(spans) for spans in self._silent()]
        above = self.query_one("#verdict", Lines)
        above.show([Fixed(*said)])
        above.styles.height = len(said) if self._told else 0
        if ranks and not self._placed:
            self._placed = True
            listed.select(ranks[0].change.key)
        self._draw_detail(len(ranks))

    def _draw_detail(self, count: int) -> None:
        about, row = self.query_one("#about", Lines), self.query_one(ChangeList).row
        titles = 2 if self.size.height > SHORT else 1
        lines = detail(row, self._trouble(), max(20, self.size.width - 5), count, titles) if row else []
        about.show([Fixed(*lines)] if lines else [])
        about.styles.height = min(len(lines), max(6, self.size.height - 10))

    def _silent(self) -> list[list[Span]]:
        """The feeds that do not answer: what they would tell is missing here."""
        spans: list[list[Span]] = []
        for source in self.engine.parts.changes:
            status = self.engine.watch.board.statuses.get(source.name)
            if status is not None and status.error:
                old = f", told {age(self.engine.now() - status.seen)} ago" if status.seen else ", never answered"
                spans.append([(f"✗ {source.name}{old}: ", AMBER), (status.error, AMBER)])
        return spans[:2]

    @property
    def _told(self) -> bool:
        """Whether any feed told of a change."""
        return bool(self.engine.changes.known)

    def _trouble(self) -> Trouble:
        changes = self.engine.changes
        if self._incident:
            return changes.trouble(self.engine.incident(self._incident))
        return changes.trouble_at(self._alert) if self._alert else trouble_of((), self.engine.now())

    def _feeds(self) -> list[Line]:
        """How each feed does: when it answered last, and what is wrong with it."""
        lines, now = [], self.engine.now()
        for source in self.engine.parts.changes:
            status = self.engine.watch.board.statuses.get(source.name)
            if source.name in self.engine.changes.on_request and (status is None or not status.error):
                seen = f"asked {age(now - status.seen)} ago" if status and status.seen else "not asked yet"
                lines.append(Line([("○ ", DIM), (source.name, TEXT), (f"  {seen}; D asks it", DIM)]))
            elif status is None:
                lines.append(Line([("○ ", DIM), (source.name, TEXT), ("  being asked…", DIM)]))
            elif status.error:
                old = f"  what it told {age(now - status.seen)} ago stays" if status.seen else ""
                lines.append(Line([("✗ ", AMBER), (source.name, TEXT), (f"  {status.error}", AMBER), (old, DIM)]))
                lines += [Line([(f"  {status.hint}", DIM)])] if status.hint else []
            else:
                seen = f"answered {age(now - status.seen)} ago" if status.seen else ""
                note = f"; {status.hint}" if status.hint else ""
                lines.append(Line([("● ", GOOD), (source.name, TEXT), (f"  {seen}{note}", DIM)]))
        return lines

    def _nothing_told(self) -> list[Line]:
        """What to do when there is nothing to see."""
        if not self.engine.parts.changes:
            return [
                Line([("No change feed is set up.", STRONG)]),
                Line(),
                Line([("GitHub:    ", DIM), ("changes: [{github: OWNER/REPOSITORY}]", TEXT)]),
                Line([("A clone:   ", DIM), ("changes: [{git: FOLDER, branch: origin/main}]", TEXT)]),
                Line([("A program: ", DIM), ("changes: [{command: [./deploys.sh, --json]}]", TEXT)]),
                Line(),
                Line([("incident help feeds", KEY), ("  shows these, and Argo CD, ECS, Helm and Terraform", DIM)]),
            ]
        return [Line([("No feed tells of any change.", STRONG)]), Line(), *self._feeds()]

    # -- reading ------------------------------------------------------------------------------------------------

    @work(exclusive=True, group="changes", exit_on_error=False)
    async def _read(self) -> None:
        await self.engine.changes.read()
        self.draw_changes()
        self.draw_bands()

    @on(Lines.Moved, "#changes")
    def _moved(self) -> None:
        self._draw_detail(len(self.engine.changes.ranked(self._trouble())))

    # -- keys ---------------------------------------------------------------------------------------------------

    @on(Lines.Chosen, "#changes")
    @work(exit_on_error=False)
    async def action_change_details(self) -> None:
        """Show everything known of the change under the cursor."""
        row = self._row()
        if row is not None:
            await self.app.push_screen_wait(TextSheet(row.change.name, _everything(row, self._trouble())))

    @work(exit_on_error=False)
    async def action_put_on_timeline(self) -> None:
        """Put the change under the cursor onto the incident's timeline."""
        row = self._row()
        if row is None:
            return
        if not self._incident:
            self.say("No incident is open; enter on the alert opens one.")
            return
        try:
            await self.engine.changes.put(self.engine.incident(self._incident), row.change)
        except IncidentError as error:
            self.say_error(error)
        else:
            self.say(f"{row.change.name} is on the timeline.")

    def action_open_link(self) -> None:
        """Open the change's page where a browser can be opened, else copy its address."""
        row = self._row()
        if row is None:
            return
        link, environment = row.change.link, self.engine.parts.settings.environment
        if not _ADDRESS.match(link):
            self.say("This change has no link." if not link else f"This is no address: {link}")
            return
        here = sys.platform == "darwin" or any(environment.get(name) for name in _SCREENS)
        if here and not environment.get("SSH_CONNECTION") and not self.console.drill:
            self.app.open_url(link)
            self.say(f"Opened: {link}")
        else:
            self.app.copy_to_clipboard(link)
            self.say(f"No browser opens from here. Copied: {link}")

    def action_copy(self) -> None:
        """Copy the change under the cursor, on one line."""
        row = self._row()
        if row is not None:
            one = row.change
            was = f" (was {one.previous})" if one.previous else ""
            text = f"{when(one)}  {one.name}{was} {one.service} {one.title} {one.link}"
            self.app.copy_to_clipboard(" ".join(text.split()))
            self.say(f"Copied: {' '.join(text.split())}")

    def action_next_likely(self) -> None:
        """To the next change that is near."""
        if not self.query_one(ChangeList).next_where(lambda row: row.rank is not None and row.rank.likely):
            self.say("No change is likely.")

    @work(exit_on_error=False)
    async def action_filter(self) -> None:
        """Show only rows that hold these words."""
        sheet = LineSheet("Filter", "words that a row must hold; empty shows all", self._words, empty=True)
        words = await self.app.push_screen_wait(sheet)
        if words is not None:
            self._words = words
            self.draw_changes()

    @work(exclusive=True, group="changes", exit_on_error=False)
    async def action_refresh(self) -> None:
        """Ask every feed now."""
        await self.engine.changes.look_now()
        self.draw_changes()

    @work(exclusive=True, group="drift", exit_on_error=False)
    async def action_drift(self) -> None:
        """Ask for drift."""
        if self.engine.changes.on_request:
            self.say("Asking for drift; a plan takes a while. It changes nothing.")
        try:
            count = await asyncio.shield(self.engine.changes.look_for_drift())
        except IncidentError as error:
            self.say_error(error)
        else:
            self.say(f"{count} resources differ." if count else "Nothing differs.")

    def _row(self) -> ChangeRow | None:
        row = self.query_one(ChangeList).row
        if row is None:
            self.say("The cursor is not on a change.")
        return row


def _everything(row: ChangeRow, trouble: Trouble) -> str:
    """All that is known of a change, for reading."""
    one = row.change
    rank = row.rank.arithmetic if row.rank is not None else "none"
    lines = [
        ("when", when(one)),
        ("distance", trouble.distance(one)),
        ("from", one.previous or "not known"),
        ("to", one.version or "not known"),
        ("service", one.service or "not named"),
        ("by", one.by or "not named"),
        ("title", one.title or "none"),
        ("link", one.link or "none"),
        ("told by", one.source),
        ("rank", rank),
    ]
    return "\n".join([*(f"{name}: {text}" for name, text in lines), "", CAVEAT])
