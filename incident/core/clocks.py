"""What the clocks did: a wall clock that jumped, a console that stood still, a server that has another time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incident.core.facts import ClockChecked, ClockStepped, Fact, Paused
from incident.core.when import run_time

STEP = 2.0  # seconds by which the wall clock may drift between two samples
PAUSE = 10.0  # seconds beyond the beat after which the console did not run
WARN = 2.0  # seconds that a server's clock may be off
CHANGED = 1.0  # seconds by which an offset has to change to be recorded again


@dataclass(frozen=True, slots=True)
class Sample:
    """Both clocks, read together.

    `steady` are seconds that never step; best those that count on while the machine sleeps: of a clock that stops then,
    a sleep looks like a jump of the wall clock.
    """

    wall: datetime
    steady: float


def between(before: Sample, after: Sample, beat: float) -> tuple[Fact, ...]:
    """What happened between two samples that were to be `beat` seconds apart: a pause, a step, both or nothing."""
    passed = after.steady - before.steady
    jumped = (after.wall - before.wall).total_seconds() - passed
    found: list[Fact] = []
    if passed - beat > PAUSE:
        found.append(Paused(round(passed - beat, 1)))
    if abs(jumped) > STEP:
        found.append(ClockStepped(round(jumped, 1)))
    return tuple(found)


def worth_recording(source: str, offset: float | None, recorded: float | None) -> ClockChecked | None:
    """An offset as a fact, when it is the first that is known or has changed since the one that was recorded.

    Seconds; positive when the server's clock is ahead.
    """
    if offset is None or (recorded is not None and abs(offset - recorded) <= CHANGED):
        return None
    return ClockChecked(source, round(offset, 1))


def warning(source: str, offset: float | None) -> str:
    """What to say of a server whose clock is far from this machine's; "" when it is not."""
    if offset is None or abs(offset) <= WARN:
        return ""
    return f"{source}'s clock is {run_time(abs(offset))} {'ahead of' if offset > 0 else 'behind'} this machine's"
