"""The real world for system tests: one per worker, healed between tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.answers import Answers
from tests.system.world import World, absent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with an empty folder of runbooks."""
    (tmp_path / "runbooks").mkdir()
    return tmp_path


@pytest.fixture
def server() -> Iterator[Answers]:
    """An Alertmanager in name."""
    with Answers() as answers:
        yield answers


@pytest.fixture(scope="session")
def running_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The servers, started once. Mark the tests with xdist_group("world"), or every worker starts its own."""
    if reason := absent():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with World(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def world(running_world: World) -> Iterator[World]:
    """A world in which all is well: the good version runs and only the watchdog fires."""
    _heal(running_world)
    yield running_world
    running_world.start_alertmanager()
    running_world.heal()


@pytest.fixture
def paging_world(running_world: World) -> Iterator[World]:
    """A world in which the bad version runs and the page fires."""
    running_world.start_alertmanager()
    running_world.break_it()
    running_world.wait_until(running_world.fires, "the page fires")
    yield running_world
    running_world.start_alertmanager()


def _heal(world: World) -> None:
    world.start_alertmanager()
    world.heal()
    world.wait_until(lambda: world.fires("Watchdog"), "the watchdog fires")
    world.wait_until(lambda: not world.fires(), "the page is gone")
    world.forget()
