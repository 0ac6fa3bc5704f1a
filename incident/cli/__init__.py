"""The command line: one small class per verb. Importing it loads no screen, no HTTP and no Markdown."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from incident import __version__
from incident.cli.verb import Verb
from incident.errors import IncidentError

_EPILOG = """exit codes: 0 good, 1 findings, 2 usage or configuration, 3 a source failed, 130 interrupted"""


def verbs() -> tuple[Verb, ...]:
    """Every verb, in the order of the help. The first one is what `incident` alone does."""
    from incident.cli.console import Console, Drill, Run
    from incident.cli.logbook import Export, List, Note, Timeline
    from incident.cli.lookups import Alerts, Runbook
    from incident.cli.pages import Help

    return (Console(), Run(), Alerts(), Runbook(), Note(), List(), Timeline(), Export(), Drill(), Help())


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    known = verbs()
    top = argparse.ArgumentParser(
        prog="incident",
        description="From a firing alert to a post-mortem draft, in one terminal. Alone, it opens the console.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"incident {__version__}")
    top.set_defaults(verb=known[0])
    known[0].arguments(top)
    below = top.add_subparsers(title="verbs", metavar="")
    for verb in known[1:]:
        page = below.add_parser(verb.name, help=verb.help, description=verb.help, allow_abbrev=False)
        page.set_defaults(verb=verb)
        verb.arguments(page)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; its exit code. No traceback reaches a user."""
    try:
        options = parser().parse_args(arguments)
        code: int = options.verb.run(options)
        sys.stdout.flush()
        return code
    except IncidentError as error:
        print(f"incident: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        print(f"incident: {error.strerror or error}: {error.filename or 'no file'}", file=sys.stderr)
        return 1
