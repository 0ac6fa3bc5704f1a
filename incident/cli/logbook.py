"""The verbs on what was recorded: a note from any shell, the incidents, one timeline."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from incident.cli.verb import config_arguments, config_of, print_json, print_table, say
from incident.config import Config
from incident.core import facts
from incident.core.corrections import correction_of
from incident.core.event import Event
from incident.core.facts import Remark
from incident.core.incident import Incident, durations
from incident.core.text import plain
from incident.core.timeline import Category, Folded, Row, as_json, folded, row_of, rows
from incident.core.when import Moment, duration, iso, parse, split_time, understood
from incident.engine.log import Log
from incident.errors import JournalError, UsageError

_NOTHING = UsageError("there is nothing to write down", hint='incident note "what you saw"')


class Note:
    """`incident note TEXT`: a timeline entry from any shell."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """What, when, and in which incident."""
        config_arguments(page)
        page.add_argument("text", nargs="*", metavar="TEXT", help="the line; a time may stand in front: -5m, 03:07")
        page.add_argument("--at", metavar="TIME", help="-5m, 03:07, ~03:05, 02:58..03:01, fri 23:50, 05-02 03:07 (UTC)")
        page.add_argument("--kind", choices=[kind.value for kind in Remark], default="note", help="what it is")
        page.add_argument("--incident", metavar="ID", help="which incident; default: the only open one")
        page.add_argument("--correct", metavar="ROW", help="say how this row of `timeline --ids` should read, or when")
        page.add_argument("--why", metavar="TEXT", default="", help="why it is corrected; with --correct")

    def run(self, options: argparse.Namespace) -> int:
        """Write it down; it is on disk when this returns."""
        from incident import world

        if not " ".join(options.text).strip() and not options.correct:
            raise _NOTHING
        config = config_of(options)
        log = world.log(config)
        incident = one_open(log, options.incident)
        now = world.RealClock().now()
        moment, words = split_time(plain(" ".join(options.text)), now)
        if options.at:
            moment = parse(options.at, now)
        events = log.events(incident.id) if options.correct else ()  # a note need not wait for a long timeline
        fact, moment = _noted(options, events, words, moment)
        when = moment or Moment(now)
        event = log.stamp(incident.id, fact, at=when.at, precision=when.precision, until=when.until, source="person")
        if not log.write([event]):
            raise log.trouble or JournalError("the note could not be saved")
        row = row_of(event)
        say(f"{incident.id}  {understood(when, now)}  {row.lead}: {row.text}")
        return 0


def _noted(
    options: argparse.Namespace, events: Sequence[Event], words: str, moment: Moment | None
) -> tuple[facts.Fact, Moment | None]:
    """The fact to write down, and when it happened. Raises UsageError when there is none."""
    if options.correct:
        return correction_of(events, options.correct, words, moment, plain(options.why).strip())
    if options.why:
        raise UsageError("--why goes with --correct")
    if not words:
        raise _NOTHING
    return facts.Remarked(options.kind, words), moment


class List:
    """`incident list`: the incidents."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which, and how."""
        _log_arguments(page)
        page.add_argument("--open", action="store_true", help="only those that nobody has closed")

    def run(self, options: argparse.Namespace) -> int:
        """List them."""
        log = _log(options)
        found = log.open_incidents() if options.open else log.incidents()
        if options.json:
            print_json([_summary(incident) for incident in found])
        elif found:
            print_table(
                ("ID", "SEV", "STATE", "OPENED (UTC)", "TITLE"),
                [
                    (i.id, i.severity, "open" if i.is_open else "closed",
                     f"{i.opened_at:%Y-%m-%d %H:%M}" if i.opened_at else "", i.title)
                    for i in found
                ],
            )  # fmt: skip
        else:
            say("There are no incidents." if not options.drill else "There are no drills yet.")
        return 0


class Timeline:
    """`incident timeline [ID]`: one timeline."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which, and how."""
        _log_arguments(page)
        page.add_argument("incident", nargs="?", metavar="ID", help="default: the newest one")
        kinds = [kind.value for kind in Category]
        page.add_argument("--kind", choices=kinds, action="append", help="only such rows; may be given several times")
        page.add_argument("--fold", action="store_true", help="bookkeeping and what repeats as one row")
        page.add_argument("--ids", action="store_true", help="with the id of every row, for `note --correct`")

    def run(self, options: argparse.Namespace) -> int:
        """Print it."""
        log = _log(options)
        incident = newest(log, options.incident)
        events = log.events(incident.id)
        shown = [row for row in rows(events) if not options.kind or row.category in options.kind]
        if options.json:
            known = {event.id: event for event in events}
            print_json(
                {"incident": _summary(incident), "events": [as_json(known[row.id], row) for row in shown]},
            )
            return 0
        say(f"{incident.id}  {incident.severity}  {incident.title}")
        _print_rows(folded(shown) if options.fold else shown, ids=options.ids)
        return 0


def _print_rows(shown: Sequence[Row | Folded], *, ids: bool) -> None:
    """The rows with a line where a new day begins; below a corrected one what it read before."""
    day = None
    for row in shown:
        if row.at.date() != day:
            day = row.at.date()
            print(f"{day:%Y-%m-%d} (UTC)")
        if isinstance(row, Folded):
            print(f"{'':<9} … {row.line}")
            continue
        print(f"{row.stamp:<9} {f'{row.id}  ' if ids else ''}{' '.join(row.line.split())}")
        if row.corrected:
            print(f"{'':<9}   was {' '.join(row.was.split())}")


def _log_arguments(page: argparse.ArgumentParser) -> None:
    config_arguments(page)
    page.add_argument("--json", action="store_true", help="for scripts")
    page.add_argument("--drill", action="store_true", help="of the last drill that was played")


def _log(options: argparse.Namespace) -> Log:
    from incident import world

    config: Config = config_of(options)
    if options.drill:
        from incident.game import last_log

        return last_log(config)
    return world.log(config, read_only=True)


def newest(log: Log, named: str | None) -> Incident:
    """The named incident, else the newest one. Raises UsageError."""
    if named:
        return log.incident(named)
    known = log.incidents()
    if not known:
        raise UsageError(
            "there are no incidents yet", hint="enter on an alert opens one; `incident drill bad-deploy` plays one"
        )
    return known[0]


def one_open(log: Log, named: str | None) -> Incident:
    """The named incident, else the only open one. Raises UsageError when there is none, or more than one."""
    if named:
        return log.incident(named)
    known = log.open_incidents()
    if len(known) == 1:
        return known[0]
    if known:
        raise UsageError("several incidents are open", hint=f"--incident {' or '.join(i.id for i in known[:4])}")
    raise UsageError(
        "no incident is open", hint="enter on an alert in the console opens one; --incident names an ended one"
    )


def _summary(incident: Incident) -> dict[str, object]:
    marks = incident.milestones()
    return {
        "id": incident.id,
        "title": incident.title,
        "severity": incident.severity,
        "service": incident.service,
        "state": "open" if incident.is_open else "closed",
        "drill": incident.drill,
        "lead": incident.lead or None,
        "opened_at": iso(incident.opened_at) if incident.opened_at else None,
        "closed_at": iso(incident.closed_at) if incident.closed_at else None,
        "alerts": [
            {"name": record.fired.name, "severity": record.fired.severity, "fired": iso(record.start.at),
             "resolved": iso(record.resolved_at) if record.resolved_at else None}
            for record in incident.alerts.values()
        ],
        "milestones": {
            name.value: {"at": iso(mark.at), "precision": mark.precision.value, "source": mark.source}
            for name, mark in marks.items()
        },
        "durations": {name: duration(span) for name, span in durations(marks).items()},
        "commands": [
            {"run": run, "text": record.started.text, "outcome": record.outcome}
            for run, record in incident.commands.items()
        ],
    }  # fmt: skip
