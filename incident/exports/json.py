"""The post-mortem as JSON: the same draft as the Markdown, and every event of the log behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from incident.core.event import Event, to_json
from incident.core.incident import Incident
from incident.core.postmortem import SCHEMA, Manner, build, people
from incident.core.postmortem.manner import PLAIN
from incident.core.postmortem.roles import Roles
from incident.core.timeline import in_order
from incident.exports.plain import plain_values


def export(incident: Incident, events: Sequence[Event], now: datetime, manner: Manner = PLAIN) -> str:
    """One JSON object in ASCII; durations are seconds, unknown values null, persons their roles."""
    ordered = in_order(events)
    mortem = build(incident, ordered, now, manner.audience)
    roles = people(incident, ordered)
    document = {
        "schema": SCHEMA,
        "kind": "drill" if mortem.drill else "incident",
        "status": "draft",
        "postmortem": plain_values(mortem),
        "events": [_event(event, roles) for event in ordered],
    }
    # ASCII, because the log may hold halves of surrogate pairs, which no encoding takes.
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _event(event: Event, roles: Roles) -> dict[str, Any]:
    data = to_json(event)
    person = event.writer.person
    told = {key: _masked(plain_values(value), roles) for key, value in data.items() if key not in {"id", "incident"}}
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
