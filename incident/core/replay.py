"""A past incident walked forward: what was known at each turn, what was done then, and nothing that came later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incident.core import facts
from incident.core.event import Event
from incident.core.facts import Remark

# What somebody decided to do; before each of these a reader is asked what they would do.
_TURNS = (
    facts.BranchChosen, facts.CommandStarted, facts.HandedOver, facts.IncidentClosed, facts.SeveritySet,
    facts.UpdateSent,
)  # fmt: skip
_SAID = frozenset({Remark.DECISION.value, Remark.FINDING.value, Remark.UPDATE.value})


@dataclass(frozen=True, slots=True)
class Turn:
    """What came to be known since the turn before, and what was done then; None after the last thing that was done."""

    news: tuple[Event, ...]
    deed: Event | None = None
    along: tuple[Event, ...] = ()  # what was written down just before the deed and would give it away


def turns(events: Sequence[Event]) -> tuple[Turn, ...]:
    """An incident's turns, in the order in which things came to be known: when they were recorded, not when they were.

    A row that was written down an hour later, and a correction, are known from that hour on.
    """
    found: list[Turn] = []
    news: list[Event] = []
    for event in sorted(events, key=lambda event: (event.recorded_at, event.id)):
        if is_deed(event):
            along: list[Event] = []
            while news and isinstance(news[-1].fact, facts.ParameterSet):
                along.insert(0, news.pop())
            found.append(Turn(tuple(news), event, tuple(along)))
            news = []
        else:
            news.append(event)
    if news:
        found.append(Turn(tuple(news)))
    return tuple(found)


def known(told: Sequence[Turn], count: int, *, deed: bool) -> tuple[Event, ...]:
    """What was known at a turn, from 0; with what was done then, or without."""
    before = [event for turn in told[:count] for event in (*turn.news, *_done(turn))]
    here = told[count] if count < len(told) else Turn(())
    return (*before, *here.news, *(_done(here) if deed else ()))


def _done(turn: Turn) -> tuple[Event, ...]:
    return (*turn.along, turn.deed) if turn.deed is not None else ()


def is_deed(event: Event) -> bool:
    """Whether somebody decided to do this, and it was not the tool's own bookkeeping."""
    if isinstance(event.fact, facts.Remarked):
        return event.fact.remark in _SAID and event.source == "person"
    return isinstance(event.fact, _TURNS)
