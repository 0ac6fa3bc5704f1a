"""A runbook as a checklist within an incident: how each step stands, what is next, how much is done."""

from __future__ import annotations

from enum import StrEnum

from incident.core.facts import Tick
from incident.core.incident import CommandRecord, Incident
from incident.core.runbook import Branch, Runbook, Step


class Standing(StrEnum):
    """How a step stands."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not applicable"
    UNDECIDED = "undecided"  # its fork is not yet decided
    NOT_TAKEN = "not taken"  # another way was


_TICKED = {Tick.DONE: Standing.DONE, Tick.SKIPPED: Standing.SKIPPED, Tick.NOT_APPLICABLE: Standing.NOT_APPLICABLE}


def standing(step: Step, incident: Incident) -> Standing:
    """How a step stands in an incident."""
    ticked = incident.ticks.get(step.id)
    if ticked is not None:
        return _TICKED[ticked.tick]
    return standing_of_branch(step.branch, incident) if step.branch else Standing.OPEN


def standing_of_branch(branch: Branch, incident: Incident) -> Standing:
    """OPEN when this way was taken, NOT_TAKEN when another was, else UNDECIDED."""
    choice = incident.choices.get(branch.fork)
    if choice is None:
        return Standing.UNDECIDED
    return Standing.OPEN if choice.branch == branch.id else Standing.NOT_TAKEN


def progress(runbook: Runbook, incident: Incident) -> tuple[int, int]:
    """Steps that are dealt with, and all that count: those of ways not taken do not."""
    stands = [standing(step, incident) for step in runbook.steps]
    counted = [stand for stand in stands if stand is not Standing.NOT_TAKEN]
    return sum(stand not in (Standing.OPEN, Standing.UNDECIDED) for stand in counted), len(counted)


def other_ways(runbook: Runbook, branch: Branch) -> tuple[str, ...]:
    """The conditions of the ways of the same fork that are not this one."""
    return tuple(
        section.branch.condition
        for section in runbook.sections
        if section.branch and section.branch.fork == branch.fork and section.branch.id != branch.id
    )


def next_step(runbook: Runbook, incident: Incident, after: str = "") -> Step | None:
    """The first open step behind one, or from the beginning."""
    steps = list(runbook.steps)
    begin = next((at + 1 for at, step in enumerate(steps) if step.id == after), 0)
    return next((step for step in steps[begin:] if standing(step, incident) is Standing.OPEN), None)


def last_run(step: Step, incident: Incident) -> CommandRecord | None:
    """The last command that was run from a step."""
    runs = [record for record in incident.commands.values() if record.step == step.id]
    return runs[-1] if runs else None
