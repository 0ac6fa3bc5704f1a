"""What people said in a drill, and answering them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from incident.core.when import age, minute
from incident.drills.player import Message
from incident.game import Game
from incident.tui.paint import Span, keys
from incident.tui.screens.sheets import text_of
from incident.tui.theme import AMBER, DIM, GOOD, STRONG, TEXT
from incident.tui.widgets.picks import Picks


class InboxSheet(ModalScreen[Message | None]):
    """Every message: those that wait for an answer, then the newest. Enter answers one, escape goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,I", "dismiss(None)", show=False)]

    def __init__(self, game: Game, now: Callable[[], datetime]) -> None:
        super().__init__()
        newest = reversed(game.messages())
        self._messages = tuple(sorted(newest, key=lambda message: not message.waits))
        self._now = now

    def compose(self) -> ComposeResult:
        """The messages and the keys."""
        with Vertical(classes="sheet wide") as box:
            box.border_title = Text("Messages")
            if self._messages:
                yield Picks((text_of(self._told(m)) for m in self._messages), "inbox")
                pairs = [("enter", "answer"), ("j k", "move"), ("esc", "back")]
            else:
                yield Static(Text("Nobody has written yet. P asks a person for something.", style=DIM))
                pairs = [("esc", "back")]
            yield Static(text_of(keys(pairs)), classes="keys")

    def _told(self, message: Message) -> list[Span]:
        state: Span = ("", DIM)
        if message.answered is not None:
            state = (f"  ✓ answered {minute(message.answered)}", GOOD)
        elif message.awaited:
            state = (f"  ● waits for an answer since {age(self._now() - message.at)}", AMBER)
        head = [(f"{minute(message.at)} ", DIM), (message.sender, STRONG), (f", by {message.via}", DIM), state]
        return [*head, (f"\n{message.text}\n", TEXT)]

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._messages[event.option_index])
