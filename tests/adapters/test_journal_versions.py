"""A journal of any released version is brought to this one whole or not at all, and a newer one is left alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import incident
from incident.core.event import Event, to_json
from incident.errors import JournalError
from incident.journal import open_journal
from incident.journal.schema import VERSION
from tests.adapters.journal_writer import note, notes, opened

ROOT = Path(incident.__file__).parents[1]

# What version 1 made, word for word. A version that was released is never forgotten.
VERSION_1 = """
PRAGMA page_size = 4096;
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    node TEXT NOT NULL,
    seq INTEGER NOT NULL,
    incident TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    prev TEXT NOT NULL,
    sha TEXT NOT NULL,
    UNIQUE (node, seq)
);
CREATE UNIQUE INDEX opened_once ON events (incident) WHERE kind = 'incident.opened';
CREATE TRIGGER never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the timeline is never changed, only added to'); END;
CREATE TRIGGER never_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'nothing is ever removed from the timeline'); END;
PRAGMA user_version = 1;
"""


def of_version_1(folder: Path, events: list[Event]) -> None:
    """A journal as version 1 wrote it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    connection = sqlite3.connect(folder / "journal.db", isolation_level=None)
    connection.executescript(VERSION_1)
    connection.execute("BEGIN")
    prev = ""
    for seq, event in enumerate(events, 1):
        data = {**to_json(event), "seq": seq}
        body = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
        node = event.writer.node
        sha = hashlib.sha256(json.dumps([prev, node, seq, body]).encode("ascii")).hexdigest()
        connection.execute(
            "INSERT INTO events (id, node, seq, incident, kind, body, prev, sha) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (event.id, node, seq, event.incident, data["kind"], body, prev, sha),
        )
        prev = sha
    connection.execute("COMMIT")
    connection.close()


def shape(path: Path) -> tuple[int, list[tuple[str, str]]]:
    """The version that a file says it has, and the statements that made what is in it."""
    connection = sqlite3.connect(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    connection.close()
    return version, [(name, "".join(sql.split())) for name, sql in made]


def ids(events: tuple[Event, ...]) -> list[str]:
    return [event.id for event in events]


def test_a_journal_of_version_1_is_brought_to_this_one_and_goes_on(tmp_path: Path) -> None:
    written = [opened(1), *notes(40, first=2)]
    of_version_1(tmp_path / "old", written)
    open_journal(tmp_path / "new").close()
    journal = open_journal(tmp_path / "old")
    assert ids(journal.after(0)[0]) == ids(tuple(written))
    assert journal.append([note(100)])[0].seq == 42
    report = journal.verify()
    assert (report.whole, report.rows) == (True, 42)
    assert journal.notices == ()
    brought, made = shape(tmp_path / "old" / "journal.db"), shape(tmp_path / "new" / "journal.db")
    assert brought[0] == made[0] == VERSION
    assert brought[1] == made[1]


def test_a_journal_of_version_1_that_is_only_read_stays_as_it_is(tmp_path: Path) -> None:
    of_version_1(tmp_path, notes(30))
    before = (tmp_path / "journal.db").read_bytes()
    journal = open_journal(tmp_path, read_only=True)
    assert len(journal.after(0)[0]) == 30
    assert journal.verify().whole
    assert len(list(journal.rows())) == 30
    assert (tmp_path / "journal.db").read_bytes() == before


def test_a_damaged_journal_of_version_1_gives_its_rows_to_the_fresh_one(tmp_path: Path) -> None:
    of_version_1(tmp_path, notes(30))
    with (tmp_path / "journal.db").open("r+b") as file:
        file.write(b"\xa5" * 16)
    journal = open_journal(tmp_path)
    assert len(journal.after(0)[0]) == 30
    assert journal.verify().whole
    assert journal.append([note(31)])[0].seq == 31


_OPENS_IT = """
import sys, pathlib
from incident.journal import open_journal
journal = open_journal(pathlib.Path(sys.argv[1]), places=())
print("done", flush=True)
"""


@pytest.mark.fault(3)
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")
def test_kill_9_at_any_write_of_the_migration_leaves_the_old_tables_or_the_new_ones(tmp_path: Path) -> None:
    of_version_1(tmp_path / "old", notes(200))
    old, seen = shape(tmp_path / "old" / "journal.db"), set()
    for number in range(1, 60):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "old", folder)
        calls = "pwrite64,fsync,fdatasync,ftruncate"
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={calls}",
             "-e", f"inject={calls}:signal=KILL:when={number}", sys.executable, "-c", _OPENS_IT, str(folder)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True,
        )  # fmt: skip
        found = shape(folder / "journal.db")
        seen.add(found[0])
        assert found == old or found[0] == VERSION
        journal = open_journal(folder, places=())
        assert len(journal.after(0)[0]) == 200
        assert journal.verify().whole
        assert not journal.notices
        journal.close()
        if done.stdout.strip() == b"done":
            break
    assert seen == {1, VERSION}


@pytest.mark.fault(17)
def test_two_versions_at_once_the_older_one_reads_on_and_says_why_it_cannot_write(tmp_path: Path) -> None:
    older = open_journal(tmp_path, places=[tmp_path])
    stored = older.append(notes(2))
    newer = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    newer.execute("ALTER TABLE events ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'")
    newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    assert older.changed()
    assert older.after(0)[0] == stored
    with pytest.raises(JournalError, match=r"newer version") as refused:
        older.append([note(3)])
    assert older.refuge in refused.value.what
    assert Path(older.refuge).read_bytes().count(b"\n") == 1
    newer.execute(f"PRAGMA user_version = {VERSION}")
    older.close()
    assert ids(open_journal(tmp_path, places=[tmp_path]).after(0)[0]) == [*ids(stored), note(3).id]


@pytest.mark.fault(12)
def test_many_processes_that_find_an_old_journal_bring_it_over_once(tmp_path: Path) -> None:
    of_version_1(tmp_path, notes(500))
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", f"{_OPENS_IT}\nprint(journal.notices)", str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(6)
    ]
    assert [running.communicate()[0].strip() for running in crowd] == [b"done\n()"] * 6
    assert shape(tmp_path / "journal.db")[0] == VERSION
    assert open_journal(tmp_path).verify().whole
