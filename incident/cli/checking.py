"""`incident check`: what in runbooks, alert rules and the configuration would hurt at 03:00."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from datetime import UTC, datetime

from incident import __version__
from incident.cli.verb import Progress, config_of, print_json, say
from incident.errors import SourceError, UsageError

_SHOWN_SKIPPED = 5  # files that could not be read and are named one by one


class Check:
    """A lint for runbooks, alert rules and the configuration."""

    name = "check"
    help = "what would hurt at 03:00, in runbooks, alert rules and the configuration"

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """What to look at, and how to say what was found."""
        page.add_argument("--config", metavar="FILE", help="this configuration instead of the usual places")
        page.add_argument("--runbooks", metavar="DIR", action="append", help="a folder in which alerts find theirs")
        page.add_argument(
            "path", nargs="*", metavar="PATH", help="Markdown, rule files or folders; default: the runbook folders"
        )
        page.add_argument("--rules", nargs="+", default=[], metavar="FILE", help="further files with alert rules")
        page.add_argument("--format", choices=("text", "json", "sarif"), default="text", help="default: text")
        page.add_argument("--info", action="store_true", help="also what is only worth knowing")
        page.add_argument("--tools", action="store_true", help="also programs that are not on this machine")
        page.add_argument(
            "--prometheus", metavar="URL", help="ask this server about the alert rules; default: the configuration's"
        )
        page.add_argument("--journal", action="store_true", help="also what past incidents say of the alert rules")
        page.add_argument("--offline", action="store_true", help="ask no server, whatever the configuration says")
        page.add_argument("--list", action="store_true", help="the rules, each with its reason")
        page.add_argument("--explain", metavar="RULE", help="one rule, with examples")

    def run(self, options: argparse.Namespace) -> int:
        """Look, and say what was found: 1 when there is something."""
        if options.list:
            return _list()
        if options.explain is not None:
            return _explain(options.explain)
        from incident.cli.checked import check, named_files
        from incident.cli.checked_live import Teacher
        from incident.core.check.commands import TOOL_MISSING
        from incident.core.check.finding import Severity
        from incident.core.check.report import sarif, summary, text_lines
        from incident.core.check.rules import RULES, in_order

        config = config_of(options)
        files = named_files(options.path, options.rules, config)
        progress = Progress("checking {done:,} of {total:,}")
        teacher = Teacher(config, bool(options.prometheus), offline=options.offline, journal=options.journal)
        found = check(
            files, config, datetime.now(UTC).date(), tools=options.tools, tell=progress.tell, learn=teacher.learn
        )
        progress.end()
        everything = in_order(found.findings)
        counting = [finding for finding in everything if not finding.allowed]
        wanted = {TOOL_MISSING.id} if options.tools else set()
        shown = [
            finding
            for finding in counting
            if options.info or finding.severity is not Severity.INFO or finding.rule in wanted
        ]
        if options.format == "json":
            print_json([finding.as_json() for finding in shown])
        elif options.format == "sarif":
            allowed = [finding for finding in everything if finding.allowed]
            print_json(sarif(in_order([*shown, *allowed]), RULES.values(), __version__))
        else:
            print("".join(f"{line}\n" for line in text_lines(shown)), end="")
        _say_skipped(found.skipped)
        for note in teacher.notes:
            say(note)
        say(summary(shown, found.files, len(everything) - len(counting), len(counting) - len(shown)))
        return SourceError.exit_code if teacher.failed else 1 if shown else 0


def _say_skipped(skipped: Sequence[str]) -> None:
    for one in skipped[:_SHOWN_SKIPPED]:
        say(f"not checked: {one}")
    if len(skipped) > _SHOWN_SKIPPED:
        say(f"not checked: {len(skipped) - _SHOWN_SKIPPED} more files")


def _list() -> int:
    from incident.cli.verb import print_table
    from incident.core.check.rules import RULES

    print_table(
        ("RULE", "SEVERITY", "ABOUT", "WHY"),
        [(rule.id, rule.severity, rule.about, rule.why) for rule in RULES.values()],
    )
    return 0


def _explain(named: str) -> int:
    from incident.core.check.report import explanation
    from incident.core.check.rules import RULES

    if named not in RULES:
        near = difflib.get_close_matches(named, RULES, 1, 0.5)
        hint = f"did you mean `{near[0]}`?" if near else "`incident check --list` lists them"
        raise UsageError(f"there is no rule {named!r}", hint=hint)
    print(explanation(RULES[named]))
    return 0
