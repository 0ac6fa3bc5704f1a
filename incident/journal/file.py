"""The journal's file as several processes share it: found again when it was replaced, repaired when it is damaged."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from incident.errors import JournalError
from incident.journal.believing import Orders
from incident.journal.connection import (
    DamagedError,
    GarbledError,
    connect,
    inode_of,
    is_damage,
    read_imported_writers,
    read_rows,
    told,
)
from incident.journal.folder import Gate, make_file
from incident.journal.row import IMPORTED, Row
from incident.journal.salvage import is_newer, rebuild, salvage
from incident.journal.writing import orders_in, orders_of

T = TypeVar("T")


class JournalFile:
    """Work on the tables goes through `do`. Not for two threads at once."""

    def __init__(self, path: Path, *, read_only: bool, patience: float) -> None:
        self.path = path
        self.connection: sqlite3.Connection | None = None
        self.notices: list[str] = []
        self._read_only = read_only
        self._patience = patience
        self._gate = Gate(path.with_name("journal.lock"), patience)
        self._inode: tuple[int, int] | None = None
        self._folder: tuple[int, int] | None = None  # the folder in which the file was last seen
        self._seen: int | None = None  # SQLite's count of what others committed; None when it cannot be compared
        self._closed = False

    def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
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

    def chunks(self, position: int) -> Iterator[list[Row]]:
        """The rows behind a position, some at a time; from a file that stays damaged, those that can be picked out."""
        while rows := self._chunk(position):
            yield rows
            position = rows[-1].position

    def orders(self) -> Orders:
        """Every order to redact. Raises JournalError."""
        return self.either(orders_in, lambda rows: orders_of([row for row in rows if row.orders]))

    def imported_writers(self) -> set[str]:
        """The writers of whom another journal handed over rows. Raises JournalError."""
        return self.either(read_imported_writers, lambda rows: {r.node for r in rows if r.origin == IMPORTED})

    def look(self) -> bool:
        """Whether another process wrote, or may have written, since this was last asked. Raises JournalError."""
        return self.do(self._look)

    def close(self) -> None:
        """Let go of the file."""
        self._drop()
        self._gate.close()
        self._closed = True

    def _chunk(self, position: int) -> list[Row]:
        return self.either(
            lambda connection: read_rows(connection, position),
            lambda rows: [row for row in rows if row.position > position],
        )

    def either(self, read: Callable[[sqlite3.Connection], T], pick: Callable[[list[Row]], T]) -> T:
        """What can be read, else what can be picked out of the file's pages."""
        try:
            return self.do(read)
        except DamagedError:
            with told(self.path, self._patience):
                return pick(salvage(self.path))

    def _once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        lockless = self._gate.lockless
        with self._gate.together():
            if self._gate.lockless and not lockless:
                self.notices.append(
                    f"the disk of {self.path} knows no locks of its kind: a damaged file is not repaired"
                )
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
        inode, folder = inode_of(self.path), inode_of(self.path.parent)
        if self.connection is not None and inode == self._inode:
            return self.connection
        lost = self.connection is not None and inode is None
        self._drop()
        if inode is None and self._folder is not None and folder != self._folder:
            # A file that is made where a disk was mounted would hide behind the disk when it comes back.
            raise JournalError(
                "the folder that held the journal is gone",
                at=str(self.path.parent),
                hint="bring its disk back; for a fresh journal start again",
            )
        if lost:
            self.notices.append(f"{self.path} was removed while in use; what it held is in no file any more")
        if not self._read_only:
            with contextlib.suppress(OSError):  # on a disk that cannot be written, reading may still work
                make_file(self.path)
        self._inode, self._folder = inode_of(self.path), folder
        self.connection = connect(self.path, read_only=self._read_only, patience=self._patience)
        return self.connection

    def _drop(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = self._seen = None

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
        self.notices.append(
            f"{self.path} was damaged: {saved} events were saved from it, and it is kept as {kept.name}"
        )

    def _look(self, connection: sqlite3.Connection) -> bool:
        # SQLite leaves out this connection's own commits.
        now = int(connection.execute("PRAGMA data_version").fetchone()[0])
        before, self._seen = self._seen, now
        return now != before
