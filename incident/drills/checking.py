"""Is a scenario sound: what can be said without playing it, and what only its own ways through can prove."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from incident.core.when import run_time
from incident.drills.curve import holds
from incident.drills.fields import nearest
from incident.drills.matching import captured, simple
from incident.drills.model import Deed, Scenario, Wrong
from incident.drills.player import Player
from incident.drills.reach import Reach
from incident.drills.reading import HAPPENINGS
from incident.drills.simulator import plans_for
from incident.drills.solution import play
from incident.errors import DrillError


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a scenario. One that is not serious leaves it playable."""

    at: str  # file:line
    what: str
    hint: str = ""
    serious: bool = True


def look(scenario: Scenario) -> list[Finding]:
    """What can be said without playing it, in the order of the file."""
    reach = Reach(scenario)
    found = [
        *_unreachable(scenario, reach),
        *_commands(scenario, reach),
        *_ways(scenario),
        *_left_out(scenario),
    ]
    return sorted(found, key=_line)


async def prove(scenario: Scenario) -> list[Finding]:
    """What playing it shows: the solution twice, every wrong way, and nobody doing anything."""
    try:
        first, second = await play(scenario), await play(scenario)
        wrong = [(way, await play(scenario, way.deeds)) for way in scenario.wrong]
        idle = await play(scenario, ())
    except DrillError as broken:
        return [Finding(broken.at, broken.what, broken.hint)]
    found = [*_solved(scenario, first, second), *(finding for way, end in wrong for finding in _failed(way, end))]
    if idle.recovered is not None:
        found.append(Finding(scenario.place, "it recovers although nobody does anything", serious=False))
    found += _never_seen(scenario, [first, *(end for _, end in wrong), idle])
    return sorted(found, key=_line)


def _unreachable(scenario: Scenario, reach: Reach) -> Iterator[Finding]:
    for alert in scenario.alerts:
        for limit in alert.thresholds:
            if not reach.can_cross(limit):
                low, high = reach.span(next(plan for plan in scenario.signals if plan.name == limit.signal))
                beyond = f"`{limit.signal}` stays between {low:g} and {high:g}"
                yield Finding(alert.place, f"the alert {alert.name} can never fire: {beyond}")
    for inject in scenario.injects:
        if not reach.can_come(inject):
            why = f"nothing emits `{inject.upon}`" if inject.upon else "it comes after the drill's end"
            yield Finding(inject.place, f"the inject `{inject.id}` can never come: {why}")
        elif reach.never_called_for(inject):
            yield Finding(inject.place, f"the inject `{inject.id}` is never called for: what it waits for always holds")
    for measure in scenario.measures:
        if not reach.can_be_measured(measure):
            yield Finding(measure.place, f"the measure `{measure.name}` can never be taken")
    for hint in scenario.hints:
        if why := reach.impossible(hint.condition):
            yield Finding(hint.place, f"this hint can never be given: {why}")
    for rule in scenario.rules:
        why = reach.impossible(rule.condition)
        if why or (rule.upon and rule.upon not in reach.events):
            yield Finding(rule.place, f"this rule can never act: {why or f'nothing emits `{rule.upon}`'}")
    for signal in scenario.signals:
        for ramp in signal.ramps:
            if why := reach.impossible(ramp.condition):
                yield Finding(signal.place, f"`{signal.name}` can never go to {ramp.to:g}: {why}")


def _commands(scenario: Scenario, reach: Reach) -> Iterator[Finding]:
    for place, command in enumerate(scenario.commands):
        if why := reach.impossible(command.condition):
            yield Finding(command.place, f"this command is never answered so: {why}")
        others = [plan.match for plan in scenario.commands if plan.match != command.match]
        for earlier in scenario.commands[:place]:
            general = captured(earlier.match, command.match, [m for m in others if m != earlier.match]) is not None
            if general and all(item in command.condition.items() for item in earlier.condition.items()):
                line = earlier.place.rpartition(":")[2]
                yield Finding(command.place, f"the command in line {line} takes all of these", "put this one first")
                break
    for ask in scenario.asks:
        if why := reach.impossible(ask.condition):
            yield Finding(ask.place, f"this answer is never given: {why}")
    named = [(command.effects.emits, command.place) for command in scenario.commands]
    named += [(ask.effects.emits, ask.place) for ask in scenario.asks]
    named += [(rule.effects.emits, rule.place) for rule in scenario.rules]
    for event, at in named:
        if event in HAPPENINGS:
            yield Finding(at, f"`{event}` is what a player does; it cannot be emitted", hint="call it something else")


def _ways(scenario: Scenario) -> Iterator[Finding]:
    """Lines of the solution, and of the wrong ways, that no command matches."""
    for deed in (*scenario.solution, *(deed for way in scenario.wrong for deed in way.deeds)):
        if deed.verb == "run" and (why := _unmatched(scenario, deed)):
            known = [" ".join(plan.match) for plan in scenario.commands]
            yield Finding(deed.at, why, hint=nearest(deed.rest, known))


def _unmatched(scenario: Scenario, deed: Deed) -> str:
    try:
        argv = shlex.split(deed.rest)
    except ValueError as off:
        return f"this is no command: {off}"
    return "" if any(plans_for(scenario, simple(argv))) else "no command of this scenario is meant by this line"


def _left_out(scenario: Scenario) -> Iterator[Finding]:
    """What a drill needs to teach something."""
    wanted = (
        (scenario.truth, "`truth` is missing", "say what was really wrong; it is told at the end"),
        (scenario.solution, "`solution` is missing", "write the way through; it is played by `drill check`"),
        (scenario.wrong, "`wrong` is missing", "write the way that looks right and does not recover"),
        (scenario.injects, "there is no inject", "let somebody call"),
        (scenario.objectives, "`objectives` are missing", "say what it is good for"),
        (scenario.hints, "there is no hint", "help whoever is stuck"),
        (scenario.hotwash, "`hotwash` is missing", "ask five how and what questions"),
        ([m for m in scenario.measures if m.name == "harmful"], "no measure `harmful` counts what makes it worse", ""),
    )
    for there, what, hint in wanted:
        if not there:
            yield Finding(scenario.place, what, hint, serious=False)


def _solved(scenario: Scenario, first: Player, second: Player) -> Iterator[Finding]:
    at = scenario.solution[0].at if scenario.solution else scenario.place
    if not scenario.solution:
        return
    if first.recovered is None:
        yield Finding(at, f"the solution does not recover within {run_time(scenario.length)}")
    if first.log != second.log:
        yield Finding(at, "the same play gave two different logs")
    for command in first.report().unknown:
        yield Finding(at, f"the solution runs what the drill does not know at that moment: {command}")
    if any(found.name == "harmful" and found.count for found in first.report().measures):
        yield Finding(at, "the solution does what is counted as harmful")


def _failed(way: Wrong, end: Player) -> Iterator[Finding]:
    if end.recovered is not None:
        yield Finding(way.place, "this wrong way recovers")
    if not holds(way.ends, end.state):
        wrong = [name for name, value in way.ends.items() if end.state[name] != value]
        off = [f"`{name}` is {str(end.state[name]).lower()}" for name in wrong]
        yield Finding(way.place, f"this wrong way does not end as told: {', '.join(off)}")
    for command in end.report().unknown:
        yield Finding(way.place, f"this wrong way runs what the drill does not know at that moment: {command}")


def _never_seen(scenario: Scenario, ends: list[Player]) -> Iterator[Finding]:
    """What can happen, and did in none of the plays."""
    told = "in the solution, in a wrong way, or when nobody does anything"
    for place, alert in enumerate(scenario.alerts):
        if alert.since is None and not any(place in end.fired for end in ends):
            yield Finding(alert.place, f"the alert {alert.name} never fired {told}")
    for inject in scenario.injects:
        if not any(end.posts()[inject.id].sent is not None for end in ends):
            yield Finding(inject.place, f"the inject `{inject.id}` never came {told}", serious=False)
    for hint in scenario.hints:
        if not any(holds(hint.condition, state) for end in ends for state in end.states):
            yield Finding(hint.place, f"this hint was never in place {told}", serious=False)
    taken = {found.name for end in ends for found in end.report().measures if found.after is not None}
    for measure in scenario.measures:
        if measure.name not in taken and measure.event != "runbook.open":  # headless plays open no runbook
            yield Finding(measure.place, f"the measure `{measure.name}` was never taken {told}", serious=False)


def _line(finding: Finding) -> tuple[int, str]:
    number = finding.at.rpartition(":")[2]
    return (int(number) if number.isdigit() else 0, finding.what)
