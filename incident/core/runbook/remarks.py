"""Comments behind a step, `<!-- incident: confirm verify=4 undo=5 -->`, put onto the step and its commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from incident.core.runbook.attributes import dangling, of_comment, stricter
from incident.core.runbook.model import PLAIN, Attributes, Command, Runnable, Step

MAX_AWAY = 2  # lines between a step and a comment that still belongs to it


def with_remarks(
    remarks: Sequence[tuple[int, str]], steps: Sequence[Step], commands: Sequence[Command]
) -> tuple[tuple[Step, ...], tuple[Command, ...], list[str]]:
    """The steps and commands with what these comments, given by (line, text), say; and what is odd about them."""
    marked = list(steps)
    made = list(commands)
    notices: list[str] = []
    for line, text in remarks:
        written = of_comment(text)
        notices += [f"line {line}: {odd}" for odd in written.odd]
        place = _step_at(line, steps)
        if place is None:
            notices.append(f"line {line}: this comment belongs to no step")
            continue
        step = marked[place]
        marked[place] = replace(step, attributes=stricter(step.attributes, written.attributes))
        for index in step.commands:
            made[index] = safer(made[index], written.attributes)
    notices += _dangling(marked, made)
    return tuple(marked), tuple(made), notices


def safer(command: Command, attributes: Attributes) -> Command:
    """The command with further attributes; they may forbid it or make it ask, and nothing else."""
    runnable = command.runnable
    if not attributes.run:
        runnable = Runnable.NO
    elif runnable is Runnable.YES and (attributes.confirm or attributes.interactive or attributes.background):
        runnable = Runnable.PROBABLE
    return replace(command, runnable=runnable, attributes=stricter(command.attributes, attributes))


def _step_at(line: int, steps: Sequence[Step]) -> int | None:
    """The innermost step around a line, or the one that ends shortly before it."""
    around = [place for place, step in enumerate(steps) if step.lines[0] <= line <= step.lines[1]]
    if around:
        return max(around, key=lambda place: steps[place].lines[0])
    before = [place for place, step in enumerate(steps) if step.lines[1] < line <= step.lines[1] + MAX_AWAY]
    return max(before, key=lambda place: steps[place].lines, default=None)


def _dangling(steps: Sequence[Step], commands: Sequence[Command]) -> list[str]:
    numbers = [step.number for step in steps]
    names = [command.attributes.name for command in commands] + [step.attributes.name for step in steps]
    marked = [(step.lines[0], step.attributes) for step in steps if step.attributes != PLAIN]
    marked += [(command.line, command.attributes) for command in commands if command.attributes != PLAIN]
    lost = [(line, dangling(attributes, numbers, names)) for line, attributes in marked]
    said = dict.fromkeys(f"line {line}: there is no step or block `{word}`" for line, word in lost if word)
    return list(said)
