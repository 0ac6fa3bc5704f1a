"""What a scenario is made of. Times are seconds after the start of the drill; before it they are negative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from incident.core.change import ChangeKind, Outcome

Scalar = str | int | float | bool | None
Condition = Mapping[str, Scalar]  # state variables and the values they must have, all of them


class Level(StrEnum):
    """How much the drill says by itself; the scenario is the same."""

    GUIDED = "guided"  # every key is explained when it is needed
    NORMAL = "normal"  # messages are shown, hints are asked for
    QUIET = "quiet"  # messages are only counted, as on a real night; the end is not announced


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
    place: str = ""


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
    place: str = ""  # file:line, as in everything below

    @property
    def name(self) -> str:
        """The alert's name."""
        return self.labels.get("alertname", "")


@dataclass(frozen=True, slots=True)
class Deploy:
    """A change that shows in the feed of changes; `at` is only for those before the start."""

    version: str
    previous: str = ""
    by: str = ""
    title: str = ""
    service: str = ""
    at: float = 0.0
    kind: ChangeKind = ChangeKind.DEPLOY
    outcome: Outcome = Outcome.DONE


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
    expects: tuple[str, ...] = ()  # state variables that are true once it was answered
    objective: int = 0  # the number of the objective that it is about; 0 for none
    place: str = ""


@dataclass(frozen=True, slots=True)
class CommandPlan:
    """A command that the drill knows, and what comes of it."""

    match: tuple[str, ...]
    condition: Condition = field(default_factory=dict)
    takes: float = 1.0
    output: str = ""
    status: int = 0
    effects: Effects = Effects()
    note: str = ""  # for whoever facilitates
    place: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that can be asked of a person, and the answer."""

    id: str
    who: str
    say: str
    takes: float = 0.0
    effects: Effects = Effects()
    about: str = ""  # what is asked, as a player reads it
    condition: Condition = field(default_factory=dict)  # when this is the answer
    place: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Once `upon` has happened and the condition holds, the effects follow `after` seconds later, if it still holds."""

    condition: Condition
    upon: str = ""
    after: float = 0.0
    effects: Effects = Effects()
    place: str = ""


@dataclass(frozen=True, slots=True)
class MeasurePlan:
    """A fact that is measured: the first time of an event, a state or a threshold, or how often an event came."""

    name: str
    event: str = ""
    match: tuple[str, ...] = ()
    state: str = ""
    threshold: Threshold | None = None
    count: bool = False
    within: float | None = None  # seconds after the start by which it was wanted
    place: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that helps, while its condition holds."""

    text: str
    condition: Condition = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One step of a way through: `run gh workflow run ...` is the verb `run` and the rest."""

    verb: str
    rest: str
    at: str  # file:line


@dataclass(frozen=True, slots=True)
class Wrong:
    """A way that does not recover, and how the world stands at its end."""

    why: str
    deeds: tuple[Deed, ...]
    ends: Condition = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Objective:
    """What the service promises: the share of good requests over a window of seconds, and the signals that show it."""

    target: float
    window: float
    errors: str  # the signal with the share of failed requests, "" for none
    traffic: str = ""  # the signal with the requests per second, "" for none


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
    slo: Objective | None  # None when it promises nothing
    state: Mapping[str, Scalar]
    deploys: tuple[Deploy, ...]
    signals: tuple[SignalPlan, ...]
    alerts: tuple[AlertPlan, ...]
    injects: tuple[Inject, ...]
    commands: tuple[CommandPlan, ...]
    asks: tuple[Ask, ...]
    rules: tuple[Rule, ...]
    measures: tuple[MeasurePlan, ...]
    hints: tuple[Hint, ...]
    truth: str
    solution: tuple[Deed, ...]
    wrong: tuple[Wrong, ...]
    hotwash: tuple[str, ...]
    place: str = ""

    def ask(self, identity: str) -> tuple[Ask, ...]:
        """The answers to one question, of which the first whose condition holds is given."""
        return tuple(ask for ask in self.asks if ask.id == identity)
