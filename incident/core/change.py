"""What changed: a deploy, a configuration, the infrastructure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cmp_to_key


class ChangeKind(StrEnum):
    """What sort of thing changed."""

    DEPLOY = "deploy"
    CONFIG = "config"
    INFRASTRUCTURE = "infrastructure"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, finished at `at` (UTC). Every text is clean; what is unknown is "" ."""

    at: datetime
    version: str  # what runs since
    previous: str = ""  # what ran before
    kind: ChangeKind = ChangeKind.DEPLOY
    service: str = ""
    by: str = ""
    title: str = ""
    link: str = ""
    source: str = ""


def before(changes: tuple[Change, ...], start: datetime) -> tuple[Change, ...]:
    """The changes that were there when it started, newest first."""
    return tuple(sorted((c for c in changes if c.at <= start), key=cmp_to_key(_newest_first)))


def _newest_first(one: Change, other: Change) -> int:
    """Of two in the same second, the one that replaced the other is the newer."""
    if one.at != other.at:
        return -1 if one.at > other.at else 1
    if one.previous == other.version and one.version != other.previous:
        return -1
    return 1 if other.previous == one.version and other.version != one.previous else 0
