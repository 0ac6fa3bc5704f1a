"""The keys `updates` and `escalation`: where updates go and how often, and who is to be told when."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from incident.config.model import Escalate, Updates
from incident.config.spot import Spot
from incident.core.text import one_line
from incident.errors import ConfigError

_UPDATES = ("webhook", "every", "name")
_ESCALATION = ("who", "after", "unless", "how")
_UNLESS = ("acknowledged", "mitigated", "resolved")
_SPAN = re.compile(r"(\d{1,4})\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN_SHAPE = "a time such as 30m or 1h"
_RULE_SHAPE = "{who: VP Eng, after: 1h, unless: mitigated, how: '+1 555 0100'}"


def updates(spot: Spot) -> Updates:
    """The part `updates`. Raises ConfigError."""
    known: dict[str, Any] = {}
    for key, item in spot.pairs():
        match key:
            case "webhook":
                known[key] = item.secret()
            case "every":
                known[key] = _span(item)
            case "name":
                known[key] = one_line(item.text(), 60)
            case _:
                raise item.unknown(key, _UPDATES, " in updates")
    return Updates(**known)


def escalation(spot: Spot) -> tuple[Escalate, ...]:
    """The part `escalation`. Raises ConfigError."""
    if not isinstance(spot.value, list):
        raise ConfigError("`escalation` is a list of whom to tell", at=spot.where, hint=f"for example - {_RULE_SHAPE}")
    return tuple(_rule(item) for item in spot.items())


def _rule(spot: Spot) -> Escalate:
    if not isinstance(spot.value, dict):
        raise spot.wrong(_RULE_SHAPE)
    known: dict[str, Any] = {}
    for key, item in spot.pairs():
        match key:
            case "who" | "how":
                known[key] = one_line(item.text(), 120)
            case "after":
                known[key] = _span(item)
            case "unless":
                if item.value not in _UNLESS:
                    raise item.wrong(f"one of {', '.join(_UNLESS)}")
                known[key] = item.value
            case _:
                raise item.unknown(key, _ESCALATION, " in escalation")
    if "who" not in known or "after" not in known:
        raise ConfigError("whom to tell needs `who` and `after`", at=spot.where, hint=f"for example {_RULE_SHAPE}")
    return Escalate(**known)


def _span(spot: Spot) -> timedelta:
    found = _SPAN.fullmatch(str(spot.value).strip()) if isinstance(spot.value, str) else None
    if found is None or not int(found[1]):
        raise spot.wrong(_SPAN_SHAPE)
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
