"""What every verb is made of, and how verbs print."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from incident.config import Config, find
from incident.core.text import one_line
from incident.errors import UsageError


class Verb(Protocol):
    """One thing that `incident` does."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Say what may follow the verb."""
        ...

    def run(self, options: argparse.Namespace) -> int:
        """Do it; the exit code. Raises IncidentError."""
        ...


def config_arguments(page: argparse.ArgumentParser) -> None:
    """The arguments that say which configuration counts."""
    page.add_argument("--config", metavar="FILE", help="this configuration instead of the usual places")
    page.add_argument("--alertmanager", metavar="URL", action="append", help="take the alerts from here")
    page.add_argument("--prometheus", metavar="URL", help="take the signals from here")
    page.add_argument("--runbooks", metavar="DIR", action="append", help="a folder with runbooks")


def config_of(options: argparse.Namespace) -> Config:
    """The configuration: file, then environment, then the command line. Raises ConfigError, UsageError."""
    config = find(options.config, os.environ)
    if getattr(options, "alertmanager", None):
        config = replace(config, alertmanager=tuple(_url(url, "--alertmanager") for url in options.alertmanager))
    if getattr(options, "prometheus", None):
        config = replace(config, prometheus=_url(options.prometheus, "--prometheus"))
    if getattr(options, "runbooks", None):
        config = replace(config, runbooks=tuple(_folder(path) for path in options.runbooks))
    if getattr(options, "read_only", False):
        config = replace(config, read_only=True)
    return config


def _url(text: str, option: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise UsageError(f"{text!r} is not a URL", at=option, hint="for example http://127.0.0.1:9093")
    return text


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_dir():
        raise UsageError("there is no such folder", at=str(path), hint="--runbooks names a folder of Markdown files")
    return path.resolve()


def say(text: str) -> None:
    """Narration, on stderr: stdout is for data."""
    print(text, file=sys.stderr)


class Progress:
    """One line on stderr, only where a person looks at it."""

    def __init__(self, words: str) -> None:
        """`words` say what is done: `checking {done:,} of {total:,}`."""
        self._words = words
        self._on = sys.stderr.isatty()
        self._width = 0

    def tell(self, done: int, total: int) -> None:
        """So many of so many."""
        if self._on:
            line = self._words.format(done=done, total=total)
            self._width = max(self._width, len(line))
            print(f"\r{line}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave no trace."""
        if self._width:
            print(f"\r{' ' * self._width}\r", end="", file=sys.stderr, flush=True)


def print_json(data: Any) -> None:
    """One JSON document. Only ASCII, so that nothing in it can act on a terminal."""
    print(json.dumps(data, indent=2, ensure_ascii=True))


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns that line up; every cell is one inert line."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(len(head), *(len(row[at]) for row in cells), 0) for at, head in enumerate(heads)]
    for row in ([*heads], *cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
