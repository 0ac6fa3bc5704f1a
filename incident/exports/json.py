"""The post-mortem as JSON: the same draft as the Markdown, and every event of the log behind it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from incident.core.event import Event, to_json
from incident.core.incident import Incident
from incident.core.postmortem import SCHEMA, build, people
from incident.core.postmortem.roles import Roles
from incident.core.timeline import in_order
from incident.core.when import iso


def export(incident: Incident, events: Sequence[Event], now: datetime) -> str:
    """One JSON object in ASCII; durations are seconds, unknown values null, persons their roles."""
    ordered = in_order(events)
    mortem = build(incident, ordered, now)
    roles = people(incident, ordered)
    document = {
        "schema": SCHEMA,
        "kind": "drill" if mortem.drill else "incident",
        "status": "draft",
        "postmortem": _plain(mortem),
        "events": [_event(event, roles) for event in ordered],
    }
    # ASCII, because the log may hold halves of surrogate pairs, which no encoding takes.
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _event(event: Event, roles: Roles) -> dict[str, Any]:
    data = to_json(event)
    person = event.writer.person
    told = {key: _masked(_plain(value), roles) for key, value in data.items() if key not in {"id", "incident"}}
    told["writer"]["person"] = roles.of(person) if person else ""
    return {"id": event.id, "incident": event.incident, **told}


def _masked(value: Any, roles: Roles) -> Any:
    match value:
        case str():
            return roles.code(value)
        case list():
            return [_masked(item, roles) for item in value]
        case dict():
            return {roles.code(key): _masked(item, roles) for key, item in value.items()}
        case _:
            return value


def _plain(value: Any) -> Any:
    """Any value of the draft as JSON values."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return iso(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case float() if not math.isfinite(value):
            return None
        case Mapping():
            return {str(_plain(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
