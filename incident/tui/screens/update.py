"""The sheet of an update: exactly what would be sent, and where to; read first, then sent, copied or edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static, TextArea

from incident.core.ports import Clock
from incident.engine.updates import Preview
from incident.errors import UsageError
from incident.tui.paint import Span, keys
from incident.tui.screens.sheets import GuardedSheet, text_of
from incident.tui.theme import AMBER, DIM, KEY, STRONG, TEXT

READ: tuple[tuple[str, str], ...] = (
    ("S", "send"), ("e", "edit"), ("y", "copy"), ("v", "raw"), ("w", "said elsewhere"), ("esc", "not now"),
)  # fmt: skip
EDIT: tuple[tuple[str, str], ...] = (("esc", "done, read it again"),)


class UpdateSheet(GuardedSheet[tuple[str, str] | None]):
    """Answers ("send", text), ("wrote", text) where it was said elsewhere and is only written down, or None."""

    AUTO_FOCUS = ""  # it is read first; keys must not end up in the text
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("S", "send", show=False),
        Binding("e", "edit", show=False),
        Binding("y", "copy", show=False),
        Binding("v", "body", show=False),
        Binding("w", "wrote", show=False),
    ]

    def __init__(
        self, title: str, text: str, preview: Callable[[str], Preview], clock: Clock, draft: Callable[[str], None]
    ) -> None:
        """`preview` raises UsageError; `draft` hears of every change of the text, so that a crash does not lose it."""
        super().__init__(clock)
        self._title = title
        self._text = text
        self._preview = preview
        self._draft = draft
        self._as_sent = False

    def compose(self) -> ComposeResult:
        """The text to read, the same to edit, where it goes, the keys."""
        with Vertical(classes="sheet wide") as box:
            box.border_title = Content(self._title)
            with VerticalScroll(id="message", can_focus=False):
                yield Static(id="words")
            editor = TextArea(self._text, id="editor", show_line_numbers=False, soft_wrap=True, compact=True)
            editor.display = False
            yield editor
            yield Static(id="place")
            yield Static(id="keys", classes="keys")

    def on_mount(self) -> None:
        """Begin by reading."""
        self._show()

    @property
    def editing(self) -> bool:
        """Whether the text is being edited."""
        return self.query_one("#editor", TextArea).display

    def _show(self) -> None:
        editing = self.editing
        self.query_one("#message").display = not editing
        self.query_one("#keys", Static).update(text_of(keys(EDIT if editing else READ)))
        try:
            preview = self._preview(self._text)
        except UsageError as error:
            self.query_one("#words", Static).update(Text(self._text, style=TEXT))
            self.query_one("#place", Static).update(Text(str(error), style=AMBER))
            return
        words = preview.body if self._as_sent else preview.text
        self.query_one("#words", Static).update(Text(words, style=TEXT if self._as_sent else STRONG))
        self.query_one("#place", Static).update(text_of(_place(preview)))

    # -- keys ---------------------------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        if self.editing:
            self._text = event.text_area.text
            self._draft(self._text)
            self._show()

    def action_back(self) -> None:
        """From editing to reading; from reading to where one came from."""
        if not self.editing:
            self.dismiss(None)
            return
        self.query_one("#editor").display = False
        self.set_focus(None)
        self._show()

    def action_edit(self) -> None:
        """Change the text."""
        if self.editing:
            return
        editor = self.query_one("#editor", TextArea)
        editor.display = True
        editor.focus()
        self._as_sent = False
        self._show()

    def action_body(self) -> None:
        """Show the bytes, or the text again."""
        if not self.editing:
            self._as_sent = not self._as_sent
            self._show()

    def action_copy(self) -> None:
        """Copy the text instead of sending it."""
        if not self.editing:
            self.app.copy_to_clipboard(self._text)
            self.app.notify("Copied. Nothing was sent from here; w writes it down.", markup=False)

    def action_wrote(self) -> None:
        """It was said elsewhere: only write it down."""
        if not self.editing:
            self._answer("wrote")

    def action_send(self) -> None:
        """Send what was read."""
        if not self.editing and not self.too_early:
            self._answer("send")

    def _answer(self, what: str) -> None:
        try:
            self._preview(self._text)
        except UsageError as error:
            self.app.notify(str(error), severity="warning", markup=False)
        else:
            self.dismiss((what, self._text))


def _place(preview: Preview) -> list[Span]:
    """Where it goes, and why to look twice."""
    spans: list[Span] = [("goes to ", DIM), (preview.to, KEY), (f"   {len(preview.text)} characters", DIM)]
    if preview.masked:
        spans.append((f"   {preview.masked} secrets masked", AMBER))
    if preview.warning:
        spans += [("\n! ", AMBER), (preview.warning, AMBER)]
    return spans
