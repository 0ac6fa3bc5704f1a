"""What the four places share: the band, the foot, the news, and the keys that work everywhere."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from textual import on, work
from textual.worker import Worker

from incident.core.alert import Alert, Severity
from incident.core.incident import Incident
from incident.core.text import shorten
from incident.core.when import age, clock, duration
from incident.engine import Engine
from incident.engine.news import News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.paint import Span
from incident.tui.screens.exercise import ExerciseKeys
from incident.tui.theme import ALARM, AMBER, DIM, GOOD, PAGE, RED, STRONG
from incident.tui.widgets.alert_list import AlertList
from incident.tui.widgets.bands import Band, Foot

if TYPE_CHECKING:
    from incident.tui.app import Console


class Place(ExerciseKeys):
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
        first += self.console.exercise_band()
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

    # -- what stands behind a key of its own --------------------------------------------------------------------

    def concerned(self) -> tuple[str | None, Alert | None]:
        """The incident and the alert that what is opened from here is about: those under the cursor, if any."""
        lists = self.query(AlertList)
        row = lists.first().row if lists else None
        if row is None:
            return None, None
        incident = self.engine.incident_of(row.alert)
        return incident.id if incident else None, row.alert

    def show(self, module: str, name: str) -> None:
        """Show a screen of `incident.tui.screens` about what is under the cursor; it is loaded when it is wanted."""
        if not self.console.ready:
            self.say("Still starting; one moment.")
            return
        screen = getattr(import_module(f"incident.tui.screens.{module}"), name)(*self.concerned())
        if isinstance(screen, Place):
            self.console.go(screen)
        else:
            self.app.push_screen(screen)

    def action_signals(self) -> None:
        """Show the golden signals."""
        self.show("signals", "SignalsScreen")

    def action_take_start(self) -> None:
        """Take the start that the data show."""
        import_module("incident.tui.screens.signals").take_start(self, *self.concerned())

    def action_changes(self) -> None:
        """Show what changed."""
        self.show("changes", "ChangesScreen")

    def action_budget(self) -> None:
        """Show the error budget."""
        self.show("budget", "BudgetSheet")

    def action_handover(self) -> None:
        """Show the note for whoever takes over."""
        self.show("handover", "HandoverSheet")

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

    def concerned(self) -> tuple[str | None, Alert | None]:
        """This incident, and its first alert."""
        first = next(iter(self.incident.alerts.values()), None)
        return self.identity, first.as_alert() if first else None

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
        if said := self._since_update():
            parts.append(said)
        lead = next((person for person, role in incident.people.items() if role == "lead"), "")
        if lead:
            parts.append((4, [("lead ", DIM), ("you" if lead == self.engine.person else lead, DIM)]))
        return parts

    def _since_update(self) -> tuple[int, list[Span]] | None:
        """The time since the last update, loud when the next one is due; None where nobody waits for any."""
        known = self.engine.escalation.communication(self.identity)
        if known.unsure is not None:
            return 1, [("update: outcome unknown", AMBER)]
        now = self.engine.now()
        late = known.next_update is not None and now >= known.next_update
        if known.last_update is not None:
            return 2 if late else 5, [("update ", DIM), (f"{age(now - known.last_update)} ago", AMBER if late else DIM)]
        return (2, [("no update yet", AMBER)]) if late else None

    def remark(self, kind: str, ready: str = "") -> None:
        """Ask for one line and put it on the timeline; `ready` is a text that can be copied meanwhile."""
        self.console.ask_remark(self.identity, kind, ready=ready)

    def action_note(self) -> None:
        """Write a note."""
        self.remark("note")

    def action_finding(self) -> None:
        """Write down what you believe."""
        self.remark("finding")

    def action_decision(self) -> None:
        """Write down what was decided."""
        self.remark("decision")

    @work(exit_on_error=False)
    async def action_update(self) -> None:
        """Read an update and send it; without a webhook, write down one that was said elsewhere."""
        from incident.tui.screens.telling import drafted, safely, update

        if self.engine.updates.can_send:
            await safely(self.console, update(self.console, self.identity))
        else:
            self.remark("update", await drafted(self.engine, self.identity))

    @work(exit_on_error=False)
    async def action_milestone(self) -> None:
        """Accept a milestone that is proposed, or set one."""
        from incident.tui.screens.telling import milestone, safely

        await safely(self.console, milestone(self.console, self.identity))

    @work(exit_on_error=False)
    async def action_escalation(self) -> None:
        """Show whom to tell, and when."""
        from incident.tui.screens.telling import escalation, safely

        await safely(self.console, escalation(self.console, self.identity))

    def action_join(self) -> None:
        """Say who joined."""
        self.console.ask_join(self.identity)

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
