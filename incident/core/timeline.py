"""The timeline as people read it: one row per event, in words. Screen, command line and post-mortem share it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from incident.core.corrections import Correction, corrected, corrections_in
from incident.core.event import Event, to_json
from incident.core.facts import Tombstone
from incident.core.when import Precision, clock, iso, minute
from incident.core.wording import Category, Tone, category, subject, words

__all__ = [
    "Category",
    "Folded",
    "Row",
    "Tone",
    "as_corrected",
    "as_json",
    "folded",
    "in_order",
    "row_of",
    "rows",
    "stamp",
]

LEAST = 3  # rows that are worth folding into one


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the timeline. `lead` is the word that says what it is; `text` is the rest."""

    id: str
    at: datetime
    precision: Precision
    tone: Tone
    lead: str
    text: str
    who: str  # the person, or the source that said so
    category: Category = Category.BOOKKEEPING
    until: datetime | None = None  # the end of a range
    subject: str = ""  # what repeats when rows like this one come again
    corrected: bool = False
    was: str = ""  # what it read, and when, before it was corrected

    @property
    def time(self) -> str:
        """`03:04`, with `~` before a time that is only about right, and `…` behind the beginning of a range."""
        return _marked(minute(self.at), self.precision)

    @property
    def stamp(self) -> str:
        """The time with all that is known of it: `03:04:41`, `02:58..03:01`."""
        return stamp(self.at, self.precision, self.until)

    @property
    def line(self) -> str:
        """Lead and text together; a corrected row says that it is one."""
        return f"{self.lead} {self.text}{' (corrected)' if self.corrected else ''}".strip()


@dataclass(frozen=True, slots=True)
class Folded:
    """Rows that stand as one: bookkeeping, or the middle of what came again and again."""

    rows: tuple[Row, ...]

    @property
    def at(self) -> datetime:
        """When the first of them happened."""
        return self.rows[0].at

    @property
    def line(self) -> str:
        """`12 quiet rows`, `5 more of AcmeLatencyP99`."""
        return (
            f"{len(self.rows)} more of {named}" if (named := self.rows[0].subject) else f"{len(self.rows)} quiet rows"
        )


def in_order(events: Iterable[Event]) -> list[Event]:
    """By when it happened, then by when it was recorded."""
    return sorted(events, key=lambda event: event.order)


def as_corrected(events: Sequence[Event]) -> tuple[list[Event], frozenset[str]]:
    """The events with the times and words that stand, in the timeline's order; and the ids of those that changed."""
    standing = corrections_in(events)
    return in_order(corrected(event, standing.get(event.id)) for event in events), frozenset(
        event.id for event in events if event.id in standing
    )


def rows(events: Iterable[Event]) -> list[Row]:
    """Every event as a row, corrected where somebody did, in the timeline's order."""
    known = list(events)
    standing = corrections_in(known)
    return sorted((row_of(event, standing.get(event.id)) for event in known), key=lambda row: (row.at, row.id))


def row_of(event: Event, correction: Correction | None = None) -> Row:
    """One event in words, as the correction has it."""
    if correction is None:
        return _row(event)
    before, row = _row(event), _row(corrected(event, correction))
    if isinstance(event.fact, Tombstone):  # what the correction said went with the rest
        return row
    return replace(row, corrected=True, was=f"{before.stamp} {before.line}")


def folded(rows: Iterable[Row], least: int = LEAST) -> list[Row | Folded]:
    """The rows with the noise folded: runs of quiet ones, and the middle of an alert or signal that comes again.

    `least` is how many rows are worth it. A corrected row always stands by itself.
    """
    shown: list[Row | Folded] = []
    for (noise, repeated), run in groupby(rows, key=_noise):
        these = tuple(run)
        ends = 1 if repeated else 0  # how it began and how it stands
        middle = these[ends : len(these) - ends]
        if noise and len(middle) >= least:
            shown += [*these[:ends], Folded(middle), *these[len(these) - ends :]]
        else:
            shown += these
    return shown


def as_json(event: Event, row: Row | None = None) -> dict[str, Any]:
    """An event for `incident timeline --json`: its record as it was written, and the words that the screen shows."""
    shown = row or row_of(event)
    data = {**to_json(event), "words": shown.line, "category": shown.category.value}
    if not shown.corrected:
        return data
    until = iso(shown.until) if shown.until else None
    now = {"at": iso(shown.at), "precision": shown.precision.value, "until": until, "was": shown.was}
    return {**data, "corrected": now}


def stamp(at: datetime, precision: Precision, until: datetime | None = None) -> str:
    """A row's time with seconds when they are known: `03:04:41`, `03:04`, `~03:04`, `02:58..03:01`."""
    if precision is Precision.SECOND:
        return clock(at)
    if precision is Precision.RANGE and until is not None:
        return f"{_edge(at)}..{_edge(until)}"
    return _marked(minute(at), precision)


def _row(event: Event) -> Row:
    tone, lead, text = words(event.fact)
    who = event.writer.person if event.source in ("person", "tool") else event.source
    return Row(
        event.id,
        event.at,
        event.precision,
        tone,
        lead,
        text,
        who,
        category(event.fact),
        event.until,
        subject(event.fact),
    )


def _noise(row: Row) -> tuple[str, bool]:
    """What rows have to share to be folded, "" for one that never is; and whether they repeat something."""
    if row.corrected:
        return "", False
    if row.subject:
        return f"{row.category} {row.subject}", True
    return ("quiet", False) if row.tone is Tone.QUIET else ("", False)


def _marked(time: str, precision: Precision) -> str:
    if precision is Precision.RANGE:
        return f"{time}…"
    return f"~{time}" if precision is Precision.ABOUT else time


def _edge(at: datetime) -> str:
    return clock(at) if at.second else minute(at)
