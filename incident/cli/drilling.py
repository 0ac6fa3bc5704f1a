"""`incident drill`: choose and play a game day, or work on the scenarios."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from incident.cli.console import answer_keys_first, needs_terminal
from incident.cli.verb import config_of, print_json, print_table, say
from incident.config import Config
from incident.errors import UsageError

if TYPE_CHECKING:
    from incident.drills.model import Level
    from incident.game.records import Choice, Offer

# What can be done besides playing: its words in the help, and module:function below incident.cli.
WORKS = {
    "list": ("", "every drill, its length and when it was played last", "drilling:listed"),
    "check": (
        "[FILE...]",
        "is a scenario sound: proven by playing its solution and its wrong ways",
        "drill_works:check",
    ),
    "new": ("NAME", "write a scenario to begin with", "drill_works:new"),
    "from": ("ID", "a scenario from what happened in a past incident", "drill_works:from_incident"),
    "msel": ("NAME", "the facilitator's table: what comes when, and who answers what", "drill_works:msel"),
    "aar": ("[ID]", "the facts of a drill that was played, and its hot wash", "drill_works:aar"),
    "coverage": ("", "which parts of the runbooks no drill exercises", "drill_works:coverage"),
    "control": ("[ORDER...]", "facilitate the drill that is played in another terminal", "drill_control:control"),
}
_EPILOG = "\n".join(
    [
        "",
        "besides playing:",
        *(f"  incident drill {f'{name} {words}':<20}{what}" for name, (words, what, _) in WORKS.items()),
    ]
)


class Drill:
    """`incident drill [NAME]`: a game day in the same console; with another word, work on the scenarios."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """The scenario, or what to do."""
        page.formatter_class = argparse.RawDescriptionHelpFormatter
        page.epilog = _EPILOG.strip("\n")
        page.add_argument("words", nargs="*", metavar="NAME", help="a drill, or a scenario's file; without it, choose")
        page.add_argument("--config", metavar="FILE", help=argparse.SUPPRESS)
        page.add_argument("--speed", type=float, default=1.0, metavar="X", help="how fast its clock runs, 1 to 10")
        page.add_argument("--level", choices=("guided", "normal", "quiet"), help="how much it says by itself")
        page.add_argument("--json", action="store_true", help="for scripts; not when playing")
        page.add_argument("-o", "--output", metavar="FILE", help="where `new` and `from` write; - is standard output")

    def run(self, options: argparse.Namespace) -> int:
        """Play it, let somebody choose, or do the work that is named."""
        if not 1 <= options.speed <= 10:
            raise UsageError(f"a speed of {options.speed:g}", at="--speed", hint="give 1 to 10")
        name, *rest = options.words or [""]
        if name in WORKS:
            module, _, function = WORKS[name][2].partition(":")
            work: Callable[[Config, list[str], argparse.Namespace], int]
            work = getattr(import_module(f"incident.cli.{module}"), function)
            return work(config_of(options), rest, options)
        if rest:
            raise UsageError(f"`incident drill {name}` takes nothing behind it", hint="`incident drill -h` shows how")
        config = config_of(options)
        if name:
            return play(config, name, options.speed, options.level)
        return choose_and_play(config, options) if _at_terminal() else listed(config, [], options)


def listed(config: Config, rest: list[str], options: argparse.Namespace) -> int:
    """Print every drill."""
    del rest
    offers = _offers(config)
    if options.json:
        print_json([_as_json(offer) for offer in offers])
        return 0
    rows = [
        (
            o.scenario.name,
            o.scenario.title,
            f"{o.scenario.length / 60:.0f} min",
            f"{o.last.at:%Y-%m-%d}" if o.last else "",
        )
        for o in offers
    ]
    print_table(("NAME", "TITLE", "LENGTH", "LAST PLAYED"), rows)
    return 0


def choose_and_play(config: Config, options: argparse.Namespace | None = None) -> int:
    """Let somebody choose, then play."""
    needs_terminal("`incident drill list` prints them")
    from incident.tui.choosing import Chooser

    answer_keys_first()
    app = Chooser(_offers(config))
    choice: Choice | None = app.run()
    if choice is None:
        return app.return_code or 0
    level = getattr(options, "level", None) or choice.level.value
    return play(config, choice.name, getattr(options, "speed", 1.0), level)


def play(config: Config, name: str, speed: float = 1.0, level: str | None = None) -> int:
    """Play a drill in the console, and say where its record is."""
    from incident.drills import scenario as scenarios

    scenarios.find(name)
    needs_terminal("a drill is played on a terminal")
    answer_keys_first()
    from incident import world
    from incident.game import Game
    from incident.tui.app import Console, Opening

    game = Game(config, name, speed, level=_level(config, level))
    app = Console(game.parts, Opening(crash_file=world.crash_file(config)), game)
    app.run()
    for line in game.farewell():
        say(line)
    return app.return_code or 0


def _level(config: Config, named: str | None) -> Level:
    """The level that is asked for, else guided for whoever plays for the first time."""
    from incident.drills.model import Level
    from incident.game.records import folders

    if named:
        return Level(named)
    return Level.NORMAL if folders(config) else Level.GUIDED


def _offers(config: Config) -> list[Offer]:
    from incident.drills import scenario as scenarios
    from incident.game.records import Offer, runs

    found = []
    for name in scenarios.names():
        played = runs(config, name)
        found.append(Offer(scenarios.find(name), played[-1] if played else None, len(played)))
    return sorted(found, key=lambda offer: offer.scenario.length)


def _as_json(offer: Offer) -> dict[str, object]:
    scenario, last = offer.scenario, offer.last
    return {
        "name": scenario.name,
        "id": scenario.id,
        "title": scenario.title,
        "objectives": list(scenario.objectives),
        "length_seconds": scenario.length,
        "played": offer.times,
        "last_played": last.at.isoformat().replace("+00:00", "Z") if last else None,
        "last_recovered": last.recovered if last else None,
    }


def _at_terminal() -> bool:
    import sys

    return sys.stdin.isatty() and sys.stdout.isatty()
