"""`python -m tests.bench [WHAT ...] [--json]`: how fast, beside what nothing could beat."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import flood, journal, keys, output, rest, start
from tests.bench.figures import Section
from tests.bench.terminal import NoAnswerError

SECTIONS: dict[str, Callable[[], Section]] = {
    "start": start.measure,
    "keys": keys.measure,
    "flood": flood.measure,
    "idle": rest.idle,
    "memory": rest.memory,
    "output": output.measure,
    "journal": lambda: _in_a_folder(journal.measure),
}


def main() -> int:
    """Measure what was asked for; 1 when a program did not answer."""
    page = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    page.add_argument("what", nargs="*", metavar="WHAT", help=f"{', '.join(SECTIONS)}; default: all")
    page.add_argument("--json", action="store_true", help="for machines")
    options = page.parse_args()
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


def _in_a_folder(measure: Callable[[Path], Section]) -> Section:
    """The journal's figures, on the disk for temporary files."""
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
