"""What past incidents say of the alerts that opened them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from incident.core import facts
from incident.core.alert import Severity
from incident.core.check.health import Past
from incident.core.event import Event
from incident.core.facts import Remark
from incident.core.incident import Incident

BACK = timedelta(days=90)
_SAID = frozenset({Remark.FINDING.value, Remark.DECISION.value, Remark.UPDATE.value})


def past_of(known: Iterable[tuple[Incident, Sequence[Event]]], now: datetime) -> dict[str, Past]:
    """What became of the pages of every alert, from incidents that are over. Drills do not count."""
    counts: dict[str, list[int]] = {}
    for incident, events in known:
        if incident.drill or not is_over(incident, now):
            continue
        idle, bare = not anything_done(incident, events), not incident.runbooks
        for name in {one.fired.name for one in incident.alerts.values() if one.as_alert().severity is Severity.PAGE}:
            count = counts.setdefault(name, [0, 0, 0])
            count[0] += 1
            count[1] += idle
            count[2] += bare
    return {name: Past(count[0], count[1], count[2], BACK.days) for name, count in counts.items()}


def is_over(incident: Incident, now: datetime) -> bool:
    """Whether it was opened lately, and nobody is at it any more."""
    if incident.opened_at is None or now - incident.opened_at > BACK:
        return False
    return not incident.is_open or (not incident.firing and now - incident.opened_at > timedelta(days=1))


def anything_done(incident: Incident, events: Sequence[Event]) -> bool:
    """Whether somebody ran a command, ticked a step, took a way, or wrote down what was found, decided or told."""
    if incident.commands or incident.ticks or incident.choices:
        return True
    kinds = (facts.StepTicked, facts.BranchChosen, facts.HandedOver, facts.SeveritySet)
    return any(
        isinstance(event.fact, kinds) or (isinstance(event.fact, facts.Remarked) and event.fact.remark in _SAID)
        for event in events
    )
