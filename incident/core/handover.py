"""What the next person has to know: who holds it, what is open, believed, decided and tried, and what ends when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from incident.core import facts
from incident.core.checklist import Standing, progress, standing
from incident.core.escalation import Communication, Stand
from incident.core.event import Event
from incident.core.facts import Milestone, Remark
from incident.core.incident import LEAD, RESPONDER, CommandRecord, Incident, Mark
from incident.core.postmortem.findings import ending, stated_seconds
from incident.core.runbook import Effect, Runbook
from incident.core.text import one_line
from incident.core.timeline import as_corrected
from incident.core.when import Moment, Precision, iso, split_time, understood
from incident.errors import UsageError


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to know, and since when or for when; `code` is text to be read character by character."""

    at: datetime
    text: str
    code: str = ""
    who: str = ""
    precision: Precision = Precision.SECOND


@dataclass(frozen=True, slots=True)
class Steps:
    """How far the runbook is worked through on the way that was taken."""

    path: str = ""
    done: int = 0
    total: int = 0
    open: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()  # the conditions of ways between which nobody has chosen
    skipped: tuple[str, ...] = ()
    unknown: str = ""  # why the steps are not known


@dataclass(frozen=True, slots=True)
class Handover:
    """An incident as the next person needs it, as of `at` (UTC)."""

    id: str
    title: str
    severity: str
    is_open: bool
    drill: bool
    at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    lead: str  # "" when nobody has it
    lead_since: datetime | None
    taken: bool  # whoever has the lead said so
    others: Mapping[str, str]  # role by person
    milestones: Mapping[Milestone, Mark]
    firing: tuple[Item, ...]
    lost_sources: tuple[Item, ...]
    steps: Steps
    running: tuple[Item, ...]
    unknown: tuple[Item, ...]  # commands whose outcome nobody knows
    waiting: tuple[Item, ...]  # for a second person
    believed: tuple[Item, ...]
    decided: tuple[Item, ...]
    tried: tuple[Item, ...]
    only_read: int  # commands that only read and ended well, which are not among the tried ones
    ends: tuple[Item, ...]
    update: Item | None  # the last one that was sent


def giving(incident: Incident, to: str, text: str = "") -> facts.HandedOver:
    """Giving the lead to somebody, as a fact. Raises UsageError."""
    if not to:
        raise UsageError("say who gets the lead")
    if incident.lead == to:
        raise UsageError(f"{to} has the lead already")
    return facts.HandedOver(to, text)


def taking(incident: Incident, events: Sequence[Event], person: str) -> tuple[facts.Fact, ...]:
    """Taking the lead, as facts; from whoever has it, when it was not handed over. Raises UsageError."""
    joined = facts.Joined(person, LEAD)
    if incident.lead != person:
        before = f"taken over from {incident.lead}" if incident.lead else "nobody had it"
        return facts.HandedOver(person, before), joined
    _, taken = _held(events, person)
    if taken:
        raise UsageError(f"{person} has the lead already")
    return (joined,)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who joins: who, as what, and when; without a moment it is now."""

    person: str
    role: str
    moment: Moment | None = None

    def words(self, now: datetime) -> str:
        """`lee joined as scribe at 03:05 UTC`."""
        at = f" at {understood(self.moment, now)}" if self.moment else ""
        return f"{self.person} joined as {self.role}{at}"


def arrival(typed: str, incident: Incident, person: str, now: datetime) -> Arrival:
    """Who joins, from a typed line: a time, a name, a role, each of which may be missing; no name is `person`.

    A comma ends a name of several words. Raises UsageError for what would take the lead from somebody, and for one
    who is there already.
    """
    line = one_line(typed).strip()
    moment, rest = split_time(line, now)
    name, comma, role = (part.strip() for part in rest.partition(","))
    if not comma:
        name, _, role = name.partition(" ")
    found = Arrival(name or person, role.strip() or RESPONDER, moment)
    known = incident.people.get(found.person)
    if known == found.role:
        raise UsageError(f"{found.person} is in it already, as {known}", hint="a role may stand behind the name")
    if known == LEAD:
        raise UsageError(f"{found.person} has the lead", hint="h gives it to somebody else first")
    if found.role == LEAD:
        raise UsageError("the lead is handed over, not joined", hint="h gives it, and takes it")
    return found


def is_offered(incident: Incident, events: Sequence[Event], person: str) -> bool:
    """Whether this person was given the lead and has not said yet that they take it."""
    return incident.lead == person and not _held(events, person)[1]


def recipient(typed: str) -> tuple[str, str]:
    """Who gets the lead, and what is said with it, from a typed line; a comma ends a name of several words."""
    line = one_line(typed).strip()
    name, comma, text = line.partition(",")
    if not comma:
        name, _, text = line.partition(" ")
    return name.strip(), text.strip()


def handover(
    incident: Incident,
    events: Sequence[Event],
    runbook: Runbook | str,
    now: datetime,
    communication: Communication | None = None,
) -> Handover:
    """Everything that the log says of it; `runbook` is the one in use, or why it cannot be read.

    `communication` is whom to tell and when, as far as somebody said it.
    """
    told, _ = as_corrected(events)
    since, taken = _held(told, incident.lead)
    commands = list(incident.commands.values())
    ended = [record for record in commands if not record.open and not _unknown(record)]
    quiet = [record for record in ended if _only_read(record)]
    remarks = [(event, event.fact) for event in told if isinstance(event.fact, facts.Remarked)]
    updates = [_said(event, fact.text) for event, fact in remarks if fact.remark == Remark.UPDATE]
    updates += [_said(event, event.fact.text) for event in told if isinstance(event.fact, facts.UpdateSent)]
    return Handover(
        id=incident.id,
        title=incident.title,
        severity=incident.severity,
        is_open=incident.is_open,
        drill=incident.drill,
        at=now,
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        lead=incident.lead,
        lead_since=since,
        taken=taken,
        others={person: role for person, role in incident.people.items() if person != incident.lead},
        milestones=incident.milestones(),
        firing=tuple(Item(r.start.at, f"{r.fired.severity} {r.name}") for r in incident.firing),
        lost_sources=_lost(told),
        steps=_steps(incident, runbook),
        running=tuple(_command(record, "running") for record in commands if record.open),
        unknown=(
            *(_command(record, "outcome unknown") for record in commands if _unknown(record)),
            *_unsure(communication),
        ),
        waiting=tuple(
            Item(one.at, "waits for a second person", one.asked.text, one.requester)
            for one in incident.approvals.values()
            if not one.answered and not one.withdrawn
        ),
        believed=tuple(_said(event, fact.text) for event, fact in remarks if fact.remark == Remark.FINDING),
        decided=_decided(told),
        tried=tuple(_command(record, ending(record)) for record in ended if record not in quiet),
        only_read=len(quiet),
        ends=tuple(
            sorted(
                (
                    *(item for record in commands if record.open and (item := _expected_end(record))),
                    *_due(communication),
                ),
                key=lambda item: item.at,
            )
        ),
        update=max(updates, key=lambda item: item.at, default=None),
    )


def as_json(value: Any) -> Any:
    """A handover, or any part of one, as JSON values."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return iso(value)
        case Mapping():
            return {str(as_json(key)): as_json(item) for key, item in value.items()}
        case tuple():
            return [as_json(item) for item in value]
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    return value


def _held(events: Sequence[Event], lead: str) -> tuple[datetime | None, bool]:
    """Since when somebody has the lead, and whether that person said so."""
    since: datetime | None = None
    taken = False
    for event in sorted(events, key=lambda one: one.id):
        match event.fact:
            case facts.HandedOver(to) if to == lead:
                since, taken = event.at, False
            case facts.Joined(person, role) if person == lead and role == LEAD:
                since, taken = since or event.at, True
    return since, taken


def _unknown(record: CommandRecord) -> bool:
    return bool(record.lost) and not record.verified


def _only_read(record: CommandRecord) -> bool:
    ended_well = record.finished is not None and record.finished.exit == 0
    return ended_well and record.started.effect == Effect.READS.value


def _command(record: CommandRecord, how: str) -> Item:
    return Item(record.at, how, record.started.text, record.writer.person)


def _expected_end(record: CommandRecord) -> Item | None:
    stated = stated_seconds(record.started.expected)
    if stated is None:
        return None
    end = record.at + timedelta(seconds=stated)
    return Item(end, f"by then it should have ended ({record.started.expected})", record.started.text)


def _unsure(communication: Communication | None) -> tuple[Item, ...]:
    """An update of which nobody knows whether it arrived."""
    unsure = communication.unsure if communication else None
    if unsure is None:
        return ()
    return (
        Item(unsure.at, f"nobody knows whether this update reached {unsure.to}", unsure.text, unsure.writer.person),
    )


def _due(communication: Communication | None) -> tuple[Item, ...]:
    """Whom to tell and when, and when the next update is due."""
    if communication is None:
        return ()
    found = [
        Item(one.at, f"{'nobody has told' if one.stand is Stand.PASSED else 'tell'} {one.rule.who} ({one.rule.text})")
        for one in communication.dues
        if one.at is not None and one.stand in (Stand.WAITING, Stand.PASSED)
    ]
    if communication.next_update is not None:
        found.append(Item(communication.next_update, "the next update is due"))
    return tuple(found)


def _said(event: Event, text: str) -> Item:
    return Item(event.at, text, who=event.writer.person, precision=event.precision)


def _decided(events: Sequence[Event]) -> tuple[Item, ...]:
    """Decisions and the ways that were chosen and not taken back."""
    found: list[Item] = []
    ways: dict[str, Item] = {}
    for event in events:
        match event.fact:
            case facts.Remarked(remark, text) if remark == Remark.DECISION:
                found.append(_said(event, text))
            case facts.BranchChosen(group=group, condition=condition, reason=reason):
                because = f" - {reason}" if reason else ""
                ways[group] = _said(event, f"the way: {condition}{because}")
            case facts.BranchUnchosen(group=group):
                ways.pop(group, None)
    return tuple(sorted((*found, *ways.values()), key=lambda item: item.at))


def _lost(events: Sequence[Event]) -> tuple[Item, ...]:
    lost: dict[str, Item] = {}
    for event in events:
        match event.fact:
            case facts.SourceLost(source, reason):
                lost[source] = Item(event.at, f"{source} does not answer: {reason}")
            case facts.SourceBack(source):
                lost.pop(source, None)
    return tuple(lost.values())


def _steps(incident: Incident, runbook: Runbook | str) -> Steps:
    if isinstance(runbook, str):
        return Steps(incident.runbook, unknown=runbook)
    stands = [(step, standing(step, incident)) for step in runbook.steps]
    done, total = progress(runbook, incident)
    undecided = (step.branch.condition for step, how in stands if how is Standing.UNDECIDED and step.branch)
    return Steps(
        path=incident.runbook,
        done=done,
        total=total,
        open=tuple(step.text for step, how in stands if how is Standing.OPEN),
        undecided=tuple(dict.fromkeys(undecided)),
        skipped=tuple(step.text for step, how in stands if how is Standing.SKIPPED),
    )
