"""Rows on their way between journals: JSON Lines, each with the hashes that tie it to its writer's others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from incident.core.event import from_json
from incident.core.text import LIMIT, one_line, plain
from incident.journal.believing import Problem
from incident.journal.row import IMPORTED, Row

LONGEST = 4 * 1024 * 1024  # bytes of one line
_NAME = 300  # characters of an identity
_TEXT = LIMIT + 100  # characters of a text; the words that say what was cut stand behind the limit
_SHA = re.compile(r"[0-9a-f]{64}")
_TIGHT = (",", ":")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows that another journal handed over."""

    new: int = 0
    known: int = 0
    redacted: int = 0  # rows that were here already and that orders among the new ones redacted
    refused: tuple[Problem, ...] = ()

    def __add__(self, more: Taken) -> Taken:
        """Both together."""
        return Taken(
            self.new + more.new,
            self.known + more.known,
            self.redacted + more.redacted,
            (*self.refused, *more.refused),
        )


def line_of(row: Row) -> str:
    """A row as one line, without its end. Only ASCII."""
    data = {"event": json.loads(row.body), "prev": row.prev, "sha": row.sha}
    return json.dumps(data, ensure_ascii=True, separators=_TIGHT)


def row_of(line: str) -> Row:
    """The row of a line, its foreign text made inert. Raises ValueError, in words, for what is no row."""
    try:
        data = json.loads(line, parse_constant=_no_number)
        event = data["event"]
        body = json.dumps(event, ensure_ascii=True, separators=_TIGHT)
        writer = event["writer"]
        names = [event["id"], event["incident"], event["kind"], writer["host"], writer["process"]]
        seq, prev, sha = event["seq"], data["prev"], data["sha"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("is no row of a journal") from None
    if not all(isinstance(name, str) and name and one_line(name, _NAME) == name for name in names):
        raise ValueError("has a name that cannot be one")
    if not all(isinstance(digest, str) and _SHA.fullmatch(digest) for digest in (sha, prev or sha)):
        raise ValueError("has no hash")
    if type(seq) is not int or not 0 < seq < 2**53:
        raise ValueError("has no number")
    identity, incident, kind, host, process = names
    row = Row(0, identity, f"{host}/{process}", seq, incident, kind, body, prev, sha, IMPORTED)
    if not row.intact:
        raise ValueError("was changed after it was written")
    return _inert(row, event)


def _inert(row: Row, data: Mapping[str, Any]) -> Row:
    """The row with its event's text made inert; the same row when it was. Raises ValueError."""
    try:
        row.event()
        writer = {**data["writer"], "person": one_line(data["writer"]["person"], _NAME)}
        source = one_line(data["source"], _NAME)
        clean = {**data, "writer": writer, "source": source, "body": _plain(data["body"])}
        event = from_json(clean)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"cannot be read: {error}") from None
    return row if clean == data else row.with_event(event, cleaned=True)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value, _TEXT)
    if isinstance(value, dict):
        return {plain(key, _TEXT): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
