"""The curated timeline: milestones first, then what was done and decided, then what else there is room for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from incident.core import facts
from incident.core.event import Event
from incident.core.facts import Milestone, Remark, Tick
from incident.core.incident import AlertRecord, CommandRecord, Incident
from incident.core.postmortem.findings import ending
from incident.core.postmortem.model import Line, Piece, Words, prose
from incident.core.postmortem.roles import Roles
from incident.core.runbook.model import Effect
from incident.core.text import one_line, shorten, visible
from incident.core.timeline import row_of
from incident.core.when import minute

MOST = 20  # rows; nine of ten published timelines have fewer
_CELL = 300  # characters of one cell

_LABELS = {
    Milestone.STARTED: "Impact began",
    Milestone.DETECTED: "Detected",
    Milestone.ACKNOWLEDGED: "Acknowledged",
    Milestone.MITIGATED: "Mitigated",
    Milestone.RESOLVED: "Resolved",
}

# How much a row tells a reader who was not there; the lowest number goes in first.
_MILESTONE, _DEED, _NEWS, _NOTE, _DETAIL = range(5)
_REMARKS = {Remark.DECISION.value: _DEED, Remark.FINDING.value: _NEWS, Remark.UPDATE.value: _NEWS}


@dataclass(frozen=True, slots=True)
class _Ranked:
    rank: int
    line: Line


def curated(
    incident: Incident, events: Sequence[Event], roles: Roles, changed: Collection[str] = ()
) -> tuple[Line, ...]:
    """At most `MOST` rows of events in the timeline's order; a command and its end are one row.

    `changed` are the ids of those that were corrected, which is said of them.
    """
    teller = _Teller(incident, roles)
    told = [
        _remarked(ranked, event, corrected=event.id in changed)
        for event in events
        if (ranked := teller.tell(event)) is not None
    ]
    kept: list[int] = []
    for rank in range(_DETAIL + 1):
        places = [place for place, ranked in enumerate(told) if ranked.rank == rank]
        kept += _both_ends(places, MOST - len(kept))
    return tuple(told[place].line for place in sorted(kept))


def _remarked(ranked: _Ranked, event: Event, *, corrected: bool) -> _Ranked:
    """The row with the end of its range, and the word that it is not as it was first written."""
    said = [f"until {minute(event.until)}"] if event.until is not None else []
    if corrected and not isinstance(event.fact, facts.Tombstone):
        said.append("corrected")
    if not said:
        return ranked
    line = ranked.line
    return replace(ranked, line=replace(line, what=(*line.what, Piece(f" ({', '.join(said)})"))))


def _both_ends(places: list[int], room: int) -> list[int]:
    """How it began and how it ended: when there is no room for all, the middle goes."""
    if len(places) <= room:
        return places
    first = (room + 1) // 2
    return places[:first] + places[len(places) - (room - first) :]


class _Teller:
    """Puts events into rows. Remembers which milestones it has told, so that each is told once."""

    def __init__(self, incident: Incident, roles: Roles) -> None:
        self._incident = incident
        self._roles = roles
        self._open = dict(incident.milestones())

    def tell(self, event: Event) -> _Ranked | None:
        fact = event.fact
        milestone = self._milestone(event)
        if milestone is not None:
            del self._open[milestone]
            line = Line(
                event.at, event.precision, self._milestone_words(event), _LABELS[milestone], self._evidence(event)
            )
            return _Ranked(_MILESTONE, line)
        if isinstance(fact, facts.CommandStarted):
            return self._command(event, fact, self._incident.commands.get(fact.run))
        rank = _rank(fact)
        if rank is None:
            return None
        return _Ranked(rank, Line(event.at, event.precision, self._words(event), evidence=self._evidence(event)))

    def _milestone(self, event: Event) -> Milestone | None:
        """The milestone that this event gave its time, if it has not been told yet."""
        fact, by_hand = event.fact, self._incident.marks
        if isinstance(fact, facts.MilestoneSet) and fact.milestone in _LABELS:
            found, at = Milestone(fact.milestone), event.at
        elif isinstance(fact, facts.AlertFired) and Milestone.DETECTED not in by_hand:
            record = self._incident.alerts.get(fact.occurrence, AlertRecord(fact))
            found, at = Milestone.DETECTED, record.start.at
        elif isinstance(fact, facts.Acknowledged) and Milestone.ACKNOWLEDGED not in by_hand:
            found, at = Milestone.ACKNOWLEDGED, event.at
        elif isinstance(fact, facts.AlertResolved) and Milestone.RESOLVED not in by_hand:
            found, at = Milestone.RESOLVED, event.at
        else:
            return None
        return found if found in self._open and self._open[found].at == at else None

    def _milestone_words(self, event: Event) -> Words:
        fact, clean = event.fact, self._roles.prose
        match fact:
            case facts.AlertFired():
                return self._fired(fact)
            case facts.AlertResolved(name=name):
                return prose(f"{clean(name) or '(alert without a name)'} cleared")
            case facts.Acknowledged():
                return prose(f"by {self._roles.of(event.writer.person)}")
            case _:
                return prose(shorten(clean(getattr(fact, "why", "")), _CELL))

    def _fired(self, fact: facts.AlertFired) -> Words:
        alert = AlertRecord(fact).as_alert()
        where = " ".join(filter(None, (alert.service, alert.place)))
        on = f" on {where}" if where else ""
        return prose(shorten(self._roles.prose(f"{alert.title} fired{on} (severity: {fact.severity})"), _CELL))

    def _command(self, event: Event, fact: facts.CommandStarted, record: CommandRecord | None) -> _Ranked:
        outcome = ending(record) if record else "outcome unknown"
        lines = [line.strip() for line in fact.text.splitlines() if line.strip()] or [""]
        more = f" (and {len(lines) - 1} more lines, see Commands)" if len(lines) > 1 else ""
        step = shorten(self._roles.prose(fact.step_text), 80)
        what = (
            *prose(f"{step}: " if step else ""),
            Piece(shorten(self._roles.code(visible(lines[0])), _CELL), code=True),
            Piece(f"{more}, {self._roles.prose(outcome)}"),
        )
        ended = record is not None and record.ended_at is not None
        harmless = fact.effect == Effect.READS.value
        line = Line(event.at, event.precision, what, evidence=self._evidence(event), events=2 if ended else 1)
        return _Ranked(_NEWS if harmless else _DEED, line)

    def _words(self, event: Event) -> Words:
        fact, clean = event.fact, self._roles.prose
        match fact:
            case facts.AlertFired():
                return self._fired(fact)
            case facts.Joined(person, _):
                return prose(_capital(f"{self._roles.of(person)} joined"))
            case facts.Acknowledged(name=name):
                return prose(f"{clean(name)} acknowledged by {self._roles.of(event.writer.person)}")
            case facts.HandedOver(to, text):
                said = f": {clean(text)}" if text else ""
                giver = event.writer.person
                by = f" from {self._roles.of(giver)}" if giver != to else ""
                return prose(shorten(f"Handover{by} to {self._roles.of(to)}{said}", _CELL))
            case facts.Imported(text):
                return prose(shorten(clean(text), _CELL))
            case facts.Tombstone(_, person, _, why):
                because = f": {clean(why)}" if why else ""
                return prose(shorten(f"Redacted by {self._roles.of(person)}{because}", _CELL))
            case facts.MilestoneSet(milestone, why):
                because = f": {clean(why)}" if why else ""
                return prose(shorten(f"Set as {milestone}, which was set again later{because}", _CELL))
            case facts.ChangeSeen(change, version, previous, _, title):
                was = f" (was {clean(previous)})" if previous else ""
                about = f": {clean(title)}" if title else ""
                return prose(shorten(_capital(f"{clean(change)} {clean(version)}{was}{about}"), _CELL))
        row = row_of(event)
        return prose(shorten(_capital(clean(f"{row.lead}: {row.text}" if row.text else row.lead)), _CELL))

    def _evidence(self, event: Event) -> Words:
        """Where it can be looked up, and who did it when there are several."""
        found: list[Words] = []
        match event.fact:
            case facts.AlertFired(fingerprint=fingerprint, source=source):
                found.append(prose(f"{self._roles.prose(source)} {one_line(fingerprint)[:8]}".strip()))
            case facts.SignalSeen(query=query) if query:
                found.append((Piece(shorten(self._roles.code(one_line(query)), _CELL), code=True),))
            case facts.ChangeSeen(source=source, link=link):
                found += [prose(self._roles.prose(source)), prose(self._roles.prose(link, 200))]
            case facts.CommandStarted(origin=origin, directory=directory, target=target):
                found.append(prose(self._roles.prose(origin)))
                if directory:
                    found.append((Piece("in "), Piece(self._roles.code(visible(directory)), code=True)))
                found.append(prose(f"target {self._roles.prose(target)}" if target else ""))
            case facts.Imported():
                found.append(prose(f"imported from {self._roles.prose(event.source)}"))
        if self._roles.several and isinstance(event.fact, _DONE_BY_SOMEBODY):
            found.append(prose(self._roles.of(event.writer.person)))
        return _joined([words for words in found if words])


_DONE_BY_SOMEBODY = (
    facts.CommandStarted, facts.Remarked, facts.BranchChosen, facts.StepTicked, facts.MilestoneSet, facts.SeveritySet,
    facts.IncidentClosed, facts.IncidentReopened, facts.HandedOver, facts.LinkAdded,
)  # fmt: skip


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _joined(parts: list[Words]) -> Words:
    joined: Words = ()
    for words in parts:
        joined = (*joined, Piece("; "), *words) if joined else words
    return joined


def _rank(fact: facts.Fact) -> int | None:
    """Where a row stands when not all fit; None for bookkeeping, which stays in the log."""
    match fact:
        case facts.Remarked(remark=remark):
            return _REMARKS.get(remark, _NOTE)
        case facts.BranchChosen() | facts.ChangeSeen() | facts.HandedOver():
            return _DEED
        case facts.AlertFired() | facts.AlertResolved() | facts.SeveritySet():
            return _NEWS
        case facts.ApprovalAnswered() | facts.ClockStepped() | facts.Paused() | facts.Tombstone():
            return _NOTE
        case facts.Imported() | facts.LinkAdded():
            return _NOTE
        case facts.IncidentClosed() | facts.IncidentReopened() | facts.MilestoneSet() | facts.BranchUnchosen():
            return _NEWS
        case facts.Joined() | facts.Acknowledged() | facts.SourceLost() | facts.SourceBack():
            return _NOTE
        case facts.StepTicked(tick=tick):
            return _NOTE if tick == Tick.SKIPPED else None
        case facts.UpdateSent():
            return _NEWS
        case facts.EscalationDue() | facts.EscalationTold() | facts.UpdateFailed() | facts.UpdateLost():
            return _NOTE
        case facts.SignalSeen() | facts.RunbookOpened():
            return _DETAIL
        case _:
            return None
