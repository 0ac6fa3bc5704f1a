"""The golden signals of a real service on a real Prometheus: what is found by itself, and since when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from incident.core.when import from_iso
from tests.system.terminal import from_a_shell
from tests.system.world import BAD, World, absent

HISTORY = 45  # values, one a second, before something breaks
pytestmark = [pytest.mark.skipif(bool(absent()), reason=absent() or "-"), pytest.mark.xdist_group("calm world")]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, datetime]]:
    """A world that was well for a while, then broke, and when."""
    with World(tmp_path_factory.mktemp("calm")) as world:
        query = quote('max(count_over_time(up{job="acme"}[2m]))')

        def counted() -> bool:
            [one] = world.get(f"{world.prometheus_url}/api/v1/query?query={query}")["data"]["result"]
            return float(one["value"][1]) >= HISTORY

        world.wait_until(counted, "there is a calm history")
        at = datetime.now(UTC)
        world.break_it()
        world.wait_until(world.fires, "the page fires")
        yield world, at


def signals(world: World, home: Path, *more: str) -> dict[str, object]:
    done = from_a_shell(
        "signals", "severity=page", "--json", *more, "--alertmanager", world.alertmanager_url,
        "--prometheus", world.prometheus_url, home=home,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [about] = json.loads(done.stdout)["signals"]
    assert isinstance(about, dict)
    return about


def test_the_start_is_found_where_the_deploy_was(broken: tuple[World, datetime], home: Path) -> None:
    world, at = broken
    assert world.version == BAD
    since = signals(world, home, "--since")["since"]
    assert isinstance(since, dict)
    assert since["found"], since["words"]
    found = since["found"]
    assert from_iso(found["from"]) - timedelta(seconds=2) <= at <= from_iso(found["to"])
    assert from_iso(found["to"]) - from_iso(found["from"]) <= timedelta(seconds=10)
    assert found["before"] < 1 < 7 < found["since"]


def test_latency_traffic_and_saturation_are_found_by_what_exists(broken: tuple[World, datetime], home: Path) -> None:
    world, _ = broken
    about = signals(world, home)
    values = {one["name"]: one["value"] for one in about["signals"]}  # type: ignore[attr-defined]  # JSON as it was printed
    assert set(values) == {"errors", "p99", "traffic", "saturation", "p95", "p50"}
    assert all(value is not None for value in values.values()), about
    assert values["p50"] < values["p99"] < 1
