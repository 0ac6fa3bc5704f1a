"""Every key of the configuration, read from what stands in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from incident.config.model import KEYS, Feed
from incident.config.reaching import http
from incident.config.spot import Spot
from incident.core.text import one_line
from incident.errors import ConfigError

_FEED_KEYS = ("name", "command")


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
        case "runbooks":
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
            return _feeds(spot)
        case _:
            return http(spot)


def _read_only(spot: Spot) -> dict[str, Any]:
    """A switch, or the targets it is for. A lone word is neither: `yes` would be a pattern that matches nothing."""
    if isinstance(spot.value, list):
        return {"read_only_targets": tuple(item.text() for item in spot.items())}
    if not isinstance(spot.value, bool):
        raise spot.wrong()
    return {"read_only": spot.value}


def _feeds(spot: Spot) -> tuple[Feed, ...]:
    if not isinstance(spot.value, list):
        raise spot.wrong()
    feeds = []
    for item in spot.items():
        known = dict(item.pairs()) if isinstance(item.value, dict) else {}
        for key, inner in known.items():
            if key not in _FEED_KEYS:
                raise inner.unknown(key, _FEED_KEYS, " in a change feed")
        command = known.get("command")
        if command is None or not isinstance(command.value, list) or not command.value:
            raise ConfigError(
                "a change feed needs a command, as a list of words",
                at=(command or item).where,
                hint="for example {name: deploys, command: [./deploys.sh, --json]}",
            )
        argv = tuple(word.text() for word in command.items())
        feeds.append(Feed(known["name"].text() if "name" in known else Path(argv[0]).name, argv))
    return tuple(feeds)
