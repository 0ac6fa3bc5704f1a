"""What happens in a drill, second by second: state, rules, signals, alerts, messages and measures.

It knows no clock: somebody says how far time has come, and everything up to there happens in its order. How often
that is said changes nothing.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from incident.drills.curve import NOISE_STEP, Curve, holds
from incident.drills.matching import captured
from incident.drills.model import (
    AlertPlan,
    Ask,
    Deploy,
    Effects,
    Inject,
    MeasurePlan,
    Rule,
    Scalar,
    Scenario,
    Threshold,
)

BEFORE = 900  # seconds before the start that are looked at, so that an alert can be firing already
_HAIR = 1e-6  # seconds; sums of fractions may miss their time by less

Action = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires, and since when."""

    plan: AlertPlan
    since: float


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, and when. `id` is the inject's or the ask's; "" for a facilitator's own words."""

    at: float
    id: str
    via: str
    sender: str
    text: str


@dataclass(slots=True)
class Post:
    """What became of an inject: when it comes, came, and was answered; held or skipped by a facilitator."""

    due: float | None = None
    sent: float | None = None
    answered: float | None = None
    held: bool = False
    skipped: bool = False
    needless: bool = False  # when its time came it was no longer called for


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


class Story:
    """A scenario on its way. `time` is how far it has come, in seconds after the start."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.time = float(-BEFORE)
        self.state: dict[str, Scalar] = dict(scenario.state)
        self.deploys: list[Deploy] = list(scenario.deploys)
        self.said: list[Said] = []
        self.log: list[str] = []
        self.fired: set[int] = set()  # the places of the alerts that ever fired
        self.states: list[dict[str, Scalar]] = [dict(scenario.state)]  # every state that the world was in
        self.tallies = {measure.name: Tally() for measure in scenario.measures}
        self._happened: dict[str, float] = {}
        self._curves = {plan.name: Curve(plan, scenario.seed, self.state) for plan in scenario.signals}
        self._pending: dict[int, float] = {}
        self._firing = {place: Firing(p, p.since) for place, p in enumerate(scenario.alerts) if p.since is not None}
        self._watches = {measure.name: _Watch() for measure in scenario.measures if measure.threshold}
        self._armed: dict[int, bool] = {place: not rule.upon for place, rule in enumerate(scenario.rules)}
        self._timers: dict[int, Action] = {}  # by rule: takes back what it is about to do
        self._due: list[_Due] = []
        self._next_look = -BEFORE
        self._count = 0
        self.posts = {inject.id: Post(inject.at) for inject in scenario.injects}
        self._injects = {inject.id: inject for inject in scenario.injects}
        for inject in scenario.injects:
            if inject.at is not None:
                self.later(inject.at, partial(self._come, inject))
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
                self.posts[inject.id].due = self.time + inject.after
                self.later(self.time + inject.after, partial(self._come, inject))
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
        if changed:
            self.states.append(dict(self.state))
        for name, value in changed.items():
            self.note(f"state {name} = {str(value).lower() if isinstance(value, bool) else value}")
        if effects.deploy is not None:
            self.deploys.append(replace(effects.deploy, at=self.time))
        for curve in self._curves.values():
            curve.aim(self.state, self.time)
        if effects.emits:
            self.happened(effects.emits)
        self._follow()

    def asked(self, identity: str) -> Ask:
        """Somebody is asked; the answer that fits when it is given comes after its time."""
        answers = self.scenario.ask(identity)
        fitting = next((ask for ask in answers if holds(ask.condition, self.state)), answers[-1])
        self.happened("ask", (identity,), identity)
        self.later(self.time + fitting.takes, partial(self._answer, fitting))
        return fitting

    def replied(self, identity: str) -> None:
        """A player answers an inject; what it expects is true from now on."""
        inject = self._injects[identity]
        self.happened("reply", (identity,), identity)
        self.posts[identity].answered = self.posts[identity].answered or self.time
        self.apply(Effects(dict.fromkeys(inject.expects, True)))

    # -- a facilitator ------------------------------------------------------------------------------------------

    def send(self, identity: str) -> None:
        """Let an inject come at once, whatever it waits for; one that came already comes again."""
        self.note(f"facilitator sends {identity}")
        self._deliver(self._injects[identity])

    def hold(self, identity: str, *, held: bool = True) -> None:
        """Keep an inject back until it is sent or let go; one that fell due meanwhile comes when it is let go."""
        post = self.posts[identity]
        self.note(f"facilitator {'holds' if held else 'lets go'} {identity}")
        fell_due = post.held and not held and post.due is not None and post.due <= self.time and post.sent is None
        post.held = held
        if fell_due:
            self._come(self._injects[identity])

    def skip(self, identity: str) -> None:
        """Leave an inject out."""
        self.note(f"facilitator skips {identity}")
        self.posts[identity].skipped = True

    def say(self, sender: str, via: str, text: str) -> None:
        """Say something as somebody."""
        self._say("", via, sender, text)

    # -- what it is like ----------------------------------------------------------------------------------------

    def value(self, signal: str, at: float) -> float:
        """A signal's value at a time up to now."""
        return self._curves[signal].value(at)

    def firing(self) -> tuple[Firing, ...]:
        """The alerts that fire, in the scenario's order."""
        return tuple(self._firing[place] for place in sorted(self._firing))

    def failed(self, until: float) -> tuple[float, float]:
        """Requests that failed from the start to a time, and the share of the window's error budget that is spent.

        Both are 0 where the scenario promises nothing; without a signal for traffic a request is a second.
        """
        slo = self.scenario.slo
        if slo is None or not slo.errors:
            return 0.0, 0.0
        plans = {plan.name: plan for plan in self.scenario.signals}
        whole = 100.0 if plans[slo.errors].unit == "%" else 1.0
        usual = plans[slo.traffic].base if slo.traffic else 1.0
        lost = 0.0
        for at in range(0, math.ceil(until), NOISE_STEP):
            seconds = min(NOISE_STEP, until - at)
            traffic = self.value(slo.traffic, at) if slo.traffic else 1.0
            lost += min(1.0, self.value(slo.errors, at) / whole) * traffic * seconds
        return lost, lost / ((1 - slo.target) * slo.window * usual)

    def _answer(self, ask: Ask) -> None:
        self._say(ask.id, "chat", ask.who, ask.say)
        self.apply(ask.effects)

    def _come(self, inject: Inject) -> None:
        """An inject's time has come."""
        post = self.posts[inject.id]
        if post.held or post.skipped:
            self.note(f"inject {inject.id} is {'skipped' if post.skipped else 'held'}")
        elif inject.unless is not None and holds(inject.unless, self.state):
            post.needless = True
            self.note(f"inject {inject.id} is not called for")
        else:
            self._deliver(inject)

    def _deliver(self, inject: Inject) -> None:
        self.posts[inject.id].sent = self.time
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
        """Start the rules that are called for, and see which states were reached and which messages answered."""
        for inject in self.scenario.injects:
            post = self.posts[inject.id]
            if inject.expects and post.answered is None and all(self.state[name] is True for name in inject.expects):
                post.answered = self.time
        for measure in self.scenario.measures:
            if measure.state and self.state[measure.state] and self.tallies[measure.name].first is None:
                self._count_one(measure.name)
        for place, rule in enumerate(self.scenario.rules):
            if not holds(rule.condition, self.state):
                self._armed[place] = self._armed[place] or not rule.upon
                if forget := self._timers.pop(place, None):
                    forget()
            elif self._armed[place]:
                self._armed[place] = False
                if forget := self._timers.pop(place, None):
                    forget()
                self._timers[place] = self.later(self.time + rule.after, partial(self._apply_rule, place, rule))

    def _apply_rule(self, place: int, rule: Rule) -> None:
        del self._timers[place]
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
            self.fired.add(place)
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
