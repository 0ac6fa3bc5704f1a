"""What the file's tables cannot be asked for any more, picked out of the rows that were saved from its pages."""

from __future__ import annotations

from collections.abc import Collection

from incident.core.ports import Wanted
from incident.journal.row import Row


def newest_of(rows: list[Row]) -> Row | None:
    """The row behind all others."""
    return rows[-1] if rows else None


def places_among(wanted: Wanted, rows: list[Row]) -> list[int]:
    """The positions of the wanted rows."""
    kinds, incidents = wanted.kinds, wanted.incidents
    return [
        row.position
        for row in rows
        if (not kinds or row.kind in kinds) and (not incidents or row.incident in incidents)
    ]


def rows_among(positions: Collection[int], rows: list[Row]) -> list[Row]:
    """The rows at some positions."""
    return [row for row in rows if row.position in positions]
