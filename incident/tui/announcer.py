"""What is said in the corner, wherever the person is: a new page, the end of the alerts, somebody else's line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incident.core.alert import AlertState, Severity
from incident.core.facts import Remarked
from incident.core.text import shorten
from incident.engine.news import AlertsSeen, IncidentChanged, News

if TYPE_CHECKING:
    from incident.tui.app import Console

SECONDS = 6  # that a message stays


class Announcer:
    """Remembers what was said, so that it is said once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pages: set[str] = set()  # occurrences of pages that were seen
        self._looked: set[str] = set()  # sources that have answered
        self._calm: set[str] = set()  # incidents whose alerts are known to be over
        self._read: dict[str, int] = {}  # events of each incident that were looked at

    def hear(self, news: News) -> None:
        """Say what is worth saying."""
        if isinstance(news, AlertsSeen):
            self._new_pages(news.source)
        elif isinstance(news, IncidentChanged):
            self._calm_now(news.incident)
            self._what_others_say(news.incident)

    def _new_pages(self, source: str) -> None:
        """A page that was not there at this source's last answer rings, unless somebody is on it already."""
        engine = self._console.engine
        board = engine.watch.board
        alerts = [alert for alert in board.alerts.values() if alert.source == source]
        pages = {a.occurrence: a for a in alerts if a.severity is Severity.PAGE and a.state is AlertState.ACTIVE}
        fresh = [page for key, page in pages.items() if key not in self._pages] if source in self._looked else []
        self._pages |= set(pages)
        if (status := board.statuses.get(source)) is not None and status.ok:
            self._looked.add(source)
        fresh = [page for page in fresh if engine.incident_of(page) is None]
        if fresh:
            self._console.bell()
            names = ", ".join(page.title for page in fresh[:3]) + (" and more" if len(fresh) > 3 else "")
            self._say(f"{names} fired. On the alerts, . shows what is new.", title="Page", bad=True)

    def _calm_now(self, identity: str) -> None:
        """When the last alert of an incident is over, what may be done now."""
        incident = self._console.engine.incident(identity)
        calm = bool(incident.alerts) and not incident.firing and incident.is_open
        if calm and identity not in self._calm:
            self._say(f"Every alert of {identity} is over. ! sets milestones, x writes the post-mortem, C closes.")
        self._calm = self._calm | {identity} if calm else self._calm - {identity}

    def _what_others_say(self, identity: str) -> None:
        """A line that was written elsewhere, in another terminal for example."""
        engine = self._console.engine
        events = engine.log.fresh(identity)
        for event in events[self._read.get(identity, 0) :]:
            if isinstance(event.fact, Remarked) and event.writer != engine.parts.writer:
                self._say(shorten(event.fact.text, 200), title=f"{event.writer.person}, {event.fact.remark}")
        self._read[identity] = len(events)

    def _say(self, text: str, *, title: str = "", bad: bool = False) -> None:
        self._console.notify(
            text, title=title, severity="error" if bad else "information", markup=False, timeout=SECONDS
        )
