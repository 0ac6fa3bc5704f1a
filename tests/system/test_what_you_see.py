"""What the preflight shows is what execve gets: byte for byte, whatever the text is made of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.app import App
from textual.widgets import Static

from incident.core.command import Preflight
from incident.core.ports import Order
from incident.core.text import hides_something, look_alike, visible
from incident.engine.preflights import Asked
from incident.errors import RunError
from incident.runner import LocalRunner
from incident.tui.screens.preflight import PreflightSheet
from tests.fakes import FakeClock, World, page

# What has fooled a screen or a shell before: markup, quotes, controls, bidirectional and invisible characters.
PIECES = (
    "[red]", "[/]", "[@click=app.quit]x[/]", "[bold", "'", '"', "\\", "\\'", "$", "$HOME", "$(id)", "`id`", "\n", "\t",
    "\x1b[31m", "\x1b]52;c;eA==\x07", "\x9b", "\x07", "\u202e", "\u2066", "\u200b", "\u2028", "\ufeff", "é", "日本",
    "🚀", "а", "a",
    "b c", "  ", "--", "-x", "=", "{}", "*", "?", "#", ";", "&&", "|", ">", "~", "!", "%s", "\r", "\x00",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
SHOW = '#!/bin/sh\n: > "$RECEIVED"\nfor one in "$@"; do printf "%s\\0" "$one" >> "$RECEIVED"; done\n'


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with `show` and a `bash`, both of which only write down what they were given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("show", "bash"):
        (folder / name).write_text(SHOW)
        (folder / name).chmod(0o755)
    return folder


def clear(folder: Path) -> None:
    """Take away what the run before left."""
    for path in folder.glob("output*"):
        path.unlink()


async def shown(preflight: Preflight) -> tuple[str, str]:
    """The command and its arguments as the sheet holds them for painting."""
    app: App[None] = App()
    async with app.run_test(size=(120, 36)) as pilot:
        await app.push_screen(PreflightSheet(preflight, FakeClock()))
        await pilot.pause()
        command = str(app.screen.query_one("#command", Static).visual)
        facts = [str(fact.visual) for fact in app.screen.query(".fact").results(Static)]
        return command, next(fact for fact in facts if fact.startswith("argv"))[10:]


async def received(preflight: Preflight, programs: Path, folder: Path) -> list[str]:
    """What the program was given, run for real."""
    said, output = folder / "received", folder / "output"
    said.unlink(missing_ok=True)
    clear(folder)
    environment = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "RECEIVED": str(said)}
    order = Order("INC-1/1-a", preflight.argv, str(folder), str(output), environment)
    running = await LocalRunner().start(order)
    await running.wait()
    return said.read_bytes().decode("utf-8", "surrogateescape").split("\0")[:-1]


@pytest.mark.fault(50, 59, 60, 61)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
async def test_what_is_shown_is_what_the_program_gets(text: str, programs: Path, tmp_path: Path) -> None:
    world = World()
    engine = world.engine()
    await engine.load()
    identity = await engine.open(page())
    asked = Asked(engine.incident(identity), "typed by hand")
    try:
        preflight = engine.commands.preflights.typed(f"show {text}", asked)
    except RunError:
        return
    assert not hides_something(preflight.text.replace("\t", " "))
    assert not look_alike(preflight.text)
    command, argv = await shown(preflight)
    assert command.replace(visible("\t"), "\t") == preflight.text
    given_to = await received(preflight, programs, tmp_path)
    if preflight.shell:
        assert given_to == ["-u", "-c", preflight.text]
        assert argv.startswith("bash -u -c")
    else:
        assert ("show", *given_to) == preflight.argv
        assert argv.replace(visible("\t"), "\t") == "·".join(
            word if word and " " not in word else f"'{word}'" for word in preflight.argv
        )
