"""`incident update`: the next update from what is known; read, sent once, or written down."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets

from incident.cli.logbook import one_open
from incident.cli.verb import config_arguments, config_of, say
from incident.config import Config
from incident.core import facts
from incident.core.facts import Fact, Remark
from incident.core.incident import Incident
from incident.core.runbook import Runbook
from incident.core.text import plain
from incident.core.told import Outcome
from incident.core.updates import again
from incident.engine.log import Log
from incident.engine.updates import Preview, Updates, source_of
from incident.errors import IncidentError, JournalError, SourceError, UsageError


class Update:
    """Prints the next update; with a text, writes it down; with --send, sends it."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """What, and what becomes of it."""
        config_arguments(page)
        page.add_argument("text", nargs="*", metavar="TEXT", help="the update; default: one from what is known")
        page.add_argument("--send", action="store_true", help="send it to the webhook of the configuration, once")
        page.add_argument("--dry-run", action="store_true", help="print the very bytes that --send would send")
        page.add_argument("--again", action="store_true", help="send words that were sent, or may have been, before")
        page.add_argument("--incident", metavar="ID", help="which incident; default: the only open one")

    def run(self, options: argparse.Namespace) -> int:
        """Print, write down or send."""
        from incident import world

        config = config_of(options)
        typed = plain(" ".join(options.text)).strip()
        writes = not options.dry_run and (options.send or bool(typed))
        log = world.log(config, read_only=not writes)
        incident = one_open(log, options.incident)
        updates = _updates(config, log)
        text = typed or updates.draft(incident.id, _runbook(config, incident), config.updates.every)
        if options.dry_run:
            print(updates.preview(incident.id, text).body)
            return 0
        if options.send:
            asyncio.run(updates.look())
            return _send(log, incident, updates, updates.preview(incident.id, text), again_too=options.again)
        if not typed:
            print(updates.preview(incident.id, text).text)
            return 0
        words = updates.preview(incident.id, text).text
        if not log.write([log.stamp(incident.id, facts.Remarked(Remark.UPDATE.value, words), source="person")]):
            raise log.trouble or JournalError("the update could not be saved")
        say(f"{incident.id}  update written down; nothing was sent")
        return 0


def _updates(config: Config, log: Log) -> Updates:
    from incident import world

    async def write(identity: str, fact: Fact) -> bool:
        return log.write([log.stamp(identity, fact, source=source_of(fact))])

    clock, redactor = world.RealClock(), world.redactor(config, os.environ)
    return Updates(log, write, world.messenger(config, os.environ), redactor, clock, lambda: secrets.token_hex(6))


def _send(log: Log, incident: Incident, updates: Updates, preview: Preview, *, again_too: bool) -> int:
    """Send once; 0 when it arrived. Raises SourceError when it did not, or when nobody knows."""
    from incident.surroundings import RealSurroundings

    asyncio.run(updates.find_lost(incident, RealSurroundings(os.environ).alive))
    before = again(log.incident(incident.id), preview.text)
    if before is not None and not again_too:
        raise UsageError(
            f"these very words were sent before: {before.outcome}", hint="look in the channel; --again sends them again"
        )
    delivery = asyncio.run(updates.send(incident.id, preview))
    if delivery.outcome is Outcome.SENT:
        say(f"{incident.id}  sent; it is on the timeline")
        return 0
    how = "not sent" if delivery.outcome is Outcome.FAILED else "nobody knows whether it arrived"
    raise SourceError(f"{how}: {delivery.reason}")


def _runbook(config: Config, incident: Incident) -> Runbook | None:
    """The runbook in use as it is on disk; without it the update says a little less."""
    if not incident.runbook:
        return None
    from incident import world
    from incident.core.runbook.read import read
    from incident.sources.runbooks import Folders

    try:
        file = Folders(world.roots(config)).read(incident.runbook.partition("#")[0])
        return read(file.data, file.path)
    except IncidentError:
        return None
