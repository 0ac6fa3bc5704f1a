"""Driving the console in a test: waits for what is on the screen, never for time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from incident.tui.app import Console
from incident.tui.screens.place import Place
from tests.fakes import World

PATIENCE = 20  # seconds before a test gives up


class Driver:
    """A console on stand-ins, seen as lines of text."""

    def __init__(self, app: Console, pilot: Pilot[str], world: World) -> None:
        self.app = app
        self.pilot = pilot
        self.world = world

    @property
    def lines(self) -> list[str]:
        """What the screen shows."""
        width, height = self.app.size
        rows = self.app.screen._compositor.render_strips()  # the same strips that would go to a terminal
        return ["".join(segment.text for segment in row)[:width].rstrip() for row in rows[:height]]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def line(self, pattern: str) -> str:
        """The first line that holds the pattern."""
        return next((line for line in self.lines if re.search(pattern, line)), "")

    @property
    def chosen(self) -> str:
        """The line under the cursor."""
        return next((line for line in self.lines if line.startswith("▌")), "")

    def beat(self) -> None:
        """A second goes by on the screen."""
        assert isinstance(self.app.screen, Place)
        self.app.screen.beat()

    async def until(self, wanted: str | Callable[[], bool]) -> None:
        """Return when the screen shows a pattern, or a condition holds."""
        async with asyncio.timeout(PATIENCE):
            while not (re.search(wanted, self.text) if isinstance(wanted, str) else wanted()):
                await self.pilot.pause(0.01)

    async def press(self, *keys: str) -> None:
        """Press keys one after the other; each has been handled when this returns."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text."""
        names = {" ": "space", "-": "minus", ":": "colon", "~": "tilde", "/": "slash", ".": "full_stop"}
        await self.press(*(names.get(char, char) for char in text))

    async def see(self, *keys: str, then: str) -> None:
        """Press keys, then wait for a pattern."""
        await self.press(*keys)
        await self.until(then)


@asynccontextmanager
async def console(world: World, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Driver]:
    """A console that has started: its engine is there, and the alerts were looked at once."""
    app = Console(world.parts)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot, world)
        await driver.until(lambda: app.ready)
        await driver.until(lambda: not world.has_source or bool(app.engine.watch.board.statuses.get(world.alerts.name)))
        await pilot.pause()
        yield driver
