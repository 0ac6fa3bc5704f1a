"""The servers and the change feeds: is each reachable, fast, of which version, with which clock, behind which TLS."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from incident import world
from incident.cli.doctor.looks import Lines, Look
from incident.config import Config, Feed
from incident.core.doctor import answered, certificate, clock, in_the_clear, ok, problem, warning
from incident.core.ports import PacedSource
from incident.core.when import age
from incident.errors import IncidentError

if TYPE_CHECKING:
    from incident.sources.access import Access
    from incident.sources.probe import Seen

PATIENCE = 8.0  # seconds for one server or program: less than all looks together have
_SETTLE = "see `incident help config`"


def looks(config: Config, environment: dict[str, str]) -> list[Look]:
    """A look at every server and every change feed; one line each for what is not configured."""
    from incident.sources import probe

    try:
        access = replace(world.access_of(config, environment), timeout=PATIENCE)
    except IncidentError as off:
        line = problem("servers", f"{off.at}: {off.what}" if off.at else off.what, off.hint)
        return [Look("servers", blocks=lambda: [line]), *_feeds(config, environment)]
    servers: list[tuple[str, str, Callable[..., Awaitable[Seen]]]] = [
        *(("alertmanager", url, probe.alertmanager) for url in config.alertmanager),
        *(("prometheus", url, probe.prometheus) for url in [config.prometheus] if url),
    ]
    found = [Look(about, waits=partial(_server, about, url, ask, access)) for about, url, ask in servers]
    return [*found, Look("servers", blocks=lambda: _not_configured(config)), *_feeds(config, environment)]


def _not_configured(config: Config) -> Lines:
    lines: Lines = []
    if not config.alertmanager:
        lines.append(warning("alertmanager", "none is configured, so no alerts are shown", _SETTLE))
    if not config.prometheus:
        lines.append(warning("prometheus", "none is configured, so no signals are shown", _SETTLE))
    if not config.changes:
        lines.append(ok("changes", "no change feed is configured, so no deploy is named beside an alert"))
    return lines


async def _server(about: str, url: str, ask: Callable[..., Awaitable[Seen]], access: Access) -> Lines:
    """One server; when it does not answer, that is all there is to say."""
    seen = await ask(url, clock=world.RealClock(), access=access)
    return [
        answered(about, seen.url, seen.seconds, seen.version),
        clock(about, seen.offset),
        *await _transport(about, url, access),
    ]


async def _transport(about: str, url: str, access: Access) -> Lines:
    from incident.sources.access import is_loopback
    from incident.sources.probe import certificate_end, place_and_credentials

    place, credentials = place_and_credentials(url, access)
    if place.scheme == "http":
        return [in_the_clear(about, local=is_loopback(place.host), credentials=credentials)]
    end = await certificate_end(url, access)
    if end is None:
        return [ok(about, "TLS is verified; it is reached through a proxy, so its certificate was not looked at")]
    days = (end - world.RealClock().now().timestamp()) / 86_400
    return [certificate(about, days, access.ca_file or "this system's authorities")]


def _feeds(config: Config, environment: dict[str, str]) -> list[Look]:
    return [Look("changes", waits=partial(_feed, config, feed, environment)) for feed in config.changes]


async def _feed(config: Config, feed: Feed, environment: dict[str, str]) -> Lines:
    clock = world.RealClock()
    [source] = world.change_sources(replace(config, changes=(feed,)), clock, environment, PATIENCE)
    if isinstance(source, PacedSource) and source.pause == math.inf:
        return [ok("changes", f"{feed.name} is asked only when a person wants it: D among the changes")]
    changes = await source.fetch()
    note = f"; {source.note}" if isinstance(source, PacedSource) and source.note else ""
    last = max((change.at for change in changes), default=None)
    if last is None:
        return [warning("changes", f"{feed.name} answers, and tells no change", "see whether it should know of one")]
    told = "1 change" if len(changes) == 1 else f"{len(changes):,} changes"
    return [ok("changes", f"{feed.name} tells {told}, the last one {age(clock.now() - last)} ago{note}")]
