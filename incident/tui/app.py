"""The console: owns the engine, the screens and the signal handlers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import subprocess
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from rich.segment import Segments
from rich.text import Text
from textual import on, work
from textual.app import App, SuspendNotSupported, SystemCommand
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from incident.core.alert import Alert
from incident.core.incident import Incident
from incident.core.redaction import Redactor
from incident.core.when import age
from incident.engine import Engine, Parts
from incident.engine.news import News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.announcer import Announcer
from incident.tui.asking import Asking
from incident.tui.messages import Told
from incident.tui.paint import Span
from incident.tui.palette import TypedCommand
from incident.tui.screens.alerts import AlertsScreen
from incident.tui.screens.approval import ApprovalSheet
from incident.tui.screens.place import Place
from incident.tui.screens.sheets import Pick, PickSheet
from incident.tui.theme import ALARM

if TYPE_CHECKING:
    from incident.game import Game
    from incident.tui.gameday import GameDay

WIDE = 110  # columns from which places show side by side
READING = 1.0  # seconds after the start in which a key is answered before anything is loaded ahead
DRILL_WANTED = "drill"  # the console's result when somebody asks for a drill


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the console begins."""

    runbook: str = ""  # on this runbook, with no alert
    crash_file: Path | None = None  # where a failure of the program itself is written down
    live_drill: str = ""  # the name of an exercise against the real outside


class Console(Asking):
    """The terminal console. `build` makes the engine's parts, on a thread, while the first frame is painted."""

    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS = App.COMMANDS | {lambda: TypedCommand}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual declares it so

    def __init__(self, build: Callable[[], Parts], opening: Opening | None = None, game: Game | None = None) -> None:
        super().__init__()
        self._build = build
        self._opening = opening or Opening()
        self.drill = game.name if game else ""
        self.live_drill = self._opening.live_drill
        self.game_day = self._day(game) if game else None
        self.ready = False
        self._painted = asyncio.Event()
        self._announcer = Announcer(self)

    @property
    def _background_screens(self) -> list[Screen[object]]:
        """Nothing shines through a place: Textual would repaint all of it whenever the one below it changes."""
        return [] if isinstance(self.screen, Place) else super()._background_screens

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: what the table of actions says can be done here."""
        if isinstance(screen, Place):
            for action in actions.on(screen.where):
                if action.id != "palette":
                    title = f"{action.name}  ({action.key})"
                    yield SystemCommand(title, action.help, getattr(screen, f"action_{action.id}"))

    # -- life ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Paint, and meanwhile read the configuration and the timeline."""
        self.heed_signals()
        self.push_screen(AlertsScreen())
        self.set_interval(1.0, self._beat)
        self.call_after_refresh(self._painted.set)
        self._begin()

    @work
    async def _begin(self) -> None:
        try:
            engine = Engine(await asyncio.to_thread(self._build))
            await engine.load()
            await self._painted.wait()
            engine.listen(self._tell)
            await engine.start()
            if self.game_day is not None:
                self.game_day.game.attach(engine)
            self._engine, self.ready = engine, True
            for notice in engine.log.notices:
                self.notify(notice, severity="warning", markup=False, timeout=15)
            self.set_timer(READING, self._load_ahead)
            self._beat()
            for screen in self.screen_stack:
                if isinstance(screen, AlertsScreen):
                    screen.draw_alerts()
            if self._opening.runbook:
                self.open_incident(await engine.open_on_runbook(self._opening.runbook))
            elif not self.drill and engine.log.open_incidents():
                await self._offer_open()
        except IncidentError as error:
            self.exit(return_code=error.exit_code, message=f"incident: {error}")

    @work(exit_on_error=False, group="load")
    async def _load_ahead(self) -> None:
        """Load what the first `enter` needs while the person still reads what fires."""
        for module in ("incident.core.runbook.read", "incident.tui.screens.respond"):
            await asyncio.to_thread(import_module, module)

    def _tell(self, news: News) -> None:
        self.post_message(Told(news))

    async def _offer_open(self) -> None:
        count = len(self.engine.log.open_incidents())
        words = "This incident is still open, as it was." if count == 1 else f"{count} incidents are still open."
        identity = await self.pick_incident(f"{words} esc shows the alerts.")
        if identity is not None:
            self.open_incident(identity)

    async def on_unmount(self) -> None:
        """Let go of the engine."""
        if self._engine is not None:
            await self._engine.stop()

    def _beat(self) -> None:
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, Place) and screen.is_there:
            screen.beat()
        if self.game_day is not None and self.ready:
            self._facilitate(self.game_day)

    @work(exit_on_error=False, group="facilitate")
    async def _facilitate(self, day: GameDay) -> None:
        await day.beat()

    def _day(self, game: Game) -> GameDay:
        from incident.tui.gameday import GameDay  # what a drill needs costs no other start anything

        return GameDay(self, game)

    def exercise_band(self) -> list[tuple[int, list[Span]]]:
        """What the band says of an exercise; nothing in a real incident."""
        if self.live_drill:
            return [(0, [(f" LIVE DRILL {self.live_drill} ", ALARM)])]
        return self.game_day.band() if self.game_day is not None else []

    @on(Told)
    def _told(self, told: Told) -> None:
        self._announcer.hear(told.news)
        for screen in list(self.screen_stack):
            if (isinstance(screen, Place) and screen.is_there) or isinstance(screen, ApprovalSheet):
                screen.heard(told.news)

    @on(Worker.StateChanged)
    def worker_changed(self, changed: Worker.StateChanged) -> None:
        """A failure of our own on the side: it does not end the console, and it is not kept secret either."""
        error = changed.worker.error
        if changed.state is WorkerState.ERROR and error is not None:
            place = self._write_crash("".join(traceback.format_exception(error)))
            self.notify(f"Something broke inside; nothing that was recorded is lost. {place}", severity="error",
                        markup=False, timeout=10)  # fmt: skip

    def _fatal_error(self) -> None:
        """A failure of our own: Textual's page would print the values of variables, tokens among them."""
        words = "incident: something broke inside. Everything that was recorded is on disk. Start again to go on."
        place = self._write_crash(traceback.format_exc())
        text = Text(f"{words}\n{place}".strip())
        self._exit_renderables.append(Segments(self.console.render(text, self.console.options)))
        self._close_messages_no_wait()

    def _write_crash(self, text: str) -> str:
        """Write down what broke; where it is, in words."""
        place = self._opening.crash_file
        if place is None:
            return ""
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with place.open("a", encoding="utf-8") as file:
                file.write(Redactor().text(text))
            return f"What broke is written down in {place}; please report it."
        return ""

    # -- going places -------------------------------------------------------------------------------------------

    def open_incident(self, identity: str) -> None:
        """Show an incident's checklist."""
        from incident.tui.screens.respond import RespondScreen

        self.go(RespondScreen(identity))

    def go(self, place: Place) -> None:
        """Show a place above home; places of one incident stand on each other at most once."""
        while len(self.screen_stack) > 2 and type(self.screen_stack[-1]) is type(place):
            self.pop_screen()
        self.push_screen(place)

    async def which_incident(self, alert: Alert) -> str | None:
        """The incident for an alert: its own, one that is open if the person says so, else a new one."""
        own = self.engine.incident_of(alert)
        if own is not None:
            return own.id
        others = self.engine.log.open_incidents()
        if others:
            picks = [Pick("", "a new incident", f"for {alert.title}")]
            picks += [Pick(i.id, f"part of {i.id}", _about(i, self.engine)) for i in others]
            picked = await self.push_screen_wait(PickSheet("Respond to this alert as", picks))
            if picked is None:
                return None
            if picked:
                await self.engine.join(picked, alert)
                return picked
        return await self.engine.open(alert)

    async def pick_incident(self, question: str = "") -> str | None:
        """One of the open incidents."""
        known = self.engine.log.open_incidents() if self.ready else []
        if not known:
            self.notify("No incident is open.", markup=False)
            return None
        picks = [Pick(i.id, i.id, _about(i, self.engine)) for i in known]
        return await self.push_screen_wait(PickSheet("Open incidents", picks, question, in_columns=True))

    async def pick_runbook(self) -> str | None:
        """One of the runbooks under the roots."""
        listing = await asyncio.to_thread(self.engine.parts.shelf.listing)
        if not listing:
            self.notify(
                "There are no runbooks: `runbooks: FOLDER` in the configuration names their folder.", markup=False
            )
            return None
        picks = [Pick(item.path, item.path, item.headings[0][1] if item.headings else "") for item in listing]
        return await self.push_screen_wait(PickSheet("Which runbook?", picks))

    async def edit(self, identity: str, location: str, line: int) -> bool:
        """Open a runbook in the editor on the real terminal; whether it was opened."""
        if self.drill or self.engine.read_only:
            why = "A drill plays the runbooks as they are" if self.drill else "Read-only"
            self.notify(f"{why}: nothing is edited here.", markup=False)
            return False
        if not self.open_editor(location, line):
            return False
        await self.read_again(identity)
        return True

    def open_editor(self, location: str, line: int) -> bool:
        """Open a file in the person's editor on the real terminal; whether it was opened."""
        editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
        try:
            self._on_real_terminal([*editor, f"+{line}", location])
        except SuspendNotSupported:
            self.notify(f"No editor can be opened from here; the file is {location}", markup=False, timeout=10)
            return False
        except OSError as broken:
            self.notify(f"{editor[0]} does not start: {broken.strerror}. $EDITOR names another one.", markup=False)
            return False
        return True

    def _on_real_terminal(self, argv: list[str]) -> None:
        """Run the person's own editor; the screen waits. Raises SuspendNotSupported, OSError."""
        with self.suspend():
            subprocess.run(argv, check=False)  # noqa: S603 - what $EDITOR says

    async def read_again(self, identity: str) -> None:
        """Read the runbook in use again; ticks stay with their steps, a changed command voids its own."""
        path = self.engine.incident(identity).runbook
        if not path:
            return
        try:
            await self.engine.runbooks.use(identity, path, "read again")
        except IncidentError as error:
            self.notify(str(error), severity="error", markup=False)

    # -- the way out --------------------------------------------------------------------------------------------

    @work(exit_on_error=False)
    async def leave(self) -> None:
        """Leave; with a command running, ask what becomes of it."""
        running = self.engine.commands.running if self.ready else []
        if running:
            picks = [
                Pick("stay", "stay", "and see it end"),
                Pick("stop", "stop it and leave", "INT, then TERM, then KILL, to everything it started"),
                Pick("go", "leave it running", "the next start shows it again, with its output and its end"),
            ]
            picked = await self.push_screen_wait(PickSheet("A command is running", picks))
            if picked in (None, "stay"):
                return
            if picked == "stop":
                await self._stop_all(running)
            else:
                for run in running:
                    await self.engine.commands.leave(run)
        unsaved = len(self.engine.log.unsaved) if self.ready else 0
        if unsaved:
            picks = [
                Pick("stay", "stay", "they are saved as soon as the disk takes them"),
                Pick("go", "leave all the same", "what could not be saved is printed when the screen is gone"),
            ]
            if await self.push_screen_wait(PickSheet(f"Not saved: {unsaved} of your events", picks)) != "go":
                return
        if self.game_day is None or not self.ready or await self.game_day.end():
            self.exit()

    async def _stop_all(self, running: Sequence[str]) -> None:
        for run in running:
            try:
                await self.engine.commands.stop(run)
            except IncidentError as error:
                self.notify(str(error), severity="error", markup=False)

    def play_drill(self) -> None:
        """Leave this console for a drill."""
        if self.drill:
            self.notify("This is a drill already.", markup=False)
        else:
            self.exit(result=DRILL_WANTED)


def _about(incident: Incident, engine: Engine) -> str:
    opened = f"  {age(engine.now() - incident.opened_at):>3}" if incident.opened_at else ""
    return f"{incident.severity}{opened}  {incident.title}"
