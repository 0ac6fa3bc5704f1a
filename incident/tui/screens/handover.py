"""The handover: what the next person has to know, as it would be written; and who has the lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.style import Style
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from incident.core.alert import Alert
from incident.core.handover import recipient
from incident.core.text import plain
from incident.errors import IncidentError
from incident.exports.handover import render
from incident.tui.paint import Line, RuleLine, keys, wrap
from incident.tui.screens.sheets import text_of
from incident.tui.theme import AMBER, DIM, KEY, STRONG, TEXT
from incident.tui.widgets.lines import Block, Fixed, Lines

if TYPE_CHECKING:
    from incident.tui.asking import Asking

_LOUD = ("NOBODY", "NOT YET TAKEN", "outcome unknown", "does not answer")


class HandoverSheet(ModalScreen[None]):
    """The note, to read and to copy; giving the lead away, or taking it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,h", "dismiss", show=False),
        Binding("y", "copy", show=False),
        Binding("enter,ctrl+j", "give", show=False),
        Binding("T", "take", show=False),
    ]

    def __init__(self, identity: str | None, alert: Alert | None = None) -> None:
        super().__init__()
        self._identity = identity or ""
        self._text = ""

    @property
    def _asking(self) -> Asking:
        from incident.tui.asking import Asking

        return cast(Asking, self.app)

    def compose(self) -> ComposeResult:
        """The note and the keys."""
        with Vertical(classes="sheet tall wide") as box:
            box.border_title = Text(f"Handover {self._identity}")
            yield Lines(id="note", cursor=False)
            yield Static("", id="hands", classes="keys")

    def on_mount(self) -> None:
        """Write the note."""
        note = self.query_one("#note", Lines)
        note.focus()
        note.show([Fixed(Line([("Reading the whole timeline…", DIM)]))])
        self.draw()

    @work(exclusive=True, exit_on_error=False)
    async def draw(self) -> None:
        """The note as of now, and what can be done with the lead."""
        engine = self._asking.engine
        try:
            known = await engine.handing.note(self._identity)
        except IncidentError as error:
            self._asking.notify(str(error), severity="error", markup=False)
            self.dismiss()
            return
        self._text = engine.parts.redactor.text(plain(render(known)))
        lines = self._text.rstrip().split("\n")
        self.query_one("#note", Lines).show([_NoteLine(number, line) for number, line in enumerate(lines)])
        mine = known.lead == engine.person and known.taken
        hands = [("y", "copy"), ("enter", "give the lead"), *([] if mine else [("T", "take the lead")])]
        self.query_one("#hands", Static).update(text_of(keys([*hands, ("j k", "scroll"), ("esc", "back")])))

    def action_copy(self) -> None:
        """Copy the note, for the chat or the ticket."""
        if self._text:
            self.app.copy_to_clipboard(self._text)
            self._asking.notify("Copied: the whole note, as Markdown.", markup=False)

    @work(exit_on_error=False)
    async def action_give(self) -> None:
        """Give the lead to somebody."""
        asking = self._asking

        def check(text: str) -> tuple[bool, str]:
            to, words = recipient(text)
            return bool(to), f"{to} gets the lead{f': {words}' if words else ''}; they say that they have it with J"

        help_line = "a name, then what you want to say: lee watch the queue"
        name = f"{self._identity} lead"
        typed = await asking.ask_line(name, "Give the lead to whom?", help_line, check=check)
        if typed:
            with asking.saving(name):
                await asking.engine.response.handover(self._identity, *recipient(typed))
            self.draw()

    @work(exit_on_error=False)
    async def action_take(self) -> None:
        """Take the lead, from whoever has it."""
        try:
            await self._asking.engine.response.take(self._identity)
        except IncidentError as error:
            self._asking.notify(str(error), severity="error", markup=False)
        self.draw()


class _NoteLine(Block):
    selectable = False

    def __init__(self, number: int, text: str) -> None:
        self.key = f"line:{number}"
        self._text = text

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        style = _style(self._text)
        return [Line([(piece, style)]) for piece in wrap(self._text, width)]


def _style(text: str) -> Style:
    if any(word in text for word in _LOUD):
        return AMBER
    if text.startswith("# "):
        return STRONG
    return KEY if text.startswith("## ") else TEXT
