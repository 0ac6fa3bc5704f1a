"""What every fact is, and the one for what this version cannot read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened. Values are str, int, float, bool, datetime, tuples and string maps, so that JSON holds them."""

    kind: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Unrecognised(Fact):
    """A fact of a newer version, or one that can no longer be read; kept as it is."""

    kind: ClassVar[str] = "unrecognised"
    named: str
    body: Mapping[str, Any] = field(default_factory=dict)
