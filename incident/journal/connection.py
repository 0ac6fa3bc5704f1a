"""A connection to the journal's file, and what its failures mean in words."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from incident.core.ports import Wanted
from incident.errors import JournalError
from incident.journal.folder import ELSEWHERE, knows_locks
from incident.journal.row import COLUMNS, COLUMNS_OF_1, Row
from incident.journal.schema import PAGE, WITH_ORIGINS, has_tables, migrate, version_of

CHUNK = 2_000  # rows read at once; between two chunks others may write

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NO_SUCH_FORMAT = "unsupported file format"  # a number in the header that SQLite never writes; it has no code
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
_LOCKLESS = (
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_IOERR_UNLOCK,
    sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK,
)
_SAFE = "nothing that was acknowledged is affected"

_LOOK = "look at the folder's permissions and at the disk"


class DamagedError(JournalError):
    """The file is damaged, and could not be repaired."""


class DiskError(JournalError):
    """The disk is full or failing; the same may succeed when it is tried again."""


class GarbledError(sqlite3.DatabaseError):
    """The file holds what no journal holds, though SQLite itself does not mind."""


def connect(path: Path, *, read_only: bool, patience: float) -> sqlite3.Connection:
    """Open the file in the best way that its disk allows. Raises sqlite3.Error or JournalError."""
    if read_only and not path.exists():
        return sqlite3.connect(":memory:", check_same_thread=False)
    # What a crash left half written has to be undone before it can be read; where nothing can be written, the rows
    # are read as they lie, each checked by its hash.
    ways = (("ro", False), ("rw", False)) if read_only else (("rw", True),)
    failure: sqlite3.OperationalError | None = None
    for mode, writable in (*ways, ("ro&immutable=1", False)):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=patience,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _prepare(connection, path, writable=writable)
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            failure = failure or error
            if code_of(error) not in _UNWRITABLE:
                raise
        except BaseException:
            connection.close()
            raise
    raise failure or JournalError("the journal cannot be opened", at=str(path))


def read_rows(connection: sqlite3.Connection, position: int) -> list[Row]:
    """The next rows behind a position, at most `CHUNK`. Raises sqlite3.Error."""
    rows = _rows(connection, "position > ? ORDER BY position LIMIT ?", position, CHUNK)
    for before, after in pairwise((position, *(row.position for row in rows))):
        if after <= before:  # pages that point in a circle would otherwise be read for ever
            raise GarbledError("the rows are out of order")
    return rows


def read_places(connection: sqlite3.Connection, wanted: Wanted) -> list[int]:
    """The positions of the wanted rows, ascending. Raises sqlite3.Error."""
    if version_of(connection) == 0:
        return []
    which, values = ["TRUE"], []
    if wanted.kinds:
        which.append("kind IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(sorted(wanted.kinds)))
    if wanted.incidents:
        which.append("incident IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(wanted.incidents))
    table = "events NOT INDEXED" if wanted.surely else "events"
    question = f"SELECT position FROM {table} WHERE {' AND '.join(which)}"  # noqa: S608 - our own constants
    return sorted(int(position) for (position,) in connection.execute(question, values))


def read_at(connection: sqlite3.Connection, positions: Sequence[int]) -> list[Row]:
    """The rows at some positions, ascending. Raises sqlite3.Error."""
    return _rows(connection, "position IN (SELECT value FROM json_each(?)) ORDER BY position", json.dumps(positions))


def read_newest(connection: sqlite3.Connection) -> Row | None:
    """The row behind all others. Raises sqlite3.Error."""
    return next(iter(_rows(connection, "TRUE ORDER BY position DESC LIMIT 1")), None)


def read_orders(connection: sqlite3.Connection) -> list[Row]:
    """Every order to redact a row. Raises sqlite3.Error."""
    return _rows(connection, "kind = 'redaction'")


def read_row(connection: sqlite3.Connection, column: str, value: object) -> Row | None:
    """The first row with this value in its `position` or `id`. Raises sqlite3.Error."""
    return next(iter(_rows(connection, f"{column} = ?", value)), None)


def read_imported_writers(connection: sqlite3.Connection) -> set[str]:
    """The writers of whom another journal handed over rows, and perhaps not all of them. Raises sqlite3.Error."""
    if version_of(connection) < WITH_ORIGINS:
        return set()
    return {str(node) for (node,) in connection.execute("SELECT DISTINCT node FROM events WHERE origin <> ''")}


def last_position(connection: sqlite3.Connection) -> int:
    """The highest position that this file ever gave out. Raises sqlite3.Error."""
    found = (
        has_tables(connection)
        and connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    )
    return int(found[0]) if found else 0


def inode_of(path: Path) -> tuple[int, int] | None:
    """Which file stands at this path, None when there is none. Raises OSError."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def code_of(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 when there is none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file's content is to blame."""
    return isinstance(error, GarbledError) or code_of(error) in _DAMAGE or _NO_SUCH_FORMAT in str(error)


@contextlib.contextmanager
def told(path: Path, patience: float) -> Iterator[None]:
    """Whatever SQLite or the system says becomes a JournalError in words."""
    try:
        yield
    except sqlite3.Error as error:
        raise _in_words(error, path, patience) from None
    except OSError as error:
        raise JournalError(f"the journal cannot be used: {error.strerror}", at=str(path), hint=_LOOK) from None


def _prepare(connection: sqlite3.Connection, path: Path, *, writable: bool) -> None:
    # In this order: another process may be making them between the two.
    if has_tables(connection) and version_of(connection) < 1:
        raise GarbledError("tables of no version")
    if writable:
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is redacted is overwritten with zeros
        # Never WAL: SQLite before 3.51.3 can corrupt it.
        mode = connection.execute("PRAGMA journal_mode = TRUNCATE").fetchone()[0]
        if mode != "truncate":
            raise JournalError(
                f"the journal is in {mode} mode, which is not safe here", at=str(path), hint="close what else uses it"
            )
        migrate(connection)
    else:
        connection.execute("PRAGMA query_only = ON")
    if has_tables(connection):
        _touch(connection)
    if connection.execute("PRAGMA page_count").fetchone()[0] * PAGE > path.stat().st_size:
        raise GarbledError("the file ends inside a page")


def _rows(connection: sqlite3.Connection, which: str, *values: object) -> list[Row]:
    version = version_of(connection)
    if version == 0:
        return []
    columns = COLUMNS if version >= WITH_ORIGINS else COLUMNS_OF_1
    question = f"SELECT {columns} FROM events WHERE {which}"  # noqa: S608 - our own constants
    try:
        return [Row(*found) for found in connection.execute(question, values)]
    except sqlite3.OperationalError as error:
        if code_of(error) or "UTF-8" not in str(error):
            raise
    # A flipped bit may leave text that is no UTF-8; the hash finds it, so reading it must not fail.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        return [Row(*found) for found in connection.execute(question, values)]
    finally:
        connection.text_factory = str


def _touch(connection: sqlite3.Connection) -> None:
    """Read the last row. Raises GarbledError when the tables are not the ones that were made."""
    try:
        _rows(connection, "position = (SELECT max(position) FROM events)")
    except sqlite3.OperationalError as error:
        if code_of(error) == sqlite3.SQLITE_ERROR:
            raise GarbledError(str(error)) from None
        raise


def _in_words(error: sqlite3.Error, path: Path, patience: float) -> JournalError:
    if is_damage(error):
        return DamagedError("the journal is damaged", at=str(path), hint="see `incident journal verify`")
    busy = code_of(error) == sqlite3.SQLITE_BUSY
    if getattr(error, "sqlite_errorcode", 0) in _LOCKLESS or (busy and not knows_locks(path.with_name("journal.lock"))):
        return JournalError("the disk that holds the journal knows no locks", at=str(path), hint=ELSEWHERE)
    what, hint = {
        sqlite3.SQLITE_FULL: ("the disk is full", f"free some space; {_SAFE}"),
        sqlite3.SQLITE_READONLY: ("the disk or the file is read-only", f"make it writable again; {_SAFE}"),
        sqlite3.SQLITE_BUSY: (
            f"another process has held the journal for {patience:g} s",
            "it is tried again; look for an `incident` that hangs",
        ),
        sqlite3.SQLITE_IOERR: ("the disk reports an error", f"look at the system's log and at quotas; {_SAFE}"),
        sqlite3.SQLITE_CANTOPEN: ("the journal cannot be opened", "look at the folder and its permissions"),
    }.get(code_of(error), (f"the journal cannot be used: {error}", _LOOK))
    kind = DiskError if code_of(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) else JournalError
    return kind(what, at=str(path), hint=hint)
