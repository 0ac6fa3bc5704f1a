"""What reading runbooks costs, as a multiple of what its Markdown parser alone costs on the same files.

python -m tests.bench.reading DIR... prints the figures for every Markdown file under these folders.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import process_time

from markdown_it import MarkdownIt

from incident.core.runbook.read import read

ROUNDS = 3  # of each file the fastest counts, so that a busy machine weighs less


def files_under(folders: Sequence[Path]) -> list[Path]:
    """Every Markdown file, in a fixed order."""
    found = (file for folder in folders for file in folder.rglob("*.md*") if file.is_file())
    return sorted(set(found))


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    started = process_time()
    work()
    return process_time() - started


def measured(files: Sequence[Path]) -> tuple[float, float]:
    """Seconds for the parser alone and for reading, each file's two right after one another.

    A round goes over all files before the next begins, so that nothing kept of one reading helps the next.
    """
    parser = MarkdownIt("commonmark")
    alone = dict.fromkeys(files, float("inf"))
    whole = dict.fromkeys(files, float("inf"))
    for _ in range(ROUNDS):
        for file in files:
            data = file.read_bytes()
            alone[file] = min(alone[file], seconds(partial(parser.parse, data.decode("utf-8", "replace"))))
            whole[file] = min(whole[file], seconds(partial(read, data, file.name)))
    return sum(alone.values()), sum(whole.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    page = argparse.ArgumentParser(prog="python -m tests.bench.reading", description=__doc__)
    page.add_argument("folder", nargs="+", type=Path)
    files = files_under(page.parse_args(arguments).folder)
    if not files:
        sys.stderr.write("there are no Markdown files here\n")
        return 2
    alone, whole = measured(files)
    sys.stdout.write(
        f"files          {len(files)}\n"
        f"parser alone   {alone:.2f} s\n"
        f"reading        {whole:.2f} s   {whole / len(files) * 1000:.1f} ms a file\n"
        f"ratio          {whole / alone:.2f}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
