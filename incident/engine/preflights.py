"""What a person reads before a command runs: put together from the runbook, the incident and the surroundings."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from incident.core.change import Change
from incident.core.change_rank import trouble_in
from incident.core.change_versions import (
    Undone,
    goes_back,
    means_previous,
    means_version,
    offers,
    undone_by,
    version_in,
)
from incident.core.command import (
    Filled,
    Preflight,
    Tier,
    argv_for,
    concerns,
    fill,
    parameter_name,
    raised,
    tier_of,
    why_not_a_value,
    with_values,
)
from incident.core.incident import CommandRecord, Incident
from incident.core.runbook import Command, Effect, Input, Origin, Runnable, Step
from incident.core.runbook.effects import effect_of, opens_console
from incident.core.runbook.parameters import parameters_of, variables_set, variables_used
from incident.core.text import shorten
from incident.core.when import duration, minute
from incident.engine.parts import Parts
from incident.errors import RunError

BY_HAND = "typed by hand"  # the origin of a command that stands in no runbook


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known when a command is prepared."""

    incident: Incident
    origin: str  # runbook file and line, or `BY_HAND`
    step: Step | None = None
    changes: tuple[Change, ...] = ()
    typed: Mapping[str, str] | None = None  # values that a person gave
    inputs: tuple[Input, ...] = ()  # the parameters that the runbook's author declared


class Preflights:
    """Prepares commands for reading, and says why one cannot run.

    `carried` are the variables that earlier commands set: name to (value, when and by what), by incident.
    """

    def __init__(self, parts: Parts, carried: Mapping[str, Mapping[str, tuple[str, str]]]) -> None:
        self._parts = parts
        self._carried = carried

    def prepare(self, command: Command, asked: Asked) -> Preflight:
        """Everything to read before it runs. Raises RunError."""
        if command.runnable is Runnable.NO or not command.attributes.run:
            raise RunError("the runbook says that this is not run from here", at=asked.origin, hint="y copies it")
        parameters = self.parameters(command, asked)
        text = with_values(command.text, parameters)
        argv, shell = argv_for(text)
        settings, step = self._parts.settings, asked.step
        target = self._parts.surroundings.target(argv)
        again = _again(asked.incident, text, command.effect)
        tier = raised(tier_of(text, command.effect, target, settings.production), command.attributes.confirm)
        changes = command.effect is not Effect.READS
        undone, undoes = self._undone(command, text, parameters, asked)
        return Preflight(
            text=text,
            argv=argv,
            shell=shell,
            parameters=parameters,
            directory=posixpath.normpath(posixpath.join(self._parts.surroundings.directory, command.attributes.cwd)),
            who=self._parts.surroundings.who,
            target=target,
            effect=command.effect,
            tier=Tier.TYPE_TARGET if again else tier,
            origin=asked.origin,
            expected=_expected(command, step),
            step=step.id if step else "",
            step_text=step.text if step else "",
            warnings=(*_warnings(asked.incident, command, again, target.name), *([undone.odd] if undone.odd else [])),
            template=command.text,
            undo=command.attributes.undo,
            verify=command.attributes.verify,
            refused=self._refused(asked.incident, command, text, again, shell=shell),
            terminal=command.attributes.interactive or command.opens_console,
            endless=command.attributes.background,
            unverified=next((r.started.run for r in again if r.lost and not r.verified), ""),
            approvers=changes and concerns(text, target, settings.approval),
            variables=self._variables(asked.incident, text) if shell else (),
            sets=tuple(sorted(variables_set([text]))) if shell else (),
            typed=asked.origin.startswith(BY_HAND),
            undoes=undoes,
        )

    def typed(self, text: str, asked: Asked) -> Preflight:
        """The same for a line that a person typed, or edited. Raises RunError."""
        line = text.strip()
        if not line:
            raise RunError("there is no command here", hint="nothing was run")
        known = frozenset(self._carried.get(asked.incident.id, {})) | variables_set([line])
        parameters = parameters_of(line, known)
        command = Command(
            line=0,
            lines=(0, 0),
            block=0,
            text=line,
            language="shell",
            origin=Origin.FENCE,
            runnable=Runnable.YES,
            effect=effect_of(line, parameters),
            parameters=parameters,
            opens_console=opens_console(line),
        )
        return self.prepare(command, asked)

    def parameters(self, command: Command, asked: Asked) -> tuple[Filled, ...]:
        """A command's parameters as they would be filled."""
        declared = {one.name: one for one in asked.inputs}
        carried = {form for name in self._carried.get(asked.incident.id, {}) for form in (f"${name}", f"${{{name}}}")}
        said = _said(command, asked.step)
        filled = [self._parameter(written, said, asked) for written in command.parameters if written not in carried]
        return tuple(_as_declared(one, declared.get(one.name)) for one in filled)

    def why_not(self, preflight: Preflight) -> str:
        """Why this cannot run, in words; "" when it can."""
        settings = self._parts.settings
        if preflight.effect is not Effect.READS:
            if settings.read_only:
                return "read-only: only commands that are known to read can run here"
            if concerns(preflight.text, preflight.target, settings.read_only_targets):
                return "this target is read-only: only commands that are known to read can run on it"
        if preflight.refused:
            return preflight.refused
        if preflight.unfilled:
            missing = ", ".join(parameter.placeholder for parameter in preflight.unfilled)
            return f"{missing} has no value yet"
        if preflight.unverified:
            return "what became of it the last time is not known: look what it did, then V says so"
        return ""

    def environment(self, incident: str, preflight: Preflight) -> dict[str, str]:
        """The values of the variables that it looks up and earlier commands set."""
        known = self._carried.get(incident, {})
        return {one.name: known[one.name][0] for one in preflight.variables}

    def _parameter(self, placeholder: str, back: str, asked: Asked) -> Filled:
        records, trouble = list(asked.incident.alerts.values()), trouble_in(asked.incident, self._parts.clock.now())
        filled = fill(
            placeholder,
            earlier=asked.incident.values,
            alerts=[(record.fired.labels, record.fired.annotations) for record in records],
            changes=asked.changes,
            trouble=trouble,
            environment=self._parts.settings.environment,
            back=goes_back(back),
        )
        value = (asked.typed or {}).get(filled.name)
        if value is None:
            return filled
        known = offers(filled.name, asked.changes, trouble) if means_version(filled.name) else ()
        origin = next((f"chosen by you: {one.origin}" for one in known if one.value == value), "typed by you")
        return Filled(placeholder, filled.name, value, origin, why_not_a_value(value))

    def _undone(self, command: Command, text: str, parameters: tuple[Filled, ...], asked: Asked) -> tuple[Undone, str]:
        """What a command that goes back to a version would undo, or what is odd about it; and the same in words."""
        version = next((one.value for one in parameters if one.ready and means_previous(one.name)), "")
        reverts = "revert" in command.text.lower()  # that names the version to get rid of
        if not (version or reverts or command.effect is Effect.READS) and goes_back(_said(command, asked.step)):
            version = version_in(text, asked.changes)
        if not version:
            return Undone(), ""
        trouble = trouble_in(asked.incident, self._parts.clock.now())
        undone = undone_by(version, asked.changes, trouble)
        return undone, undone.words(trouble)

    def _variables(self, incident: Incident, text: str) -> tuple[Filled, ...]:
        known = self._carried.get(incident.id, {})
        return tuple(
            Filled(f"${name}", name, shorten(known[name][0], 200), known[name][1])
            for name in variables_used(text)
            if name in known
        )

    def _refused(
        self, incident: Incident, command: Command, text: str, again: list[CommandRecord], *, shell: bool
    ) -> str:
        if running := next((record for record in again if record.open), None):
            return f"{running.writer.person} runs this very command since {minute(running.at)}"
        if (command.attributes.interactive or command.opens_console) and self._parts.settings.simulated:
            return "it needs a terminal of its own, and a drill has none"
        if not shell:
            return ""
        known = {*variables_set([text]), *self._carried.get(incident.id, {}), *self._parts.settings.environment}
        asked_for = {parameter_name(placeholder) for placeholder in command.parameters}
        missing = [name for name in variables_used(text) if name not in known | asked_for]
        if missing:
            return f"${missing[0]} is set by another command of the runbook, which has not run here"
        return ""


def _said(command: Command, step: Step | None) -> str:
    """Everything that may say that a command goes back to an earlier version."""
    return f"{command.text} {step.text if step else ''}"


def _again(incident: Incident, text: str, effect: Effect) -> list[CommandRecord]:
    """The runs of this very command, the newest first, when it may change something."""
    if effect is Effect.READS:
        return []
    return [r for r in reversed(list(incident.commands.values())) if r.started.text == text and not r.failed]


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


def _warnings(incident: Incident, command: Command, again: list[CommandRecord], target: str) -> tuple[str, ...]:
    """What a person should know before running this."""
    found = []
    if again:
        times = f", {len(again)} times" if len(again) > 1 else ""
        found.append(f"already run at {minute(again[0].at)}{times}: {again[0].outcome}")
    targets = [record.started.target for record in incident.commands.values() if record.started.target]
    if target and targets and targets[-1] != target:
        found.append(f"the target differs from the last command's, {targets[-1]}")
    if command.runnable is Runnable.PROBABLE:
        found.append("the runbook does not say that this is a command; it looks like one")
    return tuple(found)
