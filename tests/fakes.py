"""The only stand-ins: one per port, for tests whose subject is something else."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from incident.core import facts
from incident.core.alert import Alert, Severity
from incident.core.budget.slo import Promises
from incident.core.change import Change
from incident.core.command import Target
from incident.core.event import Event, Writer
from incident.core.incident import Incident
from incident.core.ports import Batch, Ending, Exporter, Listed, Order, RunbookFile, Snapshot, Wanted
from incident.core.postmortem.blocks import merge
from incident.core.redaction import Redactor
from incident.core.runbook.outline import outline
from incident.core.signals import Series, Signal
from incident.core.told import Outcome
from incident.core.updates import Delivery
from incident.engine import Engine, Parts, Settings
from incident.errors import ExportError, IncidentExists, JournalError, RunbookError, RunError, SourceError

START = datetime(2026, 5, 2, 3, 7, 12, tzinfo=UTC)
ME = Writer("kim", "laptop-7", "4711-1")
SEED = Path(__file__).parent.parent / "runbooks" / "acme-error-rate.md"


class FakeClock:
    """A clock that moves when a test moves it; `sleep` returns when it has moved far enough."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at
        self.skew = timedelta(0)  # that the wall clock has jumped
        self._moved = asyncio.Event()
        self._asleep = asyncio.Event()

    def now(self) -> datetime:
        return self.at + self.skew

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        until = self.at + timedelta(seconds=seconds)
        while self.at < until:
            self._asleep.set()
            await self._moved.wait()

    async def somebody_sleeps(self) -> None:
        await self._asleep.wait()

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self._asleep.clear()
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


class MemoryJournal:
    """A journal in memory that can be told to fail, and that another writer can write to."""

    notices: tuple[str, ...] = ()
    refuge = ""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.broken: JournalError | None = None
        self._dirty = False

    def append(self, events: Sequence[Event]) -> tuple[Event, ...]:
        if self.broken is not None:
            raise self.broken
        opened = {e.incident for e in self.events if isinstance(e.fact, facts.IncidentOpened)}
        for event in events:
            if isinstance(event.fact, facts.IncidentOpened) and event.incident in opened:
                raise IncidentExists(f"{event.incident} is there already")
        saved = tuple(replace(event, seq=len(self.events) + at) for at, event in enumerate(events, 1))
        self.events.extend(saved)
        return saved

    def append_by_other(self, event: Event) -> None:
        self.events.append(event)
        self._dirty = True

    def redact(self, order: Event) -> Event:
        assert isinstance(order.fact, facts.Redacted)
        at = next(at for at, event in enumerate(self.events) if event.id == order.fact.event)
        grave = facts.Tombstone(self.events[at].fact.kind, order.writer.person, order.at, order.fact.why)
        self.events[at] = replace(self.events[at], fact=grave)
        return self.append([order])[0]

    def after(self, position: int) -> tuple[tuple[Event, ...], int]:
        return tuple(self.events[position:]), len(self.events)

    def newest(self) -> int:
        return len(self.events)

    def places(self, wanted: Wanted) -> tuple[int, ...]:
        return tuple(
            at
            for at, event in enumerate(self.events, 1)
            if (not wanted.kinds or event.fact.kind in wanted.kinds)
            and (not wanted.incidents or event.incident in wanted.incidents)
        )

    def at(self, positions: Sequence[int]) -> tuple[Event, ...]:
        return tuple(self.events[at - 1] for at in sorted(positions))

    def changed(self) -> bool:
        dirty, self._dirty = self._dirty, False
        return dirty

    def close(self) -> None:
        pass


@dataclass
class FakeAlerts:
    """An alert source whose answer a test sets."""

    name: str = "am"
    alerts: tuple[Alert, ...] = ()
    error: SourceError | None = None
    up_since: datetime | None = None
    at: Callable[[], datetime] = lambda: START
    offset: float | None = None
    asked: int = 0

    async def fetch(self) -> Snapshot:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return Snapshot(self.alerts, self.at(), 0.0, self.up_since, self.offset)

    async def aclose(self) -> None:
        pass


@dataclass
class FakeChanges:
    """A change feed whose answer a test sets."""

    name: str = "deploys"
    changes: tuple[Change, ...] = ()
    error: SourceError | None = None
    asked: int = 0

    async def fetch(self) -> tuple[Change, ...]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.changes


@dataclass
class FakeSignals:
    """A signal source whose answer a test sets."""

    name: str = "prom"
    signals: tuple[Signal, ...] = ()
    error: SourceError | None = None
    series: dict[str, tuple[Series, ...]] = field(default_factory=dict)  # by query
    asked: list[str] = field(default_factory=list)  # every query, in order

    async def read(self, alert: Alert) -> tuple[Signal, ...]:
        if self.error is not None:
            raise self.error
        return self.signals

    async def instant(self, query: str, at: datetime | None = None) -> tuple[Series, ...]:
        """The last point up to a time."""
        known = await self.over(query, datetime.min.replace(tzinfo=UTC), at or datetime.max.replace(tzinfo=UTC), 1.0)
        return tuple(Series(one.labels, one.points[-1:]) for one in known)

    async def over(self, query: str, start: datetime, end: datetime, step: float) -> tuple[Series, ...]:
        """Those points that are inside."""
        self.asked.append(query)
        if self.error is not None:
            raise self.error
        known = self.series.get(query, ())
        return tuple(Series(one.labels, tuple(p for p in one.points if start <= p[0] <= end)) for one in known)

    async def aclose(self) -> None:
        pass


@dataclass
class FakeMessenger:
    """A webhook that sends nothing and remembers every body; a test says what becomes of it."""

    name: str = "#inc-acme at hooks.example.com"
    answer: Delivery = field(default_factory=lambda: Delivery(Outcome.SENT))
    bodies: list[str] = field(default_factory=list)
    on_send: Callable[[str], None] = lambda body: None
    hold: asyncio.Event | None = None  # it answers when this is set
    error: SourceError | None = None  # why its address cannot be had
    came: asyncio.Event = field(default_factory=asyncio.Event)  # set once a message is there

    async def look(self) -> str:
        if self.error is not None:
            raise self.error
        return self.name

    async def send(self, body: str) -> Delivery:
        self.on_send(body)
        self.bodies.append(body)
        self.came.set()
        if self.hold is not None:
            await self.hold.wait()
        return self.answer


class FakeShelf:
    """Runbooks in memory, by path."""

    def __init__(self, books: dict[str, bytes] | None = None) -> None:
        self.books = {"acme-error-rate.md": SEED.read_bytes()} if books is None else books

    def listing(self) -> tuple[Listed, ...]:
        outlines = {path: outline(data.decode("utf-8", "replace").splitlines()) for path, data in self.books.items()}
        return tuple(Listed(path, "/runbooks", found.headings) for path, found in outlines.items())

    def read(self, path: str) -> RunbookFile:
        if path not in self.books:
            raise RunbookError(f"there is no runbook {path}")
        data = self.books[path]
        return RunbookFile(path, "/runbooks", data, hashlib.sha256(data).hexdigest())


class FakeRunning:
    """A command that ends when a test says so."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Batch | None] = asyncio.Queue()
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._lines: list[str] = []
        self._size = 0
        self.left = False  # the console let it go on
        self.rung = ""

    def prints(self, *lines: str, unfinished: str = "") -> None:
        self._lines += lines
        self._size += sum(len(line) + 1 for line in lines)
        self._queue.put_nowait(Batch(lines, self._size, unfinished))

    def ends(
        self,
        exit_code: int = 0,
        seconds: float = 4.0,
        *,
        stopped: bool = False,
        left: tuple[int, ...] = (),
        variables: dict[str, str] | None = None,
    ) -> None:
        self._queue.put_nowait(None)
        lines = tuple(self._lines)
        self._ending.set_result(
            Ending(exit_code, seconds, self._size, lines, (), stopped, left, variables=variables or {})
        )

    def vanishes(self, reason: str) -> None:
        self._queue.put_nowait(None)
        self._ending.set_exception(RunError(reason))

    async def batches(self) -> AsyncIterator[Batch]:
        while (batch := await self._queue.get()) is not None:
            yield batch

    async def wait(self) -> Ending:
        return await self._ending

    async def stop(self) -> None:
        self.ends(-2, stopped=True)

    async def leave(self) -> None:
        self.left = True


@dataclass
class FakeRunner:
    """A runner that starts nothing and remembers every order."""

    orders: list[Order] = field(default_factory=list)
    running: list[FakeRunning] = field(default_factory=list)
    error: Exception | None = None
    on_start: Callable[[Order], None] = lambda order: None
    kept: dict[str, FakeRunning] = field(default_factory=dict)  # by run: what an earlier console started
    at_terminal_ends: int = 0  # exit status

    async def attach(self, run: str, output: str) -> FakeRunning:
        if run not in self.kept:
            raise RunError("the console ended before the command did")
        return self.kept[run]

    async def at_terminal(self, order: Order) -> Ending:
        self.orders.append(order)
        return Ending(self.at_terminal_ends, 3.0, 0, (), ())

    async def start(self, order: Order) -> FakeRunning:
        self.on_start(order)
        if self.error is not None:
            raise self.error
        self.orders.append(order)
        self.running.append(FakeRunning())
        return self.running[-1]


@dataclass
class FakeSurroundings:
    """A laptop with a clone of the shop."""

    who: str = "kim@laptop-7"
    directory: str = "/home/kim/shop"
    dead: frozenset[str] = frozenset()
    named: Target = field(default_factory=lambda: Target("github.com/acme/shop", "git remote origin"))

    def target(self, argv: Sequence[str]) -> Target:
        return self.named if argv and argv[0] == "gh" else Target()

    def alive(self, writer: Writer) -> bool:
        return writer.process not in self.dead


@dataclass
class FakeDesk:
    """A desk in memory."""

    things: dict[str, str] = field(default_factory=dict)

    def left(self, name: str) -> str:
        return self.things.get(name, "")

    def leave(self, name: str, text: str) -> None:
        self.things[name] = text


@dataclass
class FakePaper:
    """Documents in memory, by path."""

    sheets: dict[str, str] = field(default_factory=dict)
    saved_meanwhile: str = ""  # what an editor saves just before the next document is written

    def read(self, path: str) -> str | None:
        return self.sheets.get(path)

    def replace(self, path: str, text: str, instead_of: str | None) -> None:
        if self.saved_meanwhile:
            self.sheets[path], self.saved_meanwhile = self.saved_meanwhile, ""
        if self.sheets.get(path) != instead_of:
            raise ExportError("the file changed while it was being written", at=path)
        self.sheets[path] = text


def exporter(incident: Incident, events: Sequence[Event], now: datetime) -> str:
    """A document of one line per event."""
    return "\n".join([f"# {incident.id}", *(event.fact.kind for event in events)])


def page(name: str = "AcmeErrorBudgetFastBurn", *, ago: float = 240, fingerprint: str = "a1", **labels: str) -> Alert:
    """The seed's alert, `ago` seconds old."""
    return Alert(
        fingerprint=fingerprint,
        name=name,
        severity=Severity.PAGE,
        starts_at=START - timedelta(seconds=ago),
        source="am",
        labels={"alertname": name, "severity": "page", "job": "acme", **labels},
        annotations={
            "summary": "Acme error rate burning budget fast",
            "runbook": "https://wiki.acme.com/runbooks/acme-error-rate",
        },
    )


def ticket(name: str = "QueueLagHigh", *, ago: float = 18_000, fingerprint: str = "b2", **labels: str) -> Alert:
    """Something that can wait until the morning."""
    return Alert(
        fingerprint=fingerprint,
        name=name,
        severity=Severity.TICKET,
        starts_at=START - timedelta(seconds=ago),
        source="am",
        labels={"alertname": name, "severity": "ticket", "service": "orders", **labels},
        annotations={"summary": f"{name} on orders"},
    )


DEPLOY = Change(
    at=START - timedelta(seconds=676),
    version="a1b2c3d",
    previous="9f8e7d6",
    service="acme",
    by="pipeline",
    title="cart: batch price lookups",
    source="deploys",
)
ERRORS = Signal(
    name="errors",
    value=19.2,
    unit="%",
    at=START,
    limit=7.0,
    trend=(0.1, 0.1, 2.0, 9.0, 15.0, 19.2),
    query="sum(rate(x))",
)


@dataclass
class World:
    """Every stand-in, and parts made of them."""

    clock: FakeClock = field(default_factory=FakeClock)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    alerts: FakeAlerts = field(default_factory=lambda: FakeAlerts(alerts=(page(), ticket())))
    changes: FakeChanges = field(default_factory=lambda: FakeChanges(changes=(DEPLOY,)))
    signals: FakeSignals = field(default_factory=lambda: FakeSignals(signals=(ERRORS,)))
    shelf: FakeShelf = field(default_factory=FakeShelf)
    runner: FakeRunner = field(default_factory=FakeRunner)
    surroundings: FakeSurroundings = field(default_factory=FakeSurroundings)
    desk: FakeDesk = field(default_factory=FakeDesk)
    messenger: FakeMessenger | None = None
    redactor: Redactor = field(default_factory=Redactor)
    settings: Settings = field(default_factory=Settings)
    promises: Promises = field(default_factory=Promises)
    published: dict[str, str] = field(default_factory=dict)
    paper: FakePaper = field(default_factory=FakePaper)
    exporters: dict[str, Callable[[], Exporter]] = field(default_factory=lambda: {"md": lambda: exporter})
    erased: list[str] = field(default_factory=list)  # the runs whose output was to go
    writer: Writer = ME
    has_source: bool = True
    has_changes: bool = True

    def parts(self) -> Parts:
        """Parts for an engine."""
        self.alerts.at = self.clock.now
        return Parts(
            clock=self.clock,
            journal=self.journal,
            writer=self.writer,
            shelf=self.shelf,
            runner=self.runner,
            surroundings=self.surroundings,
            output_for=lambda incident, run: f"/state/{incident}/{run}.log",
            erase_output=self._erase,
            desk=self.desk,
            publish=self._publish,
            exporters=self.exporters,
            paper=self.paper,
            alerts=(self.alerts,) if self.has_source else (),
            changes=(self.changes,) if self.has_changes else (),
            signals=self.signals,
            promises=self.promises,
            messenger=self.messenger,
            chance=Random(7),
            redactor=self.redactor,
            settings=self.settings,
        )

    def engine(self) -> Engine:
        """An engine on these parts."""
        return Engine(self.parts())

    def _publish(self, path: str, text: str) -> tuple[str, ...]:
        self.published[path] = text
        old = self.paper.sheets.get(path)
        self.paper.sheets[path], kept = (text, []) if old is None else merge(old, text)
        return tuple(kept)

    def _erase(self, incident: str, run: str) -> bool:
        self.erased.append(run)
        return True

    def kinds(self) -> list[str]:
        """The kinds of the recorded facts, in order."""
        return [event.fact.kind for event in self.journal.events]
