"""A value is beyond its limit only on the side that alerts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident.core.signals import Signal


@pytest.mark.parametrize(
    ("value", "limit", "floor", "beyond"),
    [
        (7.1, 7.0, False, True),
        (7.0, 7.0, False, False),
        (3.0, 7.0, False, False),
        (3.0, 7.0, True, True),
        (7.0, 7.0, True, False),
        (9.0, 7.0, True, False),
        (None, 7.0, False, False),
        (None, 7.0, True, False),
        (9.0, None, False, False),
        (0.0, None, True, False),
    ],
)
def test_a_value_is_beyond_a_ceiling_above_it_and_beyond_a_floor_below_it(
    value: float | None, limit: float | None, floor: bool, beyond: bool
) -> None:
    signal = Signal("errors", value, "%", datetime(2026, 5, 2, tzinfo=UTC), limit=limit, floor=floor)
    assert signal.beyond is beyond
