"""The post-mortem draft, as it would be exported now, with what people wrote in the exported file."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from incident.core.check.finding import Severity
from incident.core.postmortem.passages import passage_at
from incident.core.text import shorten
from incident.engine.drafts import Draft
from incident.engine.news import IncidentChanged, News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.paint import Span
from incident.tui.screens.place import IncidentPlace
from incident.tui.screens.sheets import LineSheet
from incident.tui.theme import AMBER, DIM, GOOD
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.draft_list import DraftList
from incident.tui.widgets.lines import Lines


class ReviewScreen(IncidentPlace):
    """The draft with its TODOs and findings counted; the cursor goes from one to the next."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.REVIEW))
    AUTO_FOCUS = "DraftList"
    where = actions.REVIEW

    def __init__(self, identity: str) -> None:
        super().__init__(identity)
        self._draft = Draft("", "")

    def compose(self) -> ComposeResult:
        """The band, the draft, the keys."""
        yield Band()
        yield DraftList(id="draft")
        yield Foot()

    def on_mount(self) -> None:
        """The band at once; the draft comes when the screen is shown."""
        self.draw_bands()

    def heard(self, news: News) -> None:
        """New events change the draft."""
        if isinstance(news, IncidentChanged) and news.incident == self.identity:
            self.draw_draft()
        self.draw_bands()

    def on_screen_resume(self) -> None:
        """Somebody may have written in the file meanwhile."""
        self.draw_draft()

    def draw_bands(self) -> None:
        """The incident, and what is still to be written."""
        super().draw_bands()
        todos = sum("TODO" in line for line in self._draft.text.split("\n"))
        warned = sum(found.severity is not Severity.INFO for found in self._draft.findings)
        left: list[Span] = [(f"{todos} TODO" if todos else "nothing left to write", AMBER if todos else GOOD)]
        if warned:
            left.append((f", {warned} to reword", AMBER))
        parts = [*self.incident_parts(), (0, [("draft, ", DIM), *left])]
        if self._draft.kept:
            parts.append((2, [(f"edited by hand: {shorten(', '.join(self._draft.kept), 30)}", DIM)]))
        if self._draft.path and self._draft.file is None:
            parts.append((3, [("no file yet", DIM)]))
        self.band(parts)

    @work(exclusive=True, group="draft", exit_on_error=False)
    async def draw_draft(self) -> None:
        """Build the draft off the screen, then show it."""
        try:
            draft = await self.engine.drafts.read(self.identity)
        except IncidentError as error:
            self.say_error(error)
            return
        self._draft = draft
        self.query_one(DraftList).draw(draft.text, draft.findings)
        self.draw_bands()

    # -- moving ---------------------------------------------------------------------------------------------------

    def action_next_section(self) -> None:
        """The next TODO, or what is to be reworded."""
        if not self.query_one(DraftList).jump(1):
            self.say("There is no TODO further on.")

    def action_previous_section(self) -> None:
        """The TODO before."""
        if not self.query_one(DraftList).jump(-1):
            self.say("There is no TODO before this.")

    def on_lines_chosen(self, event: Lines.Chosen) -> None:
        """A second click on a line edits it, as enter does."""
        event.stop()
        self.action_rewrite()

    # -- writing --------------------------------------------------------------------------------------------------

    @work(exit_on_error=False, exclusive=True, group="rewrite")
    async def action_rewrite(self) -> None:
        """Edit the part under the cursor."""
        from incident.tui.screens.rewriting import PassageSheet

        passage = passage_at(self._draft.text, self.query_one(DraftList).line)
        if passage is None:
            self.say("There is nothing here to write in. E opens the file.")
            return
        drafts, desk = self.engine.drafts, self.engine.parts.desk
        name = drafts.place_for_typing(self.identity, passage)
        left = desk.left(name)
        sheet = PassageSheet(passage, left if left != passage.text else "", drafts.people(self.identity),
                             partial(desk.leave, name))  # fmt: skip
        words = await self.app.push_screen_wait(sheet)
        if words is None or words == passage.text:
            if words is None and desk.left(name):
                self.say("Your text is kept, and not in the file yet: e shows it again.")
            return
        try:
            masked = await drafts.rewrite(self.identity, passage, words)
        except IncidentError as error:
            self.say_error(error)
            return
        desk.leave(name, "")
        self.say(f"Saved in {drafts.path_of(self.identity)}." + (f" {masked} secrets were masked." if masked else ""))
        self.draw_draft()

    @work(exit_on_error=False)
    async def action_open_file(self) -> None:
        """Open the exported file in the editor, at this line."""
        if self.console.drill:
            self.say("In a drill no program is started; e edits here.")
            return
        try:
            path, _ = await self.engine.export(self.identity)
        except (IncidentError, OSError) as error:
            self.say(str(error), bad=True)
            return
        self.console.open_editor(path, self.query_one(DraftList).line + 1)
        self.draw_draft()

    @work(exit_on_error=False)
    async def action_allow(self) -> None:
        """Leave the finding under the cursor in place, with a reason."""
        found = next(iter(self.query_one(DraftList).findings), None)
        if found is None:
            self.say("Nothing was found in this line. ] goes to the next one.")
            return
        why = await self.app.push_screen_wait(
            LineSheet("Leave this as it is?", f"{found.rule}: why is it right here? The reason stands in the file.")
        )
        if why:
            try:
                await self.engine.drafts.allow(self.identity, found, why)
            except IncidentError as error:
                self.say_error(error)
            self.draw_draft()

    @work(exit_on_error=False, exclusive=True, group="measure")
    async def action_measure(self) -> None:
        """Ask for the impact now."""
        self.say("Asking for the impact…")
        found = await self.engine.impact.measure(self.identity)
        said = f"{len(found.measured)} numbers are on the timeline." if found.measured else "Nothing new was measured."
        missing = f" Not known: {'; '.join(found.missing)}." if found.missing else ""
        self.say(f"{said}{missing}")

    def action_copy(self) -> None:
        """Copy the line under the cursor."""
        text = self.query_one(DraftList).text
        self.app.copy_to_clipboard(text)
        self.say(f"Copied: {text}" if text else "There is nothing to copy.")
