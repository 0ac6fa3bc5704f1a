"""What changed: a deploy, a configuration, the infrastructure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cmp_to_key

_SHA = re.compile(r"[0-9a-f]{7,64}\Z")


class ChangeKind(StrEnum):
    """What sort of thing changed."""

    DEPLOY = "deploy"
    CONFIG = "config"
    INFRASTRUCTURE = "infrastructure"


class Outcome(StrEnum):
    """What became of a change."""

    DONE = "done"
    FAILED = "failed"  # it may have changed a part
    RUNNING = "running"  # it was not over when the feed was asked


@dataclass(frozen=True, slots=True)
class Change:
    """One change, finished at `at` (UTC), or begun then while it runs. Every text is clean; what is unknown is "" ."""

    at: datetime
    version: str  # what runs since
    previous: str = ""  # what ran before
    kind: ChangeKind = ChangeKind.DEPLOY
    service: str = ""
    by: str = ""
    title: str = ""
    link: str = ""
    source: str = ""
    began: datetime | None = None  # when it began, where that is known
    outcome: Outcome = Outcome.DONE
    dated: bool = True  # False: `at` is when it was seen; when it happened is not known

    @property
    def name(self) -> str:
        """`deploy a1b2c3d`, as it is spoken of."""
        return f"{self.kind} {self.version or 'of an unknown version'}"

    @property
    def key(self) -> str:
        """Identity within what the feeds tell."""
        return f"{self.source} {self.at.isoformat()} {self.kind} {self.service} {self.version} {self.previous}"


def before(changes: tuple[Change, ...], start: datetime) -> tuple[Change, ...]:
    """The changes that were there, or under way, when it started, newest first."""
    return newest_first(c for c in changes if min(c.began or c.at, c.at) <= start)


def newest_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes by when they were over; of two in the same second the one that replaced the other comes first."""
    return tuple(sorted(changes, key=cmp_to_key(_newest_first)))


def same_version(one: str, other: str) -> bool:
    """Whether two names mean one version: the same text, or a commit's long and short name."""
    if one == other:
        return bool(one)
    short, long = sorted((one, other), key=len)
    return bool(_SHA.match(short) and _SHA.match(long)) and long.startswith(short)


def _newest_first(one: Change, other: Change) -> int:
    """Of two in the same second, the one that replaced the other is the newer."""
    if one.at != other.at:
        return -1 if one.at > other.at else 1
    if one.previous == other.version and one.version != other.previous:
        return -1
    return 1 if other.previous == one.version and other.version != one.previous else 0
