"""Running commands: written down, then run, followed to their end, stopped, left, and found again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from incident.core import facts
from incident.core.command import Preflight
from incident.core.command_exit import words_for
from incident.core.incident import CommandRecord, Incident
from incident.core.ports import Ending, Order, Running
from incident.core.runbook import Effect
from incident.core.when import minute
from incident.engine.approvals import Approvals
from incident.engine.news import News, OutputCame
from incident.engine.parts import Parts
from incident.engine.preflights import Preflights
from incident.engine.response import Record
from incident.errors import RunError, UsageError

KEPT_LINES = 5_000  # lines of a command's output kept for the screen; all of it is in its file


@dataclass(slots=True)
class Output:
    """What a command printed, as far as the screen keeps it."""

    incident: str
    text: str
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    unfinished: str = ""  # a last line that has not ended: a question, a progress bar
    size: int = 0  # bytes so far
    running: Running | None = None
    stopping: bool = False

    @property
    def rung(self) -> str:
        """How far stopping it has got, in words."""
        return self.running.rung if self.running is not None and self.stopping else ""


@dataclass(frozen=True, slots=True)
class _Ending:
    """What the end of a run means for its incident."""

    incident: str
    argv: tuple[str, ...]
    output: str  # the file that has what it printed
    began: datetime | None = None  # when it began, if an earlier console started it


class Commands:
    """The commands of every incident, from preflight to exit status."""

    def __init__(self, parts: Parts, record: Record, tell: Callable[[News], None]) -> None:
        self._parts = parts
        self._record = record
        self._tell = tell
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._carried: dict[str, dict[str, tuple[str, str]]] = {}  # by incident: variable to (value, from where)
        self.preflights = Preflights(parts, self._carried)
        self.approvals = Approvals(parts, record)
        self.outputs: dict[str, Output] = {}  # by run

    @property
    def running(self) -> list[str]:
        """The runs that have not ended."""
        return [run for run, output in self.outputs.items() if output.running is not None]

    async def run(self, incident: Incident, preflight: Preflight, approval: str = "") -> str:
        """Write down that it starts, then start it; the identity of the run. Raises RunError, and then nothing ran.

        `approval` is the request that a second person said yes to, where one is needed.
        """
        order = await self._order(incident, preflight, approval)
        try:
            running = await self._parts.runner.start(order)
        except RunError as failed:
            await self._record(incident.id, facts.CommandFailed(order.run, failed.what))
            raise
        self._follow(order.run, _Ending(incident.id, preflight.argv, order.output), preflight.text, running)
        return order.run

    async def run_at_terminal(
        self,
        incident: Incident,
        preflight: Preflight,
        given_away: Callable[[], AbstractAsyncContextManager[None]],
        approval: str = "",
    ) -> str:
        """Run a command that somebody has to talk to, while the terminal is given away; the identity of the run.

        Raises RunError, and then nothing ran.
        """
        order = await self._order(incident, preflight, approval)
        try:
            async with given_away():
                ending = await self._parts.runner.at_terminal(order)
        except RunError as failed:
            await self._record(incident.id, facts.CommandFailed(order.run, failed.what))
            raise
        await self._record(incident.id, _finished(order.run, preflight.argv, ending))
        return order.run

    async def find_again(self, incident: Incident, record: CommandRecord) -> None:
        """Follow a command whose console is gone, or say how it ended; else that its outcome is unknown."""
        started = record.started
        try:
            running = await self._parts.runner.attach(started.run, started.output)
        except RunError as unknown:
            await self._record(incident.id, _lost(started.run, unknown, started.output))
            return
        self._follow(started.run, _Ending(incident.id, started.argv, started.output, record.at), started.text, running)

    async def verify(self, incident: Incident, run: str, text: str) -> None:
        """Say what became of a command whose outcome is unknown; it may run again then. Raises UsageError."""
        if run not in incident.commands:
            raise UsageError("there is no such command in this incident")
        if not text.strip():
            raise UsageError("say what was found, in a few words")
        await self._record(incident.id, facts.CommandVerified(run, text.strip()), source="person")

    async def stop(self, run: str) -> None:
        """Stop a running command and everything it started; returns when it has ended. Raises RunError."""
        output = self.outputs[run]
        if output.running is None:
            return
        output.stopping = True
        self._tell(OutputCame(run))
        try:
            await output.running.stop()
        finally:
            output.stopping = False
        await self._tasks[run]

    async def leave(self, run: str) -> None:
        """Let a running command go on when this console ends, whatever it is; the next start finds it again."""
        running = self.outputs[run].running
        if running is not None:
            await running.leave()

    async def ended(self, run: str) -> None:
        """Return when the end of a run is on the timeline."""
        await self._tasks[run]

    def forget(self, run: str) -> None:
        """Drop what an ended run printed out of this console's memory."""
        output = self.outputs.get(run)
        if output is not None and output.running is None:
            del self.outputs[run]

    def let_go(self) -> None:
        """Stop following; what becomes of the commands is the runner's to know."""
        for task in self._tasks.values():
            task.cancel()

    async def _order(self, incident: Incident, preflight: Preflight, approval: str) -> Order:
        """Everything before the process: refusals, then the start on disk. Raises RunError."""
        if reason := self.preflights.why_not(preflight):
            raise RunError(reason, at=preflight.origin)
        if preflight.approvers and not self.approvals.granted(incident, approval, preflight):
            raise RunError("a second person has to agree first", hint="`incident approve` in another terminal")
        number = len(incident.commands) + 1
        run = f"{incident.id}/{number}-{self._parts.chance.getrandbits(24):06x}"
        output = self._parts.output_for(incident.id, run.rpartition("/")[2])
        values = [
            facts.ParameterSet(p.name, p.value, p.origin)
            for p in preflight.parameters
            if p.name not in incident.values or incident.values[p.name].value != p.value
        ]
        started = _started(run, preflight, output, approval)
        if not await self._record(incident.id, *values, started):
            await self._record(incident.id, facts.CommandFailed(run, "the timeline could not be saved"))
            raise RunError(
                "nothing was run: its start could not be saved on disk",
                hint="free space or repair the state folder, then run it again",
            )
        return Order(
            run,
            preflight.argv,
            preflight.directory,
            output,
            environment=self.preflights.environment(incident.id, preflight),
            outlives=preflight.effect is not Effect.READS,
            carry=preflight.sets,
        )

    def _follow(self, run: str, end: _Ending, text: str, running: Running) -> None:
        self.outputs[run] = Output(end.incident, text, running=running)
        self._tasks[run] = asyncio.create_task(self._to_its_end(run, end, running))
        self._tell(OutputCame(run))

    async def _to_its_end(self, run: str, end: _Ending, running: Running) -> None:
        output = self.outputs[run]
        try:
            async for batch in running.batches():
                output.lines.extend(batch.lines)
                output.size, output.unfinished = batch.size, batch.unfinished
                self._tell(OutputCame(run))
            ending = await running.wait()
        except RunError as lost:  # its end was not seen; that is not the same as a good one
            await self._record(end.incident, _lost(run, lost, end.output))
        else:
            output.size, output.unfinished = ending.size, ""
            self._carry(end.incident, ending)
            at = end.began + timedelta(seconds=ending.seconds) if end.began is not None else None
            await self._record(end.incident, _finished(run, end.argv, ending), at=at)
        output.running = None
        self._tell(OutputCame(run))

    def _carry(self, incident: str, ending: Ending) -> None:
        """Keep what the command set, in memory only: it may be a secret."""
        origin = f"set by a command at {minute(self._parts.clock.now())}"
        known = self._carried.setdefault(incident, {})
        known.update({name: (value, origin) for name, value in ending.variables.items()})


def _lost(run: str, why: RunError, output: str) -> facts.CommandLost:
    """An end that nobody saw, and where what it printed is."""
    return facts.CommandLost(run, f"{why.what}; its output so far is in {output}" if output else why.what)


def _started(run: str, preflight: Preflight, output: str, approval: str) -> facts.CommandStarted:
    return facts.CommandStarted(
        run=run,
        text=preflight.text,
        argv=preflight.argv,
        directory=preflight.directory,
        output="" if preflight.terminal else output,
        step=preflight.step,
        step_text=preflight.step_text,
        effect=preflight.effect.value,
        target=preflight.target.name,
        origin=preflight.origin,
        shell=preflight.shell,
        parameters={p.name: p.value for p in preflight.parameters},
        expected=preflight.expected,
        terminal=preflight.terminal,
        environment=tuple(one.name for one in preflight.variables),
        approval=approval,
    )


def _finished(run: str, argv: tuple[str, ...], ending: Ending) -> facts.CommandFinished:
    return facts.CommandFinished(
        run=run,
        exit=ending.exit,
        seconds=round(ending.seconds, 3),
        stopped=ending.stopped,
        size=ending.size,
        head=ending.head,
        tail=ending.tail,
        meaning=words_for(ending.exit, argv),
        left=tuple(str(pid) for pid in ending.left),
        dropped=ending.dropped,
    )
