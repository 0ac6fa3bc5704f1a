"""`incident export`: the post-mortem draft, for colleagues or for everybody."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from incident.cli.logbook import newest
from incident.cli.verb import config_arguments, config_of, say
from incident.config import Config
from incident.core import facts
from incident.core.incident import Incident
from incident.engine.log import Log
from incident.errors import IncidentError, UsageError

if TYPE_CHECKING:
    from incident.core.budget.spending import Spending
    from incident.core.ports import SignalSource

SHOWN = 20  # doubtful lines of an export that are named
_AUDIENCES = ("internal", "public")


class Export:
    """`incident export [ID]`: the post-mortem draft."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which, in which format, for whom, and where to."""
        config_arguments(page)
        page.add_argument("incident", nargs="?", metavar="ID", help="default: the newest one")
        page.add_argument("--format", default="md", metavar="FORMAT", help="md, html or json; default md")
        page.add_argument(
            "--audience", choices=_AUDIENCES, default="internal",
            help="public: persons become roles, machines labels; commands, queries and notes are left out",
        )  # fmt: skip
        page.add_argument("-o", "--output", metavar="FILE", help="where to; - is standard output")
        page.add_argument("--offline", action="store_true", help="ask Prometheus nothing")
        page.add_argument("--drill", action="store_true", help="of the last drill that was played")
        page.add_argument("--schema", action="store_true", help="print the JSON Schema of the front matter, and end")

    def run(self, options: argparse.Namespace) -> int:
        """Measure, build it and write it; what a person wrote in the file stays."""
        from incident import world
        from incident.core.postmortem import write

        if options.schema:
            from incident.exports.schema import text as schema

            sys.stdout.write(schema())
            return 0
        config = config_of(options)
        log = _log(config, drill=options.drill)
        incident = newest(log, options.incident)
        known = world.Exporters()
        if options.format not in known:
            raise UsageError(f"there is no format {options.format!r}", hint=f"known: {', '.join(sorted(known))}")
        public = options.audience == "public"
        if not (options.offline or options.drill):
            _measure(config, log, incident)
        middle = ".public" if public else ""
        beside = config.postmortems / f"{incident.id}{middle}.md"
        written = world.paper().read(str(beside)) if options.format != "md" else None
        manner = world.manner(config, public=public, written=written or "")
        text = write(
            known[options.format](), log.incident(incident.id), log.events(incident.id), world.RealClock().now(), manner
        )
        if options.output == "-":
            sys.stdout.write(text)
            return _doubtful("-", text)
        path = options.output or str(config.postmortems / f"{incident.id}{middle}.{options.format}")
        kept = world.publish(path, text)
        if not log.write([log.stamp(incident.id, facts.Exported(path, options.format))]):
            say(f"incident: that it was written is not on the timeline: {log.trouble}")
        say(f"{incident.id} written to {path}")
        for block in kept:
            say(f"kept as a person wrote it: {block}")
        return _doubtful(path, text)


def _log(config: Config, *, drill: bool) -> Log:
    if drill:
        from incident.game import last_log

        return last_log(config)
    from incident import world

    return world.log(config)


def _measure(config: Config, log: Log, incident: Incident) -> None:
    """Ask Prometheus, where there is one, for the impact of an incident that is over; what it does not say is said."""
    from incident import world

    if not config.prometheus or incident.drill:
        return
    clock = world.RealClock()
    signals = world.signal_source(config, clock, world.access_of(config))
    if signals is not None:
        for why in asyncio.run(_asked(config, log, incident.id, signals)):
            say(f"not measured: {why}")


async def _asked(config: Config, log: Log, identity: str, signals: SignalSource) -> Sequence[str]:
    from incident import world
    from incident.core.budget.slo import for_alert
    from incident.engine.budget import ask_spent, span_of
    from incident.engine.impact import Impact

    clock = world.RealClock()

    async def record(incident: str, *what: facts.Fact, source: str = "tool", **_: object) -> bool:
        return log.write([log.stamp(incident, fact, source=source) for fact in what])

    async def spent(incident: str) -> Sequence[Spending]:
        state = log.incident(incident)
        start, end = span_of(state, clock.now())
        slos = world.promises(config).slos
        concerned = {slo.title: slo for one in state.alerts.values() for slo in for_alert(slos, one.as_alert())}
        return [await ask_spent(signals, slo, start, end) for slo in concerned.values()] if start else []

    try:
        found = await Impact(signals, clock, log, record, spent).measure(identity, only_over=True)
    except IncidentError as error:
        return [str(error)]
    finally:
        await signals.aclose()
    return found.missing


def _doubtful(path: str, text: str) -> int:
    """Name what is as random as a secret and has the form of none; 1 when no person is there to look at it."""
    from incident.core.redaction import findings

    lines = [found.line for found in findings(text) if not found.sure]
    for line in lines[:SHOWN]:
        say(f"{path}:{line}: this looks drawn at random; is it a secret? Look before you share it.")
    return 1 if lines and not sys.stdin.isatty() else 0
