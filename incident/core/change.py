"""What changed: a deploy, a configuration, the infrastructure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    return tuple(sorted((c for c in changes if c.at <= start), key=lambda c: c.at, reverse=True))
