"""What the clocks did is seen from two samples of both, and from what a server says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.clocks import Sample, between, warning, worth_recording
from tests.fakes import START

BEAT = 5.0


def sample(wall: float, steady: float) -> Sample:
    return Sample(START + timedelta(seconds=wall), steady)


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    ("wall", "steady", "seen"),
    [
        (5, 5, ()),
        (7, 5, ()),
        (14, 14.9, ()),
        (-3600 + 5, 5, (facts.ClockStepped(-3600.0),)),
        (86_405, 5, (facts.ClockStepped(86_400.0),)),
        (7.1, 5, (facts.ClockStepped(2.1),)),
        (725, 725, (facts.Paused(720.0),)),
        (4325, 725, (facts.Paused(720.0), facts.ClockStepped(3600.0))),
    ],
)
def test_a_jump_and_a_pause_are_told_apart(wall: float, steady: float, seen: tuple[facts.Fact, ...]) -> None:
    assert between(sample(0, 0), sample(wall, steady), BEAT) == seen


@pytest.mark.parametrize(
    ("offset", "recorded", "worth"),
    [
        (None, None, False),
        (0.2, None, True),
        (1.2, 0.2, False),
        (1.3, 0.2, True),
        (-1.0, 0.2, True),
        (None, 3.0, False),
    ],
)
def test_an_offset_is_recorded_when_it_is_new_or_has_changed(
    offset: float | None, recorded: float | None, worth: bool
) -> None:
    assert worth_recording("am", offset, recorded) == (facts.ClockChecked("am", offset) if worth and offset else None)


@pytest.mark.parametrize(
    ("offset", "said"),
    [
        (None, ""), (2.0, ""), (-2.0, ""), (2.4, "am's clock is 2.4s ahead of this machine's"),
        (-90.0, "am's clock is 1m30s behind this machine's"),
    ],
)  # fmt: skip
def test_a_clock_that_is_far_off_is_warned_about(offset: float | None, said: str) -> None:
    assert warning("am", offset) == said
