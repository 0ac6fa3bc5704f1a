"""What a drill's post-mortem has besides: its figures, and what was said right after it."""

from __future__ import annotations

from collections.abc import Sequence

from incident.core import facts
from incident.core.event import Event
from incident.core.postmortem.model import Piece, Words
from incident.core.postmortem.roles import Roles


def figures(events: Sequence[Event], roles: Roles) -> tuple[Words, ...]:
    """How the drill went, as it was told last; none for an incident."""
    told = [event.fact for event in events if isinstance(event.fact, facts.DrillDebriefed)]
    if not told:
        return ()
    return tuple((Piece(f"{roles.prose(name)}: {roles.prose(value)}"),) for name, value in told[-1].figures.items())


def hotwash(events: Sequence[Event], roles: Roles) -> tuple[Words, ...]:
    """Each question with what was said to it last."""
    said = {event.fact.question: event.fact.answer for event in events if isinstance(event.fact, facts.HotWashAnswered)}
    return tuple((Piece(f"{roles.prose(question)} {roles.prose(answer)}"),) for question, answer in said.items())
