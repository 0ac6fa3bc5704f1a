"""What is loaded when: the rings hold, a verb pays only for what it uses, and listing a registry loads none of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.system.terminal import PATIENCE, ROOT, surroundings

HEAVY = ("textual", "rich", "httpx", "markdown_it", "yaml", "sqlite3", "asyncio")
GROUPS = ("incident.alerts", "incident.changes", "incident.exports")


def loaded_by(code: str, home: Path) -> set[str]:
    """The modules that a fresh interpreter has loaded after this code."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{code}\njson.dump(sorted(sys.modules), sys.stdout)"],
        cwd=home, env=surroundings(home), capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_command_line_loads_no_screen_no_http_no_markdown_no_yaml_and_no_database(tmp_path: Path) -> None:
    loaded = loaded_by("import incident.cli", tmp_path)
    assert loaded.isdisjoint(HEAVY)
    assert not [name for name in loaded if name.startswith(("incident.tui", "incident.sources", "incident.engine"))]


@pytest.mark.parametrize(
    ("words", "unused"),
    [
        (["list"], ("textual", "rich", "httpx", "markdown_it", "yaml")),
        (["drill"], ("textual", "rich", "httpx", "markdown_it")),
        (["help", "config"], HEAVY),
    ],
)
def test_a_verb_pays_only_for_what_it_uses(words: list[str], unused: tuple[str, ...], tmp_path: Path) -> None:
    code = f"import incident.cli\nassert incident.cli.main({words!r}) == 0\nprint()"
    assert loaded_by(code, tmp_path).isdisjoint(unused)


def test_a_drill_loads_no_http_and_nothing_that_starts_a_command(tmp_path: Path) -> None:
    code = "import incident.game, incident.tui.app\nfrom incident.config import Config\n"
    code += "incident.game.Game(Config(state=__import__('pathlib').Path('state')), 'bad-deploy', 1.0).parts()"
    loaded = loaded_by(code, tmp_path)
    assert "incident.drills.player" in loaded
    assert loaded.isdisjoint({"httpx", "incident.runner", "incident.sources.http", "incident.sources.alerts"})


def test_listing_the_kinds_of_a_registry_loads_none_of_them(tmp_path: Path) -> None:
    code = """
from incident.sources.registry import Registry
from incident.exports import registry
assert Registry("incident.alerts", "alert source").names()
assert Registry("incident.changes", "change feed").names()
assert registry.names()
"""
    loaded = loaded_by(code, tmp_path)
    kinds = {entry.module for group in GROUPS for entry in entry_points(group=group)}
    assert kinds
    assert loaded.isdisjoint(kinds)
    assert "httpx" not in loaded


@pytest.mark.parametrize("group", GROUPS)
def test_every_registered_kind_can_be_loaded(group: str) -> None:
    entries = [entry for entry in entry_points(group=group) if entry.module.startswith("incident.")]
    assert entries
    assert all(callable(entry.load()) for entry in entries)


def test_the_program_is_registered_as_incident() -> None:
    [entry] = {entry.value: entry for entry in entry_points(group="console_scripts", name="incident")}.values()
    assert entry.value == "incident.cli:main"
    assert callable(entry.load())


def test_the_rings_hold() -> None:
    beside = Path(sys.executable).with_name("lint-imports")
    program = str(beside) if beside.is_file() else shutil.which("lint-imports")
    assert program, "import-linter belongs to the tests' requirements"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
