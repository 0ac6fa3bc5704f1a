"""One row of the journal: an event as JSON, tied by a hash to the row that its writer wrote before it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from incident.core.event import Event, from_json, to_json
from incident.core.text import LIMIT

COLUMNS = "position, id, node, seq, incident, kind, body, prev, sha"
MARKS = "?, ?, ?, ?, ?, ?, ?, ?, ?"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it lies on disk. `position` counts all rows, `seq` those of one writer."""

    position: int
    id: str
    node: str
    seq: int
    incident: str
    kind: str
    body: str
    prev: str  # sha of the writer's row before, empty for its first
    sha: str

    @property
    def where(self) -> str:
        """The row's place in words."""
        return f"row {self.position} ({self.node} {self.seq})"

    @property
    def intact(self) -> bool:
        """Whether the row is what was written."""
        return self.sha == chained(self.prev, self.node, self.seq, self.body)

    def event(self) -> Event:
        """The event. Raises ValueError, KeyError or TypeError when it cannot be told."""
        data = json.loads(self.body)
        event = from_json(data)
        told = (event.id, event.writer.node, event.seq, event.incident, str(data["kind"]))
        if told != (self.id, self.node, self.seq, self.incident, self.kind):
            raise ValueError("its columns contradict its body")
        return event


def chained(prev: str, node: str, seq: int, body: str) -> str:
    """The hash that ties a row to the one before it."""
    return hashlib.sha256(json.dumps([prev, node, seq, body], default=repr).encode("ascii")).hexdigest()


def storable(event: Event) -> tuple[dict[str, Any], Event]:
    """An event as JSON that can be stored and exported anywhere, and as it will be read back.

    NUL and lone surrogates become visible escapes, a text is capped, and what was cut is said.
    Raises ValueError, KeyError or TypeError for what could not be read back.
    """
    data: dict[str, Any] = _clean(to_json(event))
    return data, from_json(json.loads(body_of(data, event.seq)))


def body_of(data: Mapping[str, Any], seq: int) -> str:
    """The text that is stored, in ASCII. Raises ValueError or TypeError for what JSON cannot hold."""
    return json.dumps({**data, "seq": seq}, ensure_ascii=True, separators=(",", ":"))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, Mapping):
        return {_clean_text(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def _clean_text(text: str) -> str:
    over = len(text) - LIMIT
    if over > 0:
        text = f"{text[:LIMIT]}… ({over} more characters)"
    return _UNSTORABLE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code else "\\x00"
