"""Respond: the runbook as a checklist, with signals, timeline and output beside it."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from incident.core.incident import AlertRecord
from incident.core.proposals import Proposal
from incident.core.signals import Signal
from incident.core.timeline import rows
from incident.engine.news import AlertsSeen, IncidentChanged, News, OutputCame
from incident.errors import SourceError
from incident.tui import actions
from incident.tui.screens.steps import Steps
from incident.tui.widgets import watching
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.checklist import Checklist
from incident.tui.widgets.lines import Lines
from incident.tui.widgets.output import OutputPane
from incident.tui.widgets.side import Side, Strip
from incident.tui.widgets.timeline_list import NEWEST


class RespondScreen(Steps):
    """One incident's checklist and what stands beside it."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.RESPOND))
    where = actions.RESPOND

    def __init__(self, identity: str) -> None:
        super().__init__(identity)
        self._signals: tuple[Signal, ...] = ()
        self._no_signals = ""
        self._watching: tuple[object, ...] = ()  # what is proposed and due, as it was painted

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
        """Ages and running times grow; something may be worth a tick by now; the runbook may have been edited."""
        self.engine.proposals.attend(self.identity)
        self.draw_watching()
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

    def draw_side(self) -> None:
        """Signals, changes and the newest rows: beside the checklist, or as a strip where it is narrow."""
        incident, events = self.incident, self.engine.log.newest(self.identity, NEWEST)
        unsaved = {event.id for event in self.engine.log.unsaved}
        proposal, due, now = self._proposed(), self.engine.escalation.pressing(self.identity), self.engine.now()
        more = watching.lines(proposal, due, now)
        _, alert = self.concerned()
        budget = self.engine.budget.line_for(alert) if alert else ""
        self.query_one(Side).draw(incident, events, unsaved, self._signals, self._no_signals, more, budget)
        self.query_one(Strip).draw(incident, self._signals, self._no_signals, watching.strip(proposal, due, now))

    def draw_watching(self) -> None:
        """What is proposed and who is due, where that changed."""
        due, now = self.engine.escalation.pressing(self.identity), self.engine.now()
        shown = (self._proposed(), due, watching.lines(None, due, now))
        if shown != self._watching:
            self._watching = shown
            self.draw_checklist()
            self.draw_side()

    def _proposed(self) -> Proposal | None:
        """The one proposal that is shown."""
        return next(iter(self.engine.proposals.of(self.identity)), None)

    def draw_output(self) -> None:
        """What the last command printed, or that nothing runs."""
        pane = self.query_one(OutputPane)
        commands = list(self.incident.commands.values())
        if commands:
            last = commands[-1]
            output = self.engine.commands.outputs.get(last.started.run)
            pane.draw_run(last, output, self.engine.now(), self.size.height // 3)
        elif self.has_class("-narrow"):
            newest = rows(self.engine.log.newest(self.identity, NEWEST))[-1]
            pane.styles.height = 2
            pane.draw("Timeline", "t shows all", [f"{newest.time} {newest.line}"])
        else:
            pane.styles.height = 4
            words = "enter shows the exact command, where it would run and as whom. y copies it instead."
            pane.draw("Ready", "nothing runs until you have read it", ["", words])

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

    # -- keys ---------------------------------------------------------------------------------------------------

    def action_next_pane(self) -> None:
        """Between the checklist, the timeline and the output."""
        panes: list[Widget] = [self.query_one(Checklist), self.query_one("#recent"), self.query_one(OutputPane)]
        shown = [pane for pane in panes if pane.display and pane.region.area]
        at = shown.index(self.focused) if self.focused in shown else -1
        shown[(at + 1) % len(shown)].focus()

    @work(exit_on_error=False)
    async def action_close_incident(self) -> None:
        """Close the incident, or open it again."""
        if self.incident.is_open:
            await self.engine.response.close(self.identity)
            self.say("Closed. C opens it again; x writes the post-mortem.")
        else:
            await self.engine.response.reopen(self.identity)
            self.say("Open again.")
