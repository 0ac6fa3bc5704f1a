"""What a change feed may use of the world around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from incident.core.ports import Clock


@dataclass(frozen=True, slots=True)
class Around:
    """Time, the environment, and how long one look may take."""

    clock: Clock
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 10.0  # seconds
