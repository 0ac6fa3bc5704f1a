"""What a timeline says of who was told: due times that passed, people who know, updates and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from incident.core import facts
from incident.core.event import Event, Writer


class Outcome(StrEnum):
    """What became of an update."""

    UNDER_WAY = "being sent"
    SENT = "sent"
    FAILED = "not sent"
    UNKNOWN = "outcome unknown"


@dataclass(frozen=True, slots=True)
class Send:
    """One try to send an update."""

    send: str
    text: str
    to: str
    at: datetime
    writer: Writer
    outcome: Outcome = Outcome.UNDER_WAY
    reason: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Escalated:
    """What is recorded of a due time: that it passed, and that somebody was told."""

    due_at: datetime | None = None
    told_at: datetime | None = None


ENDS: tuple[type[facts.Fact], ...] = (facts.UpdateSent, facts.UpdateFailed, facts.UpdateLost)
TELLING: tuple[type[facts.Fact], ...] = (facts.EscalationDue, facts.EscalationTold, facts.UpdateBegun, *ENDS)
GRAVES = frozenset(end.kind for end in ENDS)


def take_escalation(known: dict[str, Escalated], event: Event) -> None:
    """Take in one more fact about due times; the first of a kind stands."""
    match event.fact:
        case facts.EscalationDue(key):
            before = known.get(key, Escalated())
            known[key] = replace(before, due_at=before.due_at or event.at)
        case facts.EscalationTold(key):
            before = known.get(key, Escalated())
            known[key] = replace(before, told_at=before.told_at or event.at)


def take_update(known: dict[str, Send], event: Event) -> None:
    """Take in one more fact about updates; that one arrived outweighs every other end."""
    match event.fact:
        case facts.UpdateBegun(send, text, to):
            known[send] = Send(send, text, to, event.at, event.writer)
        case facts.UpdateSent(send):
            _end(known, send, Outcome.SENT, "", event.at)
        case facts.UpdateFailed(send, reason):
            _end(known, send, Outcome.FAILED, reason, event.at)
        case facts.UpdateLost(send, reason):
            _end(known, send, Outcome.UNKNOWN, reason, event.at)
        case facts.Tombstone():  # the end of one was redacted: nothing says that it has to be sent again
            waiting = next((one.send for one in known.values() if one.outcome is Outcome.UNDER_WAY), "")
            _end(known, waiting, Outcome.SENT, "", event.at)


def _end(known: dict[str, Send], send: str, outcome: Outcome, reason: str, at: datetime) -> None:
    if send in known and known[send].outcome is not Outcome.SENT:
        known[send] = replace(known[send], outcome=outcome, reason=reason, ended_at=at)
