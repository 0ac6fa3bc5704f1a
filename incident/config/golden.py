"""The key `signals`: a team's own queries for its golden signals, checked before anything is asked."""

from __future__ import annotations

import math
import re
from typing import Any

from incident.config.spot import Spot
from incident.core.promql import places
from incident.core.signals.wanted import Wanted
from incident.core.text import one_line
from incident.errors import ConfigError, UsageError

_KEYS = ("query", "unit", "limit", "floor")
_NAME = re.compile(r"[A-Za-z][\w .-]{0,19}\Z", re.ASCII)
_SCALES = {"ratio": ("%", 100.0), "ms": ("s", 0.001)}
_HINT = "for example {query: 'sum(rate(x{job=\"$labels.job\"}[5m]))', unit: /s, limit: 500}"
_UNITS = "ratio, %, s, ms, B, /s or a word of at most 12 characters"


def signals(spot: Spot) -> dict[str, dict[str, Wanted]]:
    """By service, `default` among them, and by name. Raises ConfigError."""
    return {
        one_line(service): {_name(name, at): _wanted(at) for name, at in own.pairs()} for service, own in spot.pairs()
    }


def _name(name: str, spot: Spot) -> str:
    if not _NAME.match(name):
        raise ConfigError(
            f"{one_line(name, 40)!r} cannot name a signal", at=spot.where, hint="a short word, such as p99"
        )
    return name


def _wanted(spot: Spot) -> Wanted:
    known = dict(spot.pairs()) if isinstance(spot.value, dict) else {"query": spot}
    for key, inner in known.items():
        if key not in _KEYS:
            raise inner.unknown(key, _KEYS, " in a signal")
    if "query" not in known:
        raise ConfigError("a signal needs a query", at=spot.where, hint=_HINT)
    if "limit" in known and "floor" in known:
        raise ConfigError("a signal has a limit or a floor, not both", at=known["floor"].where, hint=_HINT)
    query = known["query"].text().strip()
    try:
        places(query)
    except UsageError as off:
        raise ConfigError(f"this query cannot be used: {off.what}", at=known["query"].where, hint=off.hint) from None
    unit, scale = _unit(known.get("unit"))
    edge = known.get("limit") or known.get("floor")
    limit = _number(edge) * scale if edge is not None else None
    return Wanted(query, unit, scale, limit, "floor" in known)


def _unit(spot: Spot | None) -> tuple[str, float]:
    if spot is None:
        return "", 1.0
    unit = one_line(spot.text())
    if len(unit) > 12:
        raise spot.wrong(_UNITS)
    return _SCALES.get(unit, (unit, 1.0))


def _number(spot: Spot) -> float:
    value: Any = spot.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise spot.wrong("a number, in the unit of the query's own answer")
    return float(value)
