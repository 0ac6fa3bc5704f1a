"""A failure of the program's own: written down without values, and the console goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.tui.app import Console, Opening
from tests.fakes import World
from tests.tui.console import Driver
from tests.tui.test_respond import at_preflight

TOKEN = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"


@pytest.mark.fault(69)
async def test_what_is_written_of_a_crash_holds_neither_locals_nor_a_token(world: World, tmp_path: Path) -> None:
    world.runner.error = ValueError(f"the server said: bad token {TOKEN}")
    file = tmp_path / "crash.txt"
    app = Console(world.parts, Opening(crash_file=file))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        driver = Driver(app, pilot, world)
        await driver.until(lambda: app.ready)
        await at_preflight(driver)
        await driver.see("R", then="Something broke inside")
        text = file.read_text()
        assert "ValueError: the server said: bad token" in text
        assert TOKEN not in text
        assert TOKEN not in driver.text
        assert "locals" not in text
