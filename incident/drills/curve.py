"""A signal's course: what moves it, how fast, and its noise."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Mapping

from incident.drills.model import Condition, Scalar, SignalPlan

NOISE_STEP = 5  # seconds for which the noise stays the same


class Curve:
    """A signal's course: straight lines from one target to the next, with noise that only time and the seed decide."""

    def __init__(self, plan: SignalPlan, seed: int, state: Mapping[str, Scalar]) -> None:
        self._plan = plan
        self._seed = seed
        self._back = 0.0
        self._starts = [-math.inf]
        self._legs: list[tuple[float, float, float]] = [(plan.base, plan.base, 0.0)]  # from, to, seconds
        self.aim(state, min((ramp.since for ramp in plan.ramps if holds(ramp.condition, state)), default=0.0))

    def aim(self, state: Mapping[str, Scalar], at: float) -> None:
        """Turn to where the state wants it from `at` on."""
        ramp = next((ramp for ramp in self._plan.ramps if holds(ramp.condition, state)), None)
        to, over = (ramp.to, ramp.over) if ramp else (self._plan.base, self._back)
        if ramp:
            self._back = ramp.back
        if to != self._legs[-1][1]:
            leg = (self._clean(at), to, over)
            self._starts.append(at)
            self._legs.append(leg)

    def value(self, at: float) -> float:
        """Its value as it would be read, never below zero."""
        key = f"{self._seed}:{self._plan.name}:{math.floor(at / NOISE_STEP)}"
        part = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") / 0xFFFFFFFF
        return max(0.0, self._clean(at) * (1 + self._plan.noise * (2 * part - 1)))

    def _clean(self, at: float) -> float:
        place = bisect_right(self._starts, at) - 1
        begin, to, over = self._legs[place]
        gone = at - self._starts[place]
        return to if gone >= over else begin + (to - begin) * gone / over


def holds(condition: Condition, state: Mapping[str, Scalar]) -> bool:
    """Whether every variable has its value."""
    return all(state[name] == value for name, value in condition.items())
