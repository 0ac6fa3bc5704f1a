"""Scenarios to begin with: an empty one that is sound, and one out of a past incident's log."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml

from incident.core import facts
from incident.core.event import Event
from incident.core.incident import CommandRecord, Incident
from incident.core.text import one_line, plain
from incident.drills.clock import WEEKDAYS
from incident.drills.matching import simple
from incident.errors import DrillError

_WORD = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_LINES = 12  # of a command's output
_FIRES = 45  # seconds after the start at which the first alert fires

_BLANK = """\
drill: 1                                  # format version
id: {name}
title: Say in one line what the player meets, not what is wrong
objectives:                               # what a player learns; shown before the start, asked about at the end
  - Recognise that the errors began with the deploy
  - Go back to the version before, and check that it helped
length: 20m                               # after this the drill is over
seed: 1                                   # the noise; the same seed gives the same drill
start: {{weekday: sat, utc: "03:02"}}        # only for realism; all other times count from the start
slo: {{target: 0.995, window: 28d}}         # what the service promises; for the budget that is spent
# what the world is like; everything below asks for it and changes it
state: {{fault: true, version: b2, told_support: false}}

deploys:                                  # what the feed of changes shows; kind: config or infrastructure for others
  - {{at: -6m, version: b2, previous: a1, service: acme, by: pipeline, title: "what it is about"}}

signals:                                  # base, noise as a part of it, and where a state moves it
  errors:
    base: 0.2
    noise: 0.1
    unit: "%"
    when: [{{if: {{fault: true}}, since: -60s, ramp: {{to: 12, over: 60s, back: 60s}}}}]
  traffic: {{base: 200, noise: 0.05, unit: /s}}

alerts:                                   # fired by the signals; the runbook is one of yours
  - if: {{errors: {{above: 7, for: 1m}}}}
    labels: {{alertname: AcmeErrorBudgetFastBurn, severity: page, job: acme}}
    annotations: {{summary: Acme error rate burning budget fast, runbook: runbooks/acme-error-rate.md}}

injects:                                  # somebody says something: at a time or upon an event; unless it is answered
  - {{id: support-asks, at: 3m, unless: {{told_support: true}}, via: chat, from: support, objective: 2,
     expects: [told_support], text: "What do we tell customers?"}}

commands:                                 # nothing is executed: words are matched; "..." is any number, <x> one of them
  - match: [gh, workflow, run, rollback.yml, -f, sha=a1]
    takes: 4s
    output: "Created workflow_dispatch event for rollback.yml at main"
    set: {{fault: false, version: a1}}      # the causal rule: what this does to the world
    emits: rolled_back
  - match: [gh, workflow, run, rollback.yml, -f, "sha=<other>"]
    takes: 4s
    output: "Created workflow_dispatch event for rollback.yml at main"
    emits: harm
  - {{match: [gh, run, list, "..."], output: "completed  what it is about  deploy.yml"}}

asks:                                     # what can be asked of people
  - {{id: tell_support, about: tell them what is known, who: support, takes: 10s, say: "Thanks.",
     set: {{told_support: true}}}}

rules:                                    # what follows from what, after a while
  - {{upon: update, set: {{told_support: true}}}}

measures:                                 # facts, not points
  acknowledged: {{event: ack}}
  runbook_open: {{event: runbook.open}}
  mitigation_begun: {{event: rolled_back}}
  recovered: {{signal: errors, below: 0.5, for: 1m}}
  first_update: {{state: told_support, within: 15m}}
  harmful: {{event: harm, count: true}}

hints:                                    # free, and logged
  - What changed shortly before the errors began?
truth: Say what is really wrong; it is told at the end.
solution:                                 # played by `incident drill check`; it has to recover
  - ack
  - choose it correlates with a deploy (most common)
  - run gh workflow run rollback.yml -f sha=a1
  - ask tell_support
wrong:                                    # what looks right and does not help; it has to fail as told
  - why: Say why it does not help.
    do: [ack, run gh workflow run rollback.yml -f sha=z9]
    ends: {{fault: true}}
hotwash:                                  # how and what, never who
  - What did you know after five minutes that stood nowhere on the screen?
  - Which step of the runbook did not match what you met?
"""


def blank(name: str) -> str:
    """A commented scenario that is sound as it stands. Raises DrillError for a name that is none."""
    if not _WORD.match(name):
        raise DrillError(f"`{one_line(name, 40)}` is no name", hint="small letters, digits and -, such as queue-full")
    return _BLANK.format(name=name)


def from_events(incident: Incident, events: Sequence[Event]) -> str:
    """A scenario of what happened: alerts, signals, changes and commands are taken over, the cause is left open.

    Times count from just before the first alert. Nothing in it says which command cured what: that is the one question
    for its author, and it is marked.
    """
    begin = min((record.start.at for record in incident.alerts.values()), default=incident.opened_at or events[0].at)
    data: list[tuple[str, Any]] = [
        ("drill", 1),
        ("id", incident.id.lower()),
        ("title", plain(incident.title) or incident.id),
        ("objectives", ["What was hard that night, and what should be easier the next time?"]),
        ("length", f"{_minutes(incident, begin)}m"),
        ("seed", 1),
        ("start", {"weekday": WEEKDAYS[begin.weekday()], "utc": f"{begin:%H:%M}"}),
        ("slo", {"target": 0.995, "window": "28d"}),
        ("state", {"fault": True}),
        ("deploys", [_deploy(at, change, begin) for at, change in incident.changes if not _back(incident, at, change)]),
        ("signals", _signals(events)),
        ("alerts", [_alert(record.fired, _limits(events)) for record in incident.alerts.values()]),
        ("commands", _commands(list(incident.commands.values()))),
        ("measures", _measures(_limits(events))),
        ("solution", _solution(events)),
    ]
    return "\n".join([_HEAD.format(incident=incident.id), *(_section(key, value) for key, value in data), _TAIL])


_HEAD = """\
# Made from {incident}: alerts, signals, changes and commands are as its log has them.
# QUESTION (the only one that no log answers): which of the commands below cured it, and why?
# Give that one `set: {{fault: false}}`. Until then nothing recovers, and `incident drill check` says so.
# Then add what makes it a drill: injects, asks, hints, `truth`, and a `wrong` way.
"""
_TAIL = """\
hotwash:
  - What did we know at the time, and what do we know now?
  - Which step of the runbook did not match what we met?
"""
_NOTES = {
    "signals": "# `to` is the worst value that was recorded; `base` is what each had after it was over, or a guess.",
    "alerts": "# The limits are those that the log has; 7 where it has none.",
    "commands": "# QUESTION: which one of these gets `set: {fault: false}`?",
}


def _section(key: str, value: Any) -> str:
    if value in ([], {}):
        return ""
    note = f"{_NOTES[key]}\n" if key in _NOTES else ""
    if not isinstance(value, dict | list):
        return note + _dumped({key: value}, flow=False)
    body = _dumped(value, flow=None)
    if body.startswith("{"):
        return f"{note}{key}: {body}"
    return "\n".join([f"{note}{key}:", *(f"  {line}" for line in body.split("\n"))])


def _dumped(value: Any, *, flow: bool | None) -> str:
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110, default_flow_style=flow)
    return text.rstrip("\n")


def _minutes(incident: Incident, begin: datetime) -> int:
    """Twice as long as it took, between 20 minutes and three hours."""
    ends = [record.resolved_at for record in incident.alerts.values() if record.resolved_at]
    took = (max(ends) - begin).total_seconds() / 60 if ends else 15
    return min(180, max(20, 5 * round(took * 2 / 5)))


def _back(incident: Incident, at: datetime, change: facts.ChangeSeen) -> bool:
    """Whether a change took an earlier one back: that is for the player to do."""
    return any(before < at and change.version == was.previous != "" for before, was in incident.changes)


def _deploy(at: datetime, change: facts.ChangeSeen, begin: datetime) -> dict[str, Any]:
    said = {
        "at": f"{int((at - begin).total_seconds()) + _FIRES}s",
        "version": change.version,
        "previous": change.previous,
        "service": change.service,
        "by": change.by,
        "title": change.title,
        "kind": change.change if change.change in ("config", "infrastructure") else "",
    }
    return {key: value for key, value in said.items() if value}


def _seen(events: Sequence[Event]) -> dict[str, list[facts.SignalSeen]]:
    found: dict[str, list[facts.SignalSeen]] = {}
    for event in events:
        if isinstance(event.fact, facts.SignalSeen):
            found.setdefault(_name(event.fact.name), []).append(event.fact)
    return found


def _signals(events: Sequence[Event]) -> dict[str, Any]:
    """Every signal that was recorded, from its best to its worst value."""
    signals: dict[str, Any] = {}
    for name, seen in _seen(events).items():
        values = [one.value for one in seen]
        worst, calm = max(values), min(values)
        base = calm if calm < worst else worst / 50
        unit = {"unit": seen[0].unit} if seen[0].unit else {}
        signals[name] = {"base": round(base, 4), "noise": 0.05, **unit, "when": [_ramp(round(worst, 4))]}
    if not any(one.limit is not None for seen in _seen(events).values() for one in seen):
        signals.setdefault("errors", {"base": 0.2, "noise": 0.05, "unit": "%", "when": [_ramp(15.0)]})
    return signals


def _ramp(to: float) -> dict[str, Any]:
    return {"if": {"fault": True}, "ramp": {"to": to, "over": "30s", "back": "60s"}}


def _limits(events: Sequence[Event]) -> dict[str, float]:
    """The limit that each signal was recorded with, where the signal was beyond it."""
    found: dict[str, float] = {}
    for name, seen in _seen(events).items():
        limit = next((one.limit for one in seen if one.limit is not None), None)
        if limit is not None and max(one.value for one in seen) > limit:
            found[name] = float(f"{limit:.6g}")  # 7, where the arithmetic of an expression gave 7.000000000000001
    return found or {"errors": 7.0}


def _alert(fired: facts.AlertFired, limits: Mapping[str, float]) -> dict[str, Any]:
    signal, limit = next(iter(limits.items()))
    labels = {"alertname": fired.name or "Alert", **{k: v for k, v in fired.labels.items() if k != "alertname"}}
    alert: dict[str, Any] = {"if": {signal: {"above": limit, "for": "15s"}}, "labels": labels}
    if fired.annotations:
        alert["annotations"] = dict(fired.annotations)
    if fired.expression:
        alert["expression"] = fired.expression
    return alert


def _measures(limits: Mapping[str, float]) -> dict[str, Any]:
    signal, limit = next(iter(limits.items()))
    return {
        "acknowledged": {"event": "ack"},
        "runbook_open": {"event": "runbook.open"},
        "recovered": {"signal": signal, "below": limit, "for": "1m"},
    }


def _commands(records: Sequence[CommandRecord]) -> list[dict[str, Any]]:
    """What was run, each once, with what it printed."""
    known: dict[tuple[str, ...], dict[str, Any]] = {}
    for record in records:
        words = _argv(record)
        if not words or words in known:
            continue
        end = record.finished
        lines = [*end.head, *end.tail][:_LINES] if end else []
        command: dict[str, Any] = {"match": list(words), "takes": f"{max(1, round(end.seconds))}s" if end else "1s"}
        if lines:
            command["output"] = "\n".join(line.replace("{", "(").replace("}", ")") for line in lines)
        if end and end.exit:
            command["exit"] = end.exit
        known[words] = command
    return list(known.values())


def _solution(events: Sequence[Event]) -> list[str]:
    """What was done, in its order; whether it is the way through is for its author to say."""
    lines = ["ack"]
    for event in events:
        match event.fact:
            case facts.BranchChosen(condition=condition):
                lines.append(f"choose {one_line(condition)}")
            case facts.StepTicked(text=text):
                lines.append(f"tick {one_line(text)}")
            case facts.CommandStarted(argv=argv):
                lines.append(f"run {shlex.join(_plain(argv))}")
    return lines


def _argv(record: CommandRecord) -> tuple[str, ...]:
    return _plain(record.started.argv)


def _plain(argv: Sequence[str]) -> tuple[str, ...]:
    return tuple(plain(word).replace("\n", " ") for word in simple(argv))


def _name(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "signal"
