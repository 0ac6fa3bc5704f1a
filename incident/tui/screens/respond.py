"""Respond: the runbook as a checklist, with signals, timeline and output beside it."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from incident.core.checklist import Standing, next_step, other_ways, standing, standing_of_branch
from incident.core.command import Filled
from incident.core.facts import Tick
from incident.core.incident import AlertRecord
from incident.core.runbook import Branch, Command, Runbook, Step
from incident.core.signals import Signal
from incident.core.timeline import rows
from incident.engine.news import AlertsSeen, IncidentChanged, News, OutputCame
from incident.engine.preflights import Asked
from incident.errors import IncidentError, SourceError
from incident.tui import actions
from incident.tui.paint import Line
from incident.tui.screens.place import IncidentPlace
from incident.tui.screens.running import RunFlow
from incident.tui.theme import AMBER, DIM, STRONG
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.checklist import Checklist
from incident.tui.widgets.lines import Fixed, Lines
from incident.tui.widgets.output import OutputPane
from incident.tui.widgets.side import Side, Strip
from incident.tui.widgets.timeline_list import NEWEST


class RespondScreen(IncidentPlace):
    """One incident's checklist and what stands beside it."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.RESPOND))
    where = actions.RESPOND

    def __init__(self, identity: str) -> None:
        super().__init__(identity)
        self._runbook: Runbook | None = None
        self._signals: tuple[Signal, ...] = ()
        self._no_signals = ""
        self._stale = False  # the runbook's file is not what was read

    def compose(self) -> ComposeResult:
        """The band; the checklist and the side; the output; the keys."""
        yield Band()
        yield Strip()
        with Horizontal(id="middle"):
            with Vertical(id="book"):
                yield Lines(id="head", cursor=False)
                yield Checklist()
            yield Side()
        yield OutputPane()
        yield Foot()

    def on_mount(self) -> None:
        """Read the runbook, then paint everything."""
        self.query_one(Checklist).focus()
        self.query_one("#head").can_focus = False
        self.draw_all()
        self.read_runbook()
        self.read_signals()

    def on_screen_resume(self) -> None:
        """Coming back from the timeline or the draft."""
        self.draw_all()

    def on_resize(self) -> None:
        """The strip and the side depend on the width."""
        self.draw_side()
        self.draw_output()

    # -- painting -----------------------------------------------------------------------------------------------

    def heard(self, news: News) -> None:
        """New events, output, alerts."""
        match news:
            case IncidentChanged(incident) if incident == self.identity:
                self.draw_all()
            case OutputCame():
                self.draw_output()
            case AlertsSeen():
                self.read_signals()
            case _:
                self.draw_bands()

    def beat(self) -> None:
        """Ages grow; running times too; and somebody may have edited the runbook."""
        self.draw_bands()
        self.draw_output()
        self.look_at_file()

    def draw_all(self) -> None:
        """Everything, from the engine's state."""
        self.draw_bands()
        self.draw_checklist()
        self.draw_side()
        self.draw_output()

    def draw_bands(self) -> None:
        """The incident."""
        self.band(self.incident_parts())
        enter, *others = actions.foot(self.where)
        self.query_one(Foot).show([(enter[0], self._enter_does()), *others])

    def _enter_does(self) -> str:
        """What enter does on the line under the cursor."""
        checklist = self.query_one(Checklist)
        if checklist.section is not None:
            return "take this way"
        if checklist.step is not None:
            return "run" if checklist.step.commands else "tick"
        return "unfold" if checklist.selected.startswith("prose:") else "do"

    def draw_checklist(self) -> None:
        """The steps as they stand."""
        head = self.query_one("#head", Lines)
        if self._runbook is None:
            path = self.incident.runbook
            words = f"{path} is being read…" if path else "No runbook was found for sure. b picks one; n writes a note."
            head.show([Fixed(Line([(words, DIM)]))])
            return
        checklist = self.query_one(Checklist)
        checklist.draw(self._runbook, self.incident, self._filled)
        done, total = checklist.progress
        name = self._runbook.path.rpartition("/")[2]
        changed = [("    changed on disk: r reads it", AMBER)] if self._stale else []
        head.show([Fixed(Line([(name, STRONG), (f"    {done} of {total} done", DIM), *changed]))])

    def _filled(self, command: Command) -> tuple[Filled, ...]:
        inputs = self._runbook.inputs if self._runbook else ()
        asked = Asked(self.incident, "", None, self.engine.watch.known_changes, None, inputs)
        return self.engine.commands.preflights.parameters(command, asked)

    def draw_side(self) -> None:
        """Signals, changes and the newest rows: beside the checklist, or as a strip where it is narrow."""
        incident, events = self.incident, self.engine.log.events(self.identity)
        unsaved = {event.id for event in self.engine.log.unsaved}
        self.query_one(Side).draw(incident, events, unsaved, self._signals, self._no_signals)
        self.query_one(Strip).draw(incident, self._signals, self._no_signals)

    def draw_output(self) -> None:
        """What the last command printed, or that nothing runs."""
        pane = self.query_one(OutputPane)
        commands = list(self.incident.commands.values())
        if commands:
            last = commands[-1]
            output = self.engine.commands.outputs.get(last.started.run)
            pane.draw_run(last, output, self.engine.now(), self.size.height // 3)
        elif self.has_class("-narrow"):
            newest = rows(self.engine.log.events(self.identity)[-NEWEST:])[-1]
            pane.styles.height = 2
            pane.draw("Timeline", "t shows all", [f"{newest.time} {newest.line}"])
        else:
            pane.styles.height = 4
            words = "enter shows the exact command, where it would run and as whom. y copies it instead."
            pane.draw("Ready", "nothing runs until you have read it", ["", words])

    # -- reading ------------------------------------------------------------------------------------------------

    @work(exclusive=True, group="runbook", exit_on_error=False)
    async def read_runbook(self) -> None:
        """Read the runbook in use and the changes that may fill its parameters."""
        try:
            self._runbook = await self.engine.runbook(self.identity)
        except IncidentError as error:
            self.query_one("#head", Lines).show([Fixed(Line([(str(error), AMBER)]))])
            self.say_error(error)
            return
        self._stale = False
        self.draw_all()
        if place := self.engine.parts.desk.left(f"{self.identity} place"):
            self.query_one(Checklist).select(place)
        await self.engine.watch.changes()
        self.draw_checklist()

    @work(exclusive=True, group="file", exit_on_error=False)
    async def look_at_file(self) -> None:
        """Say so when the runbook changed on disk; it is only read again when the person asks for it."""
        stale = await self.engine.changed_on_disk(self.identity)
        if stale != self._stale:
            self._stale = stale
            self.draw_checklist()

    @work(exclusive=True, group="signals", exit_on_error=False)
    async def read_signals(self) -> None:
        """Ask for the signals of the incident's first alert."""
        records: list[AlertRecord] = list(self.incident.alerts.values())
        if not records or self.engine.parts.signals is None:
            return
        try:
            self._signals, self._no_signals = await self.engine.signals(records[0].as_alert()), ""
        except SourceError as failed:
            self._no_signals = failed.what
        self.draw_side()

    # -- keys: steps --------------------------------------------------------------------------------------------

    @on(Lines.Moved, "#checklist")
    def _moved(self) -> None:
        self.engine.parts.desk.leave(f"{self.identity} place", self.query_one(Checklist).selected)
        self.draw_bands()

    @on(Lines.Chosen, "#checklist")
    def _clicked(self) -> None:
        self.action_act()

    def action_act(self) -> None:
        """Do what stands under the cursor."""
        checklist = self.query_one(Checklist)
        section, step = checklist.section, checklist.step
        if section is not None and section.branch is not None:
            self._choose(section.branch)
        elif step is not None and step.commands:
            self._run_from(step)
        elif step is not None:
            self.action_tick()
        elif not checklist.toggle_prose():
            self.say("There is nothing to do on this line.")

    def action_tick(self) -> None:
        """Tick the step, or take its tick back."""
        self._tick(Tick.DONE)

    def action_skip(self) -> None:
        """Mark the step as skipped."""
        self._tick(Tick.SKIPPED)

    def action_not_applicable(self) -> None:
        """Mark the step as not applicable."""
        self._tick(Tick.NOT_APPLICABLE)

    @work(exit_on_error=False)
    async def _tick(self, tick: Tick) -> None:
        checklist = self.query_one(Checklist)
        step = checklist.step
        if step is None:
            if not checklist.toggle_prose():
                self.say("The cursor is not on a step.")
            return
        stands = standing(step, self.incident)
        try:
            if stands in (Standing.OPEN, Standing.UNDECIDED, Standing.NOT_TAKEN):
                await self.engine.response.tick(self.identity, step, tick)
                self._go_on(step)
            else:
                await self.engine.response.untick(self.identity, step)
        except IncidentError as error:
            self.say_error(error)

    def _go_on(self, step: Step) -> None:
        """After a tick the cursor goes to what is next: the next open step, or the fork before it."""
        checklist = self.query_one(Checklist)
        keys = checklist.keys
        at = keys.index(f"step:{step.id}") if f"step:{step.id}" in keys else -1
        undecided = {
            f"fork:{section.branch.id}"
            for section in (self._runbook.sections if self._runbook else ())
            if section.branch and standing_of_branch(section.branch, self.incident) is Standing.UNDECIDED
        }
        following = next_step(self._runbook, self.incident, step.id) if self._runbook else None
        wanted = undecided | ({f"step:{following.id}"} if following else set())
        target = next((key for key in keys[at + 1 :] if key in wanted), "")
        if target:
            checklist.select(target)

    @work(exit_on_error=False)
    async def _choose(self, branch: Branch) -> None:
        runbook = self._runbook
        if runbook is None:
            return
        if standing_of_branch(branch, self.incident) is not Standing.OPEN:
            try:
                await self.engine.response.choose(self.identity, branch, other_ways(runbook, branch))
            except IncidentError as error:
                self.say_error(error)
                return
        first = next((s for s in runbook.steps if s.branch and s.branch.id == branch.id), None)
        if first is not None:
            self.query_one(Checklist).select(f"step:{first.id}")

    @work(exit_on_error=False)
    async def action_undo(self) -> None:
        """Take back the last tick or choice."""
        taken_back = await self.engine.response.undo(self.identity)
        self.say("Taken back; both are on the timeline." if taken_back else "There is no tick or choice to take back.")

    def action_next_section(self) -> None:
        """To the next section."""
        self.query_one(Checklist).jump(1)

    def action_previous_section(self) -> None:
        """To the section before."""
        self.query_one(Checklist).jump(-1)

    def action_next_pane(self) -> None:
        """Between the checklist, the timeline and the output."""
        panes: list[Widget] = [self.query_one(Checklist), self.query_one("#recent"), self.query_one(OutputPane)]
        shown = [pane for pane in panes if pane.display and pane.region.area]
        at = shown.index(self.focused) if self.focused in shown else -1
        shown[(at + 1) % len(shown)].focus()

    # -- keys: commands -----------------------------------------------------------------------------------------

    @work(exit_on_error=False)
    async def _run_from(self, step: Step) -> None:
        if self._runbook is None:
            return
        try:
            await RunFlow(self.console, self.identity, self._runbook).run(step)
        except IncidentError as error:
            self.say_error(error)

    def action_type_command(self) -> None:
        """Run a command that stands in no runbook."""
        self.console.ask_command(self.identity)

    @work(exit_on_error=False)
    async def action_attach(self) -> None:
        """Count the last command that was typed by hand to the step under the cursor."""
        step = self.query_one(Checklist).step
        if step is None:
            self.say("The cursor is not on a step.")
            return
        try:
            text = await self.engine.attach_to_step(self.identity, step)
        except IncidentError as error:
            self.say_error(error)
        else:
            self.say(f"{text} belongs to this step from now on.")

    def action_stop_command(self) -> None:
        """Stop the running command."""
        running = [run for run in self.engine.commands.running if run in self.incident.commands]
        if not running:
            self.say("Nothing is running.")
        else:
            self._stop(running[-1])

    @work(exit_on_error=False)
    async def _stop(self, run: str) -> None:
        try:
            await self.engine.commands.stop(run)
        except IncidentError as error:
            self.say_error(error)

    # -- keys: the rest -----------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the command under the cursor, else the step's text."""
        step = self.query_one(Checklist).step
        if step is None or self._runbook is None:
            self.say("There is nothing to copy here.")
            return
        text = self._runbook.commands[step.commands[0]].text if step.commands else step.text
        if step.commands:
            for parameter in self._filled(self._runbook.commands[step.commands[0]]):
                text = text.replace(parameter.placeholder, parameter.value) if parameter.ready else text
        self.app.copy_to_clipboard(text)
        self.say(f"Copied: {text}")

    @work(exit_on_error=False)
    async def action_pick_runbook(self) -> None:
        """Open another runbook in this incident."""
        path = await self.console.pick_runbook()
        if path is None:
            return
        try:
            self._runbook = await self.engine.use_runbook(self.identity, path, "chosen by you")
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
            _, location = await self.engine.page(self.identity)
        except IncidentError as error:
            self.say_error(error)
            return
        if await self.console.edit(self.identity, location, self.query_one(Checklist).line):
            self.read_runbook()

    @work(exit_on_error=False)
    async def action_close_incident(self) -> None:
        """Close the incident, or open it again."""
        if self.incident.is_open:
            await self.engine.response.close(self.identity)
            self.say("Closed. C opens it again; x writes the post-mortem.")
        else:
            await self.engine.response.reopen(self.identity)
            self.say("Open again.")

    def action_hint(self) -> None:
        """In a drill: a hint."""
        self.console.hint()
