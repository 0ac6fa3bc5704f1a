"""A row of another tool's timeline, and which rows are wanted."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from incident.core.event import Event
from incident.core.facts import Imported
from incident.core.text import one_line, plain
from incident.core.when import Precision
from incident.errors import UsageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,12}))?\Z", re.ASCII)
TEXT_LIMIT = 4_000  # characters of one row
_WHO_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Found:
    """One row, clean, at the time that the other tool gives it (UTC)."""

    at: datetime
    text: str
    key: str  # its identity in the other tool
    who: str = ""  # a person, as the other tool names them
    precision: Precision = Precision.SECOND

    @property
    def fact(self) -> Imported:
        """The row as a fact."""
        return Imported(self.text, self.who, self.key)


@dataclass(frozen=True, slots=True)
class Told:
    """What a file tells: its rows by time, and what is worth saying about the rest of it."""

    rows: tuple[Found, ...]
    notices: tuple[str, ...] = ()


def found(at: datetime, text: str, key: str, who: str = "", precision: Precision = Precision.SECOND) -> Found:
    """A row of foreign values, made clean."""
    return Found(at, plain(text, TEXT_LIMIT).strip(), one_line(key, 300), one_line(who, _WHO_LIMIT), precision)


def in_time(rows: Iterable[Found]) -> tuple[Found, ...]:
    """The rows by time; those of one moment as they came."""
    return tuple(sorted(rows, key=lambda row: row.at))


def within(rows: Iterable[Found], begin: datetime | None, end: datetime | None) -> tuple[Found, ...]:
    """The rows from `begin` to `end`, both included; None is no limit."""
    return tuple(row for row in rows if (begin is None or row.at >= begin) and (end is None or row.at <= end))


def not_yet(rows: Sequence[Found], source: str, events: Iterable[Event]) -> tuple[Found, ...]:
    """The rows that were not imported from this source before, each once; a row without a key always counts as new."""
    seen = {event.fact.key for event in events if isinstance(event.fact, Imported) and event.source == source} - {""}
    new: list[Found] = []
    for row in rows:
        if row.key not in seen:
            new.append(row)
            seen |= {row.key} - {""}
    return tuple(new)


def key_of(*parts: str) -> str:
    """An identity out of a row's content, for tools that give it none."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def epoch(text: str) -> datetime | None:
    """Seconds since 1970 with a fraction, exactly, as `1777691232.000200`; None when it is no such time."""
    parts = _SECONDS.match(text)
    if parts is None:
        return None
    return _EPOCH + timedelta(seconds=int(parts[1]), microseconds=int((parts[2] or "0")[:6].ljust(6, "0")))


def json_of(data: bytes, name: str) -> Any:
    """A file's JSON value. Raises UsageError with the line."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as broken:
        raise UsageError(f"this is not UTF-8 text: byte {broken.start}", at=name) from None
    except json.JSONDecodeError as broken:
        raise UsageError(f"this is no JSON: {broken.msg}", at=f"{name}:{broken.lineno}") from None
    except (ValueError, RecursionError):
        raise UsageError("this JSON is nested too deeply, or holds a number that is too long", at=name) from None


def nonsense(what: str, name: str, place: str, hint: str = "") -> UsageError:
    """A refusal that names the place in the file."""
    return UsageError(what, at=f"{name}, {place}", hint=hint)
