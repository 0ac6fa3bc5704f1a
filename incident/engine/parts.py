"""What the engine is built from: one set for the real world, one for a drill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from incident.core.budget.slo import Promises
from incident.core.escalation import Rule
from incident.core.event import Writer
from incident.core.ports import (
    AlertSource,
    ChangeSource,
    Clock,
    Desk,
    Exporter,
    Journal,
    Messenger,
    Paper,
    Runner,
    Shelf,
    SignalSource,
    Surroundings,
)
from incident.core.postmortem.manner import PLAIN, Manner
from incident.core.redaction import Redactor


@dataclass(frozen=True, slots=True)
class Settings:
    """What the engine was told."""

    poll: float = 5.0  # seconds, the shortest pause between two looks
    clocks: float = 0.0  # seconds between two looks at the clocks; 0: none
    read_only: bool = False
    read_only_targets: tuple[str, ...] = ()  # patterns of targets on which only what reads may run
    production: tuple[str, ...] = ()  # patterns of targets whose name has to be typed
    approval: tuple[str, ...] = ()  # patterns of targets on which a second person has to agree to a change
    runbook_map: Mapping[str, str] = field(default_factory=dict)
    postmortems: str = "postmortems"
    environment: Mapping[str, str] = field(default_factory=dict)
    drill: str = ""  # the exercise's name; "" for an incident
    live: bool = False  # the exercise has the real outside
    update_every: timedelta | None = None  # how often there is to be an update
    escalation: tuple[Rule, ...] = ()  # whom to tell when, beside what the runbook says

    @property
    def simulated(self) -> bool:
        """Whether the outside is a scenario's."""
        return bool(self.drill) and not self.live


@dataclass(frozen=True, slots=True)
class Parts:
    """The outside, the writer, time and chance."""

    clock: Clock
    journal: Journal
    writer: Writer
    shelf: Shelf
    runner: Runner
    surroundings: Surroundings
    output_for: Callable[[str, str], str]  # incident, run -> the file for its output; its folder exists
    erase_output: Callable[[str, str], bool]  # incident, run -> whether there was any; it is gone for good then
    desk: Desk
    publish: Callable[[str, str], tuple[str, ...]]  # path, text -> what a person had written there and was kept
    exporters: Mapping[str, Callable[[], Exporter]]  # by format, loaded when used
    paper: Paper  # the documents on disk, as people edit them
    alerts: Sequence[AlertSource] = ()
    changes: Sequence[ChangeSource] = ()
    signals: SignalSource | None = None
    promises: Promises = field(default_factory=Promises)  # the objectives whose error budgets are watched
    messenger: Messenger | None = None  # where updates go
    chance: Random = field(default_factory=Random)
    redactor: Redactor = field(default_factory=Redactor)  # takes secrets out of whatever is written down
    manner: Manner = PLAIN  # how this team's post-mortems are written
    settings: Settings = Settings()
