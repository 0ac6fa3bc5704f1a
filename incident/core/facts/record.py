"""What happened to the record itself: corrections, redactions, and what the clocks did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from incident.core.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class Corrected(Fact):
    """A row reads otherwise from now on; what it read before stays in the log. The event's `at` is the row's time."""

    kind: ClassVar[str] = "correction"
    event: str  # id of the row that is corrected
    text: str  # what the row reads now; "" leaves the words and corrects the time
    why: str = ""


@dataclass(frozen=True, slots=True)
class Redacted(Fact):
    """What stood in a row left the disk for good. This is the order to do so, and the record that it was done."""

    kind: ClassVar[str] = "redaction"
    event: str  # id of the row
    why: str = ""
    run: str = ""  # the command whose output, which lies beside the timeline, is to go with it


@dataclass(frozen=True, slots=True)
class Tombstone(Fact):
    """All that is left in the place of a fact that was redacted."""

    kind: ClassVar[str] = "redacted"
    was: str  # the kind of fact that stood here
    person: str  # who redacted it
    redacted_at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClockChecked(Fact):
    """How far this machine's clock was from a server's, in seconds; positive when the server's is ahead."""

    kind: ClassVar[str] = "clock.checked"
    source: str
    offset: float


@dataclass(frozen=True, slots=True)
class ClockStepped(Fact):
    """The wall clock jumped by so many seconds against one that never steps."""

    kind: ClassVar[str] = "clock.stepped"
    seconds: float


@dataclass(frozen=True, slots=True)
class Paused(Fact):
    """The console did not run for so many seconds: a closed lid, a stopped terminal. The event's `at` is its end."""

    kind: ClassVar[str] = "console.paused"
    seconds: float
