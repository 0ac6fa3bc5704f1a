"""Killed, crowded and locked out: whatever was acknowledged is there afterwards."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import incident
from incident.errors import JournalError
from incident.journal import open_journal
from incident.journal.schema import MIGRATIONS, VERSION
from tests.adapters.journal_writer import note, notes

ROOT = Path(incident.__file__).parents[1]
WRITER = Path(__file__).with_name("journal_writer.py")


def writer(folder: Path, process: str, manner: str = "honest", count: int = 0) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(WRITER), str(folder), process, manner, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    process.stdin.write(b"\n")
    process.stdin.flush()


def killed_writer(folder: Path, process: str, manner: str, chance: random.Random) -> list[str]:
    """Let a writer acknowledge a few events, kill it somewhere in the next ones; the ids it acknowledged."""
    with writer(folder, process, manner) as running:
        go(running)
        assert running.stdout
        said = [running.stdout.readline() for _ in range(chance.randint(1, 8))]
        # the moment of the kill is what is tried out
        time.sleep(chance.choice((0.0, chance.uniform(0, 0.004))))
        running.send_signal(signal.SIGKILL)
        said.extend(running.stdout.readlines())
        return [line.decode().strip() for line in said if line.endswith(b"\n")]


@pytest.mark.fault(1, 11)
@pytest.mark.parametrize(("manner", "loses"), [("honest", False), ("hasty", True)])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, manner: str, loses: bool) -> None:
    kills, crowd = (60, 4) if manner == "honest" else (8, 4)
    chance = random.Random(20260502)
    with ThreadPoolExecutor(crowd) as supervisors:
        told = supervisors.map(
            lambda number: killed_writer(tmp_path, str(number), manner, random.Random(number)),
            chance.sample(range(1000), kills),
        )
        acknowledged = {identity for said in told for identity in said}
    journal = open_journal(tmp_path)
    there = {event.id for event in journal.after(0)[0]}
    assert len(acknowledged) >= kills
    assert bool(acknowledged - there) is loses
    report = journal.verify()
    assert report.whole
    assert report.kept == ()


@pytest.mark.fault(11, 12)
def test_eight_processes_make_the_journal_and_append_to_it_at_once(tmp_path: Path) -> None:
    crowd = [writer(tmp_path / "state", str(number), count=10) for number in range(8)]
    for running in crowd:
        go(running)
    for running in crowd:
        _, complaint = running.communicate()
        assert complaint.decode() == ""
        assert running.returncode == 0
    report = open_journal(tmp_path / "state").verify()
    assert report.whole
    assert [(chain.rows, chain.seq) for chain in report.chains] == [(10, 10)] * 8


@pytest.mark.fault(13)
def test_while_another_process_holds_the_journal_nothing_is_lost_and_the_order_is_kept(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, patience=0.02)
    journal.append([note(1)])
    holder = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match=r"another process has held the journal for 0.02 s") as refused:
        journal.append([note(2)])
    assert "tried again" in refused.value.hint
    assert journal.after(0)[1] == 1  # reading goes on
    holder.execute("ROLLBACK")
    assert [event.seq for event in journal.append([note(2), note(3)])] == [2, 3]
    assert [event.id for event in journal.after(0)[0]] == ["1-000001", "1-000002", "1-000003"]


@pytest.mark.fault(13)
def test_a_journal_that_is_held_while_it_is_opened_is_opened_later(tmp_path: Path) -> None:
    open_journal(tmp_path).append([note(1)])
    holder = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    journal = open_journal(tmp_path, patience=0.02)
    assert "another process" in journal.notices[0]
    holder.execute("ROLLBACK")
    assert journal.append([note(2)])[0].seq == 2


_MIGRATES_AND_DIES = """
import os, signal, sqlite3, sys
from incident.journal.schema import MIGRATIONS
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = TRUNCATE")
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
for statement in MIGRATIONS[0]:
    connection.execute(statement)
connection.execute("CREATE TABLE half (text)")
connection.execute("INSERT INTO half VALUES (zeroblob(200000))")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.fault(3)
def test_kill_9_in_the_middle_of_a_migration_leaves_the_old_tables(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("CREATE TABLE before (text)")
    connection.close()
    size = path.stat().st_size
    subprocess.run(
        [sys.executable, "-c", _MIGRATES_AND_DIES, str(path)], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert path.stat().st_size > size  # it died with half of its tables on disk
    journal = open_journal(tmp_path)
    assert len(journal.append(notes(2))) == 2
    with sqlite3.connect(path) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,) == (len(MIGRATIONS),)
    connection.close()
    assert tables == {"before", "events", "sqlite_sequence"}


def test_a_repair_that_hangs_in_another_terminal_is_waited_for_and_then_named(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, patience=0.05)
    with (tmp_path / "journal.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(JournalError, match=r"another process has held the journal") as refused:
            journal.append([note(1)])
        assert "hangs" in refused.value.hint
    assert journal.append([note(1)])[0].seq == 1


def test_a_folder_in_the_journal_s_place_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir(mode=0o700)
    journal = open_journal(tmp_path)
    assert "cannot be opened" in journal.notices[0]
    with pytest.raises(JournalError, match=r"cannot be opened"):
        journal.append([note(1)])
    (tmp_path / "journal.db").rmdir()
    assert journal.append([note(1)])[0].seq == 1
