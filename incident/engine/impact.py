"""The incident's impact, asked of the signal source: every number goes onto the timeline with its query."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from incident.core.budget.spending import Spending
from incident.core.facts import Measured
from incident.core.impact import Question, Window, answer, questions, spent, window_of
from incident.core.ports import Clock, SignalSource
from incident.engine.log import Log
from incident.engine.response import Record
from incident.errors import SourceError

Spent = Callable[[str], Awaitable[Sequence[Spending]]]  # what an incident spent of the error budgets, by its identity


@dataclass(frozen=True, slots=True)
class Found:
    """What could be measured, and why the rest could not, in words."""

    measured: tuple[Measured, ...] = ()
    missing: tuple[str, ...] = ()


class Impact:
    """Asks for failed requests, requests and the worst value, from the expressions of the incident's alerts."""

    def __init__(
        self, signals: SignalSource | None, clock: Clock, log: Log, record: Record, spent: Spent | None = None
    ) -> None:
        self._signals = signals
        self._clock = clock
        self._log = log
        self._record = record
        self._spent = spent

    async def measure(self, identity: str, *, only_over: bool = False) -> Found:
        """Measure the window of an incident, one request at a time; what is new is recorded. Raises UsageError.

        With `only_over` an incident that goes on is left alone. A source that does not answer is said, not raised.
        """
        incident = self._log.incident(identity)
        window = window_of(incident, self._clock.now())
        if window is None:
            return Found(missing=("the incident has no time yet in which it could be measured",))
        if only_over and not window.over:
            return Found(missing=("the incident is not over",))
        found: dict[str, Measured] = {}
        missing: list[str] = []
        for record in incident.alerts.values():
            for question in questions(record.fired.expression, window):
                if question.name in found or self._known(identity, question, window):
                    continue
                try:
                    measured = await self._ask(question, window, record.fired.labels)
                except SourceError as silent:
                    return await self._write(identity, found, [*missing, silent.what])
                if measured is not None:
                    found[measured.name] = measured
                else:
                    missing.append(f"no data for {question.name.replace('_', ' ')}")
        if self._spent is not None:
            try:
                found = {one.name: one for one in spent(await self._spent(identity))} | found
            except SourceError as silent:
                missing.append(silent.what)
        return await self._write(identity, found, missing)

    async def _ask(self, question: Question, window: Window, labels: Mapping[str, str]) -> Measured | None:
        if self._signals is None:
            raise SourceError("there is no Prometheus in the configuration", hint="`prometheus: URL` names one")
        if question.course:
            series = await self._signals.over(question.query, window.start, window.end, window.step)
        else:
            series = await self._signals.instant(question.query, window.end)
        return answer(question, window, series, labels)

    def _known(self, identity: str, question: Question, window: Window) -> bool:
        """Whether the timeline has this number of this window already."""
        return any(
            isinstance(event.fact, Measured)
            and (event.fact.name, event.fact.query) == (question.name, question.query)
            and (event.fact.start, event.fact.end) == (window.start, window.end)
            for event in self._log.events(identity)
        )

    async def _write(self, identity: str, found: dict[str, Measured], missing: Sequence[str]) -> Found:
        known = [event.fact for event in self._log.events(identity) if isinstance(event.fact, Measured)]
        fresh = [one for one in found.values() if one not in known]
        if fresh:
            await self._record(identity, *fresh, source=self._signals.name if self._signals is not None else "tool")
        return Found(tuple(found.values()), tuple(dict.fromkeys(missing)))
