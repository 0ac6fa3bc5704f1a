"""`python -m tests.bench [start|keys|idle|memory|journal ...] [--json]`: how fast, beside what nothing could beat."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable

from tests.bench import keys, rest, start
from tests.bench.figures import Section
from tests.bench.programs import ROOT
from tests.bench.terminal import NoAnswerError

SECTIONS: dict[str, Callable[[], Section]] = {
    "start": start.measure,
    "keys": keys.measure,
    "idle": rest.idle,
    "memory": rest.memory,
}


def main() -> int:
    """Measure what was asked for; 1 when a program did not answer."""
    page = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    page.add_argument("what", nargs="*", metavar="WHAT", help=f"{', '.join(SECTIONS)} or journal; default: all")
    page.add_argument("--json", action="store_true", help="for machines; without the journal's part")
    options = page.parse_args()
    wanted = options.what or [*SECTIONS, "journal"]
    if unknown := [name for name in wanted if name not in (*SECTIONS, "journal")]:
        page.error(f"there is no {unknown[0]}")
    found: dict[str, Section] = {}
    try:
        for name in wanted:
            if name in SECTIONS:
                found[name] = SECTIONS[name]()
                print("" if options.json else f"{found[name].as_text()}\n", end="", flush=True)
    except NoAnswerError as silent:
        print(f"not measured: {silent}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({name: section.as_json() for name, section in found.items()}, indent=2))
    return _journal() if "journal" in wanted and not options.json else 0


def _journal() -> int:
    """The journal's figures, printed by its own program."""
    return subprocess.run([sys.executable, "-m", "tests.bench.journal"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
