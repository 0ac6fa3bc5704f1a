"""Kinds of source come from entry points, ours as anybody's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from incident.errors import UsageError
from incident.sources.registry import Registry

TOYS = Registry("incident.toys", "toy")


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that offers toys, installed in a folder of its own."""
    _package(tmp_path, "toybox", "bear = toybox:Bear\nlost = toybox:Lost\ngone = no_such_toybox:Gone\n")
    (tmp_path / "toybox.py").write_text("class Bear:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def _package(folder: Path, name: str, toys: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[incident.toys]\n{toys}")


def test_names_are_listed_without_importing_anything(toys: Path) -> None:
    assert TOYS.names() == ("bear", "gone", "lost")
    assert "toybox" not in sys.modules


def test_a_kind_is_loaded_by_its_name(toys: Path) -> None:
    assert TOYS.load("bear").__name__ == "Bear"


@pytest.mark.parametrize("name", ["lost", "gone"])
def test_a_kind_that_cannot_be_imported_is_an_error_in_words(name: str, toys: Path) -> None:
    with pytest.raises(UsageError) as caught:
        TOYS.load(name)
    assert caught.value.what.startswith(f"the toy `{name}` cannot be loaded: ")
    assert caught.value.hint == "reinstall the package that offers it"


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(toys: Path) -> None:
    with pytest.raises(UsageError) as caught:
        TOYS.load("baer")
    assert (caught.value.what, caught.value.hint) == ("there is no toy `baer`", "did you mean `bear`?")


def test_a_name_that_is_far_off_is_answered_with_all_there_are(toys: Path) -> None:
    with pytest.raises(UsageError) as caught:
        TOYS.load("xylophone")
    assert caught.value.hint == "known: bear, gone, lost"
    with pytest.raises(UsageError) as caught:
        Registry("incident.nothing", "thing").load("x")
    assert caught.value.hint == "known: none"


def test_two_packages_with_the_same_name_are_told_apart_by_nobody(toys: Path) -> None:
    _package(toys, "otherbox", "bear = otherbox:Bear\n")
    with pytest.raises(UsageError, match="two packages offer the toy `bear`"):
        TOYS.load("bear")


def test_looking_at_the_kinds_imports_neither_http_nor_a_source() -> None:
    code = """
import sys
from incident.sources import alerts, changes
alerts.KINDS.names(), changes.KINDS.names()
loaded = [m for m in sys.modules if m.split(".")[0] in ("httpx", "asyncio") or m.startswith("incident.sources.alerts.")]
sys.exit(f"loaded: {loaded}" if loaded else 0)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
