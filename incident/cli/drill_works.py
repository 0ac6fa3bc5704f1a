"""What can be done with scenarios besides playing them: prove, write, print, and look back."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from incident.cli.verb import Progress, print_json, print_table, say
from incident.config import Config
from incident.core import facts
from incident.core.text import one_line, plain
from incident.core.when import run_time
from incident.errors import DrillError, UsageError

if TYPE_CHECKING:
    from incident.drills.checking import Finding
    from incident.drills.model import Scenario
    from incident.game.coverage import Coverage, Library


def check(config: Config, rest: list[str], options: argparse.Namespace) -> int:
    """Prove scenarios: looked through, then played. 1 when one is not sound."""
    from incident.drills import scenario as scenarios

    named = list(_files(rest)) if rest else list(scenarios.names())
    library = _library(config, own=bool(rest))
    progress = Progress("playing {done} of {total} scenarios")
    found: list[Finding] = []
    for number, name in enumerate(named):
        progress.tell(number, len(named))
        found += _checked(name, library)
    progress.end()
    serious = [finding for finding in found if finding.serious]
    if options.json:
        print_json({"scenarios": len(named), "findings": [asdict(finding) for finding in found]})
    else:
        for finding in found:
            hint = f" - {finding.hint}" if finding.hint else ""
            print(one_line(f"{finding.at}: {'' if finding.serious else 'note: '}{finding.what}{hint}", 400))
        what = f"{len(named)} scenario{'' if len(named) == 1 else 's'}"
        count = f"{len(serious)} finding{'' if len(serious) == 1 else 's'}"
        say(f"{count} in {what}" if serious else f"{what} proven")
    return 1 if serious else 0


def _checked(name: str, library: Library) -> list[Finding]:
    from incident.drills import scenario as scenarios
    from incident.drills.checking import Finding, look, prove
    from incident.game.coverage import stray

    try:
        scenario = scenarios.find(name)
    except DrillError as off:
        return [Finding(off.at or name, off.what, off.hint)]
    return [*look(scenario), *stray(scenario, library), *asyncio.run(prove(scenario))]


def _files(rest: Iterable[str]) -> Iterable[str]:
    """The scenarios that are meant: shipped ones by their name, files, and every YAML of a folder."""
    for word in rest:
        path = Path(word).expanduser()
        if path.is_dir():
            yield from (str(file) for file in sorted(path.glob("*.yaml")))
        else:
            yield word


def _library(config: Config, *, own: bool) -> Library:
    from incident import world
    from incident.game.coverage import Library
    from incident.sources.runbooks import Folders, shipped

    roots = world.roots(config) if own else []
    return Library.of(Folders([*roots, shipped()]))


def new(config: Config, rest: list[str], options: argparse.Namespace) -> int:
    """Write a scenario to begin with; it is sound as it stands."""
    del config
    from incident.drills.skeleton import blank

    [name] = _words(rest, 1, "new NAME")
    return _write(blank(name), options.output or f"{name}.yaml", "`incident drill check` proves it")


def from_incident(config: Config, rest: list[str], options: argparse.Namespace) -> int:
    """Write a scenario from what happened in a past incident."""
    from incident import world
    from incident.drills.skeleton import from_events

    [identity] = _words(rest, 1, "from ID")
    log = world.log(config, read_only=True)
    incident = log.incident(identity)
    text = from_events(incident, log.events(identity))
    hint = "one question is left for its author: look for QUESTION"
    return _write(text, options.output or f"{identity.lower()}.yaml", hint)


def _write(text: str, path: str, following: str) -> int:
    """Write a new file, never over one that is there."""
    if path == "-":
        sys.stdout.write(text)
        return 0
    try:
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError("this file is there already", at=path, hint="-o names another one") from None
    except OSError as broken:
        raise UsageError(f"it cannot be written: {broken.strerror}", at=path, hint="-o names another place") from None
    say(f"{path} written; {following}")
    return 0


def msel(config: Config, rest: list[str], options: argparse.Namespace) -> int:
    """Print the facilitator's table."""
    del config
    from incident.drills import scenario as scenarios

    [name] = _words(rest, 1, "msel NAME")
    scenario = scenarios.find(name)
    if options.json:
        print_json({"drill": scenario.name, "injects": [asdict(inject) for inject in scenario.injects],
                    "asks": [_ask_as_json(ask.id, ask.who, ask.about, ask.say) for ask in scenario.asks]})  # fmt: skip
        return 0
    _print_msel(scenario)
    return 0


def _ask_as_json(identity: str, who: str, about: str, said: str) -> dict[str, str]:
    return {"id": identity, "who": who, "about": about, "say": said}


def _print_msel(scenario: Scenario) -> None:
    print(f"{scenario.name}: {scenario.title}, up to {scenario.length / 60:.0f} minutes")
    for number, objective in enumerate(scenario.objectives, 1):
        print(f"  {number}. {objective}")
    print(f"\ntruth (not for players): {scenario.truth}\n")
    print_table(
        ("WHEN", "ID", "FROM", "BY", "OBJ", "WANTS", "TEXT"),
        [
            (
                f"T+{run_time(i.at)}" if i.at is not None else f"{run_time(i.after)} after {i.upon}",
                i.id,
                i.sender,
                i.via,
                str(i.objective or ""),
                ", ".join(i.expects),
                i.text,
            )
            for i in scenario.injects
        ],
    )
    print()
    print_table(
        ("ASKED", "OF", "AFTER", "WHEN", "ANSWER"),
        [(a.id, a.who, run_time(a.takes), ", ".join(f"{k} is {str(v).lower()}" for k, v in a.condition.items()), a.say)
         for a in scenario.asks],
    )  # fmt: skip
    if scenario.wrong:
        print("\nwhat makes it worse, or does not help:")
        for way in scenario.wrong:
            print(f"  {' ; '.join(deed.rest for deed in way.deeds if deed.verb == 'run') or way.why}: {way.why}")


def aar(config: Config, rest: list[str], options: argparse.Namespace) -> int:
    """Print the facts of a drill that was played, and what was said afterwards."""
    from incident.game.records import first_incident, last_log

    if len(rest) > 1:
        raise UsageError("`incident drill aar` takes one ID", hint="`incident list --drill` names it")
    log = last_log(config, rest[0] if rest else "")
    incident = log.incident(rest[0]) if rest else first_incident(log)
    if incident is None:
        raise UsageError("nothing was responded to in the last drill", hint="enter on a page does")
    events = [event.fact for event in log.events(incident.id)]
    figures = next((fact.figures for fact in reversed(events) if isinstance(fact, facts.DrillDebriefed)), {})
    said = {fact.question: fact.answer for fact in events if isinstance(fact, facts.HotWashAnswered)}
    begun = next((fact for fact in events if isinstance(fact, facts.DrillBegun)), None)
    if options.json:
        print_json({"incident": incident.id, "drill": begun.scenario if begun else None, "figures": dict(figures),
                    "hotwash": [{"question": q, "answer": a} for q, a in said.items()]})  # fmt: skip
        return 0
    print(f"{incident.id}  {begun.scenario if begun else ''}  {incident.title}".rstrip())
    for name, value in figures.items():
        print(one_line(f"  {name}: {value}", 400))
    if not figures:
        print("  it was left before its facts were written down")
    for question, answer in said.items():
        print(one_line(f"  {question} - {plain(answer)}", 1000))
    return 0


def coverage(config: Config, rest: list[str], options: argparse.Namespace) -> int:
    """Print which parts of the runbooks no drill exercises."""
    from incident.drills import scenario as scenarios
    from incident.game.coverage import coverage as covered

    known = [scenarios.find(name) for name in (*scenarios.names(), *_files(rest))]
    found = covered(known, _library(config, own=bool(rest)))
    if options.json:
        print_json([asdict(one) for one in found])
        return 0
    for one in found:
        _print_coverage(one)
    ways = [part for one in found for part in one.ways]
    commands = [part for one in found for part in one.commands]
    say(
        f"{sum(bool(p.drills) for p in ways)} of {len(ways)} ways and {sum(bool(p.drills) for p in commands)} "
        f"of {len(commands)} commands are exercised by {len(known)} drills"
    )
    return 0


def _print_coverage(one: Coverage) -> None:
    by = f"opened by {', '.join(one.opened_by)}" if one.opened_by else "no drill's alert opens it"
    counts = [
        f"{name} {sum(bool(part.drills) for part in parts)} of {len(parts)}"
        for name, parts in (("ways", one.ways), ("commands", one.commands), ("steps", one.steps))
        if parts
    ]
    print(f"{one.path}: {'; '.join(counts)}; {by}")
    for mark, parts in (("◇", one.ways), ("$", one.commands), ("○", one.steps)):
        for part in parts:
            if not part.drills:
                answered = f" (answered in {len(part.known_to)} drills)" if part.known_to else ""
                print(f"  {part.line:>4}  {mark} {one_line(part.text, 100)}{answered}")


def _words(rest: list[str], count: int, form: str) -> list[str]:
    if len(rest) != count:
        raise UsageError(f"write `incident drill {form}`", hint="`incident drill -h` shows all of it")
    return rest
