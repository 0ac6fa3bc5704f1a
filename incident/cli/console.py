"""The verbs that open the console: on the alerts, on one runbook, in a drill."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from incident.cli.verb import config_arguments, config_of, say
from incident.config import Config
from incident.core.text import one_line
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
        page.add_argument("--drill-live", metavar="NAME", help="a game day against the real outside; all of it is real")

    def run(self, options: argparse.Namespace) -> int:
        """Open the console."""
        if options.drill_live is not None:
            return _drill_live(config_of(options), options.drill_live)
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


def _open(config: Config, runbook: str = "") -> int:
    """Open the console on the real world; a drill follows when it was asked for."""
    needs_terminal("`incident alerts` prints what fires; --json is for scripts")
    answer_keys_first()
    from incident import world
    from incident.tui.app import DRILL_WANTED, Console, Opening

    opening = Opening(runbook=runbook, crash_file=world.crash_file(config))
    app = Console(lambda: world.real(config, dict(os.environ)), opening)
    wanted = app.run()
    if wanted == DRILL_WANTED:
        from incident.cli.drilling import choose_and_play

        return choose_and_play(config)
    code = _say_what_is_not_saved(app) or app.return_code or 0
    if not code:
        _say_what_is_open(config)
    return code


def _drill_live(config: Config, typed: str) -> int:
    """Open the console on the real outside, with every record marked as a drill and kept apart from incidents."""
    name = one_line(typed, 40)
    if not name:
        raise UsageError("a live drill needs a name", at="--drill-live", hint="for example kill-redis")
    needs_terminal("a drill is played on a terminal")
    answer_keys_first()
    from incident import world
    from incident.game.records import new_folder
    from incident.tui.app import Console, Opening

    apart = replace(config, state=new_folder(config, f"live {name}"))
    opening = Opening(crash_file=world.crash_file(config), live_drill=name)
    app = Console(lambda: world.real(apart, dict(os.environ), name), opening)
    app.run()
    code = _say_what_is_not_saved(app) or app.return_code or 0
    say(
        f"LIVE DRILL {name}: `incident timeline --drill` prints its timeline, `incident export --drill` its post-mortem"
    )
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


def answer_keys_first() -> None:
    """Set Python up for a program that somebody looks at, before the screens are loaded."""
    gc.set_threshold(200_000)  # what is loaded stays: searching it for garbage again and again is a tenth of the start
    sys.setswitchinterval(0.001)  # seconds; a key need not wait long for a thread that reads an answer


def needs_terminal(hint: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("this is not a terminal", hint=hint)
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        raise UsageError(f"nothing can be drawn on a terminal whose TERM is {term or 'not set'}", hint=hint)
