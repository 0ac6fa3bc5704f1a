"""`incident handover`: what the next person has to know; and giving and taking the lead."""

from __future__ import annotations

import argparse

from incident.cli.logbook import newest, one_open
from incident.cli.verb import config_arguments, config_of, print_json, say
from incident.config import Config
from incident.core import facts
from incident.core.escalation import communication, rules
from incident.core.event import Event
from incident.core.handover import as_json, giving, handover, taking
from incident.core.incident import Incident
from incident.core.runbook import Runbook
from incident.core.text import one_line, plain
from incident.engine.log import Log
from incident.errors import IncidentError, JournalError, UsageError


class Handover:
    """Prints the handover as Markdown; gives the lead to somebody, or takes it."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which incident, and what becomes of the lead."""
        config_arguments(page)
        page.add_argument("incident", nargs="?", metavar="ID", help="default: the only open one, else the newest one")
        lead = page.add_mutually_exclusive_group()
        lead.add_argument("--to", metavar="PERSON", help="the lead goes to this person, who then takes it")
        lead.add_argument("--take", action="store_true", help="you have the lead from now on")
        page.add_argument("--note", metavar="TEXT", default="", help="what to say with it; with --to")
        page.add_argument("--json", action="store_true", help="for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Record who has the lead, when that changes; then print what there is to know."""
        from incident import world

        if options.note and not options.to:
            raise UsageError("--note goes with --to", hint="`incident note` writes a line by itself")
        config = config_of(options)
        changes = options.to is not None or options.take
        log = world.log(config, read_only=not changes)
        incident = one_open(log, options.incident) if changes else _shown(log, options.incident)
        if changes:
            who = world.writer(config).person
            found = _lead_facts(incident, log.events(incident.id), who, options)
            if not log.write([log.stamp(incident.id, fact, source="person") for fact in found]):
                raise log.trouble or JournalError("who has the lead could not be saved")
            incident = log.incident(incident.id)
            say(f"{incident.id}: {incident.lead} has the lead" + ("." if options.take else ", and has to take it."))
        now, book, events = world.RealClock().now(), _runbook(config, incident), log.events(incident.id)
        contacts = book.contacts if isinstance(book, Runbook) else ()
        due = rules(contacts, incident.runbook, world.escalation(config))
        told = communication(incident, events, due, config.updates.every, now)
        known = handover(incident, events, book, now, told)
        if options.json:
            print_json(as_json(known))
        else:
            from incident.exports.handover import render

            print(render(known), end="")
        return 0


def _shown(log: Log, named: str | None) -> Incident:
    return one_open(log, named) if log.open_incidents() else newest(log, named)


def _lead_facts(
    incident: Incident, events: tuple[Event, ...], person: str, options: argparse.Namespace
) -> tuple[facts.Fact, ...]:
    if options.take:
        return taking(incident, events, person)
    return (giving(incident, one_line(options.to), plain(options.note).strip()),)


def _runbook(config: Config, incident: Incident) -> Runbook | str:
    """The runbook in use as it is on disk, or why its steps are not known."""
    if not incident.runbook:
        return "No runbook was opened."
    from incident import world
    from incident.core.runbook.part import part_of
    from incident.core.runbook.read import read
    from incident.sources.runbooks import Folders

    path, _, anchor = incident.runbook.partition("#")
    try:
        file = Folders(world.roots(config)).read(path)
        if file.sha256 != incident.runbooks[incident.runbook].sha256:
            return f"{path} was edited since it was opened, so its steps are not known here."
        whole = read(file.data, file.path)
        return part_of(whole, anchor) if anchor else whole
    except IncidentError as broken:
        return f"The steps of {path} are not known here: {broken.what}."
