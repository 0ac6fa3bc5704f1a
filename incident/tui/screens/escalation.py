"""The sheet of whom to tell: who, when it is due, why, and the message, ready to copy or to send."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from incident.core.escalation import Due, Stand
from incident.core.when import age, minute
from incident.tui.paint import Span, keys
from incident.tui.screens.sheets import text_of
from incident.tui.theme import AMBER, DIM, GOOD, STRONG, TEXT
from incident.tui.widgets.picks import Picks

_MARKS = {
    Stand.PASSED: ("▲", AMBER),
    Stand.WAITING: ("○", TEXT),
    Stand.TOLD: ("✓", GOOD),
    Stand.OVER: ("·", DIM),
    Stand.UNTIMED: ("○", DIM),
}


class EscalationSheet(ModalScreen[tuple[str, str] | None]):
    """Answers ("told", key), ("send", key) or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("y", "copy", show=False),
        Binding("T", "told", show=False),
        Binding("S", "send", show=False),
    ]

    def __init__(self, dues: Sequence[Due], now: datetime, message: Callable[[Due], str], *, can_send: bool) -> None:
        super().__init__()
        self._dues = list(dues)
        self._now = now
        self._message = message
        self._can_send = can_send

    def compose(self) -> ComposeResult:
        """Who and when, why, the message, the keys."""
        with Vertical(classes="sheet wide") as box:
            box.border_title = Content("Whom to tell")
            wide = max(len(one.rule.who) for one in self._dues)
            width = min(28, wide)
            yield Picks(text_of(row(one, self._now, width)) for one in self._dues)
            yield Static(id="why")
            with VerticalScroll(id="message", can_focus=False):
                yield Static(id="words")
            pairs = [("j k", "move"), ("y", "copy"), *([("S", "send")] if self._can_send else []),
                     ("T", "they know"), ("esc", "back")]  # fmt: skip
            yield Static(text_of(keys(pairs)), classes="keys")

    @property
    def chosen(self) -> Due:
        """The one under the cursor."""
        return self._dues[self.query_one(OptionList).highlighted or 0]

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        rule = self.chosen.rule
        how = f"   {rule.how}" if rule.how else ""
        self.query_one("#why", Static).update(text_of([(rule.text, TEXT), (how, STRONG), (f"   {rule.origin}", DIM)]))
        self.query_one("#words", Static).update(Text(self._message(self.chosen), style=STRONG))

    def action_copy(self) -> None:
        """Copy the message."""
        self.app.copy_to_clipboard(self._message(self.chosen))
        self.app.notify("Copied. Nothing was sent; T says that they know.", markup=False)

    def action_told(self) -> None:
        """Say that they know."""
        self.dismiss(("told", self.chosen.rule.key))

    def action_send(self) -> None:
        """Send the message, after reading it once more."""
        if self._can_send:
            self.dismiss(("send", self.chosen.rule.key))
        else:
            self.app.notify("No webhook is configured: y copies the message.", markup=False)


def row(due: Due, now: datetime, width: int) -> list[Span]:
    """One line: mark, who, when."""
    mark, style = _MARKS[due.stand]
    name = due.rule.who if len(due.rule.who) <= width else f"{due.rule.who[: width - 1]}…"
    return [(f"{mark} ", style), (f"{name:<{width}}  ", STRONG), (when(due, now), style)]


def when(due: Due, now: datetime) -> str:
    """`due in 34m, 04:02`, `due since 04:02, 12m ago`, `told 03:40`, `no time is named`."""
    match due:
        case Due(stand=Stand.TOLD, told_at=datetime() as at):
            return f"told {minute(at)}"
        case Due(stand=Stand.OVER):
            return "not needed any more"
        case Due(at=None):
            return "no time is named"
        case Due(stand=Stand.PASSED, at=datetime() as at):
            return f"due since {minute(at)}, {age(now - at)} ago"
        case Due(at=datetime() as at):
            return f"due in {age(at - now)}, {minute(at)}"
    return ""
