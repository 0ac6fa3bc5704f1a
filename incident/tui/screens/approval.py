"""Waiting for a second person."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from incident.core.incident import Approval
from incident.core.text import visible
from incident.engine import Engine
from incident.engine.news import IncidentChanged, News
from incident.tui.paint import keys
from incident.tui.screens.sheets import text_of
from incident.tui.theme import DIM, STRONG, TEXT


class ApprovalSheet(ModalScreen[str | None]):
    """Answers the request once somebody answered it, None when the person no longer waits."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, engine: Engine, identity: str, request: str) -> None:
        super().__init__()
        self._engine = engine
        self._identity = identity
        self._request = request

    @property
    def _approval(self) -> Approval:
        return self._engine.incident(self._identity).approvals[self._request]

    def compose(self) -> ComposeResult:
        """The command, what the second person types, the keys."""
        asked = self._approval.asked
        with Vertical(classes="sheet wide") as box:
            box.border_title = Content("Waiting for a second person")
            yield Static(text_of([(visible(asked.text), STRONG)]), id="command")
            yield Static(text_of([("on        ", DIM), (asked.target or "no target that is known", TEXT)]))
            yield Static(text_of([("they type ", DIM), (f"incident approve {self._request}", STRONG)]))
            yield Static(text_of([("          in another terminal; it shows them this command first", DIM)]))
            yield Static(text_of(keys([("esc", "wait no longer; nothing runs")])), classes="keys")

    def heard(self, news: News) -> None:
        """Somebody may have answered."""
        if isinstance(news, IncidentChanged) and self._approval.answered:
            self.dismiss(self._request)
