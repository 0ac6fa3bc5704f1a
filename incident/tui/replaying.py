"""Replaying a past incident: a small program of its own that only reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import App
from textual.filter import LineFilter

from incident.core.event import Event
from incident.tui.paint import Inert
from incident.tui.theme import INCIDENT


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader would have done, and what was done; "" for a turn that nobody answered."""

    would: str
    did: str


class Replay(App[list[Answer]]):
    """One incident's turns; the result is what was answered."""

    CSS_PATH = "incident.tcss"
    TITLE = "incident"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, identity: str, events: Sequence[Event]) -> None:
        super().__init__()
        self._identity = identity
        self._events = tuple(events)
        self._inert = Inert()
        self.register_theme(INCIDENT)
        self.set_reactive(App.theme, INCIDENT.name)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Whatever acts on a terminal is taken out of every painted line."""
        return [self._inert, *super().get_line_filters()]

    def on_mount(self) -> None:
        """Begin."""
        from incident.tui.screens.replay import ReplayScreen

        self.push_screen(ReplayScreen(self._identity, self._events))
