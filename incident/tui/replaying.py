"""Replaying a past incident: a small program of its own that only reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incident.core.event import Event
from incident.tui.program import Program


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader would have done, and what was done; "" for a turn that nobody answered."""

    would: str
    did: str


class Replay(Program[list[Answer]]):
    """One incident's turns; the result is what was answered."""

    def __init__(self, identity: str, events: Sequence[Event]) -> None:
        super().__init__()
        self._identity = identity
        self._events = tuple(events)

    def on_mount(self) -> None:
        """Begin."""
        from incident.tui.screens.replay import ReplayScreen

        self.heed_signals()
        self.push_screen(ReplayScreen(self._identity, self._events))
