"""`incident journal`: is the timeline on disk whole; rows of it for another journal, and rows of another one."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING

from incident.cli.verb import config_arguments, config_of, print_json, say
from incident.core.text import one_line
from incident.errors import JournalError, UsageError

if TYPE_CHECKING:
    from incident.journal import Problem, SqliteJournal
    from incident.journal.row import Row


class Journal:
    """Looks at every row of the timeline on disk, hands rows to other journals and takes theirs."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """What to do with it."""
        works = page.add_subparsers(title="what to do", metavar="WORK", dest="work", required=True)
        verify = _page(works, "verify", "look at every row and its chain")
        verify.add_argument("--json", action="store_true", help="for scripts")
        export = _page(works, "export", "rows as JSON Lines, for another journal to import")
        export.add_argument("incidents", nargs="*", metavar="ID", help="which incidents; default: all of them")
        export.add_argument("-o", "--output", default="-", metavar="FILE", help="where to; default: standard output")
        take = _page(works, "import", "unite this journal with rows of another one; twice changes nothing")
        take.add_argument("file", metavar="FILE", help="what `incident journal export` wrote; - is standard input")
        take.add_argument("--json", action="store_true", help="for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Do it; 1 when something is missing, was changed, or was refused."""
        from incident.journal import open_journal

        journal = open_journal(config_of(options).state, read_only=options.work != "import")
        for notice in journal.notices:
            say(f"incident: {notice}")
        try:
            return {"verify": _verify, "export": _export, "import": _import}[options.work](journal, options)
        finally:
            journal.close()


def _page(works: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str) -> argparse.ArgumentParser:
    page = works.add_parser(name, help=what, description=what, allow_abbrev=False)
    config_arguments(page)
    return page


def _verify(journal: SqliteJournal, options: argparse.Namespace) -> int:
    report = journal.verify()
    if options.json:
        print_json({**asdict(report), "whole": report.whole})
    else:
        print(f"{report.path}: {report.rows} events of {len(report.chains)} writers, "
              f"{'whole' if report.whole else 'NOT whole'}")  # fmt: skip
        if report.redacted:
            print(f"{report.redacted} of them are redacted")
        _print_problems(report.problems)
        for kept in report.kept:
            say(f"an earlier repair put aside {kept}")
    return 0 if report.whole else 1


def _export(journal: SqliteJournal, options: argparse.Namespace) -> int:
    known = {row.incident for row in journal.rows()} if options.incidents else set()
    if unknown := [name for name in options.incidents if name not in known]:
        raise UsageError(f"there is no incident {unknown[0]!r}", hint="`incident list` names them")
    if options.output == "-":
        count = _write_lines(sys.stdout, journal.rows(options.incidents))
    else:
        place = Path(options.output)
        part = place.with_name(f"{place.name}.part-{os.getpid()}")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                count = _write_lines(file, journal.rows(options.incidents))
                file.flush()
                os.fsync(file.fileno())
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
    say(f"{count} events exported")
    for problem in journal.broken:
        say(f"left out: {problem.where}: {problem.what}")
    return 1 if journal.broken else 0


def _write_lines(file: IO[str], rows: Iterable[Row]) -> int:
    from incident.journal.exchange import line_of

    count = 0
    for row in rows:
        file.write(f"{line_of(row)}\n")
        count += 1
    return count


def _import(journal: SqliteJournal, options: argparse.Namespace) -> int:
    refused: list[Problem] = []
    if options.file == "-":
        rows = list(_rows(sys.stdin.buffer, refused))
    else:
        with Path(options.file).open("rb") as file:
            rows = list(_rows(file, refused))
    taken = journal.take(rows)
    refused.extend(taken.refused)
    if options.json:
        counts = {"new": taken.new, "known": taken.known, "redacted": taken.redacted, "refused": len(refused)}
        print_json({**counts, "problems": [asdict(problem) for problem in refused]})
    else:
        print(f"{taken.new} new, {taken.known} known, {len(refused)} refused")
        if taken.redacted:
            print(f"{taken.redacted} events that were here were redacted, as the file orders")
        _print_problems(refused)
    return 1 if refused else 0


def _rows(file: IO[bytes], refused: list[Problem]) -> Iterator[tuple[str, Row]]:
    """The rows of a file with their places; a line that is no row is refused."""
    from incident.journal import Problem
    from incident.journal.exchange import LONGEST, row_of

    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if len(line) == LONGEST and not line.endswith(b"\n"):
            raise JournalError("this line is too long for an event", at=f"line {number}", hint="nothing was imported")
        if not line.strip():
            continue
        try:
            yield f"line {number}", row_of(line.decode("utf-8", "replace"))
        except ValueError as reason:
            refused.append(Problem(f"line {number}", str(reason)))


def _print_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        print(f"{problem.where}: {one_line(problem.what)}")
