"""`incident learn ID`: a diff that makes the runbook match what was done."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from incident.cli.verb import config_arguments, config_of, say
from incident.config import Config
from incident.core.incident import Incident
from incident.core.learn import Edit, applied, diff, kept, lessons
from incident.core.ports import RunbookFile
from incident.errors import RunbookError, UsageError


class Learn:
    """What an incident teaches its runbook. Nothing is changed without --apply."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which incident, which runbook, and whether to write it."""
        config_arguments(page)
        page.add_argument("incident", nargs="?", metavar="ID", help="default: the newest one")
        page.add_argument("--runbook", metavar="PATH", help="which of its runbooks; default: the one in use at the end")
        page.add_argument("--apply", action="store_true", help="write the changes into the runbook")

    def run(self, options: argparse.Namespace) -> int:
        """Print the diff, with a reason for each change on stderr: 1 when there is nothing to learn."""
        from incident import world
        from incident.cli.logbook import newest
        from incident.core.runbook.read import read

        config = config_of(options)
        log = world.log(config, read_only=True)
        incident = newest(log, options.incident)
        file = _runbook(config, incident, options.runbook)
        try:
            text = file.data.decode("utf-8")
        except UnicodeDecodeError:
            raise RunbookError("this runbook is not UTF-8 text", at=file.location, hint="save it as UTF-8") from None
        edits = lessons(
            text,
            read(file.data, file.path),
            incident,
            log.events(incident.id),
            [one for one in log.incidents() if one.id != incident.id],
        )
        good, refused = kept(text, edits, _objections(file.location))
        after = applied(text, good)
        print(diff(file.path, text, after), end="")
        _explain(good, refused)
        if incident.runbooks[file.path].sha256 != file.sha256:
            say(f"{file.path} changed since {incident.id}; steps that are not there any more teach nothing.")
        if not good:
            say(f"{incident.id} teaches {file.path} nothing new.")
            return 1
        if options.apply:
            from incident.exports.written import Written, write_back

            write_back(Written(Path(file.location), text), after)
            say(f"written: {file.location}")
        else:
            say("Nothing was changed; --apply writes it.")
        return 0


def _runbook(config: Config, incident: Incident, wanted: str | None) -> RunbookFile:
    """The runbook as it is on disk. Raises UsageError, RunbookError."""
    from incident import world
    from incident.sources.runbooks import Folders

    path = wanted or incident.runbook
    if path not in incident.runbooks:
        what = f"{incident.id} did not use {wanted}" if wanted else f"{incident.id} used no runbook"
        raise UsageError(what, hint=f"it used: {', '.join(incident.runbooks) or 'none'}")
    return Folders(world.roots(config)).read(path)


def _objections(location: str) -> Callable[[str], Mapping[str, int]]:
    """How often the check says what of a text that would stand in the runbook's place."""
    from incident.core.check import check_runbook
    from incident.core.check.around import Around
    from incident.core.check.blocks import asked
    from incident.core.check.finding import Severity
    from incident.core.check.page import page_of
    from incident.sources.checked_files import FilesAround
    from incident.sources.shell_syntax import BashSyntax

    syntax = BashSyntax()
    around = Around(datetime.now(UTC).date(), FilesAround(Path(location), {}), syntax.complaint)

    def objections(text: str) -> Mapping[str, int]:
        page = page_of(text.encode(), location)
        syntax.learn(asked(page))
        found = [one for one in check_runbook(page, around) if one.severity is not Severity.INFO and not one.allowed]
        return Counter(f"{one.rule}: {one.message}" for one in found)

    return objections


def _explain(good: list[Edit], refused: list[tuple[Edit, str]]) -> None:
    for edit in good:
        say(f"line {edit.line}: {edit.why}")
    for edit, objection in refused:
        say(f"left out, line {edit.line}: {edit.why}; the check says: {objection}")
