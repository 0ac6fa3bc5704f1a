"""`python -m tests.bench.journal`: what an acknowledged event costs, beside the least that a synced write can cost."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from incident.engine.log import Log
from incident.journal import open_journal
from tests.adapters.journal_writer import notes, opened
from tests.bench import opening
from tests.bench.figures import Figure, Section, median
from tests.fakes import ME, FakeClock

ROUNDS = 7
WRITES = 100  # in each round
LONG, LONGER = 10_000, 100_000  # events
READINGS = 5
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
    ratio = journal.value / sqlite.value
    return Section(
        "journal",
        (
            Figure(journal.name, journal.value, "us", journal.low, journal.high, ratio, "SQLite", "1.5", ratio <= 1.5),
            Figure("the same", journal.value, "us", ratio=journal.value / file.value, to="file"),
            sqlite,
            file,
            *_long(folder),
            *opening.figures(),
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
    return lambda number: journal.append(notes(1, first=number))


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


def _long(folder: Path) -> list[Figure]:
    """Milliseconds until an incident of many events can be shown, and how they grow with the events."""
    for count in (LONG, LONGER):
        open_journal(folder / str(count)).append([opened(1), *notes(count - 1, first=2)])
    opened_in, known_in, _ = zip(*(_opened(folder / str(LONGER)) for _ in range(READINGS)), strict=True)
    short, long = ([_opened(folder / str(count))[2] for _ in range(READINGS)] for count in (LONG, LONGER))
    few = median(f"open, read and fold {LONG:,} events", short)
    many = median(f"open, read and fold {LONGER:,} events", long)
    ratio = min(long) / min(short)
    return [
        median(f"open the file with {LONGER:,} events", opened_in),
        median("and know the state of what is open", known_in),
        few,
        Figure(many.name, many.value, "ms", many.low, many.high, ratio, f"{LONG:,}"),
    ]


def _opened(folder: Path) -> tuple[float, float, float]:
    """Milliseconds until the file is open, until the incident's state is known, until every event is in memory."""
    began = time.perf_counter()
    journal = open_journal(folder)
    opened_at = time.perf_counter()
    log = Log(journal, FakeClock(), ME, Random(1))
    log.load()
    (incident,) = log.open_incidents()
    known_at = time.perf_counter()
    log.events(incident.id)
    ended = time.perf_counter()
    journal.close()
    return (opened_at - began) * 1e3, (known_at - began) * 1e3, (ended - began) * 1e3


def main() -> int:
    """Measure in a folder of the disk that is named, or of the one for temporary files."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        sys.stdout.write(f"{measure(Path(folder)).as_text()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
