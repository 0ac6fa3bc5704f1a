"""The sources against a real Prometheus and a real Alertmanager, with a real service that breaks."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest

from incident.core.alert import Alert, AlertState, Severity
from incident.core.change import before
from incident.core.ports import Snapshot
from incident.errors import SourceError
from incident.sources.access import Access
from incident.sources.alerts.alertmanager import Alertmanager
from incident.sources.changes.command import CommandFeed
from incident.sources.signals.prometheus import Prometheus
from tests.system.world import ALERT, BAD, GOOD, World

pytestmark = [pytest.mark.xdist_group("world")]


class WallClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("no source sleeps")


async def read(world: World) -> Snapshot:
    source = Alertmanager([world.alertmanager_url], clock=WallClock(), name="am", access=Access(timeout=30))
    try:
        return await source.fetch()
    finally:
        await source.aclose()


def the_page(snapshot: Snapshot) -> Alert:
    [alert] = [alert for alert in snapshot.alerts if alert.name == ALERT]
    return alert


async def test_when_all_is_well_only_the_watchdog_fires(world: World) -> None:
    snapshot = await read(world)
    assert [(alert.name, alert.severity) for alert in snapshot.alerts] == [("Watchdog", Severity.INFO)]
    assert snapshot.offset == pytest.approx(0, abs=2)


async def test_a_bad_deploy_pages_and_is_read_with_its_service_and_runbook(paging_world: World) -> None:
    alert = the_page(await read(paging_world))
    assert alert.severity is Severity.PAGE
    assert alert.state is AlertState.ACTIVE
    assert alert.service == "acme"
    assert alert.summary == "Acme error rate burning budget fast"
    assert alert.annotations["runbook"] == "https://wiki.acme.com/runbooks/acme-error-rate"
    assert "0.005 * 14" in alert.expression
    assert timedelta(0) <= datetime.now(UTC) - alert.starts_at < timedelta(hours=1)


async def test_the_pages_signals_show_the_ratio_above_its_limit(paging_world: World) -> None:
    alert = the_page(await read(paging_world))
    prometheus = Prometheus(paging_world.prometheus_url, clock=WallClock(), name="prom", access=Access(timeout=30))
    signals = {signal.name: signal for signal in await prometheus.read(alert)}
    await prometheus.aclose()
    errors = signals["errors"]
    assert errors.limit == pytest.approx(7.0)
    assert errors.value is not None
    assert 7.0 < errors.value < 60.0
    assert errors.beyond
    assert errors.trend
    assert [name for name, signal in signals.items() if signal.value is None] == []
    p99, traffic = signals["p99"].value, signals["traffic"].value
    assert p99 is not None
    assert traffic is not None
    assert 0 < p99 < 2.5
    assert traffic > 0


async def test_a_query_that_prometheus_refuses_is_a_missing_signal(paging_world: World) -> None:
    alert = Alert("f", "A", Severity.PAGE, datetime.now(UTC), "am", labels={"job": "acme"}, expression="sum(up")
    prometheus = Prometheus(paging_world.prometheus_url, clock=WallClock())
    value, *_, traffic = (signal for signal in await prometheus.read(alert) if signal.name != "saturation")
    await prometheus.aclose()
    assert value.missing.startswith("it does not accept the request (400): ")
    assert "parse error" in value.missing
    assert traffic.value


async def test_the_deploy_is_found_before_the_page_and_names_what_to_roll_back_to(paging_world: World) -> None:
    alert = the_page(await read(paging_world))
    changes = await CommandFeed(paging_world.deploys, "deploys", 30).fetch()
    suspect = before(changes, alert.starts_at)[0]
    assert (suspect.version, suspect.previous, suspect.title) == (BAD, GOOD, "Faster checkout")
    assert paging_world.previous == GOOD


async def test_a_killed_alertmanager_is_an_error_and_a_restarted_one_is_young(paging_world: World) -> None:
    source = Alertmanager([paging_world.alertmanager_url], clock=WallClock(), access=Access(timeout=30))
    first = await source.fetch()
    paging_world.kill_alertmanager()
    killed = datetime.now(UTC)
    with pytest.raises(SourceError) as caught:
        await source.fetch()
    assert caught.value.what in ("connection refused", "the connection broke off")
    paging_world.start_alertmanager()
    restarted = await source.fetch()
    assert first.up_since is not None
    assert restarted.up_since is not None
    assert first.up_since < killed - timedelta(seconds=1)
    assert restarted.up_since >= killed - timedelta(seconds=1)
    await paging_world.until(paging_world.fires, "Prometheus tells the restarted Alertmanager")
    again = await source.fetch()
    await source.aclose()
    assert the_page(again).occurrence == the_page(first).occurrence


async def test_the_runbooks_own_command_heals_it(paging_world: World) -> None:
    done = await _gh(paging_world, "workflow", "run", "rollback.yml", "-f", f"sha={paging_world.previous}")
    assert (done.returncode, done.stdout) == (0, f"acme runs {GOOD} (was {BAD})\n")
    assert paging_world.get(f"{paging_world.acme_url}/healthz") == {"version": GOOD}
    await paging_world.until(lambda: not paging_world.fires(), "the page is gone")
    assert ALERT not in [alert.name for alert in (await read(paging_world)).alerts]


@pytest.mark.parametrize(
    "arguments",
    [
        ["workflow", "run", "rollback.yml", "-f", "sha=0000000"],
        ["workflow", "run", "rollback.yml", "-f", "sha=<previous>"],
        ["workflow", "run", "rollback.yml", "-f", GOOD],
        ["workflow", "run", "deploy.yml", "-f", f"sha={GOOD}"],
        ["workflow", "run", "rollback.yml"],
        ["repo", "delete"],
        [],
    ],
)
async def test_the_worlds_gh_does_nothing_else(arguments: list[str], world: World) -> None:
    assert (await _gh(world, *arguments)).returncode != 0
    assert world.version == GOOD


async def _gh(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        ["gh", *arguments],
        env={**os.environ, **world.environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
