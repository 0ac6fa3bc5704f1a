"""The timeline as people read it: one row per event, in words. Screen, command line and post-mortem share it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from incident.core import facts
from incident.core.event import Event, to_json
from incident.core.signals import amount
from incident.core.when import Precision, clock, minute, run_time


class Tone(StrEnum):
    """What a row means to its reader; the screen gives each a mark and a colour."""

    PLAIN = "plain"
    QUIET = "quiet"  # bookkeeping
    PAGE = "page"
    TICKET = "ticket"
    GOOD = "good"
    BAD = "bad"
    JUDGED = "judged"  # what a person decided or believes
    COMMAND = "command"
    MILESTONE = "milestone"


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

    @property
    def time(self) -> str:
        """`03:04`, with `~` before a time that is only about right."""
        return ("~" if self.precision is Precision.ABOUT else "") + minute(self.at)

    @property
    def line(self) -> str:
        """Lead and text together."""
        return f"{self.lead} {self.text}".strip()


def in_order(events: Iterable[Event]) -> list[Event]:
    """By when it happened, then by when it was recorded."""
    return sorted(events, key=lambda event: event.order)


def rows(events: Iterable[Event]) -> list[Row]:
    """Every event as a row, in the timeline's order."""
    return [row_of(event) for event in in_order(events)]


def row_of(event: Event) -> Row:
    """One event in words."""
    tone, lead, text = _words(event.fact)
    who = event.writer.person if event.source in ("person", "tool") else event.source
    return Row(event.id, event.at, event.precision, tone, lead, text, who)


def as_json(event: Event) -> dict[str, Any]:
    """An event for `incident timeline --json`: its record, and the words the screen shows."""
    return {**to_json(event), "words": row_of(event).line}


_REMARKS = {
    facts.Remark.NOTE.value: Tone.PLAIN,
    facts.Remark.FINDING.value: Tone.JUDGED,
    facts.Remark.DECISION.value: Tone.JUDGED,
    facts.Remark.UPDATE.value: Tone.JUDGED,
}


def _words(fact: facts.Fact) -> tuple[Tone, str, str]:
    return _alert_words(fact) or _runbook_words(fact) or _command_words(fact) or _other_words(fact)


def _alert_words(fact: facts.Fact) -> tuple[Tone, str, str] | None:
    match fact:
        case facts.AlertFired(name=name, severity=severity):
            tone = {"page": Tone.PAGE, "ticket": Tone.TICKET}.get(severity, Tone.PLAIN)
            return tone, severity, f"{name or '(alert without a name)'} fired"
        case facts.AlertResolved(name=name):
            return Tone.GOOD, "resolved", name or "(alert without a name)"
        case facts.Acknowledged(name=name):
            return Tone.MILESTONE, "acknowledged", name
        case facts.SourceLost(source, reason):
            return Tone.BAD, "source lost", f"{source}: {reason}"
        case facts.SourceBack(source):
            return Tone.QUIET, "source back", source
        case facts.SignalSeen(name, value, unit, _, limit):
            beside = f", limit {amount(limit, unit)}" if limit is not None else ""
            return Tone.PLAIN, "signal", f"{name} {amount(value, unit)}{beside}"
        case facts.ChangeSeen(change, version, previous, _, title):
            was = f" (was {previous})" if previous else ""
            about = f": {title}" if title else ""
            return Tone.PLAIN, change, f"{version}{was}{about}"
        case _:
            return None


def _runbook_words(fact: facts.Fact) -> tuple[Tone, str, str] | None:
    match fact:
        case facts.RunbookOpened(path, _, _, reason):
            return Tone.QUIET, "runbook", f"{path} opened, {reason}"
        case facts.BranchChosen(condition=condition, reason=reason):
            because = f" - {reason}" if reason else ""
            return Tone.JUDGED, "branch", f"{condition}{because}"
        case facts.BranchUnchosen(condition=condition):
            return Tone.JUDGED, "branch", f"{condition}: choice taken back"
        case facts.StepTicked(_, text, tick):
            return Tone.GOOD if tick == facts.Tick.DONE else Tone.QUIET, tick, text
        case facts.StepUnticked(_, text):
            return Tone.QUIET, "open again", text
        case facts.ParameterSet(name, value, origin):
            return Tone.QUIET, "parameter", f"{name} = {value} ({origin})"
        case _:
            return None


def _command_words(fact: facts.Fact) -> tuple[Tone, str, str] | None:
    match fact:
        case facts.CommandStarted(text=text):
            return Tone.COMMAND, "$", text
        case facts.CommandFinished() as end:
            meaning = f" ({end.meaning})" if end.meaning else ""
            how = "stopped" if end.stopped else "ended"
            ending = f"exit {end.exit}{meaning}, {run_time(end.seconds)}"
            last = next((line for line in reversed(end.tail or end.head) if line.strip()), "")
            said = f": {last.strip()}" if last else ""
            return Tone.GOOD if end.exit == 0 else Tone.BAD, how, f"{ending}{said}"
        case facts.CommandFailed(reason=reason):
            return Tone.BAD, "did not start", reason
        case facts.CommandLost(reason=reason):
            return Tone.BAD, "outcome unknown", reason
        case _:
            return None


def _other_words(fact: facts.Fact) -> tuple[Tone, str, str]:
    match fact:
        case facts.IncidentOpened(title, severity):
            return Tone.QUIET, "opened", f"{severity} {title}"
        case facts.IncidentClosed(reason):
            return Tone.MILESTONE, "closed", reason
        case facts.IncidentReopened(reason):
            return Tone.MILESTONE, "open again", reason
        case facts.Remarked(remark, text):
            return _REMARKS.get(remark, Tone.PLAIN), remark, text
        case facts.Joined(person, role):
            return Tone.QUIET, "joined", f"{person} as {role}"
        case facts.MilestoneSet(milestone, why):
            return Tone.MILESTONE, milestone, why
        case facts.SeveritySet(severity):
            return Tone.PLAIN, "severity", severity
        case facts.Exported(path):
            return Tone.QUIET, "exported", path
        case facts.Unrecognised(named):
            return Tone.QUIET, named, "(written by another version)"
        case _:
            return Tone.PLAIN, fact.kind, ""


def stamp(at: datetime, precision: Precision) -> str:
    """A row's time with seconds when they are known."""
    if precision is Precision.SECOND:
        return clock(at)
    return ("~" if precision is Precision.ABOUT else "") + minute(at)
