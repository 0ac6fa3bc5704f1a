"""`incident journal verify`: is the timeline on disk whole."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from incident.cli.verb import config_arguments, config_of, print_json, say


class Journal:
    """Looks at every row of the timeline on disk."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """What to do with it."""
        config_arguments(page)
        page.add_argument("work", choices=["verify"], metavar="verify", help="look at every row and its chain")
        page.add_argument("--json", action="store_true", help="for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Verify; 1 when something is missing or was changed."""
        from incident.journal import open_journal

        journal = open_journal(config_of(options).state, read_only=True)
        report = journal.verify()
        journal.close()
        if options.json:
            print_json({**asdict(report), "whole": report.whole})
        else:
            print(f"{report.path}: {report.rows} events of {len(report.chains)} writers, "
                  f"{'whole' if report.whole else 'NOT whole'}")  # fmt: skip
            for problem in report.problems:
                print(f"{problem.where}: {problem.what}")
            for kept in report.kept:
                say(f"an earlier repair put aside {kept}")
        return 0 if report.whole else 1
