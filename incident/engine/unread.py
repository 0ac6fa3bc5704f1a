"""What of the journal is not in memory yet, and how it is read: first what makes states, the rest later."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from incident.core.event import Event
from incident.core.incident import KINDS_THAT_BEAR
from incident.core.ports import Journal, Wanted


class Unread:
    """Where each incident's events lie that were not read. Not for two threads at once, except to ask."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._until = 0  # behind this position everything is told as news
        self._read: set[int] = set()  # positions up to there that were read
        self._known: set[str] = set()  # incidents of which everything was read that makes their state
        self._rest: dict[str, list[int]] = {}  # by incident: the positions that are left, the oldest first
        self._touched: set[str] = set()  # incidents of which some of the rest was read

    def begin(self, kinds: frozenset[str]) -> tuple[int, tuple[Event, ...]]:
        """The journal's last position, and every event of these kinds up to there. Raises JournalError."""
        self._until = self._journal.newest()
        self._known.clear()
        self._rest.clear()
        places = {*self._journal.places(Wanted(kinds)), *([self._until] if self._until else [])}
        return self._until, self._at(places)

    def overlooked(self, kinds: frozenset[str]) -> tuple[Event, ...]:
        """Those events of these kinds that no index named. Raises JournalError."""
        return self._at(set(self._journal.places(Wanted(kinds, surely=True))) - self._read)

    def all_of(self, kinds: frozenset[str]) -> tuple[Event, ...]:
        """Every event of these kinds, whether it was read or not. Raises JournalError."""
        return self._journal.at(self._journal.places(Wanted(kinds)))

    def bearing(self, incidents: Iterable[str]) -> tuple[Event, ...]:
        """What makes the states of these incidents, as far as that was not read. Raises JournalError."""
        wanted = tuple(sorted(set(incidents) - self._known))
        if not wanted:
            return ()
        events = self._at(set(self._journal.places(Wanted(KINDS_THAT_BEAR, wanted))) - self._read)
        self._known.update(wanted)
        return events

    def part(self, incident: str, count: int) -> tuple[Event, ...]:
        """The newest of an incident's events that were not read, at most so many. Raises JournalError."""
        rest = self._rest.get(incident)
        if rest is None:
            places = self._journal.places(Wanted(incidents=(incident,), surely=True))
            rest = self._rest[incident] = [at for at in places if at <= self._until and at not in self._read]
        events = self._at(rest[-count:])
        del rest[-count:]
        self._touched.add(incident)
        return events

    def newest(self, incident: str, count: int) -> tuple[Event, ...]:
        """The same in less time, by an index: whether it named all of them is seen when the rest is read."""
        places = self._journal.places(Wanted(incidents=(incident,)))
        self._touched.add(incident)
        return self._at([at for at in places[-count:] if at <= self._until and at not in self._read])

    def is_whole(self, incident: str) -> None:
        """An incident of which everything came here as news: nothing is to be read."""
        self._known.add(incident)
        self._rest[incident] = []

    def knows(self, incidents: Collection[str]) -> bool:
        """Whether everything was read that makes the states of these incidents."""
        return self._known.issuperset(incidents)

    def is_untouched(self, incident: str) -> bool:
        """Whether nothing but what makes its state was read of an incident."""
        return not self.is_empty(incident) and incident not in self._touched

    def is_empty(self, incident: str) -> bool:
        """Whether everything of an incident was read."""
        return self._rest.get(incident) == []

    def behind(self, incident: str) -> int:
        """How many of an incident's events were not read, as far as anybody has looked."""
        return len(self._rest.get(incident, ()))

    def _at(self, places: Collection[int] | Sequence[int]) -> tuple[Event, ...]:
        events = self._journal.at(sorted(places)) if places else ()
        self._read.update(places)
        return events
