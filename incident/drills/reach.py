"""What can ever happen in a scenario, found without playing it: values, events, and what stays out of reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incident.drills.matching import captured
from incident.drills.model import Condition, Effects, Inject, MeasurePlan, Scalar, Scenario, SignalPlan, Threshold
from incident.drills.reading import HAPPENINGS


class Reach:
    """The values that each variable can have and the events that can come, each taken by itself.

    What is out of reach here is so for certain; what is within reach need not be reached together.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.values: dict[str, set[Scalar]] = {name: {value} for name, value in scenario.state.items()}
        self.events = set(HAPPENINGS)
        while self._grow():
            pass

    def can_hold(self, condition: Condition) -> bool:
        """Whether every variable can have its value."""
        return all(value in self.values[name] for name, value in condition.items())

    def impossible(self, condition: Condition) -> str:
        """The first part of a condition that never holds, in words; "" when all can."""
        words = (f"`{name}` is never {_word(v)}" for name, v in condition.items() if v not in self.values[name])
        return next(words, "")

    def can_come(self, inject: Inject) -> bool:
        """Whether an inject's time can come within the drill."""
        if inject.upon:
            return inject.upon in self.events
        return inject.at is not None and inject.at <= self._scenario.length

    def never_called_for(self, inject: Inject) -> bool:
        """Whether the condition that makes an inject needless holds all the time."""
        unless = inject.unless
        return bool(unless) and all(self.values[name] == {value} for name, value in (unless or {}).items())

    def span(self, plan: SignalPlan) -> tuple[float, float]:
        """The lowest and the highest value that a signal can have, with its noise."""
        ends = [plan.base, *(ramp.to for ramp in plan.ramps if self.can_hold(ramp.condition))]
        return max(0.0, min(ends) * (1 - plan.noise)), max(ends) * (1 + plan.noise)

    def can_cross(self, limit: Threshold) -> bool:
        """Whether a signal can be beyond a limit."""
        plan = next(plan for plan in self._scenario.signals if plan.name == limit.signal)
        low, high = self.span(plan)
        return (limit.above is None or high > limit.above) and (limit.below is None or low < limit.below)

    def can_be_measured(self, measure: MeasurePlan) -> bool:
        """Whether a measure can ever have a value."""
        if measure.threshold is not None:
            return self.can_cross(measure.threshold)
        if measure.state:
            return any(self.values[measure.state] - {False, None, ""})
        if measure.event == "command" and measure.match:
            return any(may_match(measure.match, plan.match) for plan in self._scenario.commands)
        if measure.event == "ask" and measure.match:
            return any(ask.id == measure.match[0] for ask in self._scenario.asks)
        if measure.event == "reply" and measure.match:
            return any(inject.id == measure.match[0] for inject in self._scenario.injects)
        return measure.event in self.events

    def _grow(self) -> bool:
        before = (sum(map(len, self.values.values())), len(self.events))
        for condition, effects in self._doers():
            if self.can_hold(condition):
                self._take(effects)
        for inject in self._scenario.injects:
            if self.can_come(inject):
                self._take(Effects(dict.fromkeys(inject.expects, True)))
        return before != (sum(map(len, self.values.values())), len(self.events))

    def _doers(self) -> Iterator[tuple[Condition, Effects]]:
        for command in self._scenario.commands:
            yield command.condition, command.effects
        for ask in self._scenario.asks:
            yield ask.condition, ask.effects
        for rule in self._scenario.rules:
            if not rule.upon or rule.upon in self.events:
                yield rule.condition, rule.effects

    def _take(self, effects: Effects) -> None:
        for name, value in effects.values.items():
            self.values[name].add(value)
        if effects.emits:
            self.events.add(effects.emits)


def may_match(pattern: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two patterns can mean the same command, or one of them the beginning of it."""
    if not pattern:
        return True
    if not other:
        return False
    if "..." in (pattern[0], other[0]):
        return True
    one, two = pattern[0], other[0]
    fits = captured((one,), (two,)) is not None or captured((two,), (one,)) is not None
    return fits and may_match(pattern[1:], other[1:])


def _word(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
