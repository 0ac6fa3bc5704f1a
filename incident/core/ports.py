"""The shapes that the outside must have. The real world and a drill are two sets of these."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from incident.core.alert import Alert
from incident.core.change import Change
from incident.core.command import Target
from incident.core.event import Event, Writer
from incident.core.incident import Incident
from incident.core.signals import Series, Signal
from incident.core.updates import Delivery


class Clock(Protocol):
    """Time, as the engine is allowed to know it."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never step back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A full answer of an alert source."""

    alerts: tuple[Alert, ...]
    at: datetime  # when the answer came, by our clock
    took: float  # seconds
    up_since: datetime | None = None  # when the server started; a young server's calm is not yet to be believed
    offset: float | None = None  # seconds that the server's clock is ahead of ours
    missing: tuple[str, ...] = ()  # members of a cluster that did not answer, and why


class AlertSource(Protocol):
    """Something that knows what fires."""

    @property
    def name(self) -> str:
        """The name on the screen."""
        ...

    async def fetch(self) -> Snapshot:
        """Everything that fires now. Raises SourceError."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class ChangeSource(Protocol):
    """Something that knows what changed."""

    @property
    def name(self) -> str:
        """The name on the screen."""
        ...

    async def fetch(self) -> tuple[Change, ...]:
        """The recent changes, in any order. Raises SourceError."""
        ...


@runtime_checkable
class PacedSource(ChangeSource, Protocol):
    """A change source that says how often it wants to be asked, and what its answer leaves out."""

    @property
    def pause(self) -> float:
        """Seconds between two questions; endless: only when a person asks."""
        ...

    @property
    def note(self) -> str:
        """What a person should know of its last answer, such as how old a clone is; "" for nothing."""
        ...


class SignalSource(Protocol):
    """Something that can be asked for an alert's golden signals."""

    @property
    def name(self) -> str:
        """The name on the screen."""
        ...

    async def read(self, alert: Alert) -> tuple[Signal, ...]:
        """The signals beside this alert; one that cannot be had says why. Raises SourceError."""
        ...

    async def instant(self, query: str, at: datetime | None = None) -> tuple[Series, ...]:
        """What a query gives at a time, or now: one point in each series, `nan` included. Raises SourceError."""
        ...

    async def over(self, query: str, start: datetime, end: datetime, step: float) -> tuple[Series, ...]:
        """What a query gives from `start` to `end`, a point every `step` seconds. Raises SourceError."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class RunbookFile:
    """A runbook's bytes as they were read once."""

    path: str  # relative to its root; the name on screen and timeline
    root: str  # the folder it was found under
    data: bytes
    sha256: str

    @property
    def location(self) -> str:
        """The file's full path."""
        return f"{self.root}/{self.path}" if self.root else self.path


@dataclass(frozen=True, slots=True)
class Listed:
    """A runbook that can be read, as the matcher needs to know it."""

    path: str  # relative to its root
    root: str
    headings: tuple[tuple[int, str], ...] = ()  # line from 1, text
    alerts: tuple[str, ...] = ()  # alert names its front matter claims
    rows: tuple[tuple[int, str], ...] = ()  # line from 1, the first cell of a table row


class Shelf(Protocol):
    """The folders with runbooks; nothing outside them is ever read."""

    def listing(self) -> tuple[Listed, ...]:
        """Every runbook under the roots."""
        ...

    def read(self, path: str) -> RunbookFile:
        """One runbook, by its path under a root or a full path inside one. Raises RunbookError."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """A command that was decided on, ready to become a process."""

    run: str
    argv: tuple[str, ...]
    directory: str
    output: str  # the file for its output; its folder exists
    environment: dict[str, str] = field(default_factory=dict)  # added to the tool's own
    outlives: bool = True  # it goes on when the console dies; one that only reads is stopped
    carry: tuple[str, ...] = ()  # shell variables whose values at the end are wanted for the next commands


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of output that arrived together; `size` is the total number of bytes so far."""

    lines: tuple[str, ...]
    size: int
    unfinished: str = ""  # the last line as far as it is there, such as a question or a progress bar


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended. `exit` is negative for a signal."""

    exit: int
    seconds: float
    size: int
    head: tuple[str, ...]
    tail: tuple[str, ...]
    stopped: bool = False
    left: tuple[int, ...] = ()  # processes that it started and left running
    dropped: int = 0  # bytes out of the middle of the output that were not kept in the file
    variables: Mapping[str, str] = field(default_factory=dict)  # those to carry over that are set; never written down


class Running(Protocol):
    """A command that is running."""

    @property
    def rung(self) -> str:
        """Where on the stop ladder it is, such as `INT sent, TERM in 5 s`; "" when nobody stops it."""
        ...

    def batches(self) -> AsyncIterator[Batch]:
        """Its output as it comes; ends when the process has ended and all output was handed on."""
        ...

    async def wait(self) -> Ending:
        """Its end."""
        ...

    async def stop(self) -> None:
        """Climb the stop ladder; returns when the process has ended."""
        ...

    async def leave(self) -> None:
        """Let it go on after this console, even if its order did not say so."""
        ...


class Runner(Protocol):
    """Something that can run a command."""

    async def start(self, order: Order) -> Running:
        """Make the process. Raises RunError when there is none afterwards."""
        ...

    async def attach(self, run: str, output: str) -> Running:
        """A run that an earlier console started: its output from the beginning, and its end, also one in the past.

        Raises RunError when its outcome is unknown.
        """
        ...

    async def at_terminal(self, order: Order) -> Ending:
        """Run it on the real terminal, which the caller has given away, to its end. Raises RunError.

        What it prints there is seen by the person and by nobody else; the order's output is not made.
        """
        ...


class Surroundings(Protocol):
    """Where commands run: as whom, in which folder, and what a tool would act on from there."""

    @property
    def who(self) -> str:
        """`kim@laptop-7`."""
        ...

    @property
    def directory(self) -> str:
        """The working directory, a full path."""
        ...

    def target(self, argv: Sequence[str]) -> Target:
        """What the program would act on, read from where it reads it; empty when it has no such thing."""
        ...

    def alive(self, writer: Writer) -> bool:
        """Whether the process that wrote an event still runs; a process on another machine counts as alive."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events of a journal: those of some kinds, in some incidents; none named means all of them."""

    kinds: frozenset[str] = frozenset()
    incidents: tuple[str, ...] = ()
    surely: bool = False  # every event is looked at, whatever an index says; it takes longer


class Journal(Protocol):
    """The timeline on disk. Calls block; they belong on a thread of their own."""

    def append(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """Write all or none; they are on disk when this returns, with their sequence numbers. Raises JournalError."""
        ...

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know about the file, the oldest first."""
        ...

    @property
    def refuge(self) -> str:
        """The file, on another disk, that holds what could not be written yet; "" when there is none."""
        ...

    def redact(self, order: Event) -> Event:
        """Write down an order to redact, and a tombstone in the place of what it names. Raises JournalError."""
        ...

    def after(self, position: int) -> tuple[tuple[Event, ...], int]:
        """The events written behind a position, in the order written, and the new position. 0 is the beginning."""
        ...

    def newest(self) -> int:
        """The position of the event behind all others, 0 when there is none. Raises JournalError."""
        ...

    def places(self, wanted: Wanted) -> tuple[int, ...]:
        """The positions of the wanted events, in the order written; cheaper than the events. Raises JournalError."""
        ...

    def at(self, positions: Sequence[int]) -> tuple[Event, ...]:
        """The events at some positions, in the order written. Raises JournalError."""
        ...

    def changed(self) -> bool:
        """Whether another process wrote since this was last asked; cheap."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Desk(Protocol):
    """What a person left lying about: half-typed lines, the place in a checklist. None of it is part of the record."""

    def left(self, name: str) -> str:
        """What lies there under a name, "" for nothing."""
        ...

    def leave(self, name: str, text: str) -> None:
        """Leave something there, "" takes it away; where that cannot be, nothing is said."""
        ...


class Messenger(Protocol):
    """Somewhere that updates go."""

    @property
    def name(self) -> str:
        """Where they go, without any secret."""
        ...

    async def look(self) -> str:
        """The name, once the address was asked for. Raises SourceError when it cannot be had or may not be used."""
        ...

    async def send(self, body: str) -> Delivery:
        """Send these bytes once; never again by itself. Never raises."""
        ...


class Paper(Protocol):
    """The exported documents on disk, which people edit."""

    def read(self, path: str) -> str | None:
        """What stands there, letter for letter; None when there is nothing. Raises ExportError."""
        ...

    def replace(self, path: str, text: str, instead_of: str | None) -> None:
        """Put a text in the place of what was read, whole or not at all. Raises ExportError, also when it changed."""
        ...


class Exporter(Protocol):
    """Turns an incident into a document. One that has a parameter `manner` gets a `Manner` in it."""

    def __call__(self, incident: Incident, events: Sequence[Event], now: datetime) -> str:
        """The document's text."""
        ...
