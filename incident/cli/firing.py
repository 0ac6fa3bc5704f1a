"""What fires now, at every source, for a verb that prints it or measures against it."""

from __future__ import annotations

from collections.abc import Sequence

from incident.config import Config
from incident.core.alert import Alert, in_order
from incident.core.matcher import Matcher
from incident.errors import SourceError


async def firing(config: Config, matchers: Sequence[Matcher] = ()) -> tuple[list[Alert], list[SourceError]]:
    """The alerts that every matcher lets through, the loudest first; and what the other sources said instead."""
    from incident import world

    alerts: list[Alert] = []
    failures: list[SourceError] = []
    for source in world.alert_sources(config, world.RealClock(), world.access_of(config)):
        try:
            alerts += (await source.fetch()).alerts
        except SourceError as failed:
            failures.append(failed)
        finally:
            await source.aclose()
    return in_order([alert for alert in alerts if all(matcher.holds(alert) for matcher in matchers)]), failures
