"""`incident import`: rows of another tool's timeline, at that tool's own times."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from incident.cli.verb import config_arguments, config_of, print_json, print_table, say
from incident.config import Config
from incident.core import facts
from incident.core.event import Event
from incident.core.importing import Found, Told, not_yet, within
from incident.core.incident import Incident, identity_for
from incident.core.text import one_line
from incident.core.timeline import stamp
from incident.core.when import iso, parse
from incident.engine.log import Log
from incident.errors import IncidentExists, JournalError, UsageError

if TYPE_CHECKING:
    from incident.core.importing.prometheus import Asked

MOST_BYTES = 64 * 2**20  # of one file
_AROUND = timedelta(hours=1)  # before the first row of an incident, when nobody says from when


class Import:
    """Imports from a file, a folder, standard input or a server."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """One verb per tool."""
        below = page.add_subparsers(title="tools", metavar="TOOL", required=True)
        prometheus = below.add_parser("prometheus", help="what fired, out of the history of ALERTS", allow_abbrev=False)
        source = prometheus.add_mutually_exclusive_group(required=True)
        source.add_argument("file", nargs="?", metavar="FILE|-", help="a saved answer of /api/v1/query_range")
        source.add_argument("--url", metavar="URL", help="ask this Prometheus")
        prometheus.set_defaults(read=_prometheus, tool="prometheus")
        table = below.add_parser("csv", help="a table with columns time,text[,who,kind]", allow_abbrev=False)
        table.add_argument("file", metavar="FILE|-")
        table.add_argument("--zone", metavar="+02:00", default="UTC", help="of times that name none; default UTC")
        table.set_defaults(read=_csv, tool="csv")
        slack = below.add_parser("slack", help="a channel's day, or its folder, out of an export", allow_abbrev=False)
        slack.add_argument("file", metavar="FILE|DIR")
        slack.set_defaults(read=_slack, tool="slack")
        duty = below.add_parser("pagerduty", help="an incident's log entries", allow_abbrev=False)
        duty.add_argument("file", metavar="FILE|-")
        duty.set_defaults(read=_pagerduty, tool="pagerduty")
        for tool in (prometheus, table, slack, duty):
            _common(tool)

    def run(self, options: argparse.Namespace) -> int:
        """Read everything first, so that a file that is off leaves nothing half done."""
        from incident import world

        config = config_of(options)
        log = world.log(config, read_only=options.dry_run)
        incident = log.incident(options.incident) if options.incident else None
        now = world.RealClock().now()
        begin, end = (parse(text, now).at if text else None for text in (options.begin, options.end))
        told: Told = options.read(options, config, _span(incident, begin, end, now))
        rows = within(told.rows, begin, end)
        new = not_yet(rows, options.tool, log.events(incident.id) if incident else ())
        for notice in told.notices:
            say(notice)
        if not options.dry_run and new:
            incident = _write(log, incident, options, new)
        _report(options, incident, rows, new)
        return 0


def _common(page: argparse.ArgumentParser) -> None:
    config_arguments(page)
    target = page.add_mutually_exclusive_group(required=True)
    target.add_argument("--incident", metavar="ID", help="put the rows on the timeline of this incident")
    target.add_argument("--new", metavar="TITLE", help="make an incident of them, which is closed already")
    page.add_argument("--from", dest="begin", metavar="TIME", help="only rows from then on (UTC)")
    page.add_argument("--to", dest="end", metavar="TIME", help="only rows until then (UTC)")
    page.add_argument("--dry-run", action="store_true", help="only show what would be imported")
    page.add_argument("--json", action="store_true", help="for scripts")


def _span(
    incident: Incident | None, begin: datetime | None, end: datetime | None, now: datetime
) -> tuple[datetime | None, datetime]:
    """What to ask a server for: what was said, else the incident from an hour before its beginning."""
    if begin is None and incident is not None and incident.opened_at is not None:
        starts = [mark.at for mark in incident.milestones().values()]
        begin = min([incident.opened_at, *starts]) - _AROUND
    closed = incident.closed_at if incident is not None else None
    return begin, end or closed or now


def _write(log: Log, incident: Incident | None, options: argparse.Namespace, new: Sequence[Found]) -> Incident:
    """Put the rows on the timeline, all or none; the incident. Raises JournalError."""
    identity = incident.id if incident is not None else ""
    for number in range(1, 10_000):
        before: list[Event] = []
        behind: list[Event] = []
        if incident is None:
            identity = identity_for(new[0].at, options.new, number)
            if log.events(identity):
                continue
            before, behind = _frame(log, identity, one_line(options.new, 300), new)
        rows = [log.stamp(identity, r.fact, at=r.at, precision=r.precision, source=options.tool) for r in new]
        try:
            if not log.write([*before, *rows, *behind]):
                raise log.trouble or JournalError("the rows could not be saved")
        except IncidentExists:  # somebody took the number in this moment
            log.load()
            continue
        return log.incident(identity)
    raise UsageError("there are too many incidents of this name on that day")


def _frame(log: Log, identity: str, title: str, new: Sequence[Found]) -> tuple[list[Event], list[Event]]:
    """The beginning and the end of an incident that is over, so that no note of tonight lands in it."""
    first, last = new[0], new[-1]
    opened = facts.IncidentOpened(title, "SEV3")
    closed = facts.IncidentClosed("made of imported rows")
    return (
        [log.stamp(identity, opened, at=first.at, precision=first.precision, source="person")],
        [log.stamp(identity, closed, at=last.at, precision=last.precision, source="person")],
    )


def _report(
    options: argparse.Namespace, incident: Incident | None, rows: Sequence[Found], new: Sequence[Found]
) -> None:
    known = len(rows) - len(new)
    if options.json:
        print_json(
            {
                "incident": incident.id if incident is not None else None,
                "source": options.tool,
                "dry_run": options.dry_run,
                "new": [
                    {"at": iso(r.at), "precision": r.precision.value, "text": r.text, "who": r.who, "key": r.key}
                    for r in new
                ],
                "known": known,
            }
        )
    elif options.dry_run and new:
        print_table(
            ("DATE", "TIME (UTC)", "WHO", "TEXT"),
            [(f"{r.at:%Y-%m-%d}", stamp(r.at, r.precision), r.who, r.text) for r in new],
        )
    where = incident.id if incident is not None else "a new incident"
    done = "would be imported into" if options.dry_run else "imported into"
    said = f"{len(new)} row{'' if len(new) == 1 else 's'} {done} {where}" if new else "there is nothing to import"
    say(f"{said}; {known} were there already" if known else said)


def _prometheus(options: argparse.Namespace, config: Config, span: tuple[datetime | None, datetime]) -> Told:
    from incident.core.importing import prometheus

    if options.url is None:
        return prometheus.parse(_bytes(options.file), _name(options.file))
    begin, end = span
    if begin is None:
        raise UsageError("say from when on", at="--from", hint="--from '05-02 02:00'")
    if begin >= end:
        raise UsageError("this is no span of time: it ends before it begins", at="--from, --to")
    import asyncio  # takes longer to load than the other tools' files take to read

    answer, asked = asyncio.run(_ask(options.url, config, begin, end))
    return prometheus.told(answer, one_line(options.url, 200), asked)


async def _ask(url: str, config: Config, begin: datetime, end: datetime) -> tuple[object, Asked]:
    from incident import world
    from incident.sources.history import History

    history = History(url, clock=world.RealClock(), access=world.access_of(config))
    try:
        return await history.alerts(begin, end)
    finally:
        await history.aclose()


def _csv(options: argparse.Namespace, config: Config, span: tuple[datetime | None, datetime]) -> Told:
    from incident.core.importing import csv

    return csv.parse(_bytes(options.file), _name(options.file), csv.zone_of(options.zone))


def _slack(options: argparse.Namespace, config: Config, span: tuple[datetime | None, datetime]) -> Told:
    from incident.core.importing import slack
    from incident.core.importing.row import in_time

    place = Path(options.file)
    days = sorted(place.glob("[0-9]*-[0-9]*-[0-9]*.json")) if place.is_dir() else [place]
    if not days:
        raise UsageError("this folder holds no day of a channel", at=str(place), hint="such as 2026-05-02.json")
    folder = place if place.is_dir() else place.parent
    beside = (folder / "users.json", folder.resolve().parent / "users.json")
    people = next((file for file in beside if file.is_file()), None)
    users = slack.users_of(_bytes(str(people)), str(people)) if people else {}
    told = [slack.parse(_bytes(str(day)), day.name, users) for day in days]
    nobody = () if people else ("there is no users.json beside it: people appear by their ids",)
    notices = (*nobody, *(notice for one in told for notice in one.notices))
    return Told(in_time(row for one in told for row in one.rows), notices)


def _pagerduty(options: argparse.Namespace, config: Config, span: tuple[datetime | None, datetime]) -> Told:
    from incident.core.importing import pagerduty

    return pagerduty.parse(_bytes(options.file), _name(options.file))


def _name(file: str) -> str:
    return "standard input" if file == "-" else one_line(file, 300)


def _bytes(file: str) -> bytes:
    """A file's bytes; `-` is standard input. Raises UsageError for one that cannot be read, or is far too large."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            path = Path(file)
            if path.exists() and not path.is_file():
                raise UsageError("this is no file", at=_name(file))
            with path.open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
    except OSError as broken:
        raise UsageError(f"this file cannot be read: {broken.strerror}", at=_name(file)) from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"this is more than {MOST_BYTES >> 20} MiB", at=_name(file), hint="import it in parts")
    return data
