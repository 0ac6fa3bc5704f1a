"""The outside of a drill: alerts, changes and signals as the real sources would report them."""

from __future__ import annotations

from datetime import datetime, timedelta

from incident.core.alert import Alert, severity_of
from incident.core.change import Change
from incident.core.ports import Clock, Snapshot
from incident.core.signals import Series, Signal
from incident.drills.model import AlertPlan, Scenario, Threshold
from incident.drills.story import Story
from incident.errors import SourceError

NAME = "drill"
_TREND_STEP = 30  # seconds between two points of a trend
_TREND_POINTS = 30
_UP_FOR = timedelta(days=30)
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


class Stage:
    """A story on a clock: whoever looks at it first lets everything happen that is due."""

    def __init__(self, scenario: Scenario, clock: Clock) -> None:
        self.story = Story(scenario)
        self.clock = clock
        self.start = clock.now()
        self._zero = clock.monotonic()

    def catch_up(self) -> float:
        """Let the story come up to now; seconds after the start."""
        self.story.advance(self.clock.monotonic() - self._zero)
        return self.story.time

    def at(self, seconds: float) -> datetime:
        """A time of the story as wall time, UTC."""
        return self.start + timedelta(seconds=round(seconds, 3))


class DrillAlerts:
    """What fires in the drill."""

    name = NAME

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def fetch(self) -> Snapshot:
        """Everything that fires now."""
        self._stage.catch_up()
        alerts = tuple(self._alert(firing.plan, firing.since) for firing in self._stage.story.firing())
        return Snapshot(alerts, self._stage.clock.now(), took=0.0, up_since=self._stage.start - _UP_FOR, offset=0.0)

    async def aclose(self) -> None:
        """There are no connections."""

    def _alert(self, plan: AlertPlan, since: float) -> Alert:
        return Alert(
            fingerprint=fingerprint(plan),
            name=plan.name,
            severity=severity_of(plan.labels.get("severity", "")),
            starts_at=self._stage.at(since),
            source=NAME,
            labels=plan.labels,
            annotations=plan.annotations,
            expression=plan.expression,
        )


class DrillChanges:
    """What was deployed in the drill."""

    name = NAME

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def fetch(self) -> tuple[Change, ...]:
        """The deploys up to now."""
        self._stage.catch_up()
        return tuple(
            Change(
                at=self._stage.at(deploy.at),
                version=deploy.version,
                previous=deploy.previous,
                service=deploy.service,
                by=deploy.by,
                title=deploy.title,
                source=NAME,
                kind=deploy.kind,
                outcome=deploy.outcome,
            )
            for deploy in self._stage.story.deploys
        )


class DrillSignals:
    """The golden signals beside an alert that the drill's own signals fire."""

    name = NAME

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def read(self, alert: Alert) -> tuple[Signal, ...]:
        """Every signal of the drill, with the alert's limit on its own; for any other alert one that says why not."""
        now = self._stage.catch_up()
        story = self._stage.story
        plan = next((p for p in story.scenario.alerts if fingerprint(p) == alert.fingerprint and p.thresholds), None)
        at = self._stage.clock.now()
        if plan is None:
            return (Signal("errors", None, "%", at, missing="this drill plays no signals for this alert"),)
        limits = {limit.signal: limit for limit in plan.thresholds}
        times = [now - _TREND_STEP * back for back in range(_TREND_POINTS - 1, -1, -1)]
        return tuple(
            Signal(
                name=signal.name,
                value=story.value(signal.name, now),
                unit=signal.unit,
                at=at,
                limit=_limit(limits.get(signal.name)),
                usual=signal.base,
                trend=tuple(story.value(signal.name, time) for time in times),
                query=plan.expression if signal.name in limits else f"simulated {signal.name}",
                floor=signal.name in limits and limits[signal.name].above is None,
            )
            for signal in story.scenario.signals
        )

    async def instant(self, query: str, at: datetime | None = None) -> tuple[Series, ...]:
        """A signal's value, by the query that `read` names beside it. Raises SourceError for any other."""
        when = at or self._stage.clock.now()
        return await self.over(query, when, when, 1.0)

    async def over(self, query: str, start: datetime, end: datetime, step: float) -> tuple[Series, ...]:
        """A signal's course, up to now. Raises SourceError for a query that `read` names nowhere."""
        now = self._stage.catch_up()
        story = self._stage.story
        name = next((signal.name for signal in story.scenario.signals if query in self._queries(signal.name)), None)
        if name is None:
            raise SourceError("this drill plays no series for the query", hint="it plays those beside its alerts")
        first = (start - self._stage.start).total_seconds()
        last = min((end - self._stage.start).total_seconds(), now)
        times = [first + step * place for place in range(int((last - first) // step) + 1)]
        return (Series({}, tuple((self._stage.at(time), story.value(name, time)) for time in times)),)

    async def aclose(self) -> None:
        """There are no connections."""

    def _queries(self, signal: str) -> set[str]:
        """Every query under which a signal of the drill is known."""
        plans = self._stage.story.scenario.alerts
        return {
            f"simulated {signal}",
            *(plan.expression for plan in plans if any(limit.signal == signal for limit in plan.thresholds)),
        }


def _limit(threshold: Threshold | None) -> float | None:
    if threshold is None:
        return None
    return threshold.below if threshold.above is None else threshold.above


def fingerprint(plan: AlertPlan) -> str:
    """The identity of a label set as Prometheus computes it: 64-bit FNV-1a over names and values in order."""
    data = b"".join(part.encode() + b"\xff" for name in sorted(plan.labels) for part in (name, plan.labels[name]))
    value = _FNV_OFFSET
    for byte in data:
        value = (value ^ byte) * _FNV_PRIME & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
