"""What was done with the runbook: opened, ticked, chosen, filled in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from incident.core.facts.fact import Fact


class Tick(StrEnum):
    """What became of a step."""

    DONE = "done"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class RunbookOpened(Fact):
    """A runbook was read from the bytes with this hash, and why it was this one."""

    kind: ClassVar[str] = "runbook.opened"
    path: str
    sha256: str
    title: str
    reason: str
    steps: int = 0


@dataclass(frozen=True, slots=True)
class BranchChosen(Fact):
    """One way of a fork was taken; the others of its group are not."""

    kind: ClassVar[str] = "branch.chosen"
    group: str  # identity of the fork
    branch: str  # identity of the way taken
    condition: str
    others: tuple[str, ...] = ()  # the conditions of the ways not taken
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BranchUnchosen(Fact):
    """The choice was taken back."""

    kind: ClassVar[str] = "branch.unchosen"
    group: str
    condition: str


@dataclass(frozen=True, slots=True)
class StepTicked(Fact):
    """A step was done, skipped or did not apply."""

    kind: ClassVar[str] = "step.ticked"
    step: str
    text: str
    tick: str = Tick.DONE.value
    because: str = ""  # what was seen that made it worth ticking, in a few words
    evidence: tuple[str, ...] = ()  # the same in full: values, limits, times, queries


@dataclass(frozen=True, slots=True)
class StepUnticked(Fact):
    """A tick was taken back."""

    kind: ClassVar[str] = "step.unticked"
    step: str
    text: str


@dataclass(frozen=True, slots=True)
class ParameterSet(Fact):
    """A placeholder got its value, for the whole incident."""

    kind: ClassVar[str] = "parameter.set"
    name: str
    value: str
    origin: str  # where the value came from, in words
