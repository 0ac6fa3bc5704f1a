"""The verbs that open the console: on the alerts, on one runbook, in a drill."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import TYPE_CHECKING

from incident.cli.verb import config_arguments, config_of, say
from incident.config import Config
from incident.core.timeline import row_of, stamp
from incident.errors import IncidentError, JournalError, UsageError

if TYPE_CHECKING:
    from incident.tui import app as tui


class Console:
    """`incident`: the console on what fires."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Where the alerts come from, and whether anything may be changed."""
        config_arguments(page)
        page.add_argument("--read-only", action="store_true", help="nothing that may change something can run")

    def run(self, options: argparse.Namespace) -> int:
        """Open the console."""
        return _open(config_of(options))


class Run:
    """`incident run RUNBOOK`: the console with no alert, on one runbook."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """The runbook."""
        config_arguments(page)
        page.add_argument("--read-only", action="store_true", help="nothing that may change something can run")
        page.add_argument("runbook", metavar="RUNBOOK", help="its path or its name")

    def run(self, options: argparse.Namespace) -> int:
        """Open the console on it."""
        from incident.cli.lookups import find_runbook

        config = config_of(options)
        return _open(config, runbook=find_runbook(config, options.runbook))


class Drill:
    """`incident drill NAME`: a game day in the same console."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """The scenario."""
        page.add_argument("scenario", nargs="?", metavar="NAME", help="which one; without it, they are listed")
        page.add_argument("--config", metavar="FILE", help=argparse.SUPPRESS)
        page.add_argument("--speed", type=float, default=1.0, metavar="X", help="how fast its clock runs, 1 to 10")

    def run(self, options: argparse.Namespace) -> int:
        """Play it, or list them all."""
        from incident.drills import scenario as scenarios

        if options.scenario is None:
            for name in scenarios.names():
                print(f"{name:<24}{scenarios.find(name).title}")
            return 0
        if not 1 <= options.speed <= 10:
            raise UsageError(f"a speed of {options.speed:g}", at="--speed", hint="give 1 to 10")
        scenarios.find(options.scenario)
        return play(config_of(options), options.scenario, options.speed)


def _open(config: Config, runbook: str = "") -> int:
    """Open the console on the real world; a drill follows when it was asked for."""
    _needs_terminal("`incident alerts` prints what fires; --json is for scripts")
    _answer_keys_first()
    from incident import world
    from incident.tui.app import DRILL_WANTED, Console, Opening

    opening = Opening(runbook=runbook, crash_file=world.crash_file(config))
    app = Console(lambda: world.real(config, dict(os.environ)), opening)
    wanted = app.run()
    if wanted == DRILL_WANTED:
        return play(config, "bad-deploy", 1.0)
    code = _say_what_is_not_saved(app) or app.return_code or 0
    if not code:
        _say_what_is_open(config)
    return code


def _say_what_is_not_saved(app: tui.Console) -> int:
    """What could not be saved to the last moment, so that it can be copied from here; 1 when there is any."""
    lost = app.engine.log.unsaved if app.ready else ()
    for event in lost:
        row = row_of(event)
        say(f"NOT SAVED  {event.incident}  {event.at:%Y-%m-%d} {stamp(row.at, row.precision)} UTC  {row.line}")
    if lost:
        say(f"incident: {len(lost)} events could not be saved: {app.engine.log.trouble}")
    return JournalError.exit_code if lost else 0


def _say_what_is_open(config: Config) -> None:
    from incident import world

    try:
        still_open = world.log(config, read_only=True).open_incidents()
    except IncidentError:
        return
    for incident in still_open:
        say(
            f"{incident.id} is still open: `incident` goes on with it; `incident export {incident.id}` writes the draft"
        )


def play(config: Config, name: str, speed: float) -> int:
    """Play a drill in the console, and say where its record is."""
    _needs_terminal("a drill is played on a terminal")
    _answer_keys_first()
    from incident import world
    from incident.game import Game
    from incident.tui.app import Console, Opening

    game = Game(config, name, speed)
    app = Console(game.parts, Opening(crash_file=world.crash_file(config)), game)
    app.run()
    for line in game.farewell():
        say(line)
    return app.return_code or 0


def _answer_keys_first() -> None:
    """Set Python up for a program that somebody looks at, before the screens are loaded."""
    gc.set_threshold(200_000)  # what is loaded stays: searching it for garbage again and again is a tenth of the start
    sys.setswitchinterval(0.001)  # seconds; a key need not wait long for a thread that reads an answer


def _needs_terminal(hint: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("this is not a terminal", hint=hint)
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        raise UsageError(f"nothing can be drawn on a terminal whose TERM is {term or 'not set'}", hint=hint)
