"""The event that records a fact: who wrote it, when it happened, how exactly that is known; and its JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, get_type_hints

from incident.core.facts import KINDS, Fact, Unrecognised
from incident.core.when import Precision, from_iso, iso


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote an event: the person, the machine, and the process on it."""

    person: str
    host: str
    process: str

    @property
    def node(self) -> str:
        """Identity of the sequence that this writer counts."""
        return f"{self.host}/{self.process}"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an incident's log. Never changed; times are UTC."""

    id: str  # globally unique; sorts by when it was recorded
    incident: str
    at: datetime  # when it happened
    fact: Fact
    writer: Writer
    recorded_at: datetime
    precision: Precision = Precision.SECOND
    source: str = "tool"  # who says so: tool, person, alertmanager, ...
    seq: int = 0  # position in its writer's sequence, from 1; 0 before it is on disk
    until: datetime | None = None  # when it was over, where it is a range of time

    @property
    def order(self) -> tuple[datetime, str]:
        """The timeline's order: by when it happened, then by when it was recorded."""
        return (self.at, self.id)


_ID = re.compile(r"([0-9a-e][0-9a-f]{11})([0-9a-f]{4})[0-9a-f]{12}\Z")


def next_id(now: datetime, last: str, chance: int) -> str:
    """An id behind `last` that sorts by time: milliseconds, a counter within one, and 48 bits of `chance`.

    When the clock steps back, ids keep counting from where they were, so that causes stay before effects. Nothing is
    counted from an id of another make.
    """
    milliseconds = max(0, int(now.timestamp() * 1000))
    count = 0
    if counts := _ID.match(last):
        before, counted = int(counts[1], 16), int(counts[2], 16)
        if milliseconds <= before:
            milliseconds, count = (before, counted + 1) if counted < 0xFFFF else (before + 1, 0)
    return f"{milliseconds:012x}{count:04x}{chance & 0xFFFFFFFFFFFF:012x}"


def to_json(event: Event) -> dict[str, Any]:
    """An event as JSON values; the inverse of `from_json`."""
    until = {} if event.until is None else {"until": iso(event.until)}
    return {
        "id": event.id,
        "incident": event.incident,
        "at": iso(event.at),
        **until,
        "precision": event.precision.value,
        "source": event.source,
        "recorded_at": iso(event.recorded_at),
        "seq": event.seq,
        "writer": {"person": event.writer.person, "host": event.writer.host, "process": event.writer.process},
        "kind": event.fact.named if isinstance(event.fact, Unrecognised) else event.fact.kind,
        "body": body_of(event.fact),
    }


def from_json(data: Mapping[str, Any]) -> Event:
    """An event from what `to_json` made. Raises ValueError, KeyError or TypeError when the envelope is broken.

    A precision that a later version added counts as about.
    """
    writer = data["writer"]
    precision = str(data["precision"])
    return Event(
        id=str(data["id"]),
        incident=str(data["incident"]),
        at=from_iso(data["at"]),
        fact=fact_of(str(data["kind"]), data["body"]),
        writer=Writer(str(writer["person"]), str(writer["host"]), str(writer["process"])),
        recorded_at=from_iso(data["recorded_at"]),
        precision=Precision(precision) if precision in _PRECISIONS else Precision.ABOUT,
        source=str(data["source"]),
        seq=int(data["seq"]),
        until=from_iso(data["until"]) if "until" in data else None,
    )


def body_of(fact: Fact) -> dict[str, Any]:
    """A fact's values as JSON values."""
    if isinstance(fact, Unrecognised):
        return dict(fact.body)
    return {f.name: _encoded(getattr(fact, f.name)) for f in fields(fact)}


def fact_of(kind: str, body: Mapping[str, Any]) -> Fact:
    """A fact from its kind and JSON values; what this version cannot read is kept as Unrecognised."""
    cls = KINDS.get(kind)
    if cls is None:
        return Unrecognised(kind, dict(body))
    hints = _hints(cls)
    try:
        # Keys that a later version added are left out; ones it needs and that are missing raise.
        return cls(**{name: _decoded(body[name], hints[name]) for name in hints if name in body})
    except (TypeError, ValueError, OverflowError):
        return Unrecognised(kind, dict(body))


_PRECISIONS = frozenset(precision.value for precision in Precision)
_HINTS: dict[type[Fact], dict[str, Any]] = {}


def _hints(cls: type[Fact]) -> dict[str, Any]:
    if cls not in _HINTS:
        named = get_type_hints(cls)
        _HINTS[cls] = {f.name: named[f.name] for f in fields(cls)}
    return _HINTS[cls]


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value


def _decoded(value: Any, hint: Any) -> Any:
    """A value of the type that its field has. Raises TypeError or ValueError for one that only resembles it."""
    if hint is datetime:
        return from_iso(value)
    if hint in (float, float | None):
        return None if value is None and hint is not float else _finite(value)
    if hint == tuple[str, ...]:
        return tuple(_of_type(item, str) for item in _of_type(value, list))
    if hint == Mapping[str, str]:
        return {_of_type(key, str): _of_type(item, str) for key, item in _of_type(value, dict).items()}
    return _of_type(value, hint)


def _finite(value: Any) -> float:
    if not math.isfinite(_of_type(value, (int, float))):
        raise ValueError(f"{value} is no number")
    return float(value)


def _of_type(value: Any, wanted: Any) -> Any:
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise TypeError(f"this is a {type(value).__name__}")
    return value
