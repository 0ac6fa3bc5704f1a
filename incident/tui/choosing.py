"""Choosing a drill: a small program of its own before the console begins."""

from __future__ import annotations

from collections.abc import Sequence

from incident.game.records import Choice, Offer
from incident.tui.program import Program


class Chooser(Program[Choice]):
    """A list of drills; the result is the one that was chosen."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self._offers = offers

    def on_mount(self) -> None:
        """Show them."""
        from incident.tui.screens.drills import DrillsScreen

        self.heed_signals()
        self.push_screen(DrillsScreen(self._offers))
