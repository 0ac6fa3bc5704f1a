"""What a drill was like, in figures: facts, no grades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from incident.core import facts
from incident.core.event import Event
from incident.core.facts import Tick
from incident.core.incident import Incident
from incident.core.when import duration, minute
from incident.drills.model import Scenario
from incident.drills.player import Found, Message, Report
from incident.engine.preflights import BY_HAND

_BEFORE, _AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
)  # around a moment, in which a line of one's own is about it
_FIRST = ("acknowledged", "runbook_open", "mitigation_begun", "recovered")
_COUNTED = "harmful"
_ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Figure:
    """One fact: what it is, and how it was this time."""

    name: str
    value: str


def debrief(
    scenario: Scenario, report: Report, incidents: Sequence[tuple[Incident, Sequence[Event]]], start: datetime
) -> tuple[Figure, ...]:
    """The facts of a play, in the order of a report. `incidents` are all that were opened, with their events."""
    events = [event for _, mine in incidents for event in mine]
    return (
        *_times(report),
        *_budget(scenario, report),
        *_messages(report),
        *_silence(report, events, start),
        *_work(report, incidents),
        *_written(report, events, start),
    )


def _times(report: Report) -> Iterator[Figure]:
    """Started to acknowledged, runbook opened, mitigation begun, recovered; then what the scenario adds."""
    known = {found.name: found for found in report.measures}
    for name in _FIRST:
        if name in known:
            yield Figure(words(name), _since(known[name], f"not within {duration(report.played)}"))
    for name, found in known.items():
        if name not in (*_FIRST, _COUNTED, _ESCALATED):
            yield Figure(words(name), _since(found, "not at all"))
    if _ESCALATED in known:
        yield Figure("escalated", _since(known[_ESCALATED], "not at all"))
    if _COUNTED in known:
        yield Figure("harmful actions", str(known[_COUNTED].count))


def _since(found: Found, never: str) -> str:
    wanted = f", wanted within {duration(found.within)}" if found.within is not None else ""
    return f"{never if found.after is None else f'after {duration(found.after)}'}{wanted}"


def _budget(scenario: Scenario, report: Report) -> Iterator[Figure]:
    if scenario.slo is None or not scenario.slo.errors:
        return
    days = f"{scenario.slo.window / 86_400:g}-day budget"
    what = "requests" if scenario.slo.traffic else "seconds of failure"
    yield Figure("budget spent", f"{report.spent * 100:.2g} % of the {days}, about {report.failed:,.0f} {what}")


def _messages(report: Report) -> Iterator[Figure]:
    awaited = [message for message in report.messages if message.awaited]
    if not awaited:
        return
    answered = [message for message in awaited if message.answered is not None]
    longest = max((m.answered - m.at for m in answered if m.answered is not None), default=None)
    slowest = f", the longest wait {duration(longest)}" if longest is not None else ""
    yield Figure("messages", f"{len(answered)} of {len(awaited)} answered{slowest}")


def _silence(report: Report, events: Sequence[Event], start: datetime) -> Iterator[Figure]:
    """The longest time in which nobody outside heard anything, from the acknowledgement to the end."""
    acks = [event.at for event in events if isinstance(event.fact, facts.Acknowledged)]
    if not acks:
        return
    end = start + (report.recovered or report.played)
    told = [event.at for event in events if _is_update(event)] + [m.answered for m in report.messages if m.answered]
    edges = [min(acks), *sorted(at for at in told if min(acks) <= at <= end), end]
    longest = max((later - earlier for earlier, later in pairwise(edges)), default=timedelta(0))
    yield Figure("longest silence", duration(max(longest, timedelta(0))))


def _work(report: Report, incidents: Sequence[tuple[Incident, Sequence[Event]]]) -> Iterator[Figure]:
    ticks = [record.tick for incident, _ in incidents for record in incident.ticks.values()]
    steps = sum(opened.steps for incident, _ in incidents for opened in incident.runbooks.values())
    done, skipped = ticks.count(Tick.DONE), len(ticks) - ticks.count(Tick.DONE)
    commands = [record for incident, _ in incidents for record in incident.commands.values()]
    typed = sum(record.started.origin.startswith(BY_HAND) for record in commands)
    yield Figure("steps", f"{done} done, {skipped} skipped, of {steps} in the runbooks that were opened")
    yield Figure("commands", f"{len(commands) - typed} from a runbook, {typed} by hand")
    if report.unknown:
        yield Figure("unknown to the drill", "; ".join(dict.fromkeys(report.unknown)))
    yield Figure("hints", str(report.hints))


def _written(report: Report, events: Sequence[Event], start: datetime) -> Iterator[Figure]:
    """Which of the moments that mattered have a line of the player's own near them."""
    moments = [(start + f.after, words(f.name)) for f in report.measures if f.after is not None and f.name not in _SEEN]
    moments += [(m.at, f"the message from {m.sender}") for m in report.messages if m.awaited]
    lines = [event.at for event in events if _is_own_line(event)]
    missing = [(at, what) for at, what in sorted(moments) if not any(at - _BEFORE <= t <= at + _AFTER for t in lines)]
    if not moments:
        return
    value = f"{len(moments) - len(missing)} of {len(moments)} key moments"
    if missing:
        value += "; without a line of yours: " + ", ".join(f"{what} ({minute(at)})" for at, what in missing)
    yield Figure("written down", value)


_SEEN = frozenset({"acknowledged", "runbook_open", "first_update"})  # these write themselves down


def _is_own_line(event: Event) -> bool:
    return isinstance(event.fact, facts.Remarked) and event.source == "person"


def _is_update(event: Event) -> bool:
    said = event.fact
    return isinstance(said, facts.UpdateSent) or (
        isinstance(said, facts.Remarked) and said.remark == facts.Remark.UPDATE and event.source == "person"
    )


def waiting(messages: Sequence[Message]) -> list[Message]:
    """The messages whose senders still wait for an answer."""
    return [message for message in messages if message.waits]


def words(name: str) -> str:
    """A measure's name as it is read."""
    return {"runbook_open": "runbook opened"}.get(name, name.replace("_", " "))
