"""From a step to a running command: which one, with which values, read first, then run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incident.core.change import before
from incident.core.command import Filled, Preflight, why_not_a_value
from incident.core.runbook import Command, Runbook, Step
from incident.core.when import minute
from incident.tui.screens.preflight import PreflightSheet
from incident.tui.screens.sheets import LineSheet, Pick, PickSheet

if TYPE_CHECKING:
    from incident.tui.app import Console


class RunFlow:
    """One way through the sheets; escape on any of them leaves everything as it was."""

    def __init__(self, console: Console, identity: str, runbook: Runbook) -> None:
        self._console = console
        self._engine = console.engine
        self._identity = identity
        self._runbook = runbook

    async def run(self, step: Step) -> None:
        """Ask, show, and run. Raises IncidentError, and then nothing ran."""
        command = await self._which_command(step)
        if command is None:
            return
        typed: dict[str, str] = {}
        while True:
            preflight = await self._engine.prepare(self._identity, command, step, typed)
            asked = list(preflight.unfilled)
            if not asked:
                answer = await self._console.push_screen_wait(self._sheet(preflight))
                if answer == "run":
                    await self._engine.run(self._identity, preflight)
                if answer != "values":
                    return
                asked = list(preflight.parameters)
            for parameter in asked:
                value = await self._ask(preflight, parameter)
                if value is None:
                    return
                typed[parameter.name] = value

    async def _which_command(self, step: Step) -> Command | None:
        commands = [self._runbook.commands[index] for index in step.commands]
        if len(commands) == 1:
            return commands[0]
        picks = [Pick(str(at), " ".join(command.text.split())) for at, command in enumerate(commands)]
        picked = await self._console.push_screen_wait(PickSheet("Which command?", picks))
        return None if picked is None else commands[int(picked)]

    def _sheet(self, preflight: Preflight) -> PreflightSheet:
        why_not = self._engine.commands.why_not(preflight)
        return PreflightSheet(preflight, self._engine.parts.clock, why_not=why_not, drill=bool(self._console.drill))

    async def _ask(self, preflight: Preflight, parameter: Filled) -> str | None:
        """A value from the recent changes, or typed; None: not now."""
        known = self._versions()
        if known:
            picks = [Pick(version, version, note) for version, note in known.items()]
            picks.append(Pick("", "another value", "typed by you"))
            picked = await self._console.push_screen_wait(
                PickSheet(f"{parameter.placeholder} ?", picks, f"in  {preflight.template}")
            )
            if picked is None or picked:
                return picked
        refused = f"{parameter.value!r} was not taken: {parameter.refused}" if parameter.refused else ""
        declared = next((one for one in self._runbook.inputs if one.name == parameter.name), None)

        def usable(text: str) -> tuple[bool, str]:
            reason = why_not_a_value(text)
            if not reason and declared is not None and not declared.accepts(text):
                reason = f"the runbook wants {declared.pattern} here"
            return not reason, reason or f"{parameter.name} = {text}"

        help_line = refused or (declared.help if declared else "") or f"in  {preflight.template}"
        return await self._console.push_screen_wait(LineSheet(f"{parameter.placeholder} ?", help_line, check=usable))

    def _versions(self) -> dict[str, str]:
        """Versions that ran lately, with what is known of each; the one before the last change first."""
        incident = self._engine.incident(self._identity)
        starts = [record.fired.starts_at for record in incident.alerts.values()]
        known: dict[str, str] = {}
        for change in before(self._engine.watch.known_changes, min(starts, default=self._engine.now()))[:8]:
            if change.previous:
                known.setdefault(change.previous, f"ran before {change.version}, until {minute(change.at)}")
            known.setdefault(change.version, f"runs since {minute(change.at)}  {change.title}")
        return known
