"""`incident drill control`: the facilitator's terminal beside a drill that is being played."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from incident.cli.verb import print_json, print_table, say
from incident.config import Config
from incident.core.text import one_line
from incident.core.when import run_time
from incident.errors import DrillError, IncidentError, UsageError

if TYPE_CHECKING:
    from incident.game.facilitator import Facilitator

_PATIENCE = 5.0  # seconds in which the drill has to answer; it looks every second
_LOOK = 0.1  # seconds between two looks for its answer
_ORDERS = {
    "send": "ID              let an inject come now",
    "hold": "ID              keep it back",
    "release": "ID              let it come when it is due",
    "skip": "ID              leave it out",
    "say": "WHO TEXT...     say something as somebody",
    "pause": "                let time stand",
    "go": "                let time go on",
    "speed": "X               how fast time runs, 1 to 10",
}
_HELP = "\n".join(
    [
        "state                   how the drill stands",
        *(f"{name:<8}{how}" for name, how in _ORDERS.items()),
        "quit                    leave; the drill goes on",
    ]
)


def control(config: Config, rest: list[str], options: argparse.Namespace) -> int:
    """Show how the drill stands, or give it one order; on a terminal and without one, order after order."""
    from incident.game.facilitator import running

    drill = running(config)
    if rest and rest != ["state"]:
        _order(drill, rest)
        return 0
    if options.json:
        print_json(dict(drill.state()))
        return 0
    _show(drill.state())
    if not rest and sys.stdin.isatty() and sys.stdout.isatty():
        _talk(drill)
    return 0


def _talk(drill: Facilitator) -> None:
    """Order after order, until somebody leaves or the drill ends."""
    print(f"\n{_HELP}")
    while drill.is_running:
        try:
            line = input("control> ").strip()
        except EOFError:
            break
        if line in ("quit", "q", "exit"):
            return
        try:
            words = shlex.split(line)
            if not words or words == ["state"]:
                _show(drill.state())
            elif words == ["help"]:
                print(_HELP)
            else:
                _order(drill, words)
        except (IncidentError, ValueError) as wrong:
            say(f"incident: {wrong}")
    say("The drill is over.")


def _order(drill: Facilitator, words: list[str]) -> None:
    """Leave an order and wait for what became of it. Raises UsageError, DrillError."""
    verb, *about = words
    if verb not in _ORDERS:
        raise UsageError(f"a drill knows no order `{one_line(verb, 30)}`", hint=f"known: {', '.join(_ORDERS)}")
    number = f"{time.time_ns():020d}"
    drill.order(number, verb, tuple(about))
    end = time.monotonic() + _PATIENCE
    while (said := drill.answer(number)) is None:
        if time.monotonic() > end:
            raise DrillError("the drill did not answer", hint="is it still being played?")
        time.sleep(_LOOK)
    if said != "done":
        raise DrillError(said)
    say(f"done: {' '.join(words)}")


def _show(state: Mapping[str, Any]) -> None:
    """How the drill stands."""
    time_now = f"T+{run_time(float(state.get('seconds', 0)))}"
    pace = "paused" if state.get("paused") else f"{float(state.get('speed', 1)):g}x"
    end = ", recovered" if state.get("recovered") else ""
    print(f"{state.get('drill')}: {state.get('title')}   {time_now}, {pace}{end}")
    values = ", ".join(f"{name} {str(value).lower()}" for name, value in dict(state.get("state", {})).items())
    print(one_line(f"state: {values}", 200))
    print()
    print_table(("INJECT", "FROM", "WHEN", "STATE", "TEXT"), [_row(inject) for inject in state.get("injects", [])])
    print()
    for line in state.get("log", []):
        print(one_line(str(line), 160))


def _row(inject: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    due = inject.get("due")
    when = f"T+{run_time(float(due))}" if due is not None else f"upon {inject.get('upon')}"
    return (
        str(inject.get("id")),
        str(inject.get("from")),
        when,
        _standing(inject),
        one_line(str(inject.get("text")), 70),
    )


def _standing(inject: Mapping[str, Any]) -> str:
    if inject.get("answered") is not None:
        return "answered"
    if inject.get("sent") is not None:
        return "sent, waits" if inject.get("awaited") else "sent"
    for word in ("skipped", "held"):
        if inject.get(word):
            return word
    return "not called for" if inject.get("needless") else "to come"
