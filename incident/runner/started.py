"""What the two halves of a supervisor hand over: a command that runs."""

from __future__ import annotations

from incident.runner.carry import Carrying
from incident.runner.family import Family


class Started:
    """A command that was just started."""

    __slots__ = ("adopts", "began", "carrying", "family", "process", "reading")

    def __init__(
        self, process: int, family: Family, reading: int, carrying: Carrying | None, began: float, *, adopts: bool
    ) -> None:
        self.process = process
        self.family = family
        self.reading = reading  # its output
        self.carrying = carrying
        self.began = began  # on the monotonic clock
        self.adopts = adopts  # all its descendants become children of this process
