"""`python -m tests.shots`: the pictures in screenshots/, made by driving the drill on its own screens."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from textual.pilot import Pilot

from incident.config import Config
from incident.game import Game
from incident.tui.app import Console

FOLDER = Path(__file__).parent.parent / "screenshots"
SIZES = {"120": (120, 36), "80": (80, 24)}
# Name of the picture, what is pressed before it, and what the screen shows by then.
SHOTS: Sequence[tuple[str, tuple[str, ...], str]] = (
    ("alerts", ("full_stop", "g"), "limit 7"),
    ("respond", ("enter", "space", "space", "space", "enter"), "chosen"),
    ("preflight", ("enter",), "Run this"),
    ("timeline", ("escape", "t"), "timeline, "),
    ("post-mortem", ("p",), "draft, "),
)


async def picture(name: str, size: tuple[int, int], state: Path) -> None:
    """Play the drill's first minute at one size, and take every picture on the way."""
    game = Game(Config(state=state, person="kim", postmortems=state), "bad-deploy", 10.0)
    app = Console(game.parts, game=game)
    async with app.run_test(size=size, notifications=True) as pilot:
        await shown(pilot, "AcmeErrorBudgetFastBurn|a page")
        app.clear_notifications()
        for what, keys, pattern in SHOTS:
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.2)
            await shown(pilot, pattern)
            app.clear_notifications()
            await pilot.pause(0.3)
            svg = app.export_screenshot(title="incident", simplify=True)
            (FOLDER / f"{what}-{name}.svg").write_text(svg, encoding="utf-8")


async def shown(pilot: Pilot[str], pattern: str) -> None:
    """Return when the screen shows a pattern."""
    async with asyncio.timeout(60):
        while not re.search(pattern, re.sub(r"<[^>]*>|&#160;", " ", pilot.app.export_screenshot())):
            await pilot.pause(0.1)


def main() -> None:
    """Make every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, size in SIZES.items():
        with tempfile.TemporaryDirectory() as state:
            asyncio.run(picture(name, size, Path(state)))


if __name__ == "__main__":
    main()
