"""An incident handed to an exporter, for colleagues or for everybody."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from datetime import datetime

from incident.core.event import Event
from incident.core.incident import Incident
from incident.core.postmortem.manner import Audience, Manner
from incident.core.postmortem.public import for_public


def write(
    exporter: Callable[..., str], incident: Incident, events: Sequence[Event], now: datetime, manner: Manner
) -> str:
    """The document. What others may not see is gone before any exporter looks; one that takes a manner gets it."""
    known = list(events)
    if manner.audience is Audience.PUBLIC:
        incident, known = for_public(incident, known)
    if "manner" in inspect.signature(exporter).parameters:
        return exporter(incident, known, now, manner=manner)
    return exporter(incident, known, now)
