"""`incident redact`: what is read goes to standard output, with its secrets masked."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from incident.cli.verb import say
from incident.core.text import one_line
from incident.errors import UsageError

_BLOCK = 65_536  # bytes that are read at once, at most
_LINE = 1_048_576  # bytes of a line that --check looks at together
_SHORTEST = 6  # characters of a value that is masked wherever it stands


class Redact:
    """Masks secrets on the way through; a line is given out as soon as it has ended."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """What to read, and what is known to be a secret."""
        page.add_argument("file", nargs="*", metavar="FILE", help="read these instead of standard input; - is that")
        page.add_argument(
            "--known-env",
            metavar="NAME",
            action="append",
            default=[],
            help="the value of this environment variable is a secret, whatever it looks like",
        )
        page.add_argument("--count", action="store_true", help="say on standard error how many there were")
        page.add_argument("--check", action="store_true", help="only say where secrets stand, and exit with 1")

    def run(self, options: argparse.Namespace) -> int:
        """Mask; with --check 1 when there is a secret. Raises UsageError for what cannot be read."""
        known = _known(options.known_env)
        with ExitStack() as opened:
            # All of them before anything is given out, and once: a pipe cannot be opened again.
            files = [(name, opened.enter_context(_opened(name))) for name in options.file or ["-"]]
            if options.check:
                return 1 if sum(_check(name, file, known) for name, file in files) else 0
            count = sum(_mask(file, known) for _, file in files)
        if options.count:
            say(f"{count} {'secret' if count == 1 else 'secrets'} masked")
        return 0


def _known(names: Sequence[str]) -> list[str]:
    values = []
    for name in names:
        value = os.environ.get(name, "")
        if len(value.strip()) < _SHORTEST:
            what = f"is shorter than {_SHORTEST} characters" if value.strip() else "is not set"
            raise UsageError(f"the variable {what}", at=one_line(name, 80), hint="nothing was read")
        values.append(value)
    return values


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        raise UsageError(
            getattr(error, "strerror", None) or str(error), at=one_line(name, 200), hint="nothing was given out"
        ) from None
    with file:
        yield file


def _mask(file: BinaryIO, known: Sequence[str]) -> int:
    """Pass one file on; how many secrets were in it."""
    from incident.core.redaction import Filter

    stream = Filter(known)
    try:
        while block := os.read(file.fileno(), _BLOCK):
            _give(stream.feed(block))
    finally:
        _give(stream.end())  # a person who has seen enough still gets what was read
    return stream.count


def _give(block: bytes) -> None:
    if block:
        sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()


def _check(name: str, file: BinaryIO, known: Sequence[str]) -> int:
    """Say where secrets stand; how many."""
    from incident.core.redaction import findings_by_line

    shown = "standard input" if name == "-" else one_line(name, 200)
    found = 0
    for one in findings_by_line(_lines(file), known):
        if one.sure:
            found += 1
            print(f"{shown}:{one.line}: {one.kind}", flush=True)
        else:
            say(f"{shown}:{one.line}: {one.kind}, which may be a secret")
    return found


def _lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    """Each line with its number; one that is very long comes in parts."""
    number = 1
    while line := file.readline(_LINE):
        yield number, line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        number += line.endswith(b"\n")
