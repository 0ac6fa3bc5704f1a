"""What is written into the journal's tables: events, rows of other journals, and tombstones. Inside a transaction."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from incident.core.event import Event
from incident.core.facts import IncidentOpened, Joined, Redacted, Tombstone
from incident.core.merge import tombstone_of
from incident.errors import IncidentExists, JournalError
from incident.journal.believing import Believer, Orders
from incident.journal.connection import read_orders, read_row
from incident.journal.row import COLUMNS, MARKS, Row, body_of, chained, storable
from incident.journal.schema import VERSION, version_of

T = TypeVar("T")


def commit(connection: sqlite3.Connection, work: Callable[[], T], path: Path) -> T:
    """Do some writing, all or none of it; it is on disk when this returns. Raises sqlite3.Error, JournalError."""
    if version_of(connection) > VERSION:
        raise JournalError(
            "a newer version of this tool wrote the journal",
            at=str(path),
            hint="update the tool on this machine; until then the journal can be read here",
        )
    connection.execute("BEGIN IMMEDIATE")
    before = connection.total_changes
    try:
        done = work()
        # An event that was there already may be there because its own commit failed in its last sync. Writing
        # anything at all makes this commit sync again before the event is acknowledged.
        if connection.total_changes == before:
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise
    return done


@dataclass(frozen=True, slots=True)
class Ready:
    """An event and its JSON, ready to be stored."""

    data: Mapping[str, Any]
    event: Event

    @classmethod
    def made_of(cls, event: Event, path: Path) -> Ready:
        """An event on its way into the journal. Raises JournalError for one that cannot be written."""
        if isinstance(event.fact, Redacted | Tombstone):
            raise JournalError("what redacts is not appended but carried out", at=str(path))
        try:
            return cls(*storable(event))
        except (ValueError, KeyError, TypeError) as error:
            raise JournalError(f"this event cannot be written: {error}", at=str(path)) from None

    def joining(self) -> Ready:
        """The same event as somebody who joins an incident that others have opened."""
        fact = Joined(self.event.writer.person)
        data = {**self.data, "kind": fact.kind, "body": {"person": fact.person, "role": fact.role}}
        return Ready(data, replace(self.event, fact=fact))


def put(connection: sqlite3.Connection, ready: Ready, path: Path, *, join: bool = False) -> Event:
    """The event as it is stored, written unless it is there.

    Raises IncidentExists for the opening of an incident that was opened before, unless that is to `join` it.
    """
    event = ready.event
    there = read_row(connection, "id", event.id)
    if there is not None:
        try:
            return Believer(lambda: orders_in(connection)).event(there)
        except ValueError:  # damaged since; it is named when it is read
            return replace(event, seq=there.seq)
    if isinstance(event.fact, IncidentOpened) and (by := _opened_by(connection, event.incident)):
        if not join:
            raise IncidentExists(f"{event.incident} is open already, by {by}", at=str(path), hint="join it")
        ready = ready.joining()
        event = ready.event
    node = event.writer.node
    last = connection.execute(
        "SELECT seq, sha FROM events WHERE node = ? ORDER BY seq DESC LIMIT 1", (node,)
    ).fetchone()
    seq, prev = (int(last[0]) + 1, str(last[1])) if last else (1, "")
    body = body_of(ready.data, seq)
    kind = str(ready.data["kind"])
    row = Row(0, event.id, node, seq, event.incident, kind, body, prev, chained(prev, node, seq, body))
    insert(connection, row)
    return replace(event, seq=seq)


def insert(connection: sqlite3.Connection, row: Row) -> None:
    """Write a row behind all others. Raises sqlite3.Error."""
    connection.execute(f"INSERT INTO events ({COLUMNS}) VALUES ({MARKS})", (None, *row[1:]))  # noqa: S608 - our own constants


def bury(connection: sqlite3.Connection, order: Event) -> bool:
    """Put a tombstone in the place of the fact that an order names; False when there is no such fact (any more)."""
    if not isinstance(order.fact, Redacted):
        return False
    row = read_row(connection, "id", order.fact.event)
    if row is None or row.redacted or row.orders or row.incident != order.incident:
        return False
    try:
        event = Believer(dict).event(row)
    except ValueError:  # what is damaged is named by `verify`, and has no fact that could be replaced
        return False
    grave = row.with_event(tombstone_of(event, order))
    connection.execute(
        "UPDATE events SET kind = ?, body = ? WHERE position = ?", (grave.kind, grave.body, row.position)
    )
    return True


def orders_of(rows: list[Row]) -> Orders:
    """The orders to redact among some rows that can be believed, by the id of the event that each names."""
    found: Orders = {}
    for row in rows:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            event = row.event()
            if row.intact and isinstance(event.fact, Redacted):
                found.setdefault(event.fact.event, []).append(event)
    return found


def orders_in(connection: sqlite3.Connection) -> Orders:
    """Every order to redact, by the id of the event that it names. Raises sqlite3.Error."""
    return orders_of(read_orders(connection))


def _opened_by(connection: sqlite3.Connection, incident: str) -> str:
    found = connection.execute(
        "SELECT node FROM events WHERE incident = ? AND kind IN ('incident.opened', 'redacted')"
        " AND (kind = 'incident.opened' OR json_extract(body, '$.body.was') = 'incident.opened')",
        (incident,),
    ).fetchone()
    return str(found[0]) if found else ""
