"""The journal itself: events in, events out, on disk before it says so."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from incident.core.event import Event
from incident.core.facts import IncidentOpened
from incident.errors import IncidentExists, JournalError
from incident.journal.connection import DamagedError, GarbledError, connect, inode_of, is_damage, read_rows, told
from incident.journal.folder import Gate, make_file, make_private
from incident.journal.row import COLUMNS, MARKS, Row, body_of, chained, storable
from incident.journal.salvage import is_newer, rebuild, salvage
from incident.journal.schema import VERSION, version_of
from incident.journal.verify import Problem, Report, Walk

T = TypeVar("T")


def open_journal(folder: Path, *, read_only: bool = False, patience: float = 15.0) -> SqliteJournal:
    """The journal in this folder, made when there is none. `patience` is how long, in seconds, others may hold it.

    A file that cannot be used now is tried again by every call. Raises JournalError when the folder cannot be had.
    """
    if not read_only:
        make_private(folder)
    return SqliteJournal(folder / "journal.db", read_only=read_only, patience=patience)


class SqliteJournal:
    """The timeline in one SQLite file, shared by every process of this person on this machine."""

    def __init__(self, path: Path, *, read_only: bool, patience: float) -> None:
        self.path = path
        self._read_only = read_only
        self._patience = patience
        self._gate = Gate(path.with_name("journal.lock"), patience)
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._seen: int | None = None  # SQLite's count of what others committed; None when it cannot be compared
        self._notices: list[str] = []
        self._broken: dict[int, Problem] = {}
        self._closed = False
        try:
            self.changed()
        except JournalError as error:
            self._notices.append(str(error))

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know about the file, oldest first."""
        return tuple(self._notices)

    @property
    def broken(self) -> tuple[Problem, ...]:
        """The rows that `after` left out, and why."""
        return tuple(self._broken[position] for position in sorted(self._broken))

    def append(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """Write all or none; they are on disk when this returns, with their sequence numbers.

        An event whose id is there already is answered as it is stored, so a failed append can be repeated as it was.
        Raises IncidentExists when one of them opens an incident that was opened before, JournalError otherwise.
        """
        if self._read_only:
            raise JournalError("this journal was opened for reading only", at=str(self.path))
        ready = [_ready(event, self.path) for event in events]
        with self._lock:
            return self._do(lambda connection: self._write(connection, ready)) if ready else ()

    def after(self, position: int) -> tuple[tuple[Event, ...], int]:
        """The events written behind a position, in the order written, and the new position. 0 is the beginning.

        Rows that are damaged are left out and remembered in `broken`. Raises JournalError.
        """
        events: list[Event] = []
        with self._lock:
            for rows in self._chunks(position):
                events.extend(event for row in rows if (event := self._believed(row)) is not None)
                position = rows[-1].position
        return tuple(events), position

    def changed(self) -> bool:
        """Whether another process wrote, or may have written, since this was last asked; cheap. Raises JournalError."""
        with self._lock:
            return self._do(self._look)

    def verify(self) -> Report:
        """Look at every row and every writer's chain. Raises JournalError when nothing can be read at all."""
        walk = Walk()
        with self._lock:
            for rows in self._chunks(0):
                walk.over(rows)
            try:
                structure = self._do(_structure)
            except DamagedError as damage:
                structure = [damage.what]
        problems = (*(Problem(str(self.path), line) for line in structure), *walk.problems)
        kept = sorted(copy.name for copy in self.path.parent.glob(f"{self.path.name}.broken-*[0-9]"))
        return Report(str(self.path), walk.rows, walk.chains, problems, tuple(kept))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._drop()
            self._gate.close()
            self._closed = True

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Work on the file; a damaged one is repaired first. Raises JournalError, DamagedError if it stays so."""
        if self._closed:
            raise JournalError("this journal was closed", at=str(self.path))
        with told(self.path, self._patience):
            try:
                return self._once(work)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
            self._repair()
            return self._once(work)

    def _once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._gate.together():
            try:
                return work(self._current())
            except sqlite3.Error:
                self._drop()  # after a failure nothing that SQLite has in memory is relied upon
                raise
            except UnicodeDecodeError:  # SQLite quotes the file in its complaint, and what it quotes is no text
                self._drop()
                raise GarbledError("the tables are not readable") from None

    def _current(self) -> sqlite3.Connection:
        """A connection to the file that stands at the path now; a repair elsewhere puts another one there."""
        inode = inode_of(self.path)
        if self._connection is not None and inode == self._inode:
            return self._connection
        if self._connection is not None and inode is None:
            self._notices.append(f"{self.path} was removed while in use; what it held is in no file any more")
        self._drop()
        if not self._read_only:
            with contextlib.suppress(OSError):  # on a disk that cannot be written, reading may still work
                make_file(self.path)
        self._inode = inode_of(self.path)
        self._connection = connect(self.path, read_only=self._read_only, patience=self._patience)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._seen = None

    def _repair(self) -> None:
        """Put a fresh file with every good row in the damaged one's place. Raises DamagedError."""
        damaged = self._inode
        if self._read_only:
            raise DamagedError(
                "the journal is damaged", at=str(self.path), hint="it is repaired when opened for writing"
            )
        try:
            with self._gate.alone():
                if inode_of(self.path) != damaged:
                    return  # another process was first
                if is_newer(self.path):
                    raise JournalError("a newer version of this tool wrote it")
                saved, kept = rebuild(self.path)
        except (OSError, sqlite3.Error, JournalError) as error:
            reason = error.what if isinstance(error, JournalError) else str(error)
            raise DamagedError(
                f"the journal is damaged and cannot be repaired: {reason}",
                at=str(self.path),
                hint="what can be read is shown; make room on its disk, make it writable, or use the newer version",
            ) from None
        self._notices.append(
            f"{self.path} was damaged: {saved} events were saved from it, and it is kept as {kept.name}"
        )

    def _chunks(self, position: int) -> Iterator[list[Row]]:
        """The rows behind a position, some at a time; from a file that stays damaged, those that can be picked out."""
        while rows := self._chunk(position):
            yield rows
            position = rows[-1].position

    def _chunk(self, position: int) -> list[Row]:
        try:
            return self._do(lambda connection: read_rows(connection, position))
        except DamagedError:
            with told(self.path, self._patience):
                return [row for row in salvage(self.path) if row.position > position]

    def _believed(self, row: Row) -> Event | None:
        """The row's event; a row that cannot be believed is remembered."""
        if not row.intact:
            self._broken[row.position] = Problem(row.where, "was changed after it was written")
            return None
        try:
            return row.event()
        except (ValueError, KeyError, TypeError) as error:
            self._broken[row.position] = Problem(row.where, f"cannot be read: {error}")
            return None

    def _look(self, connection: sqlite3.Connection) -> bool:
        # SQLite leaves out this connection's own commits.
        now = int(connection.execute("PRAGMA data_version").fetchone()[0])
        before, self._seen = self._seen, now
        return now != before

    def _write(
        self, connection: sqlite3.Connection, ready: Sequence[tuple[Mapping[str, Any], Event]]
    ) -> tuple[Event, ...]:
        if version_of(connection) > VERSION:
            raise JournalError(
                "a newer version of this tool wrote the journal",
                at=str(self.path),
                hint="update the tool on this machine; until then the journal can be read here",
            )
        connection.execute("BEGIN IMMEDIATE")
        try:
            stored = tuple(self._put(connection, data, event) for data, event in ready)
            # An event that was there already may be there because its own commit failed in its last sync. Writing
            # anything at all makes this commit sync again before the event is acknowledged.
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            raise
        return stored

    def _put(self, connection: sqlite3.Connection, data: Mapping[str, Any], event: Event) -> Event:
        there = connection.execute(f"SELECT {COLUMNS} FROM events WHERE id = ?", (event.id,)).fetchone()  # noqa: S608 - our own constants
        if there is not None:
            known = Row(*there)
            return self._believed(known) or replace(event, seq=known.seq)
        if isinstance(event.fact, IncidentOpened):
            self._refuse_second_opening(connection, event)
        node = event.writer.node
        last = connection.execute(
            "SELECT seq, sha FROM events WHERE node = ? ORDER BY seq DESC LIMIT 1", (node,)
        ).fetchone()
        seq, prev = (int(last[0]) + 1, str(last[1])) if last else (1, "")
        body = body_of(data, seq)
        connection.execute(
            f"INSERT INTO events ({COLUMNS}) VALUES ({MARKS})",  # noqa: S608 - our own constants
            (None, event.id, node, seq, event.incident, data["kind"], body, prev, chained(prev, node, seq, body)),
        )
        return replace(event, seq=seq)

    def _refuse_second_opening(self, connection: sqlite3.Connection, event: Event) -> None:
        first = connection.execute(
            "SELECT node FROM events WHERE incident = ? AND kind = ?", (event.incident, event.fact.kind)
        ).fetchone()
        if first is not None:
            raise IncidentExists(f"{event.incident} is open already, by {first[0]}", at=str(self.path), hint="join it")


def _ready(event: Event, path: Path) -> tuple[Mapping[str, Any], Event]:
    try:
        return storable(event)
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError(f"this event cannot be written: {error}", at=str(path)) from None


def _structure(connection: sqlite3.Connection) -> list[str]:
    """What SQLite itself finds wrong with the file."""
    lines = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(20)")]
    return [] if lines == ["ok"] else lines
