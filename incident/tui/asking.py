"""What a person is asked for on any screen of an incident: a line, a command, a milestone, where the draft goes."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator

from textual import work
from textual.app import SuspendNotSupported

from incident.core.facts import Milestone, Remark
from incident.core.runbook import Step
from incident.core.text import shorten, visible
from incident.core.when import minute, parse, split_time
from incident.core.when import understood as understood_as
from incident.engine import Engine
from incident.errors import IncidentError, RunError
from incident.tui.screens.sheets import LineSheet, Pick, PickSheet
from incident.tui.typed_ahead import TypedAhead

Check = Callable[[str], tuple[bool, str]]  # text -> whether it can be used; what is understood, or why not


class Asking(TypedAhead):
    """An application with an engine, and the sheets that ask."""

    drill = ""  # the scenario's name; "" for the real world
    _engine: Engine | None = None

    def __init__(self) -> None:
        super().__init__()
        self._underway_lines: dict[str, str] = {}  # by name: lines that left their sheet and are not saved yet

    @property
    def engine(self) -> Engine:
        """The engine. Only asked for when `ready`."""
        if self._engine is None:
            raise RuntimeError("the engine is not there yet")
        return self._engine

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text without its secrets: a clipboard ends up in chats."""
        masked, count = self.engine.parts.redactor.masked(text)
        super().copy_to_clipboard(masked)
        if count:
            self.notify(f"{count} secrets were masked in what was copied.", markup=False)

    async def ask_line(
        self, name: str, title: str, help_line: str, *, check: Check | None = None, empty: bool = False, ready: str = ""
    ) -> str | None:
        """Ask for one line. What was typed so far lies on the desk under a name, until it is `saving`, or `taken`.

        `ready` is a text that can be copied from there.
        """
        desk, masked = self.engine.parts.desk, self.engine.parts.redactor.text
        left = desk.left(name)
        value = "" if left.strip() == self._underway_lines.get(name) else left
        sheet = LineSheet(
            title, help_line, value, check=check, empty=empty, draft=lambda text: desk.leave(name, masked(text)),
            ready=ready,
        )  # fmt: skip
        text = await self.push_screen_wait(sheet)
        if text is not None:
            self._underway_lines[name] = masked(text)
        return text

    def taken(self, name: str) -> None:
        """What was typed under this name is where it belongs; what is typed for the next one stays."""
        desk, line = self.engine.parts.desk, self._underway_lines.pop(name, None)
        if line is None or desk.left(name).strip() == line:
            desk.leave(name, "")

    def kept(self, name: str) -> None:
        """What was typed under this name is still to be used: the next sheet shows it again."""
        self._underway_lines.pop(name, None)

    @contextlib.contextmanager
    def saving(self, name: str, timeout: float = 5) -> Iterator[None]:
        """Do something with the line of this name. What cannot be done is said, and the line stays."""
        try:
            yield
        except IncidentError as error:
            self.kept(name)
            self.notify(str(error), severity="error", markup=False, timeout=timeout)
        else:
            self.taken(name)

    @work(exit_on_error=False)
    async def ask_remark(self, identity: str, kind: str, step: Step | None = None, ready: str = "") -> None:
        """Ask for one line and put it on the timeline; `step` is the one that `@` in front of it means.

        `ready` is a text that can be copied, to be said elsewhere.
        """

        def understood(text: str) -> tuple[bool, str]:
            moment, words = split_time(text, self.engine.now())
            now = self.engine.now()
            at = understood_as(moment, now) if moment else f"{minute(now)} UTC"
            about = f' on "{shorten(step.text, 30)}"' if step and words.startswith("@") else ""
            words = words[1:].strip() if about else words
            return bool(words), f"{kind} at {at}{about}: {words}" if words else "the text is still missing"

        help_line = "a time may stand in front: -5m, 03:07, ~03:05, 02:58..03:01, fri 23:50 (UTC)"
        if step is not None:
            help_line = "a time may stand in front: -5m, 03:07, ~03:05, 02:58..03:01; @: this step"
        name = f"{identity} {kind}"
        text = await self.ask_line(name, kind.capitalize(), help_line, check=understood, ready=ready)
        if text:
            with self.saving(name):
                await self.engine.response.remark(identity, Remark(kind), text, step.id if step else "")

    @work(exit_on_error=False)
    async def ask_join(self, identity: str) -> None:
        """Ask who joined; the person at the keys takes the lead with it when it was given to them."""
        engine, name = self.engine, f"{identity} joined"
        offered = engine.handing.is_offered(identity)

        def understood(text: str) -> tuple[bool, str]:
            try:
                return True, engine.handing.arrival(identity, text).words(engine.now())
            except IncidentError as error:
                return False, str(error)

        empty = "enter: you take the lead that was given to you" if offered else "enter: you joined"
        help_line = f"{empty}; or a name and a role: lee scribe"
        text = await self.ask_line(name, "Who joined?", help_line, check=understood, empty=True)
        if text is not None:
            with self.saving(name):
                if offered and not text:
                    await engine.response.take(identity)
                else:
                    await engine.handing.join(identity, text)

    @work(exit_on_error=False)
    async def ask_command(self, identity: str, text: str = "") -> None:
        """Run a line that the person types, through the same preflight as every command."""
        from incident.tui.screens.running import RunFlow

        name, help_line = f"{identity} command", "it is shown with its target before it runs; A counts it to a step"
        line: str | None = text or await self.ask_line(name, "Which command?", help_line)
        if line:
            with self.saving(name, timeout=8):
                await RunFlow(self, identity).run_typed(line)

    @work(exit_on_error=False)
    async def ask_milestone(self, identity: str) -> None:
        """Ask which milestone and when."""
        marks = self.engine.incident(identity).milestones()
        picks = [Pick(m.value, m.value, f"{minute(marks[m].at)} UTC" if m in marks else "not set") for m in Milestone]
        picked = await self.push_screen_wait(PickSheet("Which milestone?", picks, in_columns=True))
        if picked is None:
            return

        def understood(text: str) -> tuple[bool, str]:
            try:
                return True, f"{picked} at {understood_as(parse(text, self.engine.now()), self.engine.now())}"
            except IncidentError as error:
                return False, str(error)

        name, help_line = f"{identity} {picked}", "empty is now; or -5m, 03:07, ~03:05 (UTC)"
        asked = "When did it start?" if picked == Milestone.STARTED else f"When was it {picked}?"
        text = await self.ask_line(name, asked, help_line, check=understood, empty=True)
        if text is not None:
            with self.saving(name):
                moment = parse(text, self.engine.now()) if text else None
                await self.engine.response.mark(identity, Milestone(picked), moment)

    @work(exit_on_error=False)
    async def export(self, identity: str) -> None:
        """Write the post-mortem draft and say where it is."""
        try:
            path, kept = await self.engine.export(identity)
        except (IncidentError, OSError) as error:
            self.notify(f"Not exported: {error}", severity="error", markup=False, timeout=10)
            return
        more = f" Kept as a person wrote it: {', '.join(kept)}." if kept else ""
        self.notify(f"Post-mortem draft written to {path}.{more}", markup=False, timeout=10)

    @contextlib.asynccontextmanager
    async def terminal_given_away(self, text: str) -> AsyncIterator[None]:
        """The real terminal for a command that somebody has to talk to; nothing is painted meanwhile.

        Raises RunError where that cannot be.
        """
        try:
            with self.suspend(), self.batch_update():
                _say_on_terminal(f"\n$ {visible(text)}\n(what is printed here is not recorded)\n")
                yield
                _say_on_terminal("\nenter goes back to the incident")
                await asyncio.to_thread(sys.stdin.readline)
        except SuspendNotSupported:
            raise RunError("the terminal cannot be given to a command from here", hint="y copies it") from None


def _say_on_terminal(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
