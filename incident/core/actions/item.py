"""One action item, as its row in the table has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

TYPES = ("prevent", "detect", "mitigate", "respond", "learn")  # what an action is good for, the next time
_NOTHING = frozenset({"", "todo", "tbd", "tba", "-", "–", "—", "?", "n/a", "none", "nobody", "unknown"})
_UNWRITTEN = re.compile(r"\W*todo\b", re.IGNORECASE)


class Outcome(StrEnum):
    """What became of an action item, as its last review says."""

    OPEN = "not shipped"
    SHIPPED = "shipped"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ActionItem:
    """A row of the table. Every text is clean, and "" where the row says nothing."""

    number: str  # as the row has it; the row's place where it has none
    action: str
    type: str
    owner: str
    due_text: str
    ticket: str
    line: int  # in the file, from 1
    outcome: Outcome = Outcome.OPEN
    why: str = ""  # what the review says beside the outcome

    @property
    def due(self) -> date | None:
        """The day it is due; None when there is none, or it is not written as 2026-05-30."""
        try:
            return date.fromisoformat(self.due_text) if len(self.due_text) == 10 else None
        except ValueError:
            return None

    @property
    def open(self) -> bool:
        """Neither shipped nor dropped."""
        return self.outcome is Outcome.OPEN

    @property
    def written(self) -> bool:
        """Somebody put an action in the row; a row of the empty draft says TODO."""
        return bool(self.action) and not _UNWRITTEN.match(self.action)

    def overdue(self, today: date) -> bool:
        """Open, and its day has passed."""
        return self.open and self.due is not None and self.due < today


def said(text: str) -> str:
    """What a cell says; "" for TODO and everything else that means nothing yet."""
    return "" if text.strip().lower() in _NOTHING else text.strip()
