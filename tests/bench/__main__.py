"""`python -m tests.bench [WHAT ...] [--json]`: how fast, beside what nothing could beat."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import blameless, export, flood, journal, keys, live, output, ranking, rest, signals, start
from tests.bench.figures import Section
from tests.bench.terminal import NoAnswerError

SECTIONS: dict[str, Callable[[], Section]] = {
    "start": start.measure,
    "keys": keys.measure,
    "flood": flood.measure,
    "signals": signals.measure,
    "idle": rest.idle,
    "memory": rest.memory,
    "output": output.measure,
    "journal": lambda: _in_a_folder(journal.measure),
    "live": live.measure,
    "ranking": ranking.measure,
    "export": export.measure,
}


def main() -> int:
    """Measure what was asked for; 1 when a program did not answer."""
    page = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    page.add_argument("what", nargs="*", metavar="WHAT", help=f"{', '.join(SECTIONS)}; default: all")
    page.add_argument("--json", action="store_true", help="for machines")
    page.epilog = "`python -m tests.bench blameless PATH...` measures the lint on labelled sentences and on prose."
    options = page.parse_args()
    if options.what[:1] == ["blameless"] and len(options.what) > 1:
        return _of_files(blameless.measure([Path(name) for name in options.what[1:]]), as_json=options.json)
    wanted = options.what or [*SECTIONS]
    if unknown := [name for name in wanted if name not in SECTIONS]:
        page.error(f"there is no {unknown[0]}")
    found: dict[str, Section] = {}
    try:
        for name in wanted:
            found[name] = SECTIONS[name]()
            if not options.json:
                sys.stdout.write(f"{found[name].as_text()}\n")
                sys.stdout.flush()
    except NoAnswerError as silent:
        sys.stderr.write(f"not measured: {silent}\n")
        return 1
    if options.json:
        sys.stdout.write(json.dumps({name: section.as_json() for name, section in found.items()}, indent=2) + "\n")
    return 0


def _of_files(section: Section, *, as_json: bool) -> int:
    """Print the figures of files that were named."""
    shown = json.dumps(section.as_json(), indent=2) if as_json else section.as_text()
    sys.stdout.write(f"{shown}\n")
    return 0


def _in_a_folder(measure: Callable[[Path], Section]) -> Section:
    """The journal's figures, on the disk for temporary files."""
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
