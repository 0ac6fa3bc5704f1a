"""The incidents' logs in memory, kept equal to the journal; every write goes through here.

What an incident's state is made of is read first. The rest of an open incident is read a part at a time, that of a
closed one when somebody asks for it.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from threading import Lock

from incident.core.corrections import run_of
from incident.core.event import Event, Writer, next_id
from incident.core.facts import CommandStarted, Fact, IncidentOpened, Joined, Redacted, Tombstone
from incident.core.incident import Incident
from incident.core.merge import ENDS, History
from incident.core.ports import Clock, Journal
from incident.core.when import Precision
from incident.engine.unread import Unread
from incident.errors import IncidentExists, JournalError, UsageError

SLICE = 500  # events that are read at a time; a note has to wait no longer than these take
INCIDENTS = 50  # of which the state is read at a time, for the same reason


class Log:
    """Events by incident and their folds. `load` and `write` block on the disk and belong on one thread.

    What `masked` makes of a fact is what is recorded: secrets are taken out before anything is written down.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        writer: Writer,
        chance: Random,
        masked: Callable[[Fact], Fact] = lambda fact: fact,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._writer = writer
        self._chance = chance
        self._masked = masked
        self._lock = Lock()  # the writer thread writes and takes in while the event loop stamps and reads
        self._histories: dict[str, History] = {}
        self._fresh: dict[str, list[Event]] = {}  # by incident: what came in since the beginning
        self._reading = Lock()  # one at a time reads what is not in memory yet
        self._unread = Unread(journal)
        self._position = -1  # up to which the journal is known; -1: it was not looked at yet
        self._last_id = ""
        self._unsaved: list[Event] = []
        self.trouble: JournalError | None = None  # why the last write failed, until one succeeds

    @property
    def unsaved(self) -> tuple[Event, ...]:
        """Events that are not in the journal: in memory, and in `refuge` if there is one."""
        return tuple(self._unsaved)

    @property
    def refuge(self) -> str:
        """The file on another disk where the unsaved events outlive this process; "" when they are in memory only."""
        return self._journal.refuge if self._unsaved else ""

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know about the journal, the oldest first."""
        return self._journal.notices

    def load(self) -> set[str]:
        """Take in what any process wrote since the last time; the incidents that it belongs to. Raises JournalError."""
        with _without_collecting(), self._reading:
            if self._position < 0:
                self._position, events = self._unread.begin(ENDS)
                touched = self._take_in(events, fresh=False)
            else:
                events, self._position = self._journal.after(self._position)
                touched = self._take_in(events)
            self._learn()
        self.open_incidents()  # folded here, on the thread that may take its time
        return touched

    def others_wrote(self) -> bool:
        """Whether another process wrote since this was last asked."""
        return self._journal.changed()

    def incidents(self) -> list[Incident]:
        """Every incident, the newest first. Raises JournalError."""
        self._know(*self._histories)
        with self._lock:
            return _newest_first(history.state for history in self._histories.values())

    def open_incidents(self) -> list[Incident]:
        """Those that nobody has closed, the newest first. Raises JournalError."""
        with self._lock:
            names = [identity for identity, history in self._histories.items() if history.is_open]
        self._know(*names)
        with self._lock:
            return _newest_first(history.state for history in self._histories.values() if history.is_open)

    def incident(self, identity: str) -> Incident:
        """One incident's state. Raises UsageError when there is none of that name, JournalError."""
        self._know(identity)
        with self._lock:
            history = self._histories.get(identity)
            state = history.state if history is not None else None
        if state is None or state.opened_at is None:
            raise UsageError(f"there is no incident {identity!r}", hint="`incident list` names them")
        return state

    def knows(self, identity: str) -> bool:
        """Whether this name is taken, as far as that can be found out."""
        with contextlib.suppress(JournalError):
            self._know(identity)
        return identity in self._histories

    def events(self, identity: str) -> tuple[Event, ...]:
        """One incident's events in the order in which they were recorded, all of them. Raises JournalError."""
        while self.read_on(identity):
            pass
        with self._lock:
            history = self._histories.get(identity)
            return history.events if history is not None else ()

    def newest(self, identity: str, count: int = SLICE) -> tuple[Event, ...]:
        """The last of an incident's events, without waiting for those before. Raises JournalError."""
        if self._unread.is_untouched(identity):
            with self._reading:
                self._learn(identity)
                self._take_in(self._unread.newest(identity, count), fresh=False)
        with self._lock:
            history = self._histories.get(identity)
            return history.newest(count) if history is not None else ()

    def in_memory(self, identity: str) -> tuple[Event, ...]:
        """An incident's events as far as they were read: the newest, and all that make its state."""
        self.newest(identity)
        with self._lock:
            history = self._histories.get(identity)
            return history.events if history is not None else ()

    def count(self, identity: str) -> int:
        """How many of an incident's events are in memory."""
        with self._lock:
            history = self._histories.get(identity)
            return len(history) if history is not None else 0

    def event(self, identity: str, event: str) -> Event | None:
        """One event of an incident, if it is in memory."""
        with self._lock:
            history = self._histories.get(identity)
            return history.get(event) if history is not None else None

    def fresh(self, identity: str) -> tuple[Event, ...]:
        """What was written or taken in since the first `load`, in the order in which it came."""
        with self._lock:
            return tuple(self._fresh.get(identity, ()))

    def is_whole(self, identity: str) -> bool:
        """Whether every event of an incident is in memory."""
        return self._unread.is_empty(identity)

    def behind(self, identity: str) -> int:
        """How many of an incident's events are not in memory yet."""
        return self._unread.behind(identity)

    def read_on(self, identity: str, count: int = SLICE) -> bool:
        """Read the newest of what is not in memory yet; whether there is more. Raises JournalError."""
        with self._reading:
            self._learn(identity)
            with _without_collecting():
                self._take_in(self._unread.part(identity, count), fresh=False)
            return self._unread.behind(identity) > 0

    def read_states(self, count: int = INCIDENTS) -> bool:
        """Read what makes the states of some incidents of which it was not read; whether there are more.

        Raises JournalError.
        """
        with self._lock:
            unknown = [identity for identity in self._histories if not self._unread.knows((identity,))]
        self._know(*unknown[:count])
        return len(unknown) > count

    def look_everywhere(self) -> set[str]:
        """Look for incidents at every event, whatever an index says; those that came to light. Raises JournalError."""
        with self._reading:
            touched = self._take_in(self._unread.overlooked(ENDS), fresh=False)
            self._learn()
        return touched

    def stamp(
        self,
        incident: str,
        fact: Fact,
        *,
        at: datetime | None = None,
        precision: Precision = Precision.SECOND,
        source: str = "tool",
        until: datetime | None = None,
    ) -> Event:
        """An event of this writer, now; `at` is when it happened, if that is another time, `until` a range's end."""
        fact = self._masked(fact)
        with self._lock:
            now = self._clock.now()
            identity = next_id(now, self._last_id, self._chance.getrandbits(48))
            self._last_id = identity
            return Event(identity, incident, at or now, fact, self._writer, now, precision, source, until=until)

    def write(self, events: Sequence[Event]) -> bool:
        """Put events on disk behind whatever is still unsaved, then fold them. False: they are not in the journal.

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

    def save_waiting(self) -> bool:
        """Try again to put on disk what is not in the journal."""
        return self.write(()) if self._unsaved else True

    def redact(self, incident: str, identity: str, why: str = "") -> Event:
        """Remove what stands in an event from the journal for good, and leave a tombstone; the order that did it.

        Raises UsageError for an event that cannot be redacted, JournalError when the journal cannot do it now; then
        everything is as it was.
        """
        self.events(incident)  # what stands in the row has to be known
        run = run_of(self._refuse_to_redact(incident, identity).fact)
        order = self.stamp(incident, Redacted(identity, why, run), source="person")
        saved = self._journal.redact(order)
        self._take_in([saved])
        return saved

    def orders(self) -> tuple[Event, ...]:
        """Every order to redact a row, of whatever incident. Raises JournalError."""
        return self._unread.all_of(frozenset({Redacted.kind}))

    def _refuse_to_redact(self, incident: str, identity: str) -> Event:
        state = self.incident(incident)
        with self._lock:
            event = self._histories[incident].get(identity)
        if event is None:
            raise UsageError(f"there is no row {identity!r} in {incident}", hint="t shows the timeline")
        if isinstance(event.fact, Tombstone | Redacted):
            raise UsageError("there is nothing left in this row to redact")
        if any(waiting.id == identity for waiting in self._unsaved):
            raise JournalError("this row is not saved yet", hint="redact it when the journal can be written again")
        if isinstance(event.fact, CommandStarted):
            record = state.commands[event.fact.run]
            if record.open or (record.lost and not record.verified):
                raise UsageError("how this command ended is not known yet", hint="redact it when that is settled")
        return event

    def _joined(self) -> list[Event]:
        """What waits, with its openings of incidents that are on disk by now turned into joining them."""
        opened = {event.incident for event in self._unread.all_of(frozenset({IncidentOpened.kind}))}
        return [_as_joined(e) if _opens(e) and e.incident in opened else e for e in self._unsaved]

    def _know(self, *identities: str) -> None:
        """Have what these incidents' states are made of. Raises JournalError."""
        if not self._unread.knows(identities):
            with _without_collecting(), self._reading:
                self._learn(*identities)

    def _learn(self, *identities: str) -> None:
        """The same for these and for every open one, by whoever holds `_reading`."""
        with self._lock:
            is_open = [identity for identity, history in self._histories.items() if history.is_open]
        self._take_in(self._unread.bearing((*identities, *is_open)), fresh=False)

    def _take_in(self, events: Iterable[Event], *, fresh: bool = True) -> set[str]:
        """Put events where they belong; the incidents that changed. `fresh` ones are news."""
        touched = set()
        with self._lock:
            for event in events:
                history = self._histories.get(event.incident)
                if history is None:
                    history = self._histories[event.incident] = History(event.incident)
                    if fresh and _opens(event):
                        self._unread.is_whole(event.incident)
                is_new = fresh and history.get(event.id) is None
                if history.add(event):
                    touched.add(event.incident)
                    if is_new:
                        self._fresh.setdefault(event.incident, []).append(event)
                    if event.id > self._last_id:
                        self._last_id = event.id
        return touched


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Reading makes many objects and no cycles of them; looking for cycles all the while costs half as much again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _newest_first(states: Iterable[Incident]) -> list[Incident]:
    known = [(state.opened_at, state.id, state) for state in states if state.opened_at is not None]
    return [state for _, _, state in sorted(known, key=lambda entry: entry[:2], reverse=True)]


def _as_joined(event: Event) -> Event:
    return replace(event, fact=Joined(event.writer.person))


def _opens(event: Event) -> bool:
    return isinstance(event.fact, IncidentOpened)
