"""A runner that cannot run anything: it knows the scenario's commands and answers as they would."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from incident.core.ports import Batch, Ending, Order
from incident.core.text import plain
from incident.core.when import clock, run_time
from incident.drills.curve import holds
from incident.drills.matching import captured, simple
from incident.drills.model import CommandPlan, Scenario
from incident.drills.outside import Stage
from incident.drills.reading import HOLE
from incident.errors import RunError

UNKNOWN = 127  # the exit status of a shell that finds no such program
_STOPPED = -2  # ended by SIGINT
_KEPT = 20  # lines of output at each end


class Simulator:
    """Answers commands on the drill's clock. `unknown` are those that no scenario line matched."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.unknown: list[str] = []

    async def start(self, order: Order) -> Played:
        """Begin to answer. Raises RunError when the output file cannot be made; nothing is played then."""
        if not order.argv:
            raise RunError("there is no command here")
        if order.output:
            _make(order.output)
        self._stage.catch_up()
        argv = simple(order.argv)
        text = plain(shlex.join(argv))
        self._stage.story.happened("command", argv, text)
        plan, holes = self._plan(argv)
        if plan is None:
            self.unknown.append(text)
        return Played(self._stage, order, text, plan, holes)

    async def attach(self, run: str, output: str) -> Played:
        """Never: a drill ends with its console. Raises RunError."""
        raise RunError("the drill ended before the command did", at=output, hint=run)

    async def at_terminal(self, order: Order) -> Ending:
        """Never: a drill has no terminal to give away. Raises RunError."""
        raise RunError("a drill has no terminal of its own", hint=f"{order.argv[0]} was not run")

    def _plan(self, argv: tuple[str, ...]) -> tuple[CommandPlan | None, dict[str, str]]:
        story = self._stage.story
        fitting = (
            (plan, holes) for plan, holes in plans_for(story.scenario, argv) if holds(plan.condition, story.state)
        )
        return next(fitting, (None, {}))


def plans_for(scenario: Scenario, argv: Sequence[str]) -> Iterator[tuple[CommandPlan, dict[str, str]]]:
    """The scenario's lines that a command matches, whatever the state, with what stands in their holes."""
    known = [plan.match for plan in scenario.commands]
    for plan in scenario.commands:
        holes = captured(plan.match, argv, [match for match in known if match != plan.match])
        if holes is not None:
            yield plan, holes


class Played:
    """A command that the drill answers. Its effects come at its end, and not at all when it is stopped before."""

    rung = ""  # it is stopped at once

    def __init__(self, stage: Stage, order: Order, text: str, plan: CommandPlan | None, holes: dict[str, str]) -> None:
        self._stage = stage
        self._output = order.output
        self._text = text
        self._plan = plan
        self._holes = holes
        self._begun = stage.story.time
        self._ends = self._begun + (plan.takes if plan else 0.0)
        self._over = asyncio.Event()
        self._lines: tuple[str, ...] = ()
        self._ending = Ending(0, 0.0, 0, (), ())
        self._forget = stage.story.later(self._ends, self._end)

    async def batches(self) -> AsyncIterator[Batch]:
        """Its output, once it has ended."""
        ending = await self.wait()
        if self._lines:
            yield Batch(self._lines, ending.size)

    async def wait(self) -> Ending:
        """Its end, on the drill's clock."""
        while not self._over.is_set():
            left = self._ends - self._stage.catch_up()
            waits = [asyncio.ensure_future(self._stage.clock.sleep(left)), asyncio.ensure_future(self._over.wait())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
                await asyncio.gather(*waits, return_exceptions=True)
            self._stage.catch_up()
        return self._ending

    async def stop(self) -> None:
        """Stop it now; what it would have changed does not happen."""
        self._stage.catch_up()
        if self._over.is_set():
            return
        self._forget()
        self._finish(_STOPPED, (), stopped=True)

    async def leave(self) -> None:
        """It ends with the drill all the same."""

    def _end(self) -> None:
        story = self._stage.story
        if self._plan is None:
            lines = (
                f"drill: this scenario does not know the command {self._text}",
                "Nothing ran. It is counted as a gap of the scenario or of the runbook.",
            )
            self._finish(UNKNOWN, lines)
            return
        story.apply(self._plan.effects)
        self._finish(self._plan.status, tuple(self._written(self._plan.output).splitlines()))

    def _written(self, template: str) -> str:
        """The output with the drill's state, the command's own values and the times since events in its holes."""
        story = self._stage.story

        def fill(name: str, event: str) -> str:
            if event:
                since = story.since(event)
                return "-" if since is None else run_time(since)
            if name == "time":
                return clock(self._stage.at(story.time))
            value = self._holes[name] if name in self._holes else story.state.get(name, f"<{name}>")
            return str(value).lower() if isinstance(value, bool) else str(value)

        return HOLE.sub(lambda hole: fill(hole[1], hole[2] or ""), template)

    def _finish(self, status: int, lines: tuple[str, ...], *, stopped: bool = False) -> None:
        if self._output:
            lines = _keep(self._output, lines)
        size = sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)
        seconds = self._stage.story.time - self._begun
        tail = lines[_KEPT:][-_KEPT:]
        self._lines = lines
        self._ending = Ending(status, seconds, size, lines[:_KEPT], tail, stopped)
        self._stage.story.note(f"command ended, exit {status}: {self._text}")
        self._over.set()


def _make(output: str) -> None:
    """The evidence file, as the real runner makes it: its owner's, and never one that is there already."""
    try:
        os.close(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as failed:
        raise RunError(
            f"the file for the output cannot be made: {failed.strerror}",
            at=output,
            hint="free space or repair the state folder",
        ) from None


def _keep(output: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Write the lines to the evidence file; what cannot be written is said among them."""
    try:
        with Path(output).open("a", encoding="utf-8", errors="replace") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as failed:
        return (*lines, f"(this output is not in its file: {failed.strerror})")
    return lines
