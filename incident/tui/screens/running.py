"""From a step to a running command: which one, with which values, read first, then run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from incident.core.change_rank import verdict
from incident.core.change_versions import Offer, means_version, offers
from incident.core.command import Filled, Preflight, why_not_a_value
from incident.core.runbook import Command, Effect, Input, Runbook, Step
from incident.errors import RunError
from incident.tui.screens.approval import ApprovalSheet
from incident.tui.screens.preflight import PreflightSheet
from incident.tui.screens.sheets import LineSheet, Pick, PickSheet

if TYPE_CHECKING:
    from incident.tui.asking import Asking

_LIST = "\0list"  # no value looks like this
_MOST = 200  # values that a person can pick from
Prepare = Callable[[dict[str, str]], Awaitable[Preflight]]  # values that were typed -> what to read


class RunFlow:
    """One way through the sheets; escape on any of them leaves everything as it was."""

    def __init__(self, console: Asking, identity: str, runbook: Runbook | None = None) -> None:
        self._console = console
        self._engine = console.engine
        self._identity = identity
        self._runbook = runbook

    async def run(self, step: Step) -> None:
        """Ask, show, and run a step's command. Raises IncidentError, and then nothing ran."""
        command = await self._which_command(step)
        if command is not None:
            await self._through(lambda typed: self._engine.prepare(self._identity, command, step, typed), step)

    async def run_typed(self, text: str) -> None:
        """The same for a line that a person typed. Raises IncidentError, and then nothing ran."""
        await self._through(lambda typed: self._engine.prepare_typed(self._identity, text, None, typed), None)

    async def _through(self, prepare: Prepare, step: Step | None) -> None:
        typed: dict[str, str] = {}
        while True:
            preflight = await prepare(typed)
            asked = list(preflight.unfilled)
            if not asked:
                answer = await self._console.push_screen_wait(self._sheet(preflight))
                if answer == "run":
                    await self._start(preflight)
                    return
                if answer == "edit" and (edited := await self._edited(preflight)):
                    prepare, typed = self._as_edited(edited, step, preflight), {}
                    continue
                if answer == "verify" and await self._verified(preflight):
                    continue
                if answer != "values":
                    return
                asked = list(preflight.parameters)
            for parameter in asked:
                value = await self._ask(preflight, parameter)
                if value is None:
                    return
                typed[parameter.name] = value

    async def _start(self, preflight: Preflight) -> None:
        approval = ""
        if preflight.approvers:
            approval = await self._approved(preflight)
            if not approval:
                return
        if preflight.terminal:
            incident = self._engine.incident(self._identity)
            await self._engine.commands.run_at_terminal(
                incident, preflight, lambda: self._console.terminal_given_away(preflight.text), approval
            )
        else:
            await self._engine.run(self._identity, preflight, approval)
        for parameter in preflight.parameters:
            self._console.taken(self._value_name(parameter))

    async def _approved(self, preflight: Preflight) -> str:
        """Ask a second person and wait; the request they agreed to, or ""."""
        approvals = self._engine.commands.approvals
        request = await approvals.ask(self._engine.incident(self._identity), preflight)
        answered = await self._console.push_screen_wait(ApprovalSheet(self._engine, self._identity, request))
        if answered is None:
            await approvals.withdraw(self._engine.incident(self._identity), request)
            return ""
        known = self._engine.incident(self._identity).approvals[request]
        why = f": {known.reason}" if known.reason else ""
        if not known.granted:
            raise RunError(f"{known.person} said no{why}", hint="nothing was run")
        return request

    async def _edited(self, preflight: Preflight) -> str | None:
        """The command as the person wants it instead."""
        if "\n" in preflight.text:
            self._console.notify("It has several lines: y copies it, e on the step edits the runbook.", markup=False)
            return None
        return await self._console.push_screen_wait(
            LineSheet("Edit before it runs", "it is shown again, and recorded as typed by hand", preflight.text)
        )

    def _as_edited(self, text: str, step: Step | None, preflight: Preflight) -> Prepare:
        origin = "" if preflight.typed else preflight.origin
        return lambda typed: self._engine.prepare_typed(self._identity, text, step, typed, origin)

    async def _verified(self, preflight: Preflight) -> bool:
        """Ask what became of the run whose outcome is unknown; whether it was said."""
        help_line = "what did you see of its effect? It goes onto the timeline, and the command may run again"
        name = f"{self._identity} verified {preflight.unverified}"
        said = await self._console.ask_line(name, "What became of it?", help_line)
        if not said:
            return False
        await self._engine.commands.verify(self._engine.incident(self._identity), preflight.unverified, said)
        self._console.taken(name)
        return True

    async def _which_command(self, step: Step) -> Command | None:
        if self._runbook is None:
            return None
        commands = [self._runbook.commands[index] for index in step.commands]
        if len(commands) == 1:
            return commands[0]
        picks = [Pick(str(at), " ".join(command.text.split())) for at, command in enumerate(commands)]
        picked = await self._console.push_screen_wait(PickSheet("Which command?", picks))
        return None if picked is None else commands[int(picked)]

    def _sheet(self, preflight: Preflight) -> PreflightSheet:
        why_not = self._engine.commands.preflights.why_not(preflight)
        return PreflightSheet(preflight, self._engine.parts.clock, why_not=why_not, drill=bool(self._console.drill))

    async def _ask(self, preflight: Preflight, parameter: Filled) -> str | None:
        """A value from the recent changes, or typed; None: not now."""
        declared = self._declared(parameter)
        known = self._versions(parameter.name)
        if known or (declared and declared.source):
            picks = [Pick(one.value, one.value, f"{one.origin}  {one.title}".rstrip()) for one in known]
            if declared and declared.source:
                picks.append(Pick(_LIST, "list them", f"with  {declared.source}"))
            picks.append(Pick("", "another value", "typed by you"))
            picked = await self._console.push_screen_wait(
                PickSheet(f"{parameter.placeholder} ?", picks, f"in  {preflight.template}{self._why_asked(known)}")
            )
            if picked == _LIST and declared:
                return await self._listed(declared)
            if picked is None or picked:
                return picked
        refused = f"{parameter.value!r} was not taken: {parameter.refused}" if parameter.refused else ""

        def usable(text: str) -> tuple[bool, str]:
            reason = why_not_a_value(text)
            if not reason and declared is not None and not declared.accepts(text):
                reason = f"the runbook wants {declared.pattern} here"
            return not reason, reason or f"{parameter.name} = {text}"

        help_line = refused or (declared.help if declared else "") or f"in  {preflight.template}"
        name = self._value_name(parameter)
        value = await self._console.ask_line(name, f"{parameter.placeholder} ?", help_line, check=usable)
        self._console.kept(name)
        return value

    def _value_name(self, parameter: Filled) -> str:
        """Under which name a typed value lies on the desk until the command has run with it."""
        return f"{self._identity} value {parameter.name}"

    def _why_asked(self, known: Sequence[Offer]) -> str:
        """Why a version is asked for, on a line of its own."""
        if not known:
            return ""
        trouble = self._engine.changes.trouble(self._engine.incident(self._identity))
        return f"\nWhich change? {verdict(self._engine.changes.ranked(trouble), trouble)}"

    async def _listed(self, declared: Input) -> str | None:
        """One of the lines that the author's own command prints; it is read first, as every command."""
        preflight = await self._engine.prepare_typed(self._identity, declared.source)
        if preflight.effect is not Effect.READS:
            raise RunError("the command that lists the values may change something", at=declared.source,
                           hint="type the value by hand")  # fmt: skip
        if await self._console.push_screen_wait(self._sheet(preflight)) != "run":
            return None
        run = await self._engine.run(self._identity, preflight)
        await self._engine.commands.ended(run)
        printed = dict.fromkeys(line.strip() for line in self._engine.commands.outputs[run].lines)
        values = [value for value in printed if not why_not_a_value(value) and declared.accepts(value)]
        if not values:
            raise RunError("it printed no value that can be used", at=declared.source, hint="type the value by hand")
        picks = [Pick(value, value, "") for value in values[:_MOST]]
        return await self._console.push_screen_wait(PickSheet(f"{declared.name} ?", picks))

    def _declared(self, parameter: Filled) -> Input | None:
        inputs = self._runbook.inputs if self._runbook else ()
        return next((one for one in inputs if one.name == parameter.name), None)

    def _versions(self, name: str) -> tuple[Offer, ...]:
        """Versions that ran lately, those of the likeliest change first; none for what is no version."""
        changes = self._engine.changes
        if not means_version(name):
            return ()
        return offers(name, changes.known, changes.trouble(self._engine.incident(self._identity)))
