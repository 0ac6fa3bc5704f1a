"""Everybody in a log, by role."""

from __future__ import annotations

from collections.abc import Sequence

from incident.core import facts
from incident.core.event import Event
from incident.core.incident import Incident
from incident.core.postmortem.roles import Roles, roles_of


def people(incident: Incident, events: Sequence[Event]) -> Roles:
    """The roles of everybody in the log, in the order in which they came."""
    named = (person for event in events for person in (event.writer.person, _named(event.fact)) if person)
    return roles_of(incident.people, named)


def names(incident: Incident, events: Sequence[Event]) -> tuple[str, ...]:
    """Everybody's names, for whoever has to know them."""
    return tuple(people(incident, events).titles)


def _named(fact: facts.Fact) -> str:
    """The person whom a fact names and who need not have written anything here."""
    match fact:
        case facts.ApprovalAnswered(person=person) | facts.Tombstone(person=person) | facts.Imported(who=person):
            return person
        case _:
            return ""
