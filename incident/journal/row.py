"""One row of the journal: an event as JSON, tied by a hash to the row that its writer wrote before it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from incident.core.event import Event, to_json
from incident.core.facts import Redacted, Tombstone
from incident.core.text import LIMIT
from incident.journal.decode import decoded

COLUMNS = "position, id, node, seq, incident, kind, body, prev, sha, origin"
COLUMNS_OF_1 = "position, id, node, seq, incident, kind, body, prev, sha, ''"  # in a file of the first version
MARKS = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
IMPORTED = "import"  # the origin of a row that another journal handed over
CLEANED = "cleaned"  # in the envelope of an imported event whose text had to be made inert

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SEALED = re.compile(r'(.*),"seal":"([0-9a-f]{64})"}', re.DOTALL)
_escaped = json.encoder.encode_basestring_ascii


class Row(NamedTuple):
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
    origin: str = ""  # "" for a row that was written into this journal

    @property
    def where(self) -> str:
        """The row's place in words."""
        return f"row {self.position} ({self.node} {self.seq})"

    @property
    def honest(self) -> bool:
        """Whether the body is the one that the hash was made of."""
        return self.sha == chained(self.prev, self.node, self.seq, self.body)

    @property
    def intact(self) -> bool:
        """Whether the row is what was written, or what took its place with a seal."""
        return self.honest or self.replaced

    @property
    def replaced(self) -> bool:
        """Whether the body carries a good seal: it is another one than the hash was made of."""
        found = _SEALED.fullmatch(self.body) if isinstance(self.body, str) else None
        return found is not None and found[2] == _seal(self.sha, f"{found[1]}}}")

    @property
    def redacted(self) -> bool:
        """Whether a tombstone stands in the place of the fact."""
        return self.kind == Tombstone.kind

    @property
    def orders(self) -> bool:
        """Whether this is an order to redact another row."""
        return self.kind == Redacted.kind

    def event(self) -> Event:
        """The event. Raises ValueError, KeyError or TypeError when it cannot be told."""
        event, kind = decoded(self.body)
        if (event.id, event.writer.node, event.seq, event.incident, kind) != (
            self.id, self.node, self.seq, self.incident, self.kind,
        ):  # fmt: skip
            raise ValueError("its columns contradict its body")
        return event

    def with_event(self, event: Event, *, cleaned: bool = False) -> Row:
        """The row with a sealed body of another event in its place: a tombstone, or the same in inert text."""
        data = {**to_json(event), CLEANED: True} if cleaned else to_json(event)
        body = body_of(data, self.seq)
        sealed = f'{body[:-1]},"seal":"{_seal(self.sha, body)}"}}'
        return self._replace(kind=data["kind"], body=sealed)


def chained(prev: str, node: str, seq: int, body: str) -> str:
    """The hash that ties a row to the one before it."""
    try:
        text = f"[{_escaped(prev)}, {_escaped(node)}, {seq:d}, {_escaped(body)}]"
    except (TypeError, ValueError):  # a damaged row may hold anything
        text = json.dumps([prev, node, seq, body], default=repr)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def storable(event: Event) -> tuple[dict[str, Any], Event]:
    """An event as JSON that can be stored and exported anywhere, and as it will be read back.

    NUL and lone surrogates become visible escapes, a text is capped, and what was cut is said.
    Raises ValueError, KeyError or TypeError for what could not be read back.
    """
    data: dict[str, Any] = _clean(to_json(event))
    return data, decoded(body_of(data, event.seq))[0]


def body_of(data: Mapping[str, Any], seq: int) -> str:
    """The text that is stored, in ASCII. Raises ValueError or TypeError for what JSON cannot hold."""
    return json.dumps({**data, "seq": seq}, ensure_ascii=True, separators=(",", ":"))


def _seal(sha: str, body: str) -> str:
    return chained(sha, "seal", 0, body)


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
