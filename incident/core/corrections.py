"""Corrections: what a row reads and when it happened, after somebody looked at it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from incident.core import facts
from incident.core.event import Event
from incident.core.facts import Fact
from incident.core.when import Moment, Precision
from incident.errors import UsageError

# Only what a person wrote can be worded otherwise; what the tool saw or ran stays as it was seen.
_WORDS: dict[type[Fact], str] = {
    facts.BranchChosen: "reason",
    facts.CommandVerified: "text",
    facts.HandedOver: "text",
    facts.Imported: "text",
    facts.IncidentClosed: "reason",
    facts.IncidentReopened: "reason",
    facts.LinkAdded: "text",
    facts.MilestoneSet: "why",
    facts.Remarked: "text",
}


@dataclass(frozen=True, slots=True)
class Correction:
    """How a row stands after all corrections of it."""

    at: datetime
    precision: Precision
    until: datetime | None
    source: str  # who says so
    text: str  # "" leaves the words


def corrections_in(events: Iterable[Event]) -> dict[str, Correction]:
    """What stands, by the id of the row. The one recorded last does; one of a correction is one of its row."""
    found: dict[str, Correction] = {}
    rows: dict[str, str] = {}  # the row that a correction is of, by the correction's id
    made = ((event, event.fact) for event in events if isinstance(event.fact, facts.Corrected))
    for event, fact in sorted(made, key=lambda one: one[0].id):
        row = rows[event.id] = rows.get(fact.event, fact.event)
        text = fact.text or (found[row].text if row in found else "")
        found[row] = Correction(event.at, event.precision, event.until, event.source, text)
    return found


def corrections_of(events: Iterable[Event], row: str) -> tuple[str, ...]:
    """The ids of the corrections of a row, which have its words too and have to go when it is redacted."""
    rows = {row}
    made = ((event.id, event.fact) for event in events if isinstance(event.fact, facts.Corrected))
    for identity, fact in sorted(made, key=lambda one: one[0]):
        if fact.event in rows:
            rows.add(identity)
    return tuple(sorted(rows - {row}))


def to_redact_with(events: Sequence[Event], row: str) -> tuple[str, ...]:
    """The ids of the rows that hold what a row holds: its corrections; and how a command ended, with its lines."""
    fact = next((event.fact for event in events if event.id == row), None)
    run = fact.run if isinstance(fact, facts.CommandStarted) else None
    ends = [e.id for e in events if isinstance(e.fact, facts.CommandFinished) and e.fact.run == run]
    corrections = (one for each in (*ends, row) for one in corrections_of(events, each))
    return (*corrections, *ends)


def run_of(fact: Fact) -> str:
    """The run whose output a row is about, "" for any other row."""
    about = facts.CommandStarted | facts.CommandFinished | facts.CommandLost
    return fact.run if isinstance(fact, about) else ""


def corrected(event: Event, correction: Correction | None) -> Event:
    """The event with the time and words that stand."""
    if correction is None:
        return event
    fact = reworded(event.fact, correction.text) if correction.text else event.fact
    return replace(event, at=correction.at, precision=correction.precision, until=correction.until, fact=fact)


def words_of(fact: Fact) -> str | None:
    """The words of a fact that a person wrote, None for a fact that has no such words."""
    name = _WORDS.get(type(fact))
    return None if name is None else str(getattr(fact, name))


def reworded(fact: Fact, text: str) -> Fact:
    """The fact with other words, where a person wrote them; any other fact as it is."""
    name = _WORDS.get(type(fact))
    return fact if name is None else replace(fact, **{name: text})


def correction_of(
    events: Sequence[Event], row: str, text: str, moment: Moment | None, why: str = ""
) -> tuple[facts.Corrected, Moment]:
    """A correction as a fact, and the time that the row has with it.

    Without a text the words stay, without a moment the time. Raises UsageError for what cannot be corrected, and when
    nothing would change.
    """
    event = _row_of(events, row)
    if isinstance(event.fact, facts.Tombstone | facts.Redacted):
        raise UsageError("this row is about what was redacted; nothing of it is left to correct")
    stands = corrected(event, corrections_in(events).get(event.id))
    words, time = words_of(stands.fact), Moment(stands.at, stands.precision, stands.until)
    if text and words is None:
        raise UsageError("only what a person wrote can be worded otherwise", hint="correct its time, or write a note")
    changed = text if text != words else ""
    if not changed and moment in (None, time):
        raise UsageError("the row reads like this already", hint="give other words or another time")
    return facts.Corrected(event.id, changed, why), moment or time


def _row_of(events: Sequence[Event], row: str) -> Event:
    """The row itself, also for the id of a correction of it. Raises UsageError."""
    known = {event.id: event for event in events}
    passed: set[str] = set()
    while row in known and row not in passed:
        passed.add(row)
        fact = known[row].fact
        if not isinstance(fact, facts.Corrected):
            return known[row]
        row = fact.event
    raise UsageError("there is no such row in this incident", hint="`incident timeline --ids` names them")
