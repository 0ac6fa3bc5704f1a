"""What the four places share: the band, the foot, the news, and the keys that work everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on
from textual.screen import Screen
from textual.worker import Worker

from incident.core.alert import Severity
from incident.core.incident import Incident
from incident.core.text import shorten
from incident.core.when import age, clock, duration
from incident.engine import Engine
from incident.engine.news import News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.paint import Span
from incident.tui.theme import ALARM, AMBER, DIM, DRILL, GOOD, PAGE, RED, STRONG
from incident.tui.widgets.bands import Band, Foot

if TYPE_CHECKING:
    from incident.tui.app import Console


class Place(Screen[None]):
    """A screen with a band on top and keys at the foot. `where` is its name in the table of actions."""

    AUTO_FOCUS = "Lines"
    where = ""

    @property
    def console(self) -> Console:
        """The application."""
        from incident.tui.app import Console

        return cast(Console, self.app)

    @property
    def engine(self) -> Engine:
        """The engine; screens are only asked for it once it is there."""
        return self.console.engine

    @property
    def is_there(self) -> bool:
        """Composed, and not on its way out: only then can news be painted."""
        return self.is_mounted and bool(self.query(Foot))

    @on(Worker.StateChanged)
    def _worker_changed(self, changed: Worker.StateChanged) -> None:
        """A worker tells the screen that began it, and nobody else."""
        self.console.worker_changed(changed)

    # -- what a place does itself -------------------------------------------------------------------------------

    def heard(self, news: News) -> None:
        """Something happened; paint what it touches."""

    def beat(self) -> None:
        """A second went by."""
        self.draw_bands()

    def draw_bands(self) -> None:
        """Paint the band and the foot."""
        self.query_one(Foot).show(actions.foot(self.where))

    # -- parts --------------------------------------------------------------------------------------------------

    def band(self, parts: list[tuple[int, list[Span]]]) -> None:
        """Paint the band: drill and trouble first, then `parts`, the clock at the right."""
        first: list[tuple[int, list[Span]]] = []
        if self.console.drill:
            first.append((0, [(f" DRILL {self.console.drill} ", DRILL)]))
        if self.console.ready and self.engine.log.trouble is not None:
            count = len(self.engine.log.unsaved)
            safe = ", kept on another disk" if self.engine.log.refuge else ""
            first.append((0, [(f" NOT SAVED: {count} events{safe} ", ALARM)]))
        right: list[Span] = []
        if self.console.ready:
            if self.engine.read_only:
                right.append(("read-only  ", AMBER))
            right += [(clock(self.engine.now()), STRONG), (" UTC", DIM)]
        self.query_one(Band).show([*first, *parts], right)

    def sources(self) -> list[Span]:
        """How the sources do: a green dot, or since when a lost one has been silent."""
        spans: list[Span] = []
        for status in self.engine.watch.board.statuses.values():
            name = shorten(status.name, 24)
            if status.ok:
                spans += [("● ", GOOD), (f"{name}  ", DIM)]
            else:
                since = f" {age(self.engine.now() - status.seen)} old" if status.seen else ""
                spans += [("✗ ", RED), (f"{name}{since}  ", AMBER)]
        return spans

    def counts(self) -> list[tuple[int, list[Span]]]:
        """Pages and tickets that fire."""
        board = self.engine.watch.board
        statuses = (board.statuses.get(source.name) for source in self.engine.parts.alerts)
        if not any(status is not None and status.seen for status in statuses):
            return [(1, [("alerts unknown", AMBER)])] if self.engine.parts.alerts else []
        pages, tickets = board.count(Severity.PAGE), board.count(Severity.TICKET)
        parts: list[tuple[int, list[Span]]] = [
            (1, [(f"▲ {pages} page{'' if pages == 1 else 's'}", PAGE if pages else DIM)]),
            (3, [(f"● {tickets} ticket{'' if tickets == 1 else 's'}", AMBER if tickets else DIM)]),
        ]
        if board.muted:
            parts.append((5, [(f"{board.muted} silenced", DIM)]))
        return parts

    def say(self, text: str, *, bad: bool = False) -> None:
        """A short message at the corner; foreign text in it is text."""
        self.app.notify(text, severity="error" if bad else "information", markup=False, timeout=8 if bad else 4)

    def say_error(self, error: IncidentError) -> None:
        """What happened, and what to do next."""
        self.say(str(error), bad=True)

    # -- keys that work everywhere ------------------------------------------------------------------------------

    def action_palette(self) -> None:
        """Find anything by its name."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """What every key does here."""
        from incident.tui.screens.help import HelpSheet

        self.app.push_screen(HelpSheet(self.where))

    def action_leave(self) -> None:
        """Leave the console, after asking when a command runs."""
        self.console.leave()

    def action_back(self) -> None:
        """Go back to where you came from."""
        self.app.pop_screen()


class IncidentPlace(Place):
    """A place within one incident."""

    def __init__(self, identity: str) -> None:
        super().__init__()
        self.identity = identity

    @property
    def incident(self) -> Incident:
        """The incident's state now."""
        return self.engine.incident(self.identity)

    def incident_parts(self) -> list[tuple[int, list[Span]]]:
        """Name, severity, how long it has been open, who leads."""
        incident = self.incident
        parts: list[tuple[int, list[Span]]] = [(0, [(incident.id, STRONG)]), (2, [(incident.severity, AMBER)])]
        if incident.opened_at is not None:
            end = incident.closed_at or self.engine.now()
            word = "closed after " if incident.closed_at else "open "
            parts.append((1, [(word, DIM), (duration(end - incident.opened_at), STRONG)]))
        firing = len(incident.firing)
        if incident.alerts:
            state = (f"▲ {firing} firing", PAGE) if firing else ("✓ alerts over", GOOD)
            parts.append((3, [state]))
        lead = next((person for person, role in incident.people.items() if role == "lead"), "")
        if lead:
            parts.append((4, [("lead ", DIM), ("you" if lead == self.engine.person else lead, DIM)]))
        return parts

    def remark(self, kind: str) -> None:
        """Ask for one line and put it on the timeline."""
        self.console.ask_remark(self.identity, kind)

    def action_note(self) -> None:
        """Write a note."""
        self.remark("note")

    def action_finding(self) -> None:
        """Write down what you believe."""
        self.remark("finding")

    def action_decision(self) -> None:
        """Write down what was decided."""
        self.remark("decision")

    def action_update(self) -> None:
        """Write down an update that was sent."""
        self.remark("update")

    def action_milestone(self) -> None:
        """Set a milestone."""
        self.console.ask_milestone(self.identity)

    def action_export(self) -> None:
        """Write the post-mortem draft to a file."""
        self.console.export(self.identity)

    def action_timeline(self) -> None:
        """Show the whole timeline."""
        from incident.tui.screens.timeline import TimelineScreen

        self.console.go(TimelineScreen(self.identity))

    def action_review(self) -> None:
        """Show the post-mortem as it would be exported now."""
        from incident.tui.screens.review import ReviewScreen

        self.console.go(ReviewScreen(self.identity))
