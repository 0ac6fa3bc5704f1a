"""Events for the journal's tests, and a process that writes them and says which ones were acknowledged.

    python journal_writer.py FOLDER PROCESS honest|hasty|careless|redacting COUNT

It opens the journal when it reads a line, then writes COUNT notes (0: until it is killed) and prints the id of each:
`honest` after the journal has acknowledged it, `hasty` before, `careless` after one that does not sync enough.
`redacting` is honest, redacts each note again, and prints `gone` and its id when that was acknowledged.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from incident.core.event import Event, Writer
from incident.core.facts import Fact, IncidentOpened, Redacted, Remarked
from incident.journal import open_journal

NIGHT = datetime(2026, 5, 2, 3, 0, tzinfo=UTC)
INCIDENT = "INC-20260502-acme-1"


def fact(number: int, what: Fact, process: str = "1", incident: str = INCIDENT) -> Event:
    at = NIGHT + timedelta(seconds=number)
    return Event(f"{process}-{number:06d}", incident, at, what, Writer("ada", "laptop", process), at)


def note(number: int, text: str = "", process: str = "1") -> Event:
    return fact(number, Remarked("note", text or f"seen {number} times"), process)


def notes(count: int, first: int = 1, process: str = "1") -> list[Event]:
    return [note(number, process=process) for number in range(first, first + count)]


def opened(number: int, process: str = "1", incident: str = INCIDENT) -> Event:
    return fact(number, IncidentOpened("Checkout fails"), process, incident)


def main(folder: str, process: str, manner: str, count: int) -> None:
    sys.stdin.readline()
    journal = open_journal(Path(folder))
    if manner == "careless":
        journal.append([note(0, process=process)])
        assert journal._file.connection
        journal._file.connection.execute("PRAGMA synchronous = NORMAL")
    number = 0
    while count == 0 or number < count:
        number += 1
        event = note(
            number, f"secret of {process}-{number:06d} " * (number % 9 * 20) if manner == "redacting" else "", process
        )
        said = f"{event.id}\n".encode()
        if manner == "hasty":
            os.write(1, said)
        journal.append([event])
        if manner != "hasty":
            os.write(1, said)
        if manner == "redacting":
            journal.redact(fact(number + 500_000, Redacted(event.id), process))
            os.write(1, f"gone {event.id}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
