"""Small sheets: one line to type, one of a few things to pick, a text to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Input, OptionList, Static

from incident.core.ports import Clock
from incident.tui.paint import Line, Span, keys, wrap
from incident.tui.theme import AMBER, DIM, STRONG, TEXT
from incident.tui.widgets.lines import Fixed, Lines
from incident.tui.widgets.picks import Picks

GUARD = 0.3  # seconds in which no key counts: a half-asleep second Enter must not reach a sheet that runs or sends


def text_of(spans: Sequence[Span]) -> Text:
    """Spans as a text that is never read as markup."""
    text = Text(no_wrap=False)
    for piece, style in spans:
        text.append(piece, style)
    return text


class GuardedSheet(ModalScreen[ScreenResultType]):
    """A sheet whose first moments belong to whoever pressed a key for the screen before; only escape counts then."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._opened = clock.monotonic()

    @property
    def too_early(self) -> bool:
        """Whether a key that comes now was meant for the screen before."""
        return self._clock.monotonic() - self._opened < GUARD

    async def on_key(self, event: events.Key) -> None:
        """Let nothing through that was not meant for this sheet."""
        if event.key != "escape" and self.too_early:
            event.stop()
            event.prevent_default()


class LineSheet(ModalScreen[str | None]):
    """One line. Enter takes it, escape leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("ctrl+y", "copy", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        help_line: str,
        value: str = "",
        *,
        check: Callable[[str], tuple[bool, str]] | None = None,
        empty: bool = False,
        draft: Callable[[str], None] | None = None,
        ready: str = "",
    ) -> None:
        """`draft` is told the text whenever it changes, so that a crash does not lose it; `ready` can be copied."""
        super().__init__()
        self._title = title
        self._help = help_line
        self._value = value
        self._draft = draft
        self._ready = ready
        self._check = check  # text -> (usable, what is understood or why not)
        self._empty = empty

    def compose(self) -> ComposeResult:
        """The line, what is understood of it, the keys."""
        with Vertical(classes="sheet") as box:
            box.border_title = Text(self._title)
            yield Input(self._value, id="line", select_on_focus=False)
            yield Static(Text(self._help, style=DIM), id="echo")
            copied = [("ctrl+y", "copy what is known")] if self._ready else []
            yield Static(text_of(keys([("enter", "save"), *copied, ("esc", "not now")])), classes="keys")

    def action_copy(self) -> None:
        """Copy what could be said, to be said elsewhere."""
        if self._ready:
            self.app.copy_to_clipboard(self._ready)
            self.app.notify("Copied. Nothing was sent; write down here what you said.", markup=False)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if self._draft is not None:
            self._draft(event.value)
        if self._check is not None and event.value.strip():
            usable, words = self._check(event.value)
            self.query_one("#echo", Static).update(Text(words, style=DIM if usable else AMBER))
        else:
            self.query_one("#echo", Static).update(Text(self._help, style=DIM))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text and not self._empty:
            self.query_one("#echo", Static).update(Text("There is nothing to save yet. esc goes back.", style=AMBER))
            return
        if self._check is not None and text and not self._check(text)[0]:
            return
        self.dismiss(text)


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to pick: its identity, what it is called, and what helps to decide."""

    id: str
    name: str
    note: str = ""


class PickSheet(ModalScreen[str | None]):
    """One of a few things. Enter takes it, escape leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, title: str, picks: Sequence[Pick], question: str = "", *, in_columns: bool = False) -> None:
        """`in_columns`: a line for each, names and notes below one another, what does not fit is cut."""
        super().__init__()
        self._title = title
        self._picks = list(picks)
        self._question = question
        self._in_columns = in_columns

    def compose(self) -> ComposeResult:
        """The question, the things, the keys."""
        with Vertical(classes="sheet wide columns" if self._in_columns else "sheet") as box:
            box.border_title = Text(self._title)
            if self._question:
                yield Static(Text(self._question, style=TEXT), classes="question")
            yield Picks(self._line(pick) for pick in self._picks)
            yield Static(text_of(keys([("enter", "take"), ("j k", "move"), ("esc", "not now")])), classes="keys")

    def _line(self, pick: Pick) -> Text:
        width = max(len(one.name) for one in self._picks) if self._in_columns else 0
        return text_of([(f"{pick.name:<{width}}", STRONG), (f"   {pick.note}", DIM)])

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._picks[event.option_index].id)


class TextSheet(ModalScreen[None]):
    """A text to read, scrolled with the usual keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "dismiss", show=False)]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """The text and the keys."""
        with Vertical(classes="sheet tall") as box:
            box.border_title = Text(self._title)
            yield Lines(id="text", cursor=False)
            yield Static(text_of(keys([("j k", "scroll"), ("esc", "back")])), classes="keys")

    def on_mount(self) -> None:
        """Lay the text out once the width is known."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        shown = self.query_one("#text", Lines)
        width = max(20, shown.size.width - 4)
        shown.show([Fixed(Line([(text, TEXT)])) for text in wrap(self._text, width)])
        shown.focus()
