"""Rows picked out of a damaged journal, page by page, without trusting anything in it but a row's own hash.

Of SQLite's file format (https://sqlite.org/fileformat2.html) this reads table leaf pages and their overflow pages.
Whatever comes out of a page by accident does not match its hash and is left behind.
"""

from __future__ import annotations

import mmap
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from incident.journal.folder import make_file, sync
from incident.journal.row import COLUMNS, MARKS, Row
from incident.journal.schema import PAGE, VERSION, migrate

_LEAF = 0x0D
_FIRST_PAGE_OFFSET = 100  # the file's header stands before the first page's own
_VERSION_AT = slice(60, 64)  # user_version, in the file's header
_NEWER = 1_000  # versions ahead of this one that are believed; beyond, the number is part of the damage
_MAGIC = b"SQLite format 3\0"
_LOCAL_MAX = PAGE - 35  # bytes of a row that stay in its page
_LOCAL_MIN = (PAGE - 12) * 32 // 255 - 23
_ABSURD = 2**48  # a position that no journal reaches
_APART = 1_000_000  # positions left free behind a repair, so that none is ever given out twice


def salvage(path: Path) -> list[Row]:
    """Every intact row in the file, by position. Raises OSError."""
    found: dict[str, Row] = {}
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            return []
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            for start in range(0, len(data), PAGE):
                for row in _rows_in(data, start):
                    # Of a row that was redacted no earlier copy may come back.
                    if row.sha not in found or row.redacted:
                        found[row.sha] = row
    return _placed(found.values())


def is_newer(path: Path) -> bool:
    """Whether a damaged file says that a newer version wrote it. Raises OSError."""
    with path.open("rb") as file:
        header = file.read(_FIRST_PAGE_OFFSET)
    return header.startswith(_MAGIC) and VERSION < int.from_bytes(header[_VERSION_AT]) < VERSION + _NEWER


def rebuild(path: Path) -> tuple[int, Path]:
    """Put a fresh journal with every intact row in the damaged one's place.

    The damaged file is kept as `.broken-<n>`. Answers how many rows were saved, and that file. At any moment either
    the damaged journal or the whole fresh one stands at `path`. Nobody else may use it meanwhile.
    Raises OSError or sqlite3.Error; then the damaged file is where it was.
    """
    rows = salvage(path)
    fresh = path.with_name(f"{path.name}.fresh")
    fresh.unlink(missing_ok=True)
    try:
        _write(fresh, rows)
        kept = _keep(path)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
        fresh.with_name(f"{fresh.name}-journal").unlink(missing_ok=True)
    sync(path.parent)
    return len(rows), kept


def _placed(rows: Iterable[Row]) -> list[Row]:
    """The rows by position; one whose position, which no hash covers, is taken or absurd goes to the end."""
    placed: dict[int, Row] = {}
    homeless = []
    for row in rows:
        if 0 < row.position < _ABSURD and row.position not in placed:
            placed[row.position] = row
        else:
            homeless.append(row)
    for position, row in enumerate(homeless, start=max(placed, default=0) + 1):
        placed[position] = row._replace(position=position)
    return [placed[position] for position in sorted(placed)]


def _write(fresh: Path, rows: Sequence[Row]) -> None:
    make_file(fresh)
    connection = sqlite3.connect(fresh, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(f"PRAGMA page_size = {PAGE}")
        migrate(connection)
        connection.execute("BEGIN IMMEDIATE")
        for row in rows:
            # A row that collides with an earlier one can only be a stale copy of it.
            connection.execute(
                f"INSERT OR IGNORE INTO events ({COLUMNS}) VALUES ({MARKS})",  # noqa: S608 - our own constants
                row,
            )
        last = rows[-1].position if rows else 0
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'events'")
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)", (last + _APART,))
        connection.execute("COMMIT")
    finally:
        connection.close()


def _keep(path: Path) -> Path:
    """Give the damaged file, and what SQLite would undo in it, a second name."""
    number = 1
    while (kept := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    kept.hardlink_to(path)
    undo = path.with_name(f"{path.name}-journal")
    if undo.exists() and undo.stat().st_size:
        # Left where it is, it would be played back into the fresh file.
        undo.rename(kept.with_name(f"{kept.name}-journal"))
    sync(path.parent)
    return kept


def _rows_in(data: mmap.mmap, start: int) -> Iterator[Row]:
    header = start + (_FIRST_PAGE_OFFSET if start == 0 else 0)
    if header + 8 > len(data) or data[header] != _LEAF:
        return
    count = int.from_bytes(data[header + 3 : header + 5])
    for number in range(count):
        at = header + 8 + 2 * number
        cell = start + int.from_bytes(data[at : at + 2])
        try:
            row = _row_at(data, cell)
        except (IndexError, UnicodeDecodeError):
            continue
        if row is not None and row.intact:
            yield row


def _row_at(data: mmap.mmap, cell: int) -> Row | None:
    """The row whose cell begins here, None when it has another shape. Raises IndexError at a broken end."""
    size, at = _varint(data, cell)
    position, at = _varint(data, at)
    payload = _payload(data, at, size)
    head, at = _varint(payload, 0)
    types = []
    while at < head:
        kind, at = _varint(payload, at)
        types.append(kind)
    values = []
    for kind in types:
        value, at = _value(payload, at, kind)
        values.append(value)
    match values:
        # A row of the first version ends before its origin.
        case [None, str(), str(), int(), str(), str(), str(), str(), str()] | [
            None, str(), str(), int(), str(), str(), str(), str(), str(), str()
        ]:  # fmt: skip
            return Row(position, *values[1:])  # type: ignore[arg-type]  # the pattern holds their types
        case _:
            return None


def _payload(data: mmap.mmap, at: int, size: int) -> bytes:
    """A row's bytes, with those that lie on overflow pages. Raises IndexError."""
    if size > len(data):
        raise IndexError("a row larger than the file")
    if size <= _LOCAL_MAX:
        return data[at : at + size]
    local = _LOCAL_MIN + (size - _LOCAL_MIN) % (PAGE - 4)
    if local > _LOCAL_MAX:
        local = _LOCAL_MIN
    parts = [data[at : at + local]]
    missing = size - local
    page = int.from_bytes(data[at + local : at + local + 4])
    while missing > 0 and 0 < page <= len(data) // PAGE:
        start = (page - 1) * PAGE
        parts.append(data[start + 4 : start + 4 + min(missing, PAGE - 4)])
        missing -= PAGE - 4
        page = int.from_bytes(data[start : start + 4])
    return b"".join(parts)


def _varint(data: bytes | mmap.mmap, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where the next thing begins. Raises IndexError."""
    number = 0
    for place in range(at, at + 8):
        byte = data[place]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, place + 1
    return number << 8 | data[at + 8], at + 9


def _value(payload: bytes, at: int, kind: int) -> tuple[str | int | None, int]:
    """A value by its serial type: the ones a row of ours can hold, None for any other. Raises UnicodeDecodeError."""
    if kind in (8, 9):
        return kind - 8, at
    if 1 <= kind <= 6:
        width = (1, 2, 3, 4, 6, 8)[kind - 1]
        return int.from_bytes(payload[at : at + width], signed=True), at + width
    if kind >= 13 and kind % 2:
        width = (kind - 13) // 2
        return payload[at : at + width].decode("utf-8"), at + width
    return None, at
