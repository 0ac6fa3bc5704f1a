"""One incident's events out of any number of logs: each once, what was redacted gone, one order for all."""

from __future__ import annotations

from dataclasses import replace

from incident.core.event import Event
from incident.core.facts import IncidentClosed, IncidentOpened, IncidentReopened, Redacted, Tombstone, Unrecognised
from incident.core.incident import Incident, bears, fold

_ENDS = (IncidentOpened, IncidentClosed, IncidentReopened, Tombstone)  # a tombstone may stand for one of these
ENDS = frozenset(cls.kind for cls in _ENDS)  # the kinds that decide whether an incident is open


def tombstone_of(event: Event, order: Event) -> Event:
    """What is left of an event after this order to redact it; an order itself is never redacted."""
    if isinstance(event.fact, Redacted) or not isinstance(order.fact, Redacted):
        return event
    match event.fact:
        case Tombstone(was) | Unrecognised(was):
            pass
        case fact:
            was = fact.kind
    return replace(event, fact=Tombstone(was, order.writer.person, order.recorded_at, order.fact.why))


class History:
    """An incident's events and their fold, whatever the order in which they are added and however often.

    Two events of one id are one event, before and after it was numbered or redacted. Of several orders to redact the
    same event the one that was recorded first counts.
    """

    def __init__(self, incident: str) -> None:
        self._incident = incident
        self._events: dict[str, Event] = {}  # by id
        self._ordered: list[Event] = []  # by id, unless it is `_untidy`
        self._untidy = False
        self._orders: dict[str, Event] = {}  # by the id of the event that they redact
        self._state = Incident(incident)
        self._last = ""  # the id of the last event that is in the state
        self._waiting: list[str] = []  # the ids of events that are not in the state yet
        self._stale = False  # something in the state is not as it was
        self._ends: dict[str, Event] = {}  # by id, the events that decide whether it is open
        self._open: bool | None = False  # whether it is; None when that has to be found out again

    @property
    def events(self) -> tuple[Event, ...]:
        """The events in the order in which they were recorded, which is the same wherever they are merged."""
        if self._untidy:
            self._ordered = sorted(self._events.values(), key=lambda event: event.id)
            self._untidy = False
        return tuple(self._ordered)

    def newest(self, count: int) -> tuple[Event, ...]:
        """The last of the events."""
        return self.events[-count:] if self._untidy else tuple(self._ordered[-count:])

    def __len__(self) -> int:
        """How many events there are."""
        return len(self._events)

    @property
    def state(self) -> Incident:
        """The fold of the events in the order in which they were recorded."""
        if not self._stale and not self._waiting:
            return self._state
        self._waiting.sort()
        if self._stale or self._waiting[0] < self._last:
            self._state = fold(self._incident, (event for event in self.events if bears(event.fact)))
        else:
            self._state = self._state.apply_all(self._events[identity] for identity in self._waiting)
        self._last = max([self._last, *self._waiting])
        self._waiting.clear()
        self._stale = False
        return self._state

    @property
    def is_open(self) -> bool:
        """What the state says, without folding everything for it."""
        if self._open is None:
            self._open = fold(self._incident, (self._ends[identity] for identity in sorted(self._ends))).is_open
        return self._open

    def get(self, identity: str) -> Event | None:
        """The event of this id, None when there is none."""
        return self._events.get(identity)

    def add(self, event: Event) -> bool:
        """Take an event in; False when that changes nothing."""
        known = self._events.get(event.id)
        if known is not None:
            event = _same_event(known, event)
        if event.id in self._orders:
            event = tombstone_of(event, self._orders[event.id])
        if known is None:
            if bears(event.fact):
                self._waiting.append(event.id)
        elif known is event or known == event:
            return False
        elif known.fact != event.fact:
            self._stale = True
        self._put(event)
        if isinstance(event.fact, Redacted):
            self._redact(event.fact.event, event)
        return True

    def _put(self, event: Event) -> None:
        if event.id in self._events or (self._ordered and event.id < self._ordered[-1].id):
            self._untidy = True
        else:
            self._ordered.append(event)
        self._events[event.id] = event
        if isinstance(event.fact, _ENDS) or event.id in self._ends:
            self._ends[event.id] = event
            self._open = None

    def _redact(self, identity: str, order: Event) -> None:
        known = self._orders.get(identity)
        if known is not None and known.id <= order.id:
            return
        self._orders[identity] = order
        if target := self._events.get(identity):
            self._put(tombstone_of(target, order))
            self._stale = True


def _same_event(known: Event, again: Event) -> Event:
    """Of two copies of an event the redacted one, else the one with a number, with that number."""
    if again.seq == known.seq and not isinstance(again.fact, Tombstone):
        return known
    kept = max(known, again, key=lambda copy: (isinstance(copy.fact, Tombstone), copy.seq))
    return replace(kept, seq=max(known.seq, again.seq))
