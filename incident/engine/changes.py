"""What changed, as the feeds tell it: asked again and again, kept with its age when one is dead, and ranked."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from incident.core import facts
from incident.core.alert import Alert
from incident.core.change import Change, newest_first
from incident.core.change_rank import Ranked, Trouble, during, ranked, trouble_in, trouble_of
from incident.core.incident import Incident
from incident.core.ports import ChangeSource, PacedSource
from incident.core.text import one_line
from incident.engine.log import Log
from incident.engine.news import AlertsSeen, News
from incident.engine.parts import Parts
from incident.engine.response import Record
from incident.engine.watch import Status
from incident.errors import IncidentError, JournalError, SourceError, UsageError

CHANGES_AGE = 60.0  # seconds after which a feed is asked again, unless it says so itself
RECORDED = 3  # changes that the ranking names and that go onto a timeline when it begins


@dataclass(slots=True)
class _Feed:
    """A feed, what it told last, and when it was asked and answered, by a clock that never jumps."""

    source: ChangeSource
    changes: tuple[Change, ...] = ()
    asked: float = -math.inf
    answered: float = -math.inf
    answering: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def pause(self) -> float:
        """Seconds between two questions; endless for one that is only asked by a person."""
        return self.source.pause if isinstance(self.source, PacedSource) else CHANGES_AGE

    def due(self, now: float) -> bool:
        """Whether it is time to ask."""
        return self.pause < math.inf and now - self.asked >= self.pause


class Changes:
    """Every change feed. `statuses` is where each one's state is told, by name."""

    def __init__(
        self,
        parts: Parts,
        log: Log,
        statuses: dict[str, Status],
        record: Record,
        tell: Callable[[News], None],
    ) -> None:
        self._parts = parts
        self._log = log
        self._statuses = statuses
        self._record = record
        self._tell = tell
        self._feeds = [_Feed(source) for source in parts.changes]
        self._known: tuple[Change, ...] = ()

    @property
    def known(self) -> tuple[Change, ...]:
        """The changes as the feeds last told them, the newest first."""
        return self._known

    @property
    def on_request(self) -> tuple[str, ...]:
        """The feeds that are only asked when a person wants it."""
        return tuple(feed.source.name for feed in self._feeds if feed.pause == math.inf)

    async def read(self) -> tuple[Change, ...]:
        """The recent changes of every feed, at most as old as each feed's pause; one that fails keeps what it said."""
        await asyncio.gather(*(self._ask(feed) for feed in self._feeds))
        return self.known

    async def look_now(self) -> None:
        """Ask every feed at once, but for those that are asked on request."""
        await asyncio.gather(*(self._ask(feed, now=True) for feed in self._feeds if feed.pause < math.inf))
        self._tell(AlertsSeen("changes"))

    async def look_for_drift(self) -> int:
        """Ask the feeds that are only asked on request; how many changes they know. Raises IncidentError."""
        feeds = [feed for feed in self._feeds if feed.pause == math.inf]
        if not feeds:
            raise UsageError("no feed looks for drift", hint="`incident help feeds` says how: {terraform: FOLDER}")
        await asyncio.gather(*(self._ask(feed, now=True) for feed in feeds))
        self._tell(AlertsSeen("changes"))
        for feed in feeds:
            if error := self._statuses[feed.source.name].error:
                raise IncidentError(error, at=feed.source.name, hint=self._statuses[feed.source.name].hint)
        return sum(len(feed.changes) for feed in feeds)

    async def follow(self) -> None:
        """Ask again and again until cancelled."""
        while pauses := [feed.pause for feed in self._feeds if feed.pause < math.inf]:
            await self.read()
            with contextlib.suppress(JournalError):  # the journal may be back at the next look
                await self.keep()
            self._tell(AlertsSeen("changes"))
            await self._parts.clock.sleep(min(pauses))

    # -- ranking ------------------------------------------------------------------------------------------------

    def trouble(self, incident: Incident) -> Trouble:
        """What the changes of an incident are measured against."""
        return trouble_in(incident, self._parts.clock.now())

    def trouble_at(self, alert: Alert) -> Trouble:
        """The same for an alert that nobody responds to yet."""
        return trouble_of([alert], self._parts.clock.now())

    def ranked(self, trouble: Trouble) -> tuple[Ranked, ...]:
        """The known changes, the likeliest first."""
        return ranked(self.known, trouble)

    # -- recording ----------------------------------------------------------------------------------------------

    async def gather(self, incident: Incident) -> None:
        """Put the likely changes before an incident onto its timeline."""
        await self.read()
        for one in reversed([one for one in self.ranked(self.trouble(incident)) if one.likely][:RECORDED]):
            await self._write(incident.id, one.change, "")

    async def keep(self) -> None:
        """Put what was changed on a service since its incident began onto the timeline: a rollback, or a fresh deploy.

        The console of whoever leads does so, that it stands there once.
        """
        for incident in self._log.open_incidents():
            if incident.lead == self._parts.writer.person:
                for change in during(self.known, self.trouble(incident)):
                    if not stands_in(incident, change):
                        await self._write(incident.id, change, "")

    async def put(self, incident: Incident, change: Change) -> None:
        """Put a change onto an incident's timeline because a person wants it there. Raises UsageError."""
        if stands_in(incident, change):
            raise UsageError(f"{change.name} is on the timeline already")
        await self._write(incident.id, change, "person")

    async def _write(self, incident: str, change: Change, source: str) -> None:
        await self._record(incident, seen(change), at=change.at, source=source or change.source or "changes")

    # -- asking -------------------------------------------------------------------------------------------------

    async def _ask(self, feed: _Feed, *, now: bool = False) -> None:
        """Ask one feed if it is time, one question at a time. Whatever a feed does wrong, the others go on."""
        clock = self._parts.clock
        begun, at = clock.monotonic(), clock.now()
        async with feed.answering:
            if feed.answered > begun or not (now or feed.due(begun)):
                return
            name = feed.source.name
            known = self._statuses.get(name, Status(name))
            try:
                feed.changes = await told_by(feed.source)
            except IncidentError as failed:
                self._statuses[name] = replace(known, error=failed.what, hint=failed.hint)
            else:
                note = feed.source.note if isinstance(feed.source, PacedSource) else ""
                self._statuses[name] = Status(name, seen=at, hint=note)
            self._known = newest_first(dict.fromkeys(change for feed in self._feeds for change in feed.changes))
            feed.asked, feed.answered = begun, clock.monotonic()


async def told_by(source: ChangeSource) -> tuple[Change, ...]:
    """What a feed tells now. Raises IncidentError, whatever a third party's feed does wrong."""
    try:
        return tuple(await source.fetch())
    except IncidentError:
        raise
    except Exception as broken:
        what = f"the feed itself is broken: {type(broken).__name__}: {one_line(str(broken), 120)}"
        raise SourceError(what, at=source.name, hint="tell whoever wrote it") from broken


def seen(change: Change) -> facts.ChangeSeen:
    """A change as the fact that it stood before the incident."""
    return facts.ChangeSeen(
        change=change.kind.value,
        version=change.version,
        previous=change.previous,
        service=change.service,
        title=change.title,
        by=change.by,
        link=change.link,
        source=change.source,
    )


def stands_in(incident: Incident, change: Change) -> bool:
    """Whether a change is on an incident's timeline."""
    wanted = (change.at, change.kind.value, change.version, change.service)
    return any((at, fact.change, fact.version, fact.service) == wanted for at, fact in incident.changes)
