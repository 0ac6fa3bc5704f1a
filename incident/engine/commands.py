"""Running a runbook's commands: prepared for reading, written down, then run."""

from __future__ import annotations

import asyncio
import posixpath
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from incident.core import facts
from incident.core.change import Change
from incident.core.command import Filled, Preflight, argv_for, fill, raised, tier_of, why_not_a_value, with_values
from incident.core.command_exit import words_for
from incident.core.incident import Incident
from incident.core.ports import Ending, Order, Running
from incident.core.runbook import Command, Effect, Input, Runnable, Step
from incident.core.when import duration, minute
from incident.engine.news import News, OutputCame
from incident.engine.parts import Parts
from incident.engine.response import Record
from incident.errors import RunError

KEPT_LINES = 5_000  # lines of a command's output kept for the screen; all of it is in its file


@dataclass(slots=True)
class Output:
    """What a command printed, as far as the screen keeps it."""

    incident: str
    text: str
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    size: int = 0  # bytes so far
    running: Running | None = None
    stopping: bool = False


class Commands:
    """The commands of every incident, from preflight to exit status."""

    def __init__(self, parts: Parts, record: Record, tell: Callable[[News], None]) -> None:
        self._parts = parts
        self._record = record
        self._tell = tell
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.outputs: dict[str, Output] = {}  # by run

    @property
    def running(self) -> list[str]:
        """The runs that have not ended."""
        return [run for run, output in self.outputs.items() if output.running is not None]

    def prepare(
        self,
        incident: Incident,
        command: Command,
        *,
        origin: str,
        step: Step | None = None,
        changes: tuple[Change, ...] = (),
        typed: Mapping[str, str] | None = None,
        inputs: tuple[Input, ...] = (),
    ) -> Preflight:
        """Everything to read before it runs; `typed` are values a person gave now. Raises RunError.

        `inputs` are the parameters that the runbook's author declared.
        """
        if command.runnable is Runnable.NO or not command.attributes.run:
            raise RunError("the runbook says that this is not run from here", at=origin, hint="y copies it")
        parameters = self.parameters(incident, command, changes, typed, inputs)
        text = with_values(command.text, parameters)
        argv, shell = argv_for(text)
        target = self._parts.surroundings.target(argv)
        return Preflight(
            text=text,
            argv=argv,
            shell=shell,
            parameters=parameters,
            directory=posixpath.normpath(posixpath.join(self._parts.surroundings.directory, command.attributes.cwd)),
            who=self._parts.surroundings.who,
            target=target,
            effect=command.effect,
            tier=raised(
                tier_of(text, command.effect, target, self._parts.settings.production), command.attributes.confirm
            ),
            origin=origin,
            expected=_expected(command, step),
            step=step.id if step else "",
            step_text=step.text if step else "",
            warnings=_warnings(incident, command, text, target.name),
            template=command.text,
            undo=command.attributes.undo,
            verify=command.attributes.verify,
            refused=_refused(command),
        )

    def parameters(
        self,
        incident: Incident,
        command: Command,
        changes: tuple[Change, ...],
        typed: Mapping[str, str] | None = None,
        inputs: tuple[Input, ...] = (),
    ) -> tuple[Filled, ...]:
        """A command's parameters as they would be filled now."""
        declared = {one.name: one for one in inputs}
        filled = [self._parameter(placeholder, incident, changes, typed) for placeholder in command.parameters]
        return tuple(_as_declared(one, declared.get(one.name)) for one in filled)

    def why_not(self, preflight: Preflight) -> str:
        """Why this cannot run now, in words; "" when it can."""
        if self._parts.settings.read_only and preflight.effect is not Effect.READS:
            return "read-only: only commands that are known to read can run here"
        if preflight.refused:
            return preflight.refused
        if preflight.unfilled:
            missing = ", ".join(parameter.placeholder for parameter in preflight.unfilled)
            return f"{missing} has no value yet"
        return ""

    async def run(self, incident: Incident, preflight: Preflight) -> str:
        """Write down that it starts, then start it; the identity of the run. Raises RunError, and then nothing ran."""
        if reason := self.why_not(preflight):
            raise RunError(reason, at=preflight.origin)
        number = len(incident.commands) + 1
        run = f"{incident.id}/{number}-{self._parts.chance.getrandbits(24):06x}"
        output = self._parts.output_for(incident.id, run.rpartition("/")[2])
        values = [
            facts.ParameterSet(p.name, p.value, p.origin)
            for p in preflight.parameters
            if p.name not in incident.values or incident.values[p.name].value != p.value
        ]
        started = facts.CommandStarted(
            run=run,
            text=preflight.text,
            argv=preflight.argv,
            directory=preflight.directory,
            output=output,
            step=preflight.step,
            step_text=preflight.step_text,
            effect=preflight.effect.value,
            target=preflight.target.name,
            origin=preflight.origin,
            shell=preflight.shell,
            parameters={p.name: p.value for p in preflight.parameters},
            expected=preflight.expected,
        )
        if not await self._record(incident.id, *values, started):
            await self._record(incident.id, facts.CommandFailed(run, "the timeline could not be saved"))
            raise RunError(
                "nothing was run: its start could not be saved on disk",
                hint="free space or repair the state folder, then run it again",
            )
        try:
            running = await self._parts.runner.start(Order(run, preflight.argv, preflight.directory, output))
        except RunError as failed:
            await self._record(incident.id, facts.CommandFailed(run, failed.what))
            raise
        self.outputs[run] = Output(incident.id, preflight.text, running=running)
        self._tasks[run] = asyncio.create_task(self._follow(run, preflight))
        self._tell(OutputCame(run))
        return run

    async def stop(self, run: str) -> None:
        """Stop a running command and everything it started; returns when it has ended."""
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

    async def ended(self, run: str) -> None:
        """Return when the end of a run is on the timeline."""
        await self._tasks[run]

    def let_go(self) -> None:
        """Stop following; the commands themselves run on."""
        for task in self._tasks.values():
            task.cancel()

    async def _follow(self, run: str, preflight: Preflight) -> None:
        output = self.outputs[run]
        running = output.running
        if running is None:
            return
        try:
            async for batch in running.batches():
                output.lines.extend(batch.lines)
                output.size = batch.size
                self._tell(OutputCame(run))
            ending = await running.wait()
        except RunError as lost:  # its end was not seen; that is not the same as a good one
            end: facts.Fact = facts.CommandLost(run, lost.what)
        else:
            output.size = ending.size
            end = _finished(run, preflight, ending)
        await self._record(output.incident, end)
        output.running = None
        self._tell(OutputCame(run))

    def _parameter(
        self, placeholder: str, incident: Incident, changes: tuple[Change, ...], typed: Mapping[str, str] | None
    ) -> Filled:
        records = list(incident.alerts.values())
        starts = [record.fired.starts_at for record in records]
        filled = fill(
            placeholder,
            earlier=incident.values,
            alerts=[(record.fired.labels, record.fired.annotations) for record in records],
            changes=changes,
            since=min(starts) if starts else self._parts.clock.now(),
            environment=self._parts.settings.environment,
        )
        value = (typed or {}).get(filled.name)
        if value is None:
            return filled
        return Filled(placeholder, filled.name, value, "typed by you", why_not_a_value(value))


def _as_declared(filled: Filled, declared: Input | None) -> Filled:
    """A value that its author's pattern does not allow is refused; a pattern never allows more than is safe."""
    if declared is None or filled.refused or not filled.value or declared.accepts(filled.value):
        return filled
    return replace(filled, refused=f"the runbook wants {declared.pattern} here")


def _expected(command: Command, step: Step | None) -> str:
    """How long it should take, as the runbook says."""
    if step is not None and step.expected:
        return step.expected
    limit = command.attributes.timeout
    return f"at most {duration(timedelta(seconds=limit))}" if limit else ""


def _refused(command: Command) -> str:
    if command.attributes.interactive or command.opens_console:
        return "it needs a terminal of its own: y copies it for another window"
    return "it does not end by itself: y copies it for another window" if command.attributes.background else ""


def _finished(run: str, preflight: Preflight, ending: Ending) -> facts.CommandFinished:
    return facts.CommandFinished(
        run=run,
        exit=ending.exit,
        seconds=round(ending.seconds, 3),
        stopped=ending.stopped,
        size=ending.size,
        head=ending.head,
        tail=ending.tail,
        meaning=words_for(ending.exit, preflight.argv),
    )


def _warnings(incident: Incident, command: Command, text: str, target: str) -> tuple[str, ...]:
    """What a person should know before running this."""
    found = []
    records = list(incident.commands.values())
    same = [record for record in records if record.started.text == text and command.effect is not Effect.READS]
    if same:
        found.append(f"already run at {minute(same[-1].at)}: {same[-1].outcome}")
    targets = [record.started.target for record in records if record.started.target]
    if target and targets and targets[-1] != target:
        found.append(f"the target differs from the last command's, {targets[-1]}")
    if command.runnable is Runnable.PROBABLE:
        found.append("the runbook does not say that this is a command; it looks like one")
    return tuple(found)
