"""The incidents' logs in memory, kept equal to the journal; every write goes through here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from threading import Lock

from incident.core.event import Event, Writer, next_id
from incident.core.facts import Fact, IncidentOpened, Joined
from incident.core.incident import Incident
from incident.core.ports import Clock, Journal
from incident.core.when import Precision
from incident.errors import IncidentExists, JournalError, UsageError


class Log:
    """Events by incident and their folds. `load` and `write` block on the disk and belong on one thread."""

    def __init__(self, journal: Journal, clock: Clock, writer: Writer, chance: Random) -> None:
        self._journal = journal
        self._clock = clock
        self._writer = writer
        self._chance = chance
        self._lock = Lock()  # the writer thread writes and takes in while the event loop stamps and reads
        self._events: dict[str, list[Event]] = {}
        self._states: dict[str, Incident] = {}
        self._known: set[str] = set()
        self._position = 0
        self._last_id = ""
        self._unsaved: list[Event] = []
        self.trouble: JournalError | None = None  # why the last write failed, until one succeeds

    @property
    def unsaved(self) -> tuple[Event, ...]:
        """Events that are in memory only."""
        return tuple(self._unsaved)

    def load(self) -> set[str]:
        """Take in what any process wrote since the last time; the incidents that it belongs to. Raises JournalError."""
        events, self._position = self._journal.after(self._position)
        return self._take_in(events)

    def others_wrote(self) -> bool:
        """Whether another process wrote since this was last asked."""
        return self._journal.changed()

    def incidents(self) -> list[Incident]:
        """Every incident, the newest first."""
        with self._lock:
            known = [
                (state.opened_at, state.id, state) for state in self._states.values() if state.opened_at is not None
            ]
        return [state for _, _, state in sorted(known, key=lambda entry: entry[:2], reverse=True)]

    def open_incidents(self) -> list[Incident]:
        """Those that nobody has closed, the newest first."""
        return [state for state in self.incidents() if state.is_open]

    def incident(self, identity: str) -> Incident:
        """One incident's state. Raises UsageError when there is none of that name."""
        state = self._states.get(identity)
        if state is None or state.opened_at is None:
            raise UsageError(f"there is no incident {identity!r}", hint="`incident list` names them")
        return state

    def events(self, identity: str) -> tuple[Event, ...]:
        """One incident's events in the order in which they were recorded."""
        with self._lock:
            return tuple(self._events.get(identity, ()))

    def stamp(
        self,
        incident: str,
        fact: Fact,
        *,
        at: datetime | None = None,
        precision: Precision = Precision.SECOND,
        source: str = "tool",
    ) -> Event:
        """An event of this writer, now; `at` is when it happened, if that is another time."""
        with self._lock:
            now = self._clock.now()
            identity = next_id(now, self._last_id, self._chance.getrandbits(48))
            self._last_id = identity
            return Event(identity, incident, at or now, fact, self._writer, now, precision, source)

    def write(self, events: Sequence[Event]) -> bool:
        """Put events on disk behind whatever is still unsaved, then fold them. False: they are in memory only.

        Raises IncidentExists when they open an incident that somebody else has just opened; nothing of them is kept
        then. One that was opened in memory only is joined instead, so that what waits behind it can be saved.
        """
        try:
            saved = self._journal.append((*self._unsaved, *events))
        except IncidentExists:
            joined = self._joined()
            if joined == self._unsaved:
                raise
            self._unsaved = joined
            return self.write(events)
        except JournalError as trouble:
            self.trouble = trouble
            self._unsaved.extend(events)
            self._take_in(events)
            return False
        self.trouble = None
        self._unsaved.clear()
        self._take_in(saved)
        return True

    def _joined(self) -> list[Event]:
        """What waits, with its openings of incidents that are on disk by now turned into joining them."""
        on_disk, _ = self._journal.after(0)
        opened = {event.incident for event in on_disk if _opens(event)}
        return [_as_joined(e) if _opens(e) and e.incident in opened else e for e in self._unsaved]

    def save_waiting(self) -> bool:
        """Try again to put on disk what is in memory only."""
        return self.write(()) if self._unsaved else True

    def _take_in(self, events: Iterable[Event]) -> set[str]:
        touched = set()
        with self._lock:
            for event in events:
                if event.id in self._known:
                    continue
                self._known.add(event.id)
                self._last_id = max(self._last_id, event.id)
                self._events.setdefault(event.incident, []).append(event)
                state = self._states.get(event.incident, Incident(event.incident))
                self._states[event.incident] = state.apply(event)
                touched.add(event.incident)
        return touched


def _as_joined(event: Event) -> Event:
    return replace(event, fact=Joined(event.writer.person))


def _opens(event: Event) -> bool:
    return isinstance(event.fact, IncidentOpened)
