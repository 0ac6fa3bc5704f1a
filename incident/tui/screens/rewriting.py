"""A part of the post-mortem in a sheet: typed, looked at by the check on the way, saved into the exported file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from incident.core.blameless import Hit, Weight, look_at
from incident.core.postmortem.passages import FRONT, Passage
from incident.core.text import plain
from incident.tui.paint import keys
from incident.tui.screens.sheets import text_of
from incident.tui.theme import AMBER, DIM, GOOD

_SHOWN = 3  # findings below the text


class PassageSheet(ModalScreen[str | None]):
    """The words of one part. ctrl+s saves them; esc keeps them on the desk, where they wait."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f2", "save", show=False, priority=True),
        Binding("escape", "dismiss(None)", show=False, priority=True),
    ]

    def __init__(self, passage: Passage, left: str, people: Sequence[str], draft: Callable[[str], None]) -> None:
        """`left` is what was typed before and not saved; `draft` is told the text whenever it changes."""
        super().__init__()
        self._passage = passage
        self._left = left
        self._people = tuple(people)
        self._draft = draft

    def compose(self) -> ComposeResult:
        """The text, what is to be said about it, the keys."""
        with Vertical(classes="sheet wide passage") as box:
            box.border_title = Text(self._passage.heading or "Title")
            if self._left:
                yield Static(Text("This was typed before and is not in the file yet.", style=AMBER), id="left")
            yield TextArea(self._left or self._passage.text, id="words", soft_wrap=True, tab_behavior="focus")
            yield Static("", id="found")
            yield Static(text_of(keys([("ctrl+s", "save"), ("esc", "not now; the text is kept")])), classes="keys")

    def on_mount(self) -> None:
        """Begin at the first TODO, else at the end."""
        words = self.query_one(TextArea)
        lines = words.text.split("\n")
        row = next((at for at, line in enumerate(lines) if "TODO" in line), None)
        if row is None:
            words.move_cursor((len(lines) - 1, len(lines[-1])))
        else:
            column = lines[row].index("TODO")
            words.move_cursor((row, column))
            words.move_cursor((row, column + 4), select=True)
        words.focus()
        self.look()

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        text = event.text_area.text
        self._draft(text if text != self._passage.text else "")
        self.look()

    @work(exclusive=True, group="look", exit_on_error=False)
    async def look(self) -> None:
        """Say what the check makes of the text so far."""
        if self._passage.heading == FRONT:
            return
        text = f"## {self._passage.heading}\n{plain(self.query_one(TextArea).text)}"
        hits = await asyncio.to_thread(look_at, text, self._people)
        todos = text.count("TODO")
        self.query_one("#found", Static).update(_said(hits, todos))

    def action_save(self) -> None:
        """Take the words."""
        self.dismiss(self.query_one(TextArea).text)


def _said(hits: Sequence[Hit], todos: int) -> Text:
    warned = [hit for hit in hits if hit.weight is Weight.WARNING]
    hinted = [hit for hit in hits if hit.weight is not Weight.WARNING]
    text = Text()
    for hit in (*warned, *hinted)[:_SHOWN]:
        style = AMBER if hit.weight is Weight.WARNING else DIM
        mark = "▲" if hit.weight is Weight.WARNING else "·"
        text.append(f"{mark} line {hit.line - 1}: “{plain(hit.words)}”: {hit.family.instead}\n", style)
    rest = len(hits) - _SHOWN
    if rest > 0:
        text.append(f"and {rest} more\n", DIM)
    if not hits:
        text.append("nothing to reword" if not todos else f"{todos} TODO", GOOD if not todos else DIM)
    text.rstrip()
    return text
