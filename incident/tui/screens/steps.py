"""What is done on a step: ticked, chosen, run, attached to, copied."""

from __future__ import annotations

from textual import on, work

from incident.core.checklist import Standing, next_step, other_ways, standing, standing_of_branch
from incident.core.facts import Tick
from incident.core.runbook import Branch, Step
from incident.errors import IncidentError
from incident.tui.screens.book import Book
from incident.tui.screens.running import RunFlow
from incident.tui.widgets.checklist import Checklist
from incident.tui.widgets.lines import Lines


class Steps(Book):
    """A checklist whose steps are worked on with keys."""

    @on(Lines.Moved, "#checklist")
    def _moved(self) -> None:
        self.engine.parts.desk.leave(f"{self.identity} place", self.query_one(Checklist).selected)
        self.draw_bands()

    @on(Lines.Chosen, "#checklist")
    def _clicked(self) -> None:
        self.action_act()

    def remark(self, kind: str, ready: str = "") -> None:
        """Ask for one line; with `@` in front it is about the step under the cursor."""
        self.console.ask_remark(self.identity, kind, self.query_one(Checklist).step, ready)

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
                await self._done(step, tick)
                self._go_on(step)
            else:
                await self.engine.response.untick(self.identity, step)
                self.engine.proposals.taken_back(self.identity, step.id)
        except IncidentError as error:
            self.say_error(error)

    async def _done(self, step: Step, tick: Tick) -> None:
        """Tick a step; with what was seen of it, if that was shown on its line. Raises UsageError."""
        proposed = self.engine.proposals.for_step(self.identity, step.id) if tick is Tick.DONE else None
        if proposed is None:
            await self.engine.response.tick(self.identity, step, tick)
        else:
            await self.engine.proposals.accept(self.identity, proposed.key)

    def _go_on(self, step: Step) -> None:
        """After a tick the cursor goes to what is next: the next open step, or the fork before it."""
        checklist = self.query_one(Checklist)
        keys = checklist.keys
        at = keys.index(f"step:{step.id}") if f"step:{step.id}" in keys else -1
        undecided = {
            f"fork:{section.branch.id}"
            for section in (self.runbook.sections if self.runbook else ())
            if section.branch and standing_of_branch(section.branch, self.incident) is Standing.UNDECIDED
        }
        following = next_step(self.runbook, self.incident, step.id) if self.runbook else None
        wanted = undecided | ({f"step:{following.id}"} if following else set())
        target = next((key for key in keys[at + 1 :] if key in wanted), "")
        if target:
            checklist.select(target)

    @work(exit_on_error=False)
    async def _choose(self, branch: Branch) -> None:
        runbook = self.runbook
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

    # -- commands -----------------------------------------------------------------------------------------------

    @work(exit_on_error=False)
    async def _run_from(self, step: Step) -> None:
        if self.runbook is None:
            return
        try:
            await RunFlow(self.console, self.identity, self.runbook).run(step)
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

    def action_copy(self) -> None:
        """Copy the command under the cursor, else the step's text."""
        step = self.query_one(Checklist).step
        if step is None or self.runbook is None:
            self.say("There is nothing to copy here.")
            return
        text = self.runbook.commands[step.commands[0]].text if step.commands else step.text
        if step.commands:
            for parameter in self._filled(self.runbook.commands[step.commands[0]]):
                text = text.replace(parameter.placeholder, parameter.value) if parameter.ready else text
        self.app.copy_to_clipboard(text)
        self.say(f"Copied: {text}")
