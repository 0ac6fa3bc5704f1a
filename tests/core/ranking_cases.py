"""The labelled cases of the ranking, read from their file, and what the ranking makes of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from incident.core.alert import Alert, Severity
from incident.core.change import Change, ChangeKind, Outcome
from incident.core.change_rank import Trouble, ranked, trouble_of
from incident.core.strict_yaml import load

FILE = Path(__file__).with_suffix(".yaml")
START = datetime(2026, 5, 2, 3, 3, 12, tzinfo=UTC)
NONE = "none"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Case:
    """A story: what fired, what changed, and what it turned out to be."""

    name: str
    trouble: Trouble
    changes: tuple[Change, ...]
    likely: str

    @property
    def found(self) -> str:
        """What the ranking names first, `none` when nothing is likely."""
        first = next(iter(ranked(self.changes, self.trouble)), None)
        return first.change.version if first is not None and first.likely else NONE


def cases() -> list[Case]:
    """Every case of the file."""
    return [_case(told) for told in load(FILE.read_text(encoding="utf-8"), FILE.name).data]


def _case(told: dict[str, Any]) -> Case:
    alert = Alert("f", "Alert", Severity.PAGE, START, "am", labels={k: str(v) for k, v in told["alert"].items()})
    started = _at(told["started"]) if "started" in told else None
    changes = tuple(_change(one) for one in told["changes"])
    return Case(told["case"], trouble_of([alert], START, started), changes, str(told["likely"]))


def _change(told: dict[str, Any]) -> Change:
    return Change(
        at=_at(told["at"]),
        version=str(told["version"]),
        previous=str(told.get("previous", "")),
        kind=ChangeKind(told.get("kind", "deploy")),
        service=told.get("service", ""),
        began=_at(told["began"]) if "began" in told else None,
        outcome=Outcome(told.get("outcome", "done")),
        dated=told.get("dated", True),
    )


def _at(text: str) -> datetime:
    """`-5m20s` or `+4m` from the alert's start."""
    seconds = sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)([smhd])", text))
    return START + timedelta(seconds=-seconds if text.startswith("-") else seconds)
