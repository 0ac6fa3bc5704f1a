"""Which rows of the journal can be believed, and the events that they tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from incident.core.event import Event
from incident.core.facts import Tombstone
from incident.core.merge import tombstone_of
from incident.journal.row import IMPORTED, Row

Orders = dict[str, list[Event]]  # to redact, by the id of the event that each names


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written. `where` is a row, or the file."""

    where: str
    what: str


class Believer:
    """Tells events out of rows. The orders to redact are asked for when the first tombstone is met."""

    def __init__(self, orders: Callable[[], Orders]) -> None:
        self._ask = orders
        self._orders: Orders | None = None

    def event(self, row: Row) -> Event:
        """The row's event. Raises ValueError, KeyError or TypeError, in words, when it cannot be believed."""
        if not row.honest and not (row.replaced and (row.redacted or row.origin == IMPORTED)):
            raise ValueError("was changed after it was written")
        try:
            event = row.event()
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"cannot be read: {error}") from None
        if row.redacted and not self._ordered(row, event):
            raise ValueError("was redacted, and no order to do so is there")
        return event

    def events(self, rows: Iterable[Row], broken: dict[int, Problem]) -> list[Event]:
        """The events of the rows that can be believed; the others are put down in `broken`, by position."""
        events = []
        for row in rows:
            try:
                events.append(self.event(row))
            except ValueError as doubt:
                broken[row.position] = Problem(row.where, str(doubt))
        return events

    def _ordered(self, row: Row, event: Event) -> bool:
        """Whether an order in the same incident says exactly what the tombstone says."""
        if self._orders is None:
            self._orders = self._ask()
        named = self._orders.get(row.id, [])
        return isinstance(event.fact, Tombstone) and any(
            order.incident == row.incident and tombstone_of(event, order) == event for order in named
        )
