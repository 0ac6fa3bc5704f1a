"""The events that everybody may see: per kind of fact a list of what stays. What is not listed is left out.

Left out whole: notes, another tool's rows, links, parameters, what was told to whom, and kinds that this version does
not know. Commands and queries keep that they were there, and how they ended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from incident.core import facts
from incident.core.event import Event, Writer
from incident.core.facts import Fact, Remark
from incident.core.incident import Incident, fold
from incident.core.postmortem.everybody import people
from incident.core.postmortem.labels import Labels
from incident.core.timeline import as_corrected

_PROSE, _ID, _PERSON, _WORD, _NUMBERS, _SERVICE, _ORIGIN = (
    "prose",
    "id",
    "person",
    "word",
    "numbers",
    "service",
    "origin",
)
# Labels that say which service and which part of it; all others may name machines.
_TELLING = frozenset({"service", "app", "application", "job", "path", "endpoint", "route", "handler", "method"})
_SOURCES = frozenset({"tool", "person", "drill"})
_BY_HAND = "typed by hand"
_ODD = re.compile(r"[\d.:_-]")  # in a part of a target's name, a sign that it is more than a word

Stays = Mapping[str, str]
_COMMAND = "=a command"  # a text that begins with = stands in the place of whatever was there

# Strings and lists of a kind that are not named here come out empty; numbers, times and switches stay.
STAYS: dict[type[Fact], Stays] = {
    facts.AlertFired: {
        "occurrence": _ID, "name": _PROSE, "severity": _WORD, "source": "=monitoring", "labels": _SERVICE,
    },
    facts.AlertResolved: {"occurrence": _ID, "name": _PROSE},
    facts.Acknowledged: {"occurrence": _ID, "name": _PROSE},
    facts.SourceLost: {"source": "=a source of monitoring", "reason": "=no answer"},
    facts.SourceBack: {"source": "=a source of monitoring"},
    facts.SignalSeen: {"name": _PROSE, "unit": _WORD},
    facts.Measured: {"name": _WORD, "unit": _WORD, "how": _PROSE, "trend": _NUMBERS},
    facts.ChangeSeen: {
        "change": _WORD, "version": _PROSE, "previous": _PROSE, "service": _PROSE, "source": "=change feed",
    },
    facts.CommandStarted: {
        "run": _ID, "text": _COMMAND, "step": _ID, "step_text": _PROSE, "effect": _WORD, "origin": _ORIGIN,
        "expected": _PROSE, "approval": _ID,
    },
    facts.CommandFinished: {"run": _ID},
    facts.CommandFailed: {"run": _ID, "reason": "=it did not start"},
    facts.CommandLost: {"run": _ID, "reason": "=its end was not seen"},
    facts.CommandVerified: {"run": _ID, "text": _PROSE},
    facts.CommandAttached: {"run": _ID, "step": _ID, "step_text": _PROSE},
    facts.ApprovalAsked: {"request": _ID, "text": _COMMAND, "effect": _WORD},
    facts.ApprovalAnswered: {"request": _ID, "person": _PERSON},
    facts.ApprovalWithdrawn: {"request": _ID},
    facts.IncidentOpened: {"title": _PROSE, "severity": _WORD, "service": _PROSE},
    facts.IncidentClosed: {"reason": _PROSE},
    facts.IncidentReopened: {"reason": _PROSE},
    facts.SeveritySet: {"severity": _WORD},
    facts.Remarked: {"remark": _WORD, "text": _PROSE},
    facts.Joined: {"person": _PERSON, "role": _PROSE},
    facts.HandedOver: {"to": _PERSON},
    facts.MilestoneSet: {"milestone": _WORD, "why": _PROSE},
    facts.RunbookOpened: {"path": "id:runbook", "reason": "=for this alert"},
    facts.BranchChosen: {"group": _ID, "branch": _ID, "condition": _PROSE, "reason": _PROSE},
    facts.BranchUnchosen: {"group": _ID, "condition": _PROSE},
    facts.StepTicked: {"step": _ID, "text": _PROSE, "tick": _WORD},
    facts.StepUnticked: {"step": _ID, "text": _PROSE},
    facts.UpdateSent: {"send": _ID, "text": _PROSE, "to": "=the users"},
    facts.Tombstone: {"was": _WORD, "person": _PERSON},
    facts.ClockStepped: {},
    facts.Paused: {},
}  # fmt: skip


def for_public(incident: Incident, events: Sequence[Event]) -> tuple[Incident, list[Event]]:
    """The incident and its events as everybody may see them; corrections have taken effect and are not told."""
    ordered, _ = as_corrected(events)
    labels = Labels(people(incident, ordered), _hosts(ordered))
    stay = _Staying(labels)
    shown = [stay.event(event) for event in ordered if _may_be_seen(event.fact)]
    return fold(incident.id, shown), shown


def _may_be_seen(fact: Fact) -> bool:
    if isinstance(fact, facts.Remarked):
        return fact.remark != Remark.NOTE
    return type(fact) in STAYS


def _hosts(events: Iterable[Event]) -> Iterable[str]:
    """What is known to name a machine or a place. A service's name is what everybody may read."""
    known = list(events)
    services = {event.fact.service for event in known if isinstance(event.fact, facts.IncidentOpened)}
    services |= {record[key] for record in _labels_of(known) for key in _TELLING if key in record}
    yield from (name for name in _named(known) if name not in services)


def _labels_of(events: Iterable[Event]) -> Iterable[Mapping[str, str]]:
    return (event.fact.labels for event in events if isinstance(event.fact, facts.AlertFired))


def _named(events: Iterable[Event]) -> Iterable[str]:
    for event in events:
        yield event.writer.host
        match event.fact:
            case facts.AlertFired(source=source, labels=labels):
                yield source
                for key, value in labels.items():
                    if key not in _TELLING | {"alertname", "severity"}:
                        yield from (value, value.partition(":")[0])
            case facts.SourceLost(source=source) | facts.SourceBack(source=source) | facts.ClockChecked(source=source):
                yield source
            case facts.CommandStarted(target=target, directory=directory):
                yield from (target, directory, *(part for part in re.split(r"[\s/]+", target) if _ODD.search(part)))
            case _:
                pass


class _Staying:
    """Turns facts into what stays of them, with the same label for the same thing."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._ways: dict[str, Callable[[Any], Any]] = {
            _PROSE: labels.prose,
            _ID: lambda value: labels.of("ref", value),
            _PERSON: self._person,
            _WORD: lambda value: labels.prose(value)[:40],
            _NUMBERS: lambda values: tuple(value for value in values if _is_number(value)),
            _SERVICE: lambda known: {key: labels.prose(value) for key, value in known.items() if key in _TELLING},
            _ORIGIN: lambda value: _BY_HAND if value.startswith(_BY_HAND) else "runbook" if value else "",
            "id:runbook": lambda value: labels.of("runbook", value),
        }

    def event(self, event: Event) -> Event:
        """The event with what stays of its fact; who wrote it, and where, are labels."""
        writer = Writer(
            self._person(event.writer.person), self._labels.of("host", event.writer.host),
            self._labels.of("process", event.writer.node),
        )  # fmt: skip
        source = event.source if event.source in _SOURCES else "monitoring"
        return replace(event, fact=self._fact(event.fact), writer=writer, source=source)

    def _person(self, name: str) -> str:
        return self._labels.of("person", name).replace(" ", "-")

    def _fact(self, fact: Fact) -> Fact:
        stays = STAYS[type(fact)]
        return replace(
            fact, **{f.name: self._value(getattr(fact, f.name), stays.get(f.name, "")) for f in fields(fact)}
        )

    def _value(self, value: Any, way: str) -> Any:
        if way.startswith("="):
            return way[1:]
        if way:
            return self._ways[way](value)
        if isinstance(value, str):
            return ""
        if isinstance(value, tuple):
            return ()
        return {} if isinstance(value, Mapping) else value


def _is_number(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True
