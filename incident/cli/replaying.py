"""`incident replay ID`: walk a past incident forward, nothing spoiled."""

from __future__ import annotations

import argparse

from incident.cli.console import answer_keys_first, needs_terminal
from incident.cli.verb import config_arguments, config_of, print_json, say
from incident.core.replay import turns
from incident.core.text import one_line
from incident.core.timeline import as_json
from incident.errors import UsageError


class Replay:
    """Shows what was known at each turn, and asks what comes next before it shows what was done."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which incident."""
        config_arguments(page)
        page.add_argument("incident", metavar="ID", help="the incident; `incident list` names them")
        page.add_argument("--drill", action="store_true", help="it is one of the last drill that was played")
        page.add_argument("--json", action="store_true", help="the turns, for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Walk through it; the answers are printed at the end."""
        from incident import world

        config = config_of(options)
        if options.drill:
            from incident.game import last_log

            log = last_log(config)
        else:
            log = world.log(config, read_only=True)
        identity = log.incident(options.incident).id
        events = log.events(identity)
        told = turns(events)
        if options.json:
            print_json(
                [
                    {"news": [as_json(e) for e in turn.news], "deed": as_json(turn.deed) if turn.deed else None}
                    for turn in told
                ]
            )
            return 0
        if not any(turn.deed for turn in told):
            raise UsageError("nothing was done in this incident that could be asked about", at=identity)
        needs_terminal("--json prints the turns")
        answer_keys_first()
        from incident.tui.replaying import Replay as Program

        app = Program(identity, events)
        answers = app.run() or []
        for answer in answers:
            if answer.would:
                print(f"- you: {one_line(answer.would, 1000)}\n  then: {one_line(answer.did, 1000)}")
        say(f"{identity}: {len(answers)} of {sum(turn.deed is not None for turn in told)} turns; nothing was written")
        return app.return_code or 0
