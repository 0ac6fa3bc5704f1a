"""The command line: one small class per verb. Importing it loads no screen, no HTTP and no Markdown."""

from __future__ import annotations

import argparse
import difflib
import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from incident import __version__
from incident.cli.verb import Verb
from incident.core.text import one_line
from incident.errors import IncidentError, UsageError

_AGO = re.compile(r"-\d+[smhd](?:\.\.\S+)?\Z")
_EPILOG = """exit codes: 0 good, 1 findings, 2 usage or configuration, 3 a source failed, 130 interrupted"""


class Parser(argparse.ArgumentParser):
    """Reads the command line; what is off in it is a UsageError with the nearest word."""

    def __init__(self, *words: Any, **more: Any) -> None:
        self._own: list[argparse.Action] = []
        self._below: dict[str, Parser] = {}
        super().__init__(*words, **more)

    def add_argument(self, *names: Any, **more: Any) -> argparse.Action:
        """As ever, and remembered."""
        action = super().add_argument(*names, **more)
        self._own.append(action)
        return action

    def add_subparsers(self, **more: Any) -> Any:
        """As ever, and remembered."""
        below = super().add_subparsers(**more)
        self._below = below.choices
        return below

    def known(self) -> Iterator[argparse.Action]:
        """What may be said to it, and to those below it."""
        yield from self._own
        for page in self._below.values():
            yield from page.known()

    @property
    def options(self) -> list[argparse.Action]:
        """Its own options that have a value."""
        return [one for one in self._own if one.option_strings and one.default is not argparse.SUPPRESS]

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        typed = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)
        if typed is None:
            raise UsageError(message, hint=f"`{self.prog} -h` shows how")
        known = re.findall(r"[\w-]+", typed[2])
        near = difflib.get_close_matches(typed[1], known, 1, 0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"
        raise UsageError(f"`{self.prog}` knows no `{one_line(typed[1], 60)}`", hint=hint)


@dataclass(frozen=True, slots=True)
class Entry:
    """A verb's line in the help. The verb itself is loaded when it was typed: the others would cost it its speed."""

    name: str
    help: str
    place: str  # module and class below incident.cli

    def load(self) -> Verb:
        """The verb."""
        module, _, kind = self.place.partition(":")
        verb: Verb = getattr(import_module(f"incident.cli.{module}"), kind)()
        return verb


def verbs() -> tuple[Entry, ...]:
    """Every verb, in the order of the help. The first one is what `incident` alone does."""
    return (
        Entry("", "the console", "console:Console"),
        Entry("run", "the console with no alert, on one runbook", "console:Run"),
        Entry("alerts", "what fires now", "lookups:Alerts"),
        Entry("signals", "the golden signals of what fires, or of a service", "signals:Signals"),
        Entry("runbook", "a runbook as the tool reads it; the runbook for an alert", "lookups:Runbook"),
        Entry("check", "what would hurt at 03:00: runbooks, alert rules, configuration", "checking:Check"),
        Entry("note", "a timeline entry from any shell", "logbook:Note"),
        Entry("update", "the next update from what is known; read it, send it once, write it down", "updating:Update"),
        Entry("list", "the incidents, the newest first", "logbook:List"),
        Entry("timeline", "one incident's timeline, in UTC", "logbook:Timeline"),
        Entry("export", "write an incident's post-mortem draft", "exporting:Export"),
        Entry("actions", "the open action items of every post-mortem; what is late", "actions:Actions"),
        Entry("review", "the follow-up review: what became of each action item", "actions:Review"),
        Entry("stats", "over all incidents: durations, runbooks, action items", "stats:Stats"),
        Entry("learn", "a diff that makes the runbook match what was done", "learning:Learn"),
        Entry("search", "words found again in past incidents and post-mortems", "search:Search"),
        Entry("import", "rows of another tool's timeline: prometheus, csv, slack, pagerduty", "importing:Import"),
        Entry("handover", "what the next person has to know; give the lead, or take it", "handing:Handover"),
        Entry("approve", "the second person: read a command that waits, and say yes or no", "approving:Approve"),
        Entry("budget", "the error budget: left, spent, burn, go or no go", "budget:Budget"),
        Entry("changes", "what changed, and how near it was to an alert", "changes:Changes"),
        Entry("redact", "stdin to stdout, secrets masked", "redacting:Redact"),
        Entry("doctor", "is everything reachable and sane", "doctoring:Doctor"),
        Entry("journal", "is the timeline on disk whole", "journaling:Journal"),
        Entry("drill", "play a game day; it touches nothing real; check and write scenarios", "drilling:Drill"),
        Entry("replay", "walk a past incident forward, nothing spoiled", "replaying:Replay"),
        Entry("help", "the help pages: one per screen; runbooks, feeds, keys, config", "pages:Help"),
    )


def parser(typed: Sequence[str] = ()) -> Parser:
    """The whole command line, with the arguments of those verbs that are among the words `typed`."""
    alone, *known = verbs()
    verb = alone.load()
    top = Parser(
        prog="incident",
        description="From a firing alert to a post-mortem draft, in one terminal. Alone, it opens the console.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"incident {__version__}")
    top.set_defaults(verb=verb)
    verb.arguments(top)
    below = top.add_subparsers(title="verbs", metavar="VERB")
    for entry in known:
        page = below.add_parser(entry.name, help=entry.help, description=entry.help, allow_abbrev=False)
        if entry.name in typed:
            verb = entry.load()
            page.set_defaults(verb=verb, read_by=page)
            verb.arguments(page)
            before = {option.dest for option in top.options}
            for action in page.known():
                if action.dest in before:  # what was said in front of the verb counts for it, too
                    action.default = argparse.SUPPRESS
    return top


def read(words: Sequence[str]) -> argparse.Namespace:
    """What was typed. Raises UsageError, also for an option in front of a verb that knows nothing of it."""
    top = parser(words)
    options = top.parse_args(words)
    page: Parser | None = getattr(options, "read_by", None)
    if page is not None:
        known = {action.dest for action in page.known()}
        for option in top.options:
            if option.dest not in known and getattr(options, option.dest) != option.default:
                name = option.option_strings[0]
                raise UsageError(f"`{page.prog}` knows no {name}", hint=f"`{page.prog} -h` shows what it knows")
    return options


def _typed(word: str) -> str:
    """A word of the command line; `-5m` is a time and no option, which a blank in front of it tells the parser."""
    return f" {word}" if _AGO.match(word) else word


def _steady_streams() -> None:
    """A stream that is closed, or a terminal that knows few characters, is no reason to fail."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - to the process's end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; its exit code. No traceback reaches a user."""
    _steady_streams()
    try:
        words = [_typed(word) for word in (sys.argv[1:] if arguments is None else arguments)]
        options = read(words)
        code: int = options.verb.run(options)
        sys.stdout.flush()
        return code
    except IncidentError as error:
        print(f"incident: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        _drop_what_cannot_be_printed()
        return 0
    except OSError as error:
        print(f"incident: {error.strerror or error}: {error.filename or 'standard output'}", file=sys.stderr)
        _drop_what_cannot_be_printed()
        return 1


def _drop_what_cannot_be_printed() -> None:
    """Python would try again on its way out, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
