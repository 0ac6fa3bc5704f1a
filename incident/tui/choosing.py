"""Choosing a drill: a small program of its own before the console begins."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App
from textual.filter import LineFilter

from incident.game.records import Choice, Offer
from incident.tui.paint import Inert
from incident.tui.theme import INCIDENT


class Chooser(App[Choice]):
    """A list of drills; the result is the one that was chosen."""

    CSS_PATH = "incident.tcss"
    TITLE = "incident"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self._offers = offers
        self._inert = Inert()
        self.register_theme(INCIDENT)
        self.set_reactive(App.theme, INCIDENT.name)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Whatever acts on a terminal is taken out of every painted line."""
        return [self._inert, *super().get_line_filters()]

    def on_mount(self) -> None:
        """Show them."""
        from incident.tui.screens.drills import DrillsScreen

        self.push_screen(DrillsScreen(self._offers))
