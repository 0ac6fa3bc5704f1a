"""`incident search`: words found again in past incidents and post-mortems."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from incident.cli.verb import config_arguments, config_of, print_json, say
from incident.core.markdown import lines_in, scan
from incident.core.text import one_line
from incident.core.timeline import rows
from incident.engine.log import Log
from incident.errors import IncidentError, UsageError
from incident.journal.search import Hit, Page, search

_DAY = re.compile(r"(?<!follow_up_review: )\b20\d\d-[01]\d-[0-3]\d")


class Search:
    """`incident search WORDS`: what was written down about something before."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """The words, and where to look."""
        config_arguments(page)
        page.add_argument("words", nargs="+", metavar="WORDS", help="all have to be there; a phrase in quotes")
        page.add_argument("--drill", action="store_true", help="in drills, too")
        page.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: argparse.Namespace) -> int:
        """Find them: 1 when they are nowhere."""
        from incident import world

        config = config_of(options)
        words = " ".join(options.words)
        if not any(char.isalnum() for char in words):
            raise UsageError("there is no word to look for", hint="incident search rollback checkout")
        log = world.log(config, read_only=True)
        hits = search(words, [*_incidents(log, drills=options.drill), *_documents(config.postmortems)])
        if options.json:
            print_json([_as_json(hit) for hit in hits])
        else:
            for hit in hits:
                _show(hit)
        if not hits:
            say(f"Nothing holds {words!r}.")
        return 0 if hits else 1


def _incidents(log: Log, *, drills: bool) -> Iterator[Page]:
    for incident in log.incidents():
        if incident.drill and not drills:
            continue
        text = "\n".join(row.line for row in rows(log.events(incident.id)))
        day = f"{incident.opened_at:%Y-%m-%d}" if incident.opened_at else ""
        yield Page("drill" if incident.drill else "incident", incident.id, incident.title, day, text)


def _documents(folder: Path) -> Iterator[Page]:
    from incident.exports.written import documents

    for one in documents(folder) if folder.is_dir() else ():
        if isinstance(one, IncidentError):
            say(f"not read: {one}")
            continue
        title = next((line.title for line in scan(lines_in(one.text)) if line.level == 1), one.path.stem)
        day = _DAY.search(one.text)
        yield Page("post-mortem", str(one.path), title, day[0] if day else "", one.text)


def _show(hit: Hit) -> None:
    page = hit.page
    print(f"{page.day or '          '}  {page.kind:<11}  {one_line(page.place)}  {one_line(page.title)}")
    bold, plain = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    shown = (f"{bold}{one_line(piece)}{plain}" if odd % 2 else _inner(piece) for odd, piece in enumerate(hit.pieces))
    print(f"            {''.join(shown).strip()}")


def _inner(piece: str) -> str:
    """A piece between two words, with the blanks at its ends."""
    lead = " " if piece[:1].isspace() else ""
    trail = " " if piece[-1:].isspace() else ""
    return f"{lead}{one_line(piece)}{trail}"


def _as_json(hit: Hit) -> dict[str, str]:
    page = hit.page
    return {"kind": page.kind, "place": page.place, "title": page.title, "day": page.day, "text": "".join(hit.pieces)}
