"""How the error budgets stand: asked when somebody looks, kept, and never waited for by a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from incident.core.alert import Alert
from incident.core.budget.asking import SHORT, asks, spans_asked
from incident.core.budget.slo import Slo, for_alert
from incident.core.budget.spending import Spending, spending
from incident.core.budget.standing import Standing, standing
from incident.core.budget.words import line, worst_of
from incident.core.facts import Milestone
from incident.core.incident import Incident
from incident.core.ports import SignalSource
from incident.core.signals import Series
from incident.engine.log import Log
from incident.engine.news import AlertsSeen, News
from incident.engine.parts import Parts
from incident.errors import SourceError

YOUNG = timedelta(seconds=30)  # burns that are older are asked for again when somebody looks
WHOLE = timedelta(minutes=5)  # the same for what goes over the whole window, which costs the server far more
RETRY = timedelta(minutes=1)  # after a failure
NAME = "budget"  # in the news


@dataclass(slots=True)
class _Kept:
    """What is known of one objective's budget."""

    answers: dict[str, tuple[Series, ...]] = field(default_factory=dict)
    asked: dict[str, datetime] = field(default_factory=dict)  # when each answer came
    standing: Standing | None = None
    error: SourceError | None = None  # why the last try gave nothing
    tried: datetime | None = None
    busy: bool = False


async def ask(source: SignalSource, one_slo: Slo, now: datetime) -> Standing:
    """How a budget stands now, everything asked afresh. Raises SourceError."""
    answers = {}
    for one in asks(one_slo, now):
        answers[one.what] = await _put(source, one.query, one.start, one.end, one.step)
    return standing(one_slo, now, answers)


async def ask_spent(source: SignalSource, one_slo: Slo, start: datetime, end: datetime) -> Spending:
    """What was spent of a budget between two times. Raises SourceError."""
    series: tuple[Series, ...] = ()
    for one in spans_asked(one_slo, start, end):
        at = one.start if one.step else one.end
        series += await _put(source, one.query, at, one.end, one.step, past=True)
    return spending(one_slo, start, end, series)


async def _put(
    source: SignalSource, query: str, start: datetime, end: datetime, step: float, *, past: bool = False
) -> tuple[Series, ...]:
    """One request; what is asked for now is asked by the server's clock."""
    return await source.over(query, start, end, step) if step else await source.instant(query, end if past else None)


class Budget:
    """The budgets of every objective that is configured."""

    def __init__(
        self,
        parts: Parts,
        log: Log,
        tell: Callable[[News], None],
        later: Callable[[Coroutine[object, object, None]], None],
    ) -> None:
        self._parts = parts
        self._log = log
        self._tell = tell
        self._later = later
        self._kept: dict[str, _Kept] = {}
        self._turn = asyncio.Lock()  # one request at a time: an alert's own signals come first

    @property
    def slos(self) -> tuple[Slo, ...]:
        """Every objective."""
        return self._parts.promises.slos

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read of the objectives."""
        return tuple(str(problem) for problem in self._parts.promises.problems)

    def slos_for(self, alert: Alert | None) -> tuple[Slo, ...]:
        """The objectives that an alert is about."""
        return for_alert(self.slos, alert) if alert is not None else ()

    def known(self, slo: Slo) -> Standing | None:
        """How a budget stood when it was last asked for."""
        kept = self._kept.get(slo.title)
        return kept.standing if kept else None

    def error(self, slo: Slo) -> str:
        """Why the last try gave nothing, "" when it gave something."""
        kept = self._kept.get(slo.title)
        return str(kept.error.what) if kept and kept.error else ""

    def line_for(self, alert: Alert) -> str:
        """`budget 63 % left, gone in 1d 22h` for an alert, "" while that is not known; what is old is asked for again.

        It never waits. A piece of news tells when there is more to show.
        """
        mine = self.slos_for(alert)
        for slo in mine:
            self.look(slo)
        worst = worst_of([found for slo in mine if (found := self.known(slo)) is not None])
        return line(worst, self._parts.clock.now() - worst.at) if worst is not None else ""

    def look(self, slo: Slo) -> None:
        """See to it that what is known of a budget is young; without waiting."""
        kept = self._kept.setdefault(slo.title, _Kept())
        now = self._parts.clock.now()
        pause = RETRY if kept.error else YOUNG
        if self._parts.signals is None or kept.busy or (kept.tried is not None and now - kept.tried < pause):
            return
        kept.busy, kept.tried = True, now
        self._later(self._refresh(slo, kept))

    async def _refresh(self, slo: Slo, kept: _Kept) -> None:
        try:
            await self.read(slo)
        except SourceError:
            pass  # it is kept, and told where there is room for it
        finally:
            kept.busy = False
        self._tell(AlertsSeen(NAME))

    async def read(self, slo: Slo, *, afresh: bool = False) -> Standing:
        """How a budget stands; only what is not young is asked for, unless `afresh`. Raises SourceError."""
        kept = self._kept.setdefault(slo.title, _Kept())
        source = self._parts.signals
        if source is None:
            raise SourceError("there is no Prometheus to ask", hint="`prometheus: URL` in the configuration names it")
        async with self._turn:
            now = self._parts.clock.now()
            kept.tried = now
            try:
                for one in asks(slo, now):
                    age = YOUNG if one.what == SHORT else WHOLE
                    if not afresh and one.what in kept.asked and now - kept.asked[one.what] < age:
                        continue
                    kept.answers[one.what] = await _put(source, one.query, one.start, one.end, one.step)
                    kept.asked[one.what] = now
            except SourceError as failed:
                kept.error = failed
                raise
            kept.error = None
            kept.standing = standing(slo, now, kept.answers)
            return kept.standing

    # -- an incident's part -------------------------------------------------------------------------------------------

    def concerned(self, incident: Incident) -> tuple[Slo, ...]:
        """The objectives that an incident's alerts, or else its service, are about."""
        found = [slo for record in incident.alerts.values() for slo in self.slos_for(record.as_alert())]
        found = found or [slo for slo in self.slos if incident.service and slo.service == incident.service]
        return tuple({slo.title: slo for slo in found}.values())

    async def spent_in(self, identity: str) -> tuple[Spending, ...]:
        """What an incident has spent of each budget that it concerns. Raises UsageError, SourceError."""
        incident = self._log.incident(identity)
        start, end = span_of(incident, self._parts.clock.now())
        source = self._parts.signals
        if source is None or start is None:
            return ()
        async with self._turn:
            return tuple([await ask_spent(source, slo, start, end) for slo in self.concerned(incident)])


def span_of(incident: Incident, now: datetime) -> tuple[datetime | None, datetime]:
    """From when until when an incident spent: started, else detected, else opened; resolved, else closed, else now."""
    marks = incident.milestones()
    first = marks.get(Milestone.STARTED) or marks.get(Milestone.DETECTED)
    start = first.at if first else incident.opened_at
    last = marks.get(Milestone.RESOLVED)
    end = last.at if last else incident.closed_at or now
    return start, max(end, start + timedelta(seconds=1)) if start else end
