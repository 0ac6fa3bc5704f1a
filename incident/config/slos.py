"""The key `slos`: what is promised, and the queries that measure it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from incident.config.spot import Spot
from incident.core.text import one_line, plain
from incident.errors import ConfigError

if TYPE_CHECKING:
    from incident.core.budget.slo import Sli, Slo

_KEYS = ("name", "service", "objective", "window", "from", "good", "bad", "total", "error_ratio", "alerts")
_NEEDED = ("name", "objective")
_SHAPE = "{name, objective: 99.5, window: 28d, good: QUERY, total: QUERY}"
_PLACE_HINT = "write [$window] where its length of time goes, or a counter's bare selector"


def slos(spot: Spot) -> tuple[Slo, ...]:
    """The part `slos`. Raises ConfigError."""
    if not isinstance(spot.value, list):
        raise ConfigError("`slos` is a list of objectives", at=spot.where, hint=f"for example - {_SHAPE}")
    found: list[Slo] = []
    for item in spot.items():
        one = _slo(item)
        if any(one.title == other.title for other in found):
            raise ConfigError(f"the objective {one.title} is given twice", at=item.where, hint="give it another name")
        found.append(one)
    return tuple(found)


def _slo(spot: Spot) -> Slo:
    from incident.core.budget.slo import Slo, service_in

    if not isinstance(spot.value, dict):
        raise ConfigError("an objective is `key: value` lines", at=spot.where, hint=f"for example {_SHAPE}")
    known = dict(spot.pairs())
    for key, item in known.items():
        if key not in _KEYS:
            raise item.unknown(key, _KEYS, " in an objective")
    for key in _NEEDED:
        if key not in known:
            raise ConfigError(f"this objective has no `{key}`", at=spot.where, hint=f"for example {_SHAPE}")
    sli = _sli(spot, known)
    return Slo(
        name=one_line(known["name"].text()),
        objective=_objective(known["objective"]),
        window=_window(known["window"]) if "window" in known else 28 * 86_400.0,
        sli=sli,
        service=one_line(known["service"].text()) if "service" in known else service_in(sli.total or sli.ratio),
        since=_since(known["from"]) if "from" in known else None,
        alerts=tuple(one_line(item.text()) for item in known["alerts"].items()) if "alerts" in known else (),
        origin=spot.where,
    )


def _objective(spot: Spot) -> float:
    from incident.core.budget.slo import objective_of

    value: Any = spot.value
    if isinstance(value, str):
        try:
            value = float(value.strip().removesuffix("%"))
        except ValueError:
            value = None
    share = None if isinstance(value, bool) or not isinstance(value, int | float) else objective_of(value)
    if share is None:
        raise spot.wrong("per cent such as 99.5, at least 50 and below 100: at 100 nothing may ever fail")
    return share


def _window(spot: Spot) -> float:
    from incident.core.budget.slo import LEAST, MOST
    from incident.core.budget.spans import seconds_in

    seconds = seconds_in(spot.value) if isinstance(spot.value, str) else None
    if seconds is None or not LEAST <= seconds <= MOST:
        raise spot.wrong("a length of time such as 28d, from 1h to 400d")
    return seconds


def _since(spot: Spot) -> datetime:
    text = spot.text().strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise spot.wrong("the day on which a window began, such as 2026-05-04 (UTC)") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _sli(spot: Spot, known: dict[str, Spot]) -> Sli:
    from incident.core.budget.slo import Sli, has_place, sli_of, with_place

    given = [key for key in ("good", "bad", "total", "error_ratio") if key in known]
    if given == ["error_ratio"]:
        query = with_place(plain(known["error_ratio"].text()))
        return Sli(ratio=query) if has_place(query) else Sli(moment=query)
    if given not in (["good", "total"], ["bad", "total"]):
        raise ConfigError(
            f"this objective has {' and '.join(f'`{key}`' for key in given) or 'no query'}",
            at=spot.where,
            hint="give `good` and `total`, or `bad` and `total`, or `error_ratio` alone",
        )
    total, other = _counting("total", known["total"]), _counting(given[0], known[given[0]])
    return sli_of(total, good=other) if given[0] == "good" else sli_of(total, bad=other)


def _counting(key: str, spot: Spot) -> str:
    from incident.core.budget.slo import counting, has_place, with_place

    query = with_place(plain(spot.text()))
    if has_place(query):
        return query
    made = counting(query)
    if not made:
        raise ConfigError(f"`{key}` has no place for the window", at=spot.where, hint=_PLACE_HINT)
    return made
