"""The palette's own line: what begins with ! is a command for a shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from incident.core.text import one_line
from incident.tui.screens.place import IncidentPlace

if TYPE_CHECKING:
    from incident.tui.app import Console


class TypedCommand(Provider):
    """`!kubectl get pods` in the palette: shown like every command before it runs."""

    async def discover(self) -> Hits:
        """That there is such a thing."""
        if isinstance(self.screen, IncidentPlace):
            yield DiscoveryHit(Text("!…"), self._ask(""), help="type a command; it is shown before it runs")

    async def search(self, query: str) -> Hits:
        """The line itself."""
        line = query.removeprefix("!").strip()
        if query.startswith("!") and line and isinstance(self.screen, IncidentPlace):
            yield Hit(1.0, Text(f"! {one_line(line)}"), self._ask(line), help="shown before it runs")

    def _ask(self, line: str) -> Callable[[], None]:
        screen, console = cast(IncidentPlace, self.screen), cast("Console", self.app)

        def ask() -> None:
            console.ask_command(screen.identity, line)

        return ask
