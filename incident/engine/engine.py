"""The engine: opens incidents, reads and runs their runbooks, records everything, and writes the draft."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from incident.core import facts
from incident.core.alert import Alert, Severity
from incident.core.command import Preflight
from incident.core.event import Event
from incident.core.facts import Fact
from incident.core.incident import Incident, identity_for
from incident.core.runbook import Command, Step
from incident.core.signals import Signal
from incident.core.when import Precision
from incident.engine.asked import remembering
from incident.engine.budget import Budget
from incident.engine.changes import Changes
from incident.engine.clocks import Clocks
from incident.engine.commands import Commands
from incident.engine.drafts import Drafts
from incident.engine.escalation import Escalation
from incident.engine.evidence import Evidence, acknowledged, fired
from incident.engine.handing import Handing
from incident.engine.impact import Impact
from incident.engine.log import Log
from incident.engine.news import IncidentChanged, News, SavingChanged
from incident.engine.parts import Parts
from incident.engine.past import Past
from incident.engine.preflights import BY_HAND, Asked
from incident.engine.proposals import Proposals
from incident.engine.reading import Reading
from incident.engine.redacting import Redacting
from incident.engine.response import Response
from incident.engine.runbooks import Runbooks
from incident.engine.signals import GoldenSignals
from incident.engine.updates import Updates
from incident.engine.watch import Watch
from incident.errors import IncidentExists, JournalError, RunError, UsageError

if TYPE_CHECKING:
    pass

T = TypeVar("T")
LOOK_FOR_OTHERS = 0.25  # seconds between two looks for what other processes wrote


class Engine:
    """One console's engine. `start` begins to watch; every other method may be called before."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts = replace(parts, signals=remembering(parts.signals))
        self.log = Log(parts.journal, parts.clock, parts.writer, parts.chance, parts.redactor.fact)
        self.golden = GoldenSignals(parts.signals, parts.clock, parts.settings.poll, self._responded)
        self.watch = Watch(parts, self._tell, self.golden)
        self.commands = Commands(parts, self.record, self._tell)
        self.response = Response(self.log, self.record, parts.clock, parts.writer.person)
        self.changes = Changes(parts, self.log, self.watch.board.statuses, self.record, self._tell)
        self.evidence = Evidence(parts, self.log, self.watch, self.changes, self.record)
        self.budget = Budget(parts, self.log, self._tell, self._later)
        self.runbooks = Runbooks(parts.shelf, self.watch, self.incident, self.record)
        self.clocks = Clocks(parts, self.log, self.record)
        self.reading = Reading(self.log, self._in_writer, self._tell)
        self.impact = Impact(parts.signals, parts.clock, self.log, self.record, self.budget.spent_in)
        self.drafts = Drafts(parts, self.log, self.record, self.impact, self.reading.whole)
        self.redacting = Redacting(
            self.log, self.reading, self.commands, parts.erase_output, self._in_writer, self._tell
        )
        self.proposals = Proposals(parts, self.log, self.watch, self.runbooks.of, self.record, self.response)
        self.escalation = Escalation(parts, self.log, self.runbooks.of, self.record)
        self.handing = Handing(
            self.log, self.reading, self.record, parts.clock, parts.writer.person, self.runbooks.of,
            self.escalation.communication,
        )  # fmt: skip
        self.updates = Updates.of(parts, self.log, self.record)
        self.past = Past(parts, self.log, self._in_writer, self._tell)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._listeners: list[Callable[[News], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._busy: set[asyncio.Task[None]] = set()

    # -- life ---------------------------------------------------------------------------------------------------

    def listen(self, listener: Callable[[News], None]) -> None:
        """Call `listener` on the event loop with every piece of news."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Read the journal, and find the commands again whose console is gone. Raises JournalError."""
        await self._in_writer(self.log.load)
        await self.redacting.finish()
        for incident in self.log.open_incidents():
            for record in incident.commands.values():
                if record.open and not self.parts.surroundings.alive(record.writer):
                    await self.commands.find_again(incident, record)
            await self.updates.find_lost(incident, self.parts.surroundings.alive)

    async def start(self) -> None:
        """Begin to watch the sources and the other processes."""
        self._tasks = [
            asyncio.create_task(self.watch.run(self.evidence.source_answered)),
            asyncio.create_task(self.changes.follow()),
            asyncio.create_task(self._watch_journal()),
            asyncio.create_task(self.proposals.run()),
            asyncio.create_task(self.escalation.run()),
            asyncio.create_task(self.reading.run()),
            asyncio.create_task(self.past.run()),
            asyncio.create_task(self.clocks.run()),
        ]

    async def stop(self) -> None:
        """Stop watching and let go of everything; running commands run on."""
        self.commands.let_go()
        for task in (*self._tasks, *self._busy):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._busy, return_exceptions=True)
        for source in self.parts.alerts:
            await source.aclose()
        await self.golden.close()
        if self.parts.signals is not None:
            await self.parts.signals.aclose()
        await self._in_writer(self.log.save_waiting)
        await self._in_writer(self.parts.journal.close)
        self._writer.shutdown()

    async def settled(self) -> None:
        """Return when what was begun on the side, such as gathering evidence, is done."""
        while self._busy:
            await asyncio.gather(*self._busy, return_exceptions=True)

    # -- reading ------------------------------------------------------------------------------------------------

    @property
    def read_only(self) -> bool:
        """Whether nothing that changes anything can run."""
        return self.parts.settings.read_only

    @property
    def person(self) -> str:
        """Who works here."""
        return self.parts.writer.person

    def now(self) -> datetime:
        """This engine's clock, UTC."""
        return self.parts.clock.now()

    def incident(self, identity: str) -> Incident:
        """An incident's state now. Raises UsageError."""
        return self.log.incident(identity)

    def incident_of(self, alert: Alert) -> Incident | None:
        """The open incident that this alert belongs to."""
        return next((i for i in self.log.open_incidents() if alert.occurrence in i.alerts), None)

    def _responded(self, alert: Alert) -> bool:
        return self.incident_of(alert) is not None

    async def signals(self, alert: Alert) -> tuple[Signal, ...]:
        """The golden signals beside an alert; of a source that is gone the last ones, dated. Raises SourceError."""
        return await self.golden.shown(alert)

    # -- recording ----------------------------------------------------------------------------------------------

    async def record(
        self,
        incident: str,
        *what: Fact,
        at: datetime | None = None,
        precision: Precision = Precision.SECOND,
        source: str = "tool",
        until: datetime | None = None,
    ) -> bool:
        """Put facts on an incident's timeline. True: they are on disk; False: in memory, and will be tried again."""
        events = [
            self.log.stamp(incident, fact, at=at, precision=precision, source=source, until=until) for fact in what
        ]
        return await self._write(events)

    async def _write(self, events: list[Event]) -> bool:
        was_saved = self.log.trouble is None
        saved: bool = await self._in_writer(self.log.write, events)
        if saved != was_saved:
            self._tell(SavingChanged())
        for incident in {event.incident for event in events}:
            self._tell(IncidentChanged(incident))
        return saved

    # -- opening ------------------------------------------------------------------------------------------------

    async def open(self, alert: Alert) -> str:
        """Respond to an alert: its open incident, else a new one. Opening acknowledges."""
        known = self.incident_of(alert)
        if known is not None:
            return known.id
        severity = {Severity.PAGE: "SEV2", Severity.TICKET: "SEV3"}.get(alert.severity, "SEV4")
        opened = facts.IncidentOpened(
            title=alert.summary or alert.title,
            severity=severity,
            service=alert.service,
            drill=bool(self.parts.settings.drill),
        )
        identity = await self._open(opened, alert.service or alert.name, alert)
        await self.runbooks.use_for(identity, alert)
        self._later(self.evidence.gather(identity))
        return identity

    async def open_on_runbook(self, path: str) -> str:
        """Respond without an alert, on one runbook. Raises RunbookError, and then nothing was opened."""
        runbook, _ = await self.runbooks.read(path)
        opened = facts.IncidentOpened(
            title=runbook.title or path, severity="SEV3", drill=bool(self.parts.settings.drill)
        )
        identity = await self._open(opened, path.rpartition("/")[2].partition(".")[0], None)
        await self.runbooks.use(identity, path, "chosen by you")
        return identity

    async def join(self, identity: str, alert: Alert) -> None:
        """Count an alert to an open incident."""
        incident = self.incident(identity)
        if alert.occurrence in incident.alerts:
            return
        joined = self.log.stamp(identity, fired(alert), at=alert.starts_at, source=alert.source)
        ack = self.log.stamp(identity, acknowledged(alert), source="person")
        await self._write([joined, ack])
        if not incident.runbook:
            await self.runbooks.use_for(identity, alert)

    # -- commands -----------------------------------------------------------------------------------------------

    async def prepare(
        self, identity: str, command: Command, step: Step | None = None, typed: Mapping[str, str] | None = None
    ) -> Preflight:
        """Everything to read before a command of the runbook in use runs. Raises RunError, RunbookError."""
        incident = self.incident(identity)
        if step is not None and (reason := self.response.why_not_tick(identity, step)):
            raise RunError(reason)
        path = incident.runbook
        file = await self.runbooks.file(path)
        if file.sha256 != incident.runbooks[path].sha256:
            raise RunError(f"{path} changed on disk since it was opened", hint="press r to read it again")
        changes = await self.changes.read()
        book = await self.runbooks.of(identity)
        asked = Asked(incident, f"{file.path}:{command.line}", step, changes, typed, book.inputs if book else ())
        return self.commands.preflights.prepare(command, asked)

    async def prepare_typed(
        self,
        identity: str,
        text: str,
        step: Step | None = None,
        typed: Mapping[str, str] | None = None,
        instead_of: str = "",
    ) -> Preflight:
        """The same for a line that a person typed, or that they edited, `instead_of` being its origin then.

        Raises RunError.
        """
        incident = self.incident(identity)
        if step is not None and (reason := self.response.why_not_tick(identity, step)):
            raise RunError(reason)
        origin = f"{BY_HAND}, instead of {instead_of}" if instead_of else BY_HAND
        return self.commands.preflights.typed(text, Asked(incident, origin, step, await self.changes.read(), typed))

    async def run(self, identity: str, preflight: Preflight, approval: str = "") -> str:
        """Run what was read; the identity of the run. Raises RunError, and then nothing ran."""
        return await self.commands.run(self.incident(identity), preflight, approval)

    async def attach_to_step(self, identity: str, step: Step) -> str:
        """Count the last command that was typed by hand to a step; its text. Raises UsageError."""
        records = list(self.incident(identity).commands.values())
        last = next((r for r in reversed(records) if r.started.origin.startswith(BY_HAND)), None)
        if last is None:
            raise UsageError("no command was typed by hand in this incident", hint="$ types one")
        await self.record(identity, facts.CommandAttached(last.started.run, step.id, step.text), source="person")
        return last.started.text

    # -- the way out --------------------------------------------------------------------------------------------

    async def draft(self, identity: str, form: str = "md") -> str:
        """The post-mortem as it would be exported now. Raises UsageError for an unknown format."""
        return await self.drafts.text(identity, form)

    async def export(self, identity: str, form: str = "md", path: str = "") -> tuple[str, tuple[str, ...]]:
        """Write the post-mortem; where it is, and what a person had written there and was kept."""
        return await self.drafts.export(identity, form, path)

    # -- inside -------------------------------------------------------------------------------------------------

    async def _open(self, opened: facts.IncidentOpened, about: str, alert: Alert | None) -> str:
        """Write a new incident's first events, all or none, under the first number that is free today."""
        for number in range(1, 10_000):
            identity = identity_for(self.now(), about, number, drill=opened.drill)
            if self.log.knows(identity):
                continue
            events = [self.log.stamp(identity, opened, source="person")]
            if self.parts.settings.live:
                begun = facts.DrillBegun(self.parts.settings.drill, opened.title, live=True)
                events.append(self.log.stamp(identity, begun))
            if alert is not None:
                events.append(self.log.stamp(identity, fired(alert), at=alert.starts_at, source=alert.source))
                events.append(self.log.stamp(identity, acknowledged(alert), source="person"))
            events.append(self.log.stamp(identity, facts.Joined(self.person, "lead"), source="person"))
            try:
                await self._write(events)
            except IncidentExists:  # another console took the number in this moment
                await self._take_in_others()
                continue
            return identity
        raise UsageError("there are too many incidents of this name today")

    async def _watch_journal(self) -> None:
        """Take in what other processes wrote, and save what could not be saved."""
        while True:
            await asyncio.sleep(LOOK_FOR_OTHERS)
            try:
                if await self._in_writer(self.log.others_wrote):
                    await self._take_in_others()
                if self.log.unsaved:
                    await self._write([])
            except JournalError as trouble:
                if self.log.trouble is None:
                    self.log.trouble = trouble
                    self._tell(SavingChanged())

    async def _take_in_others(self) -> None:
        for incident in await self._in_writer(self.log.load):
            self._tell(IncidentChanged(incident))

    async def _in_writer(self, work: Callable[..., T], *arguments: object) -> T:
        """Disk work on the one thread that touches the journal."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work, *arguments)

    def _tell(self, news: News) -> None:
        for listener in self._listeners:
            listener(news)

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
