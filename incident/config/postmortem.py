"""How this team's post-mortems look: its template, its headings."""

from __future__ import annotations

from typing import Any

from incident.config.model import PostMortem
from incident.config.spot import Spot
from incident.core.text import one_line
from incident.errors import ConfigError

_KEYS = ("template", "headings")


def postmortem(spot: Spot) -> PostMortem:
    """The part `postmortem`. Raises ConfigError."""
    known: dict[str, Any] = {}
    for key, item in spot.pairs():
        if key not in _KEYS:
            raise item.unknown(key, _KEYS, " in postmortem")
        known[key] = item.place() if key == "template" else _headings(item)
    return PostMortem(**known)


def _headings(spot: Spot) -> tuple[str, ...]:
    ours = PostMortem().headings
    named = [one_line(item.text(), 80) for item in spot.items()]
    if len(named) != len(ours) or len({name.casefold() for name in named}) != len(ours):
        raise ConfigError(
            f"`postmortem.headings` is a list of {len(ours)} different headings",
            at=spot.where,
            hint=f"in the order of: {', '.join(ours)}",
        )
    return tuple(named)
