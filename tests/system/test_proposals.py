"""A proposal on a real Prometheus: how old its data are is known, and a target that is gone ends every proposal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import quote

import pytest

from incident.core.alert import Alert, Severity
from incident.core.freshness import interval_query
from incident.core.signals import Signal
from incident.engine import Engine
from incident.sources.access import Access
from incident.sources.signals.prometheus import Prometheus
from tests import fakes
from tests.adapters.http_server import WallClock
from tests.system.world import ALERT, World
from tests.system.world.settings import RULES

pytestmark = [pytest.mark.xdist_group("world")]
EXPRESSION = RULES.partition("expr: |")[2].partition("for: 2s")[0].strip()


def alert(**labels: str) -> Alert:
    now = WallClock().now()
    return Alert("a1", ALERT, Severity.PAGE, now, "am", labels={"job": "acme", **labels}, expression=EXPRESSION)


def engine_on(world: World) -> Engine:
    prometheus = Prometheus(world.prometheus_url, clock=WallClock(), name="prom", access=Access(timeout=30))
    return Engine(replace(fakes.World().parts(), clock=WallClock(), signals=prometheus))


async def own(world: World, engine: Engine) -> Signal:
    """The page's own signal, once the server has seen enough scrapes to say how far they are apart."""
    query = quote(interval_query('http_requests_total{job="acme"}'))

    def known() -> bool:
        found = world.get(f"{world.prometheus_url}/api/v1/query?query={query}")["data"]["result"]
        return bool(found) and float(found[0]["value"][1]) > 0.2

    await world.until(known, "the scrapes' interval is known")
    return next(signal for signal in await engine.signals(alert()) if signal.limit is not None)


async def test_the_age_of_real_data_is_known_and_they_count(world: World) -> None:
    engine = engine_on(world)
    await engine.load()
    reading = await engine.proposals._reading(await own(world, engine))
    await engine.stop()
    assert reading.counts
    assert reading.age is not None
    assert reading.interval is not None
    assert 0 <= reading.age <= 2.5
    assert 0.2 < reading.interval <= 1.6  # the world is scraped every second


async def test_data_that_no_scrape_renews_do_not_count_although_the_query_still_answers(world: World) -> None:
    engine = engine_on(world)
    await engine.load()
    good = await own(world, engine)
    gone = replace(good, query=good.query.replace('job="acme"', 'job="gone"'))
    reading = await engine.proposals._reading(gone)
    moved = await engine.proposals._reading(replace(good, query=f"({good.query}) offset 1m"))
    await asyncio.gather(engine.stop())
    assert not reading.counts
    assert not moved.counts
