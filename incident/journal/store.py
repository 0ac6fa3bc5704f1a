"""The journal itself: events in, events out, on disk before it says so."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from incident.core.event import Event
from incident.core.facts import Redacted
from incident.core.ports import Wanted
from incident.errors import JournalError
from incident.journal.believing import Believer, Problem
from incident.journal.connection import (
    CHUNK,
    DamagedError,
    last_position,
    read_at,
    read_newest,
    read_places,
    read_row,
    told,
)
from incident.journal.exchange import Taken
from incident.journal.file import JournalFile
from incident.journal.folder import ReadOnlyDiskError, look_at, make_private
from incident.journal.lifeboat import usual_places
from incident.journal.picking import newest_of, places_among, rows_among
from incident.journal.refuge import Refuge
from incident.journal.row import Row, storable
from incident.journal.taking import Placed, orders_first, take
from incident.journal.traces import copies_that_may_hold
from incident.journal.verify import Report, Walk
from incident.journal.writing import Ready, bury, commit, put

T = TypeVar("T")
_TOGETHER = 500  # rows of another journal that are written at once; between two lots others may write


def open_journal(
    folder: Path,
    *,
    read_only: bool = False,
    patience: float = 15.0,
    places: Sequence[Path] | None = None,
    rehearsal: bool = False,
) -> SqliteJournal:
    """The journal in this folder, made when there is none. `patience` is how long, in seconds, others may hold it.

    What it cannot take is kept in one of `places` meanwhile; the journal of a `rehearsal` has none of these and holds
    no room back. A file that cannot be used now is tried again by every call. Raises JournalError when the folder
    cannot be had, except on a read-only disk.
    """
    if read_only:
        look_at(folder)
    else:
        try:
            make_private(folder)
        except ReadOnlyDiskError:
            if rehearsal:
                raise
    refuges = () if rehearsal else usual_places() if places is None else places
    journal = SqliteJournal(folder / "journal.db", read_only=read_only, patience=patience, places=refuges)
    if not rehearsal:
        journal.begin()
    return journal


class SqliteJournal:
    """The timeline in one SQLite file, shared by every process of this person on this machine."""

    def __init__(self, path: Path, *, read_only: bool, patience: float, places: Sequence[Path] = ()) -> None:
        self.path = path
        self._read_only = read_only
        self._lock = threading.Lock()
        self._file = JournalFile(path, read_only=read_only, patience=patience)
        self._refuge = Refuge(path, places, self._file.notices)
        self._broken: dict[int, Problem] = {}
        self._mark = (0, "")  # the position and the id of the last row that was read
        try:
            self.changed()
        except JournalError as error:
            self._file.notices.append(str(error))

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know about the file, oldest first."""
        return tuple(self._file.notices)

    @property
    def refuge(self) -> str:
        """The file, on another disk, that holds what could not be written yet; "" when there is none."""
        return self._refuge.where

    @property
    def broken(self) -> tuple[Problem, ...]:
        """The rows that reading left out, and why."""
        return tuple(self._broken[position] for position in sorted(self._broken))

    def begin(self) -> None:
        """Hold some room back, and move in what earlier processes could not write. What fails is a notice.

        One who only reads is told where such events are.
        """
        with self._lock:
            if self._read_only:
                self._refuge.tell()
            else:
                self._refuge.prepare()
                self._refuge.bring_in(self._join)

    def append(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """Write all or none; they are on disk when this returns, with their sequence numbers.

        An event whose id is there already is answered as it is stored, so a failed append can be repeated as it was.
        Raises IncidentExists when one of them opens an incident that was opened before, JournalError otherwise; it
        says where the events are kept until they can be written.
        """
        self._refuse_reading_only()
        ready = [Ready.made_of(event, self.path) for event in events]
        if not ready:
            return ()
        with self._lock:
            stored = self._refuge.save(ready, self._write)
            if self._refuge.behind:
                self._refuge.bring_in(self._join)
            return stored

    def redact(self, order: Event) -> Event:
        """Write an order to redact an event, and a tombstone in that event's place, both or neither.

        When this returns, what stood there is in no file of the journal any more. Raises JournalError.
        """
        self._refuse_reading_only()
        if not isinstance(order.fact, Redacted):
            raise JournalError("this is no order to redact anything", at=str(self.path))
        ready, target = Ready(*storable(order)), order.fact.event
        with self._lock:
            self._refuge.bring_in(self._join)
            row = self._file.do(lambda connection: read_row(connection, "id", target))
            if row is not None and not row.redacted:
                self._refuse_copies(row)
            return self._file.do(
                lambda connection: commit(connection, lambda: self._bury(connection, ready), self.path)
            )

    def after(self, position: int) -> tuple[tuple[Event, ...], int]:
        """The events written behind a position, in the order written, and the new position. 0 is the beginning.

        Rows that are damaged are left out and remembered in `broken`. When the file is another one than that to which
        the position belongs, this begins at its beginning. Raises JournalError.
        """
        events: list[Event] = []
        believer = Believer(self._file.orders)
        with self._lock:
            try:
                if position and self._is_of_another(position):
                    position = 0
                for rows in self._file.chunks(position):
                    events.extend(believer.events(rows, self._broken))
                    position = rows[-1].position
                    self._mark = (position, rows[-1].id)
            except JournalError:
                if position or self.path.exists():
                    raise
                # What cannot even be made is empty; an append says why it cannot.
        return tuple(events), position

    def newest(self) -> int:
        """The position of the event behind all others, 0 when there is none. Raises JournalError."""
        with self._lock:
            row = self._looked_up(read_newest, newest_of, None)
            self._mark = (row.position, row.id) if row is not None else (0, "")
        return self._mark[0]

    def places(self, wanted: Wanted) -> tuple[int, ...]:
        """The positions of the wanted events, in the order written. Raises JournalError."""
        with self._lock:
            return tuple(self._looked_up(partial(read_places, wanted=wanted), partial(places_among, wanted), []))

    def at(self, positions: Sequence[int]) -> tuple[Event, ...]:
        """The events at some positions, in the order written; damaged ones as in `after`. Raises JournalError."""
        events: list[Event] = []
        believer, places = Believer(self._file.orders), sorted(positions)
        for first in range(0, len(places), CHUNK):
            some = places[first : first + CHUNK]
            with self._lock:
                nothing: list[Row] = []
                rows = self._looked_up(partial(read_at, positions=some), partial(rows_among, set(some)), nothing)
                events.extend(believer.events(rows, self._broken))
        return tuple(events)

    def changed(self) -> bool:
        """Whether another process wrote, or may have written, since this was last asked; cheap. Raises JournalError."""
        with self._lock:
            return self._file.look()

    def verify(self) -> Report:
        """Look at every row and every writer's chain. Raises JournalError when nothing can be read at all."""
        with self._lock:
            walk = Walk(Believer(self._file.orders), self._file.imported_writers())
            for rows in self._file.chunks(0):
                walk.over(rows)
            walk.finish()
            try:
                structure = self._file.do(_structure)
            except DamagedError as damage:
                structure = [damage.what]
        problems = (*(Problem(str(self.path), line) for line in structure), *walk.problems)
        kept = sorted(copy.name for copy in self.path.parent.glob(f"{self.path.name}.broken-*[0-9]"))
        return Report(str(self.path), walk.rows, walk.chains, problems, tuple(kept), walk.redacted)

    def rows(self, incidents: Collection[str] = ()) -> Iterator[Row]:
        """The rows of these incidents, or of all, for another journal; what cannot be believed is put in `broken`."""
        believer, position = Believer(self._file.orders), 0
        while True:
            with self._lock:
                lot = next(self._file.chunks(position), [])
                believer.events(lot, self._broken)
            if not lot:
                return
            position = lot[-1].position
            for row in lot:
                if row.position not in self._broken and (not incidents or row.incident in incidents):
                    yield row

    def take(self, rows: Iterable[Placed]) -> Taken:
        """Unite this journal with rows of another one, each with the place to name when it is refused.

        Each row keeps its writer, its number and its times; a second time nothing changes. Raises JournalError; what
        was taken until then stays.
        """
        self._refuse_reading_only()
        waiting, taken = orders_first(rows), Taken()
        for first in range(0, len(waiting), _TOGETHER):
            with self._lock:
                taken += self._take(waiting[first : first + _TOGETHER])
        return taken

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()
            self._refuge.close()

    def _looked_up(self, read: Callable[[sqlite3.Connection], T], pick: Callable[[list[Row]], T], nothing: T) -> T:
        """What is read from the file, or `nothing` when it cannot even be made. Raises JournalError."""
        try:
            return self._file.either(read, pick)
        except JournalError:
            if self.path.exists():
                raise
            return nothing  # an append says why it cannot be made

    def _refuse_reading_only(self) -> None:
        if self._read_only:
            raise JournalError("this journal was opened for reading only", at=str(self.path))

    def _refuse_copies(self, row: Row) -> None:
        """A payload leaves the disk in all of its copies, or nothing is said to have left."""
        with told(self.path, 0):
            copies = [str(path) for path in copies_that_may_hold(self.path, row, self._refuge.unread())]
        if self._refuge.behind:
            copies.append(self._refuge.behind)
        if copies:
            raise JournalError(
                "another file may hold what is to be redacted",
                at=copies[0],
                hint="see whether you still need that file, delete it, and redact again",
            )

    def _write(self, ready: Sequence[Ready], *, join: bool = False) -> tuple[Event, ...]:
        def work(connection: sqlite3.Connection) -> tuple[Event, ...]:
            return tuple(put(connection, each, self.path, join=join) for each in ready)

        return self._file.do(lambda connection: commit(connection, lambda: work(connection), self.path))

    def _take(self, rows: Sequence[Placed]) -> Taken:
        return self._file.do(lambda connection: commit(connection, lambda: take(connection, rows), self.path))

    def _join(self, ready: Sequence[Ready]) -> tuple[Event, ...]:
        return self._write(ready, join=True)

    def _bury(self, connection: sqlite3.Connection, ready: Ready) -> Event:
        order = put(connection, ready, self.path)
        if not bury(connection, order):
            raise JournalError("there is no event of this id to redact", at=str(self.path), hint="look at the timeline")
        return order

    def _is_of_another(self, position: int) -> bool:
        """Whether a position that was read up to belongs to another file, one that was removed since."""

        def compared(connection: sqlite3.Connection) -> bool:
            if last_position(connection) < position:
                return True
            row = read_row(connection, "position", position) if self._mark[0] == position else None
            return row is not None and row.id != self._mark[1]

        return self._file.either(compared, lambda _: False)


def _structure(connection: sqlite3.Connection) -> list[str]:
    """What SQLite itself finds wrong with the file."""
    lines = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(20)")]
    return [] if lines == ["ok"] else lines
