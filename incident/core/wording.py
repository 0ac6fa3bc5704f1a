"""Every fact in words: what it is, what it says, how loud it is, and what it is filed under."""

from __future__ import annotations

from enum import StrEnum

from incident.core import facts
from incident.core.clocks import WARN, warning
from incident.core.facts import Fact
from incident.core.signals import amount
from incident.core.when import run_time


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


class Category(StrEnum):
    """What a row is filed under, for a filter."""

    ALERTS = "alerts"
    COMMANDS = "commands"
    STEPS = "steps"
    REMARKS = "remarks"
    MILESTONES = "milestones"
    PEOPLE = "people"
    CHANGES = "changes"
    SIGNALS = "signals"
    IMPORTED = "imported"
    BOOKKEEPING = "bookkeeping"


_CATEGORIES: dict[type[Fact], Category] = {
    **dict.fromkeys(
        (facts.AlertFired, facts.AlertResolved, facts.Acknowledged, facts.SourceLost, facts.SourceBack),
        Category.ALERTS,
    ),
    **dict.fromkeys(
        (facts.CommandStarted, facts.CommandFinished, facts.CommandFailed, facts.CommandLost, facts.CommandVerified,
         facts.CommandAttached, facts.ApprovalAsked, facts.ApprovalAnswered, facts.ApprovalWithdrawn),
        Category.COMMANDS,
    ),
    **dict.fromkeys(
        (facts.RunbookOpened, facts.BranchChosen, facts.BranchUnchosen, facts.StepTicked, facts.StepUnticked),
        Category.STEPS,
    ),
    **dict.fromkeys((facts.Remarked, facts.LinkAdded, facts.HotWashAnswered), Category.REMARKS),
    **dict.fromkeys((facts.UpdateBegun, facts.UpdateSent, facts.UpdateFailed, facts.UpdateLost), Category.REMARKS),
    **dict.fromkeys((facts.EscalationDue, facts.EscalationTold), Category.PEOPLE),
    **dict.fromkeys(
        (facts.IncidentOpened, facts.IncidentClosed, facts.IncidentReopened, facts.MilestoneSet, facts.SeveritySet),
        Category.MILESTONES,
    ),
    **dict.fromkeys((facts.Joined, facts.HandedOver), Category.PEOPLE),
    facts.ChangeSeen: Category.CHANGES,
    facts.SignalSeen: Category.SIGNALS,
    facts.Measured: Category.SIGNALS,
    facts.Imported: Category.IMPORTED,
    **dict.fromkeys(
        (facts.ParameterSet, facts.Corrected, facts.Redacted, facts.ClockChecked, facts.ClockStepped, facts.Paused,
         facts.Exported, facts.DrillBegun, facts.DrillDebriefed, facts.Unrecognised),
        Category.BOOKKEEPING,
    ),
}  # fmt: skip
NOTICED = 60.0  # seconds from which on it is said that a due time was noticed late
_REMARKS = {
    facts.Remark.NOTE.value: Tone.PLAIN,
    facts.Remark.FINDING.value: Tone.JUDGED,
    facts.Remark.DECISION.value: Tone.JUDGED,
    facts.Remark.UPDATE.value: Tone.JUDGED,
}


def words(fact: Fact) -> tuple[Tone, str, str]:
    """What a fact means to its reader, the word that says what it is, and the rest of its line."""
    return (
        _alert_words(fact)
        or _runbook_words(fact)
        or _command_words(fact)
        or _approval_words(fact)
        or _people_words(fact)
        or _telling_words(fact)
        or _drill_words(fact)
        or _record_words(fact)
        or (Tone.PLAIN, fact.kind, "")
    )


def category(fact: Fact) -> Category:
    """What a row of this fact is filed under; what is left of a redacted one stays where it was."""
    if isinstance(fact, facts.Tombstone):
        return _CATEGORIES.get(facts.KINDS.get(fact.was, Fact), Category.BOOKKEEPING)
    return _CATEGORIES.get(type(fact), Category.BOOKKEEPING)


def subject(fact: Fact) -> str:
    """What repeats when rows like this one come again and again: an alert, a signal, a source; "" for any other."""
    match fact:
        case facts.AlertFired(name=name) | facts.AlertResolved(name=name) | facts.SignalSeen(name=name):
            return name
        case facts.SourceLost(source=source) | facts.SourceBack(source=source):
            return source
        case _:
            return ""


def _alert_words(fact: Fact) -> tuple[Tone, str, str] | None:
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
        case facts.SignalSeen(name, value, unit, _, limit, floor):
            beside = f", {'at least' if floor else 'limit'} {amount(limit, unit)}" if limit is not None else ""
            return Tone.PLAIN, "signal", f"{name} {amount(value, unit)}{beside}"
        case facts.Measured(name, value, unit):
            shown = f"{value:,.0f}" if not unit and abs(value) >= 10 else amount(value, unit)
            return Tone.QUIET, "measured", f"{name.replace('_', ' ')} {shown}"
        case facts.ChangeSeen(change, version, previous, _, title):
            was = f" (was {previous})" if previous else ""
            about = f": {title}" if title else ""
            return Tone.PLAIN, change, f"{version}{was}{about}"
        case _:
            return None


def _runbook_words(fact: Fact) -> tuple[Tone, str, str] | None:
    match fact:
        case facts.RunbookOpened(path, _, _, reason):
            return Tone.QUIET, "runbook", f"{path} opened, {reason}"
        case facts.BranchChosen(condition=condition, reason=reason):
            because = f" - {reason}" if reason else ""
            return Tone.JUDGED, "branch", f"{condition}{because}"
        case facts.BranchUnchosen(condition=condition):
            return Tone.JUDGED, "branch", f"{condition}: choice taken back"
        case facts.StepTicked(_, text, tick, because):
            return Tone.GOOD if tick == facts.Tick.DONE else Tone.QUIET, tick, f"{text}{_because(because)}"
        case facts.StepUnticked(_, text):
            return Tone.QUIET, "open again", text
        case facts.ParameterSet(name, value, origin):
            return Tone.QUIET, "parameter", f"{name} = {value} ({origin})"
        case _:
            return None


def _command_words(fact: Fact) -> tuple[Tone, str, str] | None:
    match fact:
        case facts.CommandStarted(text=text):
            return Tone.COMMAND, "$", text
        case facts.CommandFinished() as end:
            meaning = f" ({end.meaning})" if end.meaning else ""
            how = "stopped" if end.stopped else "ended"
            ending = f"exit {end.exit}{meaning}, {run_time(end.seconds)}{_left_behind(end)}"
            last = next((line for line in reversed(end.tail or end.head) if line.strip()), "")
            said = f": {last.strip()}" if last else ""
            return Tone.GOOD if end.exit == 0 else Tone.BAD, how, f"{ending}{said}"
        case facts.CommandFailed(reason=reason):
            return Tone.BAD, "did not start", reason
        case facts.CommandLost(reason=reason):
            return Tone.BAD, "outcome unknown", reason
        case facts.CommandVerified(_, text):
            return Tone.JUDGED, "verified", text
        case facts.CommandAttached(_, _, step_text):
            return Tone.QUIET, "counted to", step_text
        case _:
            return None


def _left_behind(end: facts.CommandFinished) -> str:
    running = f", {len(end.left)} left running ({', '.join(end.left)})" if end.left else ""
    return f"{running}, {end.dropped} bytes of its output were not kept" if end.dropped else running


def _approval_words(fact: Fact) -> tuple[Tone, str, str] | None:
    match fact:
        case facts.ApprovalAsked(text=text):
            return Tone.JUDGED, "approval asked", text
        case facts.ApprovalAnswered(_, person, approved, reason):
            return Tone.GOOD if approved else Tone.BAD, "approved" if approved else "refused", _by(person, reason)
        case facts.ApprovalWithdrawn():
            return Tone.QUIET, "approval", "nobody waits for it any more"
        case _:
            return None


def _people_words(fact: Fact) -> tuple[Tone, str, str] | None:
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
        case facts.HandedOver(to, text):
            return Tone.MILESTONE, "handover", f"to {to}{_because(text, ': ')}"
        case facts.MilestoneSet(milestone, why):
            return Tone.MILESTONE, milestone, why
        case facts.SeveritySet(severity):
            return Tone.PLAIN, "severity", severity
        case facts.LinkAdded(address, text):
            return Tone.PLAIN, "link", f"{text} {address}".strip()
        case facts.Imported(text, who):
            return Tone.PLAIN, "imported", f"{who}: {text}" if who else text
        case _:
            return None


def _telling_words(fact: Fact) -> tuple[Tone, str, str] | None:
    match fact:
        case facts.EscalationDue(who=who, rule=rule, late=late):
            noticed = f", noticed {run_time(late)} later" if late >= NOTICED else ""
            return Tone.TICKET, "due", f"{rule if who in rule else f'{who}: {rule}'}{noticed}"
        case facts.EscalationTold(_, who):
            return Tone.MILESTONE, "told", who
        case facts.UpdateBegun(to=to):
            return Tone.QUIET, "update", f"goes to {to}"
        case facts.UpdateSent(_, text, to):
            return Tone.JUDGED, "update", f"{' / '.join(text.split(chr(10)))} (sent to {to})"
        case facts.UpdateFailed(_, reason):
            return Tone.BAD, "update not sent", reason
        case facts.UpdateLost(_, reason):
            return Tone.BAD, "update, outcome unknown", reason
        case _:
            return None


def _record_words(fact: Fact) -> tuple[Tone, str, str] | None:
    match fact:
        case facts.Corrected(_, text, why):
            return Tone.QUIET, "correction", f"{text or 'of a time'}{_because(why)}"
        case facts.Redacted(_, why):
            return Tone.QUIET, "redaction", f"of a row{_because(why)}"
        case facts.Tombstone(_, person, _, why):
            return Tone.PLAIN, "redacted", _by(person, why)
        case facts.ClockChecked(source, offset):
            if said := warning(source, offset):
                return Tone.BAD, "clock", said
            return Tone.QUIET, "clock", f"{source}'s is within {WARN:g} s of this machine's"
        case facts.ClockStepped(seconds):
            return Tone.BAD, "clock", f"jumped {'ahead' if seconds > 0 else 'back'} by {run_time(abs(seconds))}"
        case facts.Paused(seconds):
            return Tone.JUDGED, "gap", f"the console did not run for {run_time(seconds)}"
        case facts.Exported(path):
            return Tone.QUIET, "exported", path
        case facts.Unrecognised(named):
            return Tone.QUIET, named, "(written by another version)"
        case _:
            return None


def _drill_words(fact: Fact) -> tuple[Tone, str, str] | None:
    match fact:
        case facts.DrillBegun(scenario, title, level, live):
            how = f", {level}" if level else ""
            return Tone.MILESTONE, "live drill" if live else "drill", f"{scenario}{how}{_because(title, ': ')}"
        case facts.DrillDebriefed(_, recovered):
            return Tone.MILESTONE, "debrief", "recovered" if recovered else "not recovered"
        case facts.HotWashAnswered(question, answer):
            return Tone.JUDGED, "hot wash", f"{question} {answer}"
        case _:
            return None


def _because(why: str, mark: str = " - ") -> str:
    return f"{mark}{why}" if why else ""


def _by(person: str, why: str) -> str:
    return f"by {person}{_because(why, ': ')}"
