"""Alertmanager's JSON turned into alerts, once, cleaned."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from incident.core.alert import Alert, AlertState, severity_of
from incident.core.text import LIMIT, one_line, plain, visible
from incident.core.when import from_iso
from incident.errors import SourceError

_HINT = "the server, or a proxy in between, speaks another dialect; the last good data stays"


@dataclass(frozen=True, slots=True)
class Reported:
    """An alert and when the server last heard of it."""

    alert: Alert
    updated_at: datetime


class _OffError(Exception):
    """An element that cannot be an alert; the message says why."""


def reported(payload: Any, source: str, page: frozenset[str], info: frozenset[str]) -> tuple[Reported, ...]:
    """Every alert of an answer. Raises SourceError that names the first element that is off: none is left out."""
    if not isinstance(payload, list):
        raise SourceError(f"its answer is {_noun(payload)}, not a list of alerts", hint="is this an Alertmanager?")
    alerts = []
    for index, element in enumerate(payload):
        try:
            alerts.append(_alert(element, source, page, info))
        except _OffError as off:
            raise SourceError(f"alert {index + 1} of {len(payload)}: {off}", hint=_HINT) from None
    return tuple(alerts)


def _alert(element: Any, source: str, page: frozenset[str], info: frozenset[str]) -> Reported:
    if not isinstance(element, dict):
        raise _OffError(f"it is {_noun(element)}, not an object")
    labels = _texts(element, "labels", needed=True)
    fingerprint = element.get("fingerprint")
    if not isinstance(fingerprint, str) or not one_line(fingerprint, 128):
        raise _OffError("it has no fingerprint")
    starts_at = _time(element, "startsAt")
    alert = Alert(
        fingerprint=one_line(fingerprint, 128),
        name=one_line(labels.get("alertname", "")),
        severity=severity_of(labels.get("severity", ""), page, info),
        starts_at=starts_at,
        source=source,
        state=_state(element.get("status")),
        labels=labels,
        annotations=_texts(element, "annotations", needed=False),
        expression=_expression(element.get("generatorURL")),
    )
    return Reported(alert, _time(element, "updatedAt") if element.get("updatedAt") is not None else starts_at)


def _texts(element: dict[str, Any], key: str, *, needed: bool) -> dict[str, str]:
    """A map of texts, cleaned. Labels stay on one line; a label that pretends to be another never replaces it."""
    values = element.get(key)
    if values is None and not needed:
        return {}
    if not isinstance(values, dict):
        raise _OffError(f"its {key} are {_noun(values)}, not an object")
    cleaned: dict[str, str] = {}
    for name, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value)
        if not _is_clean(text):
            text = plain(text)
            if key == "labels":
                text = text.replace("\n", " ").replace("\t", " ")
        shown = name if _is_clean(name) else one_line(name) or visible(name)
        if shown == name or shown not in values:
            cleaned[shown] = text
        else:
            cleaned[visible(name)] = text
    return cleaned


def _is_clean(text: str) -> bool:
    """Whether cleaning would change nothing: a quick answer for nearly every label there is."""
    return text.isascii() and text.isprintable() and len(text) <= LIMIT


def _time(element: dict[str, Any], key: str) -> datetime:
    value = element.get(key)
    if not isinstance(value, str):
        raise _OffError(f"its {key} is {_noun(value)}, not a time")
    try:
        return from_iso(value)
    except (ValueError, OverflowError):
        raise _OffError(f"its {key} is no time: {one_line(value, 60)}") from None


def _state(status: Any) -> AlertState:
    """Whether it is muted. In doubt it is active, so that it is seen."""
    if not isinstance(status, dict) or status.get("state") != "suppressed":
        return AlertState.ACTIVE
    return AlertState.INHIBITED if status.get("inhibitedBy") and not status.get("silencedBy") else AlertState.SILENCED


def _expression(link: Any) -> str:
    """The query behind a link to Prometheus' graph page, or "" ."""
    if not isinstance(link, str):
        return ""
    try:
        return plain(parse_qs(urlsplit(link).query).get("g0.expr", [""])[0]).strip()
    except ValueError:
        return ""


def _noun(value: Any) -> str:
    """What a JSON value is, with its article."""
    match value:
        case None:
            return "missing"
        case bool() | int() | float():
            return "a number or a truth value"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
