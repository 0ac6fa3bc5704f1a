"""The verbs that look something up: what fires, a runbook as the tool reads it, the runbook for an alert."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from incident.cli.firing import firing
from incident.cli.verb import config_arguments, config_of, print_json, print_table, say
from incident.config import Config
from incident.core.alert import Alert
from incident.core.matcher import parse
from incident.core.when import age, iso
from incident.errors import RunbookError, SourceError, UsageError


class Alerts:
    """`incident alerts`: what fires now."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which alerts."""
        config_arguments(page)
        page.add_argument("matcher", nargs="*", metavar="MATCHER", help='such as severity=page or name=~"api.*"')
        page.add_argument("--json", action="store_true", help="for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Ask every source once."""
        import asyncio  # takes longer to load than the other verbs take to run

        from incident import world

        config = config_of(options)
        if not config.alertmanager:
            raise UsageError(
                "no Alertmanager is set up", hint="--alertmanager URL, or `alertmanager: URL` in the configuration"
            )
        matchers = [parse(text) for text in options.matcher]
        alerts, failures = asyncio.run(firing(config, matchers))
        now = world.RealClock().now()
        listing = _listing(config)
        matched = {alert.occurrence: _match(alert.labels, alert.annotations, listing, config) for alert in alerts}
        if options.json:
            print_json(
                {
                    "at": iso(now),
                    "alerts": [_as_json(alert, matched[alert.occurrence], now) for alert in alerts],
                    "failed": [{"error": e.what, "at": e.at, "hint": e.hint} for e in failures],
                }
            )
        elif alerts:
            print_table(
                ("SEV", "AGE", "ALERT", "SERVICE", "WHERE", "STATE", "RUNBOOK"),
                [
                    (a.severity, age(now - a.starts_at), a.title, a.service, a.place, a.state,
                     matched[a.occurrence].path or "none")
                    for a in alerts
                ],
            )  # fmt: skip
        elif not failures:
            say("Nothing fires." if not matchers else "Nothing that fires matches.")
        for failure in failures:
            say(f"incident: {failure}")
        return SourceError.exit_code if failures else 0


def _as_json(alert: Alert, match: Any, now: datetime) -> dict[str, Any]:
    return {
        "fingerprint": alert.fingerprint,
        "name": alert.name,
        "severity": alert.severity.value,
        "state": alert.state.value,
        "starts_at": iso(alert.starts_at),
        "age_seconds": int((now - alert.starts_at).total_seconds()),
        "service": alert.service,
        "place": alert.place,
        "summary": alert.summary,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "source": alert.source,
        "runbook": match.as_json(),
    }


def _listing(config: Config) -> Any:
    from incident import world
    from incident.sources.runbooks import Folders

    return Folders(world.roots(config)).listing()


def _match(labels: Any, annotations: Any, listing: Any, config: Config) -> Any:
    from incident.core.match import match

    return match(labels, annotations, listing, config.runbook_map)


class Runbook:
    """`incident runbook show` and `incident runbook match`."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Two verbs of its own."""
        below = page.add_subparsers(title="verbs", metavar="VERB", required=True)
        show = below.add_parser("show", help="a runbook as the tool reads it", allow_abbrev=False)
        config_arguments(show)
        show.add_argument("runbook", metavar="FILE|NAME", help="a file, or the name of one; FILE#HEADING: one part")
        show.add_argument("--json", action="store_true", help="for scripts")
        show.set_defaults(work=_show)
        match = below.add_parser("match", help="alert JSON in, runbook and why out", allow_abbrev=False)
        config_arguments(match)
        match.add_argument("file", nargs="?", default="-", metavar="FILE|-", help='{"labels": {}, "annotations": {}}')
        match.add_argument("--root", action="append", metavar="DIR", dest="runbooks", help="a folder with runbooks")
        match.add_argument("--json", action="store_true", help="for scripts")
        match.set_defaults(work=_match_verb)

    def run(self, options: argparse.Namespace) -> int:
        """Show or match."""
        code: int = options.work(options)
        return code


def find_runbook(config: Config, named: str) -> str:
    """The path under the roots of a runbook given by path or by name. Raises RunbookError."""
    listing = _listing(config)
    wanted = named.removesuffix(".md")
    exact = [
        item
        for item in listing
        if item.path in (named, f"{named}.md") or f"{item.root}/{item.path}" == str(Path(named).resolve())
    ]
    by_stem = [item for item in listing if Path(item.path).stem == wanted]
    found = exact or by_stem
    if len(found) == 1:
        return str(found[0].path)
    if found:
        raise RunbookError(f"several runbooks are named {named}", hint=", ".join(item.path for item in found[:5]))
    hint = "`--runbooks DIR` names their folder" if not listing else "`incident runbook show` takes any file"
    raise RunbookError(f"there is no runbook {named!r} under the roots", hint=hint)


def _show(options: argparse.Namespace) -> int:
    from incident.core.runbook.read import read

    named, _, anchor = (options.runbook, "", "") if Path(options.runbook).exists() else options.runbook.partition("#")
    path = Path(named)
    if path.exists():
        from incident.sources.runbooks import Folders

        file = Folders([path.resolve().parent]).read(path.name)
        runbook = read(file.data, named)
    else:
        from incident import world
        from incident.sources.runbooks import Folders

        config = config_of(options)
        file = Folders(world.roots(config)).read(find_runbook(config, named))
        runbook = read(file.data, file.path)
    if anchor:
        from incident.core.runbook.part import part_of

        runbook = part_of(runbook, anchor)
    if options.json:
        print_json(runbook.as_json())
        return 0
    print(f"{runbook.title or runbook.path}  ({len(runbook.steps)} steps, {len(runbook.commands)} commands)")
    for at, section in enumerate(runbook.sections):
        branch = "  (a way to choose)" if section.branch else ""
        print(f"\n{section.title}  [{section.kind}]{branch}")
        for step in (step for step in runbook.steps if step.section == at):
            expected = f"  ({step.expected})" if step.expected else ""
            print(f"  {step.lines[0]:>4}  {step.number:<3} {step.text}{expected}")
            for index in step.commands:
                command = runbook.commands[index]
                print(f"            $ {_inert(command.text)}   [{command.effect}, {command.runnable}]")
    for notice in runbook.notices:
        say(f"incident: {options.runbook}: {notice}")
    return 0


def _inert(text: str) -> str:
    from incident.core.text import visible

    return visible(text).replace("\n", "\n              ")


def _alert_in(file: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Labels and annotations of an alert as JSON; `-` is standard input. Raises UsageError."""
    hint = 'give {"labels": {...}, "annotations": {...}}'
    try:
        data = json.loads(sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8"))
    except OSError as broken:
        raise UsageError(f"this file cannot be read: {broken.strerror}", at=file) from None
    except (ValueError, RecursionError):
        raise UsageError("this is no JSON", at=file, hint=hint) from None
    found = [data.get(key) or {} for key in ("labels", "annotations")] if isinstance(data, dict) else []
    if not found or not all(isinstance(part, dict) for part in found):
        raise UsageError("this is not an alert", at=file, hint=hint)
    return found[0], found[1]


def _match_verb(options: argparse.Namespace) -> int:
    labels, annotations = _alert_in(options.file)
    config = config_of(options)
    found = _match(
        {str(k): str(v) for k, v in labels.items()},
        {str(k): str(v) for k, v in annotations.items()},
        _listing(config),
        config,
    )
    if options.json:
        print_json(found.as_json())
        return 0
    print(found.path or "no runbook")
    say(f"{found.reason} ({found.confidence})")
    for candidate in found.candidates:
        say(f"may be: {candidate}")
    return 0
