"""What every program of ours on a terminal has in common: its look, what it paints, its size, and how it ends."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Sequence

from textual import events
from textual.app import App, ReturnType
from textual.filter import LineFilter
from textual.geometry import Size

from incident.tui.paint import Inert
from incident.tui.theme import INCIDENT

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Program(App[ReturnType]):
    """A program on a terminal; a signal ends it with 128 and its number, and the terminal is as it was before."""

    CSS_PATH = "incident.tcss"
    TITLE = "incident"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self._inert = Inert()
        self.register_theme(INCIDENT)
        self.set_reactive(App.theme, INCIDENT.name)  # set aloud, every style sheet would be read a second time

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Whatever acts on a terminal is taken out of every painted line."""
        return [self._inert, *super().get_line_filters()]

    async def on_event(self, event: events.Event) -> None:
        """Resizes that come fast interrupt each other and are told in the wrong order: only the size of now counts."""
        if isinstance(event, events.Resize) and not self.is_headless:
            size = Size(*shutil.get_terminal_size((event.size.width, event.size.height)))
            event = events.Resize(size, size)
        await super().on_event(event)

    def heed_signals(self) -> None:
        """From now on whatever ends this program ends it in order."""
        loop = asyncio.get_running_loop()
        for number in _ENDS:
            loop.add_signal_handler(number, self._end_by, int(number))

    def _end_by(self, number: int) -> None:
        """The terminal is gone or somebody ends us: restore it, keep everything, leave."""
        self.exit(return_code=128 + number)
