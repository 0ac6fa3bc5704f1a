"""Every key of the configuration, read from what stands in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from incident.config.feeds import feeds
from incident.config.model import KEYS
from incident.config.reaching import http
from incident.config.spot import Spot
from incident.core.text import one_line


def read_key(key: str, value: Any, file: Path | None, at: Callable[..., str]) -> dict[str, Any]:
    """The fields of the configuration that a key sets. Raises ConfigError."""
    spot = Spot(value, (key,), at, file)
    if key not in KEYS:
        raise spot.unknown(key, tuple(KEYS))
    if key == "read_only":
        return _read_only(spot)
    return {key: _value(key, spot)}


def _value(key: str, spot: Spot) -> Any:
    match key:
        case "alertmanager":
            return tuple(item.url() for item in spot.items())
        case "prometheus":
            return spot.url()
        case "signals":
            from incident.config.golden import signals  # only who has queries of their own needs it

            return signals(spot)
        case "runbooks" | "slo_files":
            return tuple(item.place() for item in spot.items())
        case "state" | "postmortems":
            return spot.place()
        case "person":
            return one_line(spot.text())
        case "page" | "info":
            return frozenset(word.text().strip().lower() for word in spot.items())
        case "production" | "approval":
            return tuple(item.text() for item in spot.items())
        case "poll":
            value = spot.value
            if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 300:
                raise spot.wrong()
            return float(value)
        case "runbook_map":
            return {name: target.text() for name, target in spot.pairs()}
        case "changes":
            return feeds(spot)
        case "postmortem":
            from incident.config.postmortem import postmortem  # only a team with a shape of its own needs it

            return postmortem(spot)
        case "slos":
            from incident.config.slos import slos  # only who promises something needs it

            return slos(spot)
        case "updates" | "escalation":
            from incident.config import telling  # only who sends updates needs it

            return telling.updates(spot) if key == "updates" else telling.escalation(spot)
        case "tickets":
            from incident.config.tickets import tickets  # only who makes tickets needs it

            return tickets(spot)
        case _:
            return http(spot)


def _read_only(spot: Spot) -> dict[str, Any]:
    """A switch, or the targets it is for. A lone word is neither: `yes` would be a pattern that matches nothing."""
    if isinstance(spot.value, list):
        return {"read_only_targets": tuple(item.text() for item in spot.items())}
    if not isinstance(spot.value, bool):
        raise spot.wrong()
    return {"read_only": spot.value}
