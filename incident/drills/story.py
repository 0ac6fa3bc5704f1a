"""What happens in a drill, second by second: state, rules, signals, alerts, messages and measures.

It knows no clock: somebody says how far time has come, and everything up to there happens in its order. How often
that is said changes nothing.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from incident.drills.matching import captured
from incident.drills.model import (
    AlertPlan,
    Ask,
    Condition,
    Deploy,
    Effects,
    Inject,
    MeasurePlan,
    Rule,
    Scalar,
    Scenario,
    SignalPlan,
    Threshold,
)

BEFORE = 900  # seconds before the start that are looked at, so that an alert can be firing already
_NOISE_STEP = 5  # seconds for which the noise stays the same
_HAIR = 1e-6  # seconds; sums of fractions may miss their time by less

Action = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires, and since when."""

    plan: AlertPlan
    since: float


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, and when."""

    at: float
    id: str
    via: str
    sender: str
    text: str


@dataclass(slots=True)
class _Watch:
    """A threshold under watch: since when it is crossed, and whether it ever was not."""

    since: float | None = None
    rested: bool = False


@dataclass(slots=True)
class Tally:
    """What became of a measure: the first time, and how often."""

    first: float | None = None
    count: int = 0


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    at: float
    number: int
    action: Action = field(compare=False)


class _Curve:
    """A signal's course: straight lines from one target to the next, with noise that only time and the seed decide."""

    def __init__(self, plan: SignalPlan, seed: int, state: Mapping[str, Scalar]) -> None:
        self._plan = plan
        self._seed = seed
        self._back = 0.0
        self._starts = [-math.inf]
        self._legs: list[tuple[float, float, float]] = [(plan.base, plan.base, 0.0)]  # from, to, seconds
        self.aim(state, min((ramp.since for ramp in plan.ramps if holds(ramp.condition, state)), default=0.0))

    def aim(self, state: Mapping[str, Scalar], at: float) -> None:
        """Turn to where the state wants it from `at` on."""
        ramp = next((ramp for ramp in self._plan.ramps if holds(ramp.condition, state)), None)
        to, over = (ramp.to, ramp.over) if ramp else (self._plan.base, self._back)
        if ramp:
            self._back = ramp.back
        if to != self._legs[-1][1]:
            leg = (self._clean(at), to, over)
            self._starts.append(at)
            self._legs.append(leg)

    def value(self, at: float) -> float:
        """Its value as it would be read, never below zero."""
        key = f"{self._seed}:{self._plan.name}:{math.floor(at / _NOISE_STEP)}"
        part = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") / 0xFFFFFFFF
        return max(0.0, self._clean(at) * (1 + self._plan.noise * (2 * part - 1)))

    def _clean(self, at: float) -> float:
        place = bisect_right(self._starts, at) - 1
        begin, to, over = self._legs[place]
        gone = at - self._starts[place]
        return to if gone >= over else begin + (to - begin) * gone / over


class Story:
    """A scenario on its way. `time` is how far it has come, in seconds after the start."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.time = float(-BEFORE)
        self.state: dict[str, Scalar] = dict(scenario.state)
        self.deploys: list[Deploy] = list(scenario.deploys)
        self.said: list[Said] = []
        self.log: list[str] = []
        self.tallies = {measure.name: Tally() for measure in scenario.measures}
        self._happened: dict[str, float] = {}
        self._curves = {plan.name: _Curve(plan, scenario.seed, self.state) for plan in scenario.signals}
        self._pending: dict[int, float] = {}
        self._firing = {place: Firing(p, p.since) for place, p in enumerate(scenario.alerts) if p.since is not None}
        self._watches = {measure.name: _Watch() for measure in scenario.measures if measure.threshold}
        self._armed: dict[int, bool] = {place: not rule.upon for place, rule in enumerate(scenario.rules)}
        self._due: list[_Due] = []
        self._next_look = -BEFORE
        self._count = 0
        for inject in scenario.injects:
            if inject.at is not None:
                self.later(inject.at, lambda inject=inject: self._deliver(inject))  # type: ignore[misc]  # a default binds the loop's own
        self.advance(0.0)
        self._follow()

    def advance(self, until: float) -> None:
        """Let everything up to `until` happen, in the order of its time. Never goes back."""
        while True:
            due = self._due[0].at if self._due else math.inf
            if min(due, self._next_look) > until + _HAIR:
                break
            if due <= self._next_look:
                first = heapq.heappop(self._due)
                self.time = max(self.time, first.at)
                first.action()
            else:
                self.time = max(self.time, float(self._next_look))
                self._next_look += 1
                self._look()
        self.time = max(self.time, until)

    def later(self, at: float, action: Action) -> Action:
        """Let something happen at a time; the result takes it back."""
        self._count += 1
        due = _Due(at, self._count, action)
        heapq.heappush(self._due, due)
        return lambda: self._drop(due)

    def _drop(self, due: _Due) -> None:
        self._due.remove(due)
        heapq.heapify(self._due)

    def note(self, text: str) -> None:
        """A line of the drill's own log."""
        size = abs(math.floor(self.time + _HAIR))
        self.log.append(f"T{'-' if self.time < 0 else '+'}{size // 60:02d}:{size % 60:02d} {text}")

    def happened(self, event: str, argv: Sequence[str] = (), about: str = "") -> None:
        """An event: by a player, a command or a rule."""
        self._happened[event] = self.time
        self.note(f"{event} {about}".strip())
        for measure in self.scenario.measures:
            if measure.event == event and self._is_meant(measure, argv):
                self._count_one(measure.name)
        for inject in self.scenario.injects:
            if inject.upon == event:
                self.later(self.time + inject.after, lambda inject=inject: self._deliver(inject))  # type: ignore[misc]  # a default binds the loop's own
        for place, rule in enumerate(self.scenario.rules):
            if rule.upon == event:
                self._armed[place] = True
        self._follow()

    def since(self, event: str) -> float | None:
        """Seconds since an event last happened; None when it never did."""
        return self.time - self._happened[event] if event in self._happened else None

    def apply(self, effects: Effects) -> None:
        """Change the drill's world."""
        changed = {name: value for name, value in effects.values.items() if self.state[name] != value}
        self.state.update(changed)
        for name, value in changed.items():
            self.note(f"state {name} = {str(value).lower() if isinstance(value, bool) else value}")
        if effects.deploy is not None:
            deploy = effects.deploy
            self.deploys.append(
                Deploy(deploy.version, deploy.previous, deploy.by, deploy.title, deploy.service, self.time)
            )
        for curve in self._curves.values():
            curve.aim(self.state, self.time)
        if effects.emits:
            self.happened(effects.emits)
        self._follow()

    def asked(self, ask: Ask) -> None:
        """Somebody is asked; the answer comes when it comes."""
        self.note(f"asked {ask.id}")
        self.later(self.time + ask.takes, lambda: self._answer(ask))

    def value(self, signal: str, at: float) -> float:
        """A signal's value at a time up to now."""
        return self._curves[signal].value(at)

    def firing(self) -> tuple[Firing, ...]:
        """The alerts that fire, in the scenario's order."""
        return tuple(self._firing[place] for place in sorted(self._firing))

    def _answer(self, ask: Ask) -> None:
        self._say(ask.id, "chat", ask.who, ask.say)
        self.apply(ask.effects)

    def _deliver(self, inject: Inject) -> None:
        if inject.unless is not None and holds(inject.unless, self.state):
            self.note(f"inject {inject.id} is not called for")
            return
        self._say(inject.id, inject.via, inject.sender, inject.text)

    def _say(self, identity: str, via: str, sender: str, text: str) -> None:
        self.said.append(Said(self.time, identity, via, sender, text))
        self.note(f"{via} from {sender}: {text}")

    def _is_meant(self, measure: MeasurePlan, argv: Sequence[str]) -> bool:
        known = [command.match for command in self.scenario.commands]
        return not measure.match or captured((*measure.match, "..."), argv, known) is not None

    def _count_one(self, name: str) -> None:
        tally = self.tallies[name]
        tally.count += 1
        if tally.first is None:
            tally.first = self.time

    def _follow(self) -> None:
        """Start the rules that are called for, and see which states were reached."""
        for measure in self.scenario.measures:
            if measure.state and self.state[measure.state] and self.tallies[measure.name].first is None:
                self._count_one(measure.name)
        for place, rule in enumerate(self.scenario.rules):
            if not holds(rule.condition, self.state):
                self._armed[place] = self._armed[place] or not rule.upon
            elif self._armed[place]:
                self._armed[place] = False
                self.later(self.time + rule.after, lambda rule=rule: self._apply_rule(rule))  # type: ignore[misc]  # a default binds the loop's own

    def _apply_rule(self, rule: Rule) -> None:
        if holds(rule.condition, self.state):
            self.apply(rule.effects)

    def _look(self) -> None:
        """Once a second: which alerts fire, and which measured signal is where it should be."""
        for place, plan in enumerate(self.scenario.alerts):
            if plan.since is None:
                self._judge(place, plan)
        for measure in self.scenario.measures:
            if measure.threshold and self.time >= 0:
                self._watch(measure.name, measure.threshold)

    def _judge(self, place: int, plan: AlertPlan) -> None:
        if not all(limit.crossed(self.value(limit.signal, self.time)) for limit in plan.thresholds):
            self._pending.pop(place, None)
            if self._firing.pop(place, None):
                self.note(f"{plan.name} resolved")
            return
        since = self._pending.setdefault(place, self.time)
        held = max(limit.hold for limit in plan.thresholds)
        if place not in self._firing and self.time - since >= held:
            self._firing[place] = Firing(plan, self.time)
            self.note(f"{plan.name} fired")

    def _watch(self, name: str, threshold: Threshold) -> None:
        """A measured signal counts once it held, having not held before: a start in good health is no recovery."""
        watch = self._watches[name]
        if not threshold.crossed(self.value(threshold.signal, self.time)):
            watch.since, watch.rested = None, True
        elif watch.rested and self.tallies[name].first is None:
            watch.since = self.time if watch.since is None else watch.since
            if self.time - watch.since >= threshold.hold:
                self._count_one(name)
                self.note(f"measured {name}")


def holds(condition: Condition, state: Mapping[str, Scalar]) -> bool:
    """Whether every variable has its value."""
    return all(state[name] == value for name, value in condition.items())
