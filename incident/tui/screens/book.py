"""The runbook of an incident as a checklist: read once, watched on disk, read again when the person asks for it."""

from __future__ import annotations

from textual import work

from incident.core.command import Filled
from incident.core.runbook import Command, Runbook
from incident.engine.preflights import Asked
from incident.errors import IncidentError
from incident.tui.paint import Line
from incident.tui.screens.place import IncidentPlace
from incident.tui.theme import AMBER, DIM, STRONG
from incident.tui.widgets import watching
from incident.tui.widgets.checklist import Checklist
from incident.tui.widgets.lines import Fixed, Lines


class Book(IncidentPlace):
    """A place with an incident's runbook; `#head` names it, the checklist shows it."""

    def __init__(self, identity: str) -> None:
        super().__init__(identity)
        self.runbook: Runbook | None = None
        self._stale = False  # the file is not what was read

    def draw_all(self) -> None:
        """Everything, from the engine's state."""
        self.draw_bands()
        self.draw_checklist()

    def draw_checklist(self) -> None:
        """The steps as they stand."""
        head = self.query_one("#head", Lines)
        if self.runbook is None:
            path = self.incident.runbook
            words = f"{path} is being read…" if path else "No runbook was found for sure. b picks one; n writes a note."
            head.show([Fixed(Line([(words, DIM)]))])
            return
        checklist = self.query_one(Checklist)
        proposed = self.engine.proposals.of(self.identity)
        seen = {one.step.id: one.words for one in proposed if one.step is not None}
        known = self.engine.escalation.dues(self.identity)
        notes = {one.rule.line: watching.note(one) for one in known if one.rule.line}
        checklist.draw(self.runbook, self.incident, self._filled, seen, notes)
        done, total = checklist.progress
        name = self.runbook.path.rpartition("/")[2]
        changed = [("    changed on disk: r reads it", AMBER)] if self._stale else []
        head.show([Fixed(Line([(name, STRONG), (f"    {done} of {total} done", DIM), *changed]))])

    def _filled(self, command: Command) -> tuple[Filled, ...]:
        inputs = self.runbook.inputs if self.runbook else ()
        asked = Asked(self.incident, "", None, self.engine.changes.known, None, inputs)
        return self.engine.commands.preflights.parameters(command, asked)

    @work(exclusive=True, group="runbook", exit_on_error=False)
    async def read_runbook(self) -> None:
        """Read the runbook in use and the changes that may fill its parameters."""
        try:
            self.runbook = await self.engine.runbooks.of(self.identity)
        except IncidentError as error:
            self.query_one("#head", Lines).show([Fixed(Line([(str(error), AMBER)]))])
            self.say_error(error)
            return
        self._stale = False
        await self.engine.escalation.look(self.identity)
        self.draw_all()
        if place := self.engine.parts.desk.left(f"{self.identity} place"):
            self.query_one(Checklist).select(place)
        await self.engine.changes.read()
        self.draw_checklist()

    @work(exclusive=True, group="file", exit_on_error=False)
    async def look_at_file(self) -> None:
        """Say so when the runbook changed on disk; it is only read again when the person asks for it."""
        stale = await self.engine.runbooks.changed_on_disk(self.identity)
        if stale != self._stale:
            self._stale = stale
            self.draw_checklist()

    @work(exit_on_error=False)
    async def action_pick_runbook(self) -> None:
        """Open another runbook in this incident."""
        path = await self.console.pick_runbook()
        if path is None:
            return
        try:
            self.runbook = await self.engine.runbooks.use(self.identity, path, "chosen by you")
        except IncidentError as error:
            self.say_error(error)
        self.draw_all()

    @work(exit_on_error=False)
    async def action_refresh(self) -> None:
        """Ask the sources now, and read the runbook again."""
        self.engine.watch.look_now()
        await self.console.read_again(self.identity)
        self.read_runbook()

    def action_read(self) -> None:
        """Read the runbook as it is written, from where the cursor is."""
        from incident.tui.screens.reading import ReadingScreen

        if not self.incident.runbook:
            self.say("No runbook is open; b picks one.")
            return
        self.console.go(ReadingScreen(self.identity, self.query_one(Checklist).line))

    @work(exit_on_error=False)
    async def action_edit(self) -> None:
        """Open the runbook in the editor at the cursor's line."""
        try:
            _, location = await self.engine.runbooks.page(self.identity)
        except IncidentError as error:
            self.say_error(error)
            return
        if await self.console.edit(self.identity, location, self.query_one(Checklist).line):
            self.read_runbook()
