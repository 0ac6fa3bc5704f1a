"""Updates: what became of each, what the next one says, and the exact bytes of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.core import facts
from incident.core.corrections import corrected, corrections_in
from incident.core.event import Event
from incident.core.facts import Milestone, Remark
from incident.core.incident import Incident
from incident.core.runbook import Runbook, SectionKind
from incident.core.text import shorten
from incident.core.told import Outcome, Send
from incident.core.when import minute

SAID = 160  # characters of each line that is filled in
LONGEST = 4_000  # characters of a message; Slack cuts longer ones


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the other side made of a message, and why."""

    outcome: Outcome  # SENT, FAILED (it surely did not arrive) or UNKNOWN
    reason: str = ""


def last_update(incident: Incident, events: Iterable[Event]) -> tuple[datetime | None, Send | None]:
    """When users were last told, by this tool or by hand; and a later try of which nobody knows what became.

    `events` are those in memory: the newest suffice.
    """
    known = told_in(events)
    standing = corrections_in(known)
    times = [corrected(event, standing.get(event.id)).at for event in known if _tells(event.fact)]
    times += [one.ended_at or one.at for one in incident.updates.values() if one.outcome is Outcome.SENT]
    last = max(times, default=None)
    unsure = [one for one in incident.updates.values() if one.outcome is Outcome.UNKNOWN]
    later = [one for one in unsure if last is None or one.at >= last]
    return last, later[-1] if later else None


def told_in(events: Iterable[Event]) -> tuple[Event, ...]:
    """Those events that say when users were told, by hand, and what was corrected; of a long log a few."""
    return tuple(event for event in events if _tells(event.fact) or isinstance(event.fact, facts.Corrected))


def again(incident: Incident, text: str) -> Send | None:
    """An earlier try with these very words that arrived, or may have."""
    known = (one for one in incident.updates.values() if one.text == text)
    return next((one for one in known if one.outcome is not Outcome.FAILED), None)


def _tells(fact: facts.Fact) -> bool:
    return isinstance(fact, facts.Remarked) and fact.remark == Remark.UPDATE


def body(text: str) -> str:
    """The exact JSON for a Slack-compatible webhook. Nothing in the text can call a person, a channel or a link."""
    inert = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return json.dumps({"text": inert}, ensure_ascii=False)


def doing(incident: Incident, step: str = "") -> str:
    """A line on what is done: what runs, else the last command, else the step that is next; "" for nothing."""
    commands = list(incident.commands.values())
    running = next((one for one in reversed(commands) if one.open), None)
    last = running or next(iter(reversed(commands)), None)
    if last is None:
        return f"Next step: {shorten(step, SAID)}" if step else ""
    what = shorten(last.started.step_text or last.started.text, SAID)
    if running:
        return f"Being done: {what} ({last.outcome}, since {minute(last.at)} UTC)"
    return f"Done last: {what} ({last.outcome} at {minute(last.at)} UTC)"


def draft(
    incident: Incident, runbook: Runbook | None, now: datetime, every: timedelta | None = None, step: str = ""
) -> str:
    """An update from what is known: how it stands, what users see, since when, what is being done, what is next."""
    marks = incident.milestones()
    began = marks.get(Milestone.STARTED) or marks.get(Milestone.DETECTED)
    since = began.at if began else incident.opened_at
    lines = [f"{incident.severity} {shorten(incident.title, SAID)}: {_state(incident)}"]
    if seen := _users_see(runbook):
        lines.append(f"Users see: {seen}")
    if since:
        lines.append(f"Since: {minute(since)} UTC")
    if said := doing(incident, step):
        lines.append(said)
    if every and Milestone.RESOLVED not in marks:
        lines.append(f"Next update: by {minute(now + every)} UTC")
    return "\n".join(lines)


def _state(incident: Incident) -> str:
    marks = incident.milestones()
    for name, word in ((Milestone.RESOLVED, "resolved"), (Milestone.MITIGATED, "mitigated")):
        if name in marks:
            return f"{word} since {minute(marks[name].at)} UTC"
    return "we are on it"


def _users_see(runbook: Runbook | None) -> str:
    """The first sentence of the runbook's impact section."""
    sections = runbook.sections if runbook else ()
    prose = next((s.prose[0] for s in sections if s.kind is SectionKind.IMPACT and s.prose), "")
    sentence = " ".join(prose.split()).partition(". ")[0].rstrip(".")
    return shorten(sentence.removeprefix("Users see "), SAID)
