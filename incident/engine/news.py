"""What the engine tells whoever listens. News carry identities; the listener reads the state from the engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlertsSeen:
    """A source or a change feed answered, or failed; the board is up to date."""

    source: str


@dataclass(frozen=True, slots=True)
class IncidentChanged:
    """An incident's log grew, here or in another process."""

    incident: str


@dataclass(frozen=True, slots=True)
class OutputCame:
    """A running command printed, or ended."""

    run: str


@dataclass(frozen=True, slots=True)
class SavingChanged:
    """The timeline cannot be saved, or can be again."""


News = AlertsSeen | IncidentChanged | OutputCame | SavingChanged
