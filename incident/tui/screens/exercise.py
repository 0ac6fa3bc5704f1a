"""The keys that only mean something in a drill; in a real incident each says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

from textual import work
from textual.screen import Screen

if TYPE_CHECKING:
    from incident.tui.app import Console
    from incident.tui.gameday import GameDay

ONLY = "That is for drills: D on the alerts plays one."


class ExerciseKeys(Screen[None]):
    """What every place can do in a drill."""

    def _exercise(self) -> GameDay | None:
        console = cast("Console", self.app)
        if console.game_day is None:
            words = "This drill is live: nobody is simulated, and nothing is." if console.live_drill else ONLY
            self.app.notify(words, markup=False)
        return console.game_day

    @work(exit_on_error=False, group="exercise", exclusive=True)
    async def _do(self, what: Callable[[GameDay], Awaitable[None]]) -> None:
        day = self._exercise()
        if day is not None:
            await what(day)

    def action_hint(self) -> None:
        """A hint."""
        self._do(lambda day: day.hint())

    def action_inbox(self) -> None:
        """The messages, and answering them."""
        self._do(lambda day: day.inbox())

    def action_ask_person(self) -> None:
        """Ask a person for something."""
        self._do(lambda day: day.ask())

    def action_pause(self) -> None:
        """Let time stand, or go on."""
        day = self._exercise()
        if day is not None:
            day.pause()

    def action_faster(self) -> None:
        """Let time run faster."""
        day = self._exercise()
        if day is not None:
            day.faster(1)

    def action_slower(self) -> None:
        """Let time run slower."""
        day = self._exercise()
        if day is not None:
            day.faster(-1)
