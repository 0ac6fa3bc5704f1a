"""What belongs to an exercise only: which one it is, its facts at the end, and what was said afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from incident.core.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class DrillBegun(Fact):
    """The incident belongs to a drill; `live` when its outside was the real one."""

    kind: ClassVar[str] = "drill.begun"
    scenario: str
    title: str
    level: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True)
class DrillDebriefed(Fact):
    """How a drill went, in figures and without grades."""

    kind: ClassVar[str] = "drill.debriefed"
    scenario: str
    recovered: bool
    figures: Mapping[str, str] = field(default_factory=dict)  # by name, in words


@dataclass(frozen=True, slots=True)
class HotWashAnswered(Fact):
    """What was said to a question right after a drill."""

    kind: ClassVar[str] = "drill.hotwash"
    question: str
    answer: str
