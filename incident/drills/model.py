"""What a scenario is made of. Times are seconds after the start of the drill; before it they are negative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Scalar = str | int | float | bool | None
Condition = Mapping[str, Scalar]  # state variables and the values they must have, all of them


@dataclass(frozen=True, slots=True)
class Ramp:
    """Where a signal goes while a condition holds, how fast, and how fast it comes back."""

    condition: Condition
    to: float
    over: float
    back: float
    since: float = 0.0  # when the ramp began, if its condition holds from the start


@dataclass(frozen=True, slots=True)
class SignalPlan:
    """A golden signal: its usual value, its noise as a part of the value, and what moves it."""

    name: str
    base: float
    noise: float = 0.0
    unit: str = ""
    ramps: tuple[Ramp, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """A signal beyond a limit for `hold` seconds."""

    signal: str
    above: float | None = None
    below: float | None = None
    hold: float = 0.0

    def crossed(self, value: float) -> bool:
        """Whether a value is beyond every limit that is given."""
        high = self.above is None or value > self.above
        return high and (self.below is None or value < self.below)


@dataclass(frozen=True, slots=True)
class AlertPlan:
    """An alert: fired by its thresholds, or firing all along since a time before the start."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    expression: str = ""
    thresholds: tuple[Threshold, ...] = ()
    since: float | None = None

    @property
    def name(self) -> str:
        """The alert's name."""
        return self.labels.get("alertname", "")


@dataclass(frozen=True, slots=True)
class Deploy:
    """A deploy that shows in the feed of changes; `at` is only for those before the start."""

    version: str
    previous: str = ""
    by: str = ""
    title: str = ""
    service: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Effects:
    """What something does to the drill's world."""

    values: Mapping[str, Scalar] = field(default_factory=dict)
    emits: str = ""
    deploy: Deploy | None = None


@dataclass(frozen=True, slots=True)
class Inject:
    """Somebody says something: at a time, or `after` an event; unless it is no longer called for."""

    id: str
    via: str
    sender: str
    text: str
    at: float | None = None
    upon: str = ""
    after: float = 0.0
    unless: Condition | None = None


@dataclass(frozen=True, slots=True)
class CommandPlan:
    """A command that the drill knows, and what comes of it."""

    match: tuple[str, ...]
    condition: Condition = field(default_factory=dict)
    takes: float = 1.0
    output: str = ""
    status: int = 0
    effects: Effects = Effects()


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that can be asked of a person, and the answer."""

    id: str
    who: str
    say: str
    takes: float = 0.0
    effects: Effects = Effects()


@dataclass(frozen=True, slots=True)
class Rule:
    """Once `upon` has happened and the condition holds, the effects follow `after` seconds later, if it still holds."""

    condition: Condition
    upon: str = ""
    after: float = 0.0
    effects: Effects = Effects()


@dataclass(frozen=True, slots=True)
class MeasurePlan:
    """A fact that is measured: the first time of an event, a state or a threshold, or how often an event came."""

    name: str
    event: str = ""
    match: tuple[str, ...] = ()
    state: str = ""
    threshold: Threshold | None = None
    count: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """One step of the solution: `run gh workflow run ...` is the verb `run` and the rest."""

    verb: str
    rest: str
    at: str  # file:line


@dataclass(frozen=True, slots=True)
class Scenario:
    """A drill as it is written."""

    name: str
    id: str
    title: str
    objectives: tuple[str, ...]
    players: tuple[int, int]
    length: float
    seed: int
    weekday: str
    clock: tuple[int, int]  # hour and minute, UTC
    objective: float  # the share of good requests that the service promises; 0 when it promises none
    state: Mapping[str, Scalar]
    deploys: tuple[Deploy, ...]
    signals: tuple[SignalPlan, ...]
    alerts: tuple[AlertPlan, ...]
    injects: tuple[Inject, ...]
    commands: tuple[CommandPlan, ...]
    asks: tuple[Ask, ...]
    rules: tuple[Rule, ...]
    measures: tuple[MeasurePlan, ...]
    hints: tuple[str, ...]
    truth: str
    solution: tuple[Deed, ...]
    hotwash: tuple[str, ...]
