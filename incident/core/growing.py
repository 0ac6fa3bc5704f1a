"""A timeline that grows: kept in order, and each row put into words once, when somebody looks at it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Hashable
from datetime import datetime

from incident.core.corrections import Correction, corrections_in
from incident.core.event import Event
from incident.core.facts import Corrected
from incident.core.timeline import Category, Row, row_of
from incident.core.wording import category

MANY = 500  # new rows from which on putting everything in order at once is cheaper
Place = tuple[datetime, str]  # when a row happened, and its id: the timeline's order


class GrowingTimeline:
    """The rows of one incident. However many there are, what is not looked at costs next to nothing."""

    def __init__(self) -> None:
        self._events: tuple[Event, ...] = ()
        self._known: dict[str, Event] = {}
        self._standing: dict[str, Correction] = {}
        self._rows: dict[str, Row] = {}
        self._order: list[Place] = []
        self._view: Hashable = None
        self._shows: Callable[[Row], bool] | None = None
        self._wanted: list[Place] = self._order

    def __len__(self) -> int:
        """How many rows are wanted."""
        return len(self._wanted)

    @property
    def counts(self) -> Counter[Category]:
        """How many rows there are of each kind, whether they are wanted or not."""
        return Counter(category(event.fact) for event in self._events)

    def hear(self, events: tuple[Event, ...]) -> None:
        """Take in the events as they are by now, in the order in which they were recorded."""
        known = len(self._events)
        before, self._events = self._events, events
        new = events[known:]
        few = len(new) < MANY and not any(isinstance(event.fact, Corrected) for event in new)
        if events[:known] != before or not few:
            self._begin_again()
            return
        for event in new:
            self._known[event.id] = event
            insort(self._order, event.order)
            if self._shows is not None and self._shows(self.row(event.id)):
                insort(self._wanted, event.order)

    def look(self, view: Hashable, shows: Callable[[Row], bool] | None) -> None:
        """Want only the rows that are let through, or all; `view` says whether that is the same as before."""
        if view != self._view:
            self._view, self._shows = view, shows
            self._sift()

    def rows(self, begin: int, end: int) -> list[Row]:
        """The wanted rows from one number to another, from 0, in the timeline's order."""
        return [self.row(identity) for _, identity in self._wanted[max(0, begin) : end]]

    def number_at(self, at: datetime) -> int:
        """The number of the first wanted row at a time or behind it."""
        return bisect_left(self._wanted, (at, ""))

    def number_of(self, identity: str) -> int | None:
        """The number of a row, None when it is not wanted."""
        if identity not in self._known:
            return None
        place = self._place(self._known[identity])
        number = bisect_left(self._wanted, place)
        return number if self._wanted[number : number + 1] == [place] else None

    def row(self, identity: str) -> Row:
        """The row of an event."""
        row = self._rows.get(identity)
        if row is None:
            row = self._rows[identity] = row_of(self._known[identity], self._standing.get(identity))
        return row

    def _place(self, event: Event) -> Place:
        correction = self._standing.get(event.id)
        return event.order if correction is None else (correction.at, event.id)

    def _begin_again(self) -> None:
        """More than some new rows: the words of a row stay where neither it nor its correction changed."""
        standing = corrections_in(self._events)
        known = {event.id: event for event in self._events}
        self._rows = {
            identity: row
            for identity, row in self._rows.items()
            if known.get(identity) is self._known[identity] and standing.get(identity) == self._standing.get(identity)
        }
        self._known, self._standing = known, standing
        place = self._place if standing else _in_order
        self._order = sorted(place(event) for event in self._events)
        self._sift()

    def _sift(self) -> None:
        shows = self._shows
        self._wanted = self._order if shows is None else [p for p in self._order if shows(self.row(p[1]))]


def _in_order(event: Event) -> Place:
    return event.at, event.id
