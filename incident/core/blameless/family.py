"""One way to blame: what is looked for, why it hurts, and what to say in its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """A warning asks for other words; a hint is worth a second look and is no finding."""

    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Family:
    """One way to blame. Patterns are written with the pieces of `people` and `families`, in capitals."""

    id: str
    why: str
    instead: str
    bad: str  # a sentence in which it is found
    good: str  # what could stand there
    warns: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    asserted: bool = False  # only when it is said to be so: `this was not human error` is none
    deed: bool = False  # something bad that is done: that nobody did it is praise
