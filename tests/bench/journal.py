"""`python -m tests.bench.journal`: what an acknowledged event costs, beside the least that a synced write can cost."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from incident.journal import open_journal
from tests.adapters.journal_writer import note, notes
from tests.bench.figures import Figure, Section, median

ROUNDS = 7
WRITES = 100  # in each round
LONG = 20_000  # events
_BODY = "x" * 330  # as long as a note is on disk

Write = Callable[[int], object]


def measure(folder: Path) -> Section:
    """Every way of writing takes its turn in every round, so that a busy disk is busy for all of them."""
    ways = {
        "journal append": _journal(folder),
        "bare SQLite commit": _bare_sqlite(folder),
        "file append + fdatasync": _file(folder),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS):
        for name, write in ways.items():
            found[name].append(_each(write, number * WRITES))
    journal, sqlite, file = (median(name, values, "us") for name, values in found.items())
    opening, reading = _long(folder / "long")
    return Section(
        "journal",
        (
            Figure(
                journal.name, journal.value, "us", journal.low, journal.high, journal.value / sqlite.value, "SQLite"
            ),
            Figure("the same", journal.value, "us", ratio=journal.value / file.value, to="file"),
            sqlite,
            file,
            median(f"open with {LONG:,} events", opening),
            median(f"read {LONG:,} events", reading),
        ),
    )


def _each(write: Write, first: int) -> float:
    """Microseconds for one of `WRITES` writes."""
    began = time.perf_counter()
    for number in range(first, first + WRITES):
        write(number)
    return (time.perf_counter() - began) / WRITES * 1e6


def _journal(folder: Path) -> Write:
    journal = open_journal(folder / "journal")
    return lambda number: journal.append([note(number)])


def _bare_sqlite(folder: Path) -> Write:
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE events (number INTEGER PRIMARY KEY, body TEXT)")
    return lambda number: connection.execute("INSERT INTO events VALUES (?, ?)", (number, _BODY))


def _file(folder: Path) -> Write:
    handle = os.open(folder / "lines", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(_: int) -> None:
        os.write(handle, f"{_BODY}\n".encode())
        os.fdatasync(handle)

    return write


def _long(folder: Path) -> tuple[list[float], list[float]]:
    """Milliseconds for opening a long timeline, and for reading all of it."""
    open_journal(folder).append(notes(LONG))
    opening, reading = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        journal = open_journal(folder)
        opened = time.perf_counter()
        journal.after(0)
        opening.append((opened - began) * 1e3)
        reading.append((time.perf_counter() - opened) * 1e3)
        journal.close()
    return opening, reading


def main() -> int:
    """Measure in a folder of the disk that is named, or of the one for temporary files."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        sys.stdout.write(f"{measure(Path(folder)).as_text()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
