"""Rows of another journal, taken into this one: united by their ids, held against the hashes that are here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from incident.core.merge import tombstone_of
from incident.journal.believing import Believer, Orders, Problem
from incident.journal.connection import read_row
from incident.journal.exchange import Taken
from incident.journal.row import Row
from incident.journal.writing import bury, insert, orders_in, orders_of

Placed = tuple[str, Row]  # a row with the place to name when it is refused


def orders_first(rows: Iterable[Placed]) -> list[Placed]:
    """The rows in the order in which to take them: what is to be redacted must not touch the disk before."""
    return sorted(rows, key=lambda placed: not placed[1].orders)


def take(connection: sqlite3.Connection, rows: Iterable[Placed]) -> Taken:
    """Write the rows that are not here yet, and redact what orders among them name. Raises sqlite3.Error."""
    orders = orders_in(connection)
    new = known = redacted = 0
    refused = []
    for place, row in rows:
        try:
            if not _is_new(connection, row):
                known += 1
                continue
            insert(connection, _as_ordered(row, orders))
        except ValueError as reason:
            refused.append(Problem(place, f"{row.id} {reason}"))
            continue
        new += 1
        if row.orders:
            redacted += bury(connection, row.event())
            for target, named in orders_of([row]).items():
                orders[target] = [*orders.get(target, []), *named]
    return Taken(new, known, redacted, tuple(refused))


def _is_new(connection: sqlite3.Connection, row: Row) -> bool:
    """Whether the row is not here yet. Raises ValueError when it contradicts what is here."""
    there = read_row(connection, "id", row.id)
    if there is not None:
        if there.sha != row.sha:
            raise ValueError(f"contradicts {there.where}, which has the same id")
        return False
    beside = connection.execute(
        "SELECT seq, prev, sha FROM events WHERE node = ? AND seq BETWEEN ? AND ?", (row.node, row.seq - 1, row.seq + 1)
    )
    for seq, prev, sha in beside:
        if seq == row.seq:
            raise ValueError(f"contradicts row {seq} of {row.node}, which is here")
        if (seq < row.seq and sha != row.prev) or (seq > row.seq and prev != row.sha):
            raise ValueError(f"does not fit to row {seq} of {row.node}, which is here")
    return True


def _as_ordered(row: Row, orders: Orders) -> Row:
    """The row as it may be written: redacted if an order names it. Raises ValueError for a baseless tombstone."""
    if row.redacted:
        Believer(lambda: orders).event(row)
        return row
    named = [order for order in orders.get(row.id, []) if order.incident == row.incident]
    if not named or row.orders:
        return row
    return row.with_event(tombstone_of(row.event(), min(named, key=lambda order: order.id)))
