"""Where, beside the journal, something may still stand that is to leave the disk for good."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from incident.journal.row import Row

_PIECE = 24  # characters; a damaged page may hold less than the whole of a text
_STRIDE = 8
_TELLING = 8  # characters; shorter texts are words that stand in many rows


def copies_that_may_hold(journal: Path, row: Row, others: Iterable[Path] = ()) -> list[Path]:
    """The files that an earlier repair put aside, and others, with this row or a piece of it. Raises OSError."""
    kept = sorted(path for path in journal.parent.glob(f"{journal.name}.*") if path.is_file())
    signs = [row.id.encode("utf-8", "replace"), *_pieces(row)]
    return [path for path in (*kept, *others) if _holds(path, signs)]


def _pieces(row: Row) -> Iterator[bytes]:
    try:
        values = list(_texts(json.loads(row.body)["body"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        values = [row.body]
    for value in values:
        text = json.dumps(value)[1:-1].encode("ascii")
        if len(text) >= _TELLING:
            yield from (text[at : at + _PIECE] for at in range(0, max(1, len(text) - _PIECE), _STRIDE))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _holds(path: Path, signs: Iterable[bytes]) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(sign) >= 0 for sign in signs)
