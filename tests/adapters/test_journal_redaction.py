"""What was redacted is in no file any more, the timeline still adds up, and nothing else can be changed that way."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import incident
from incident.core.event import Event
from incident.core.facts import CommandStarted, Redacted, Remarked, Tombstone
from incident.errors import IncidentExists, JournalError
from incident.journal import open_journal
from incident.journal.row import chained
from incident.journal.salvage import rebuild
from tests.adapters.journal_writer import INCIDENT, fact, note, notes, opened

ROOT = Path(incident.__file__).parents[1]
CANARY = "hunter2-canary-9f8e7d"


def order(number: int, target: Event, why: str = "a password", process: str = "1") -> Event:
    return fact(number, Redacted(target.id, why), process, target.incident)


def holding(folder: Path, text: str = CANARY) -> list[str]:
    """The names of the files under a folder in whose bytes a text stands."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and text.encode() in p.read_bytes())


def raw(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "journal.db", isolation_level=None)


def test_a_redacted_row_leaves_a_tombstone_and_its_payload_leaves_the_disk(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    stored = journal.append([opened(1), note(2, CANARY), note(3)])
    assert holding(tmp_path) == ["journal.db"]
    asked = order(4, stored[1])
    done = journal.redact(asked)
    assert done == replace(asked, seq=4)
    assert holding(tmp_path) == []
    events, position = journal.after(0)
    assert position == 4
    grave = replace(stored[1], fact=Tombstone("remark", "ada", asked.recorded_at, "a password"))
    assert events == (stored[0], grave, stored[2], done)
    report = journal.verify()
    assert (report.whole, report.redacted) == (True, 1)
    assert journal.append([note(5)])[0].seq == 5
    assert open_journal(tmp_path).after(0)[0][1] == grave


def test_a_redaction_that_is_repeated_answers_what_was_done(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    stored = journal.append(notes(2))
    done = journal.redact(order(3, stored[0]))
    with pytest.raises(JournalError, match=r"no event of this id"):
        journal.redact(order(4, stored[0]))
    assert journal.after(0)[0][2:] == (done,)


@pytest.mark.parametrize("target", ["nothing", "an order", "of another incident"])
def test_what_cannot_be_redacted_is_refused_and_leaves_no_trace(tmp_path: Path, target: str) -> None:
    journal = open_journal(tmp_path)
    stored = journal.append([*notes(2), fact(3, Remarked("note", CANARY), incident="INC-2")])
    done = journal.redact(order(4, stored[0]))
    named = {"nothing": note(99), "an order": done, "of another incident": replace(stored[2], incident=INCIDENT)}
    with pytest.raises(JournalError, match=r"no event of this id") as refused:
        journal.redact(order(5, named[target]))
    assert refused.value.hint
    assert journal.after(0)[1] == 4
    assert holding(tmp_path) == ["journal.db"]


def test_only_a_redaction_redacts_and_a_tombstone_cannot_be_written(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    (stored,) = journal.append([note(1)])
    with pytest.raises(JournalError, match=r"no order"):
        journal.redact(note(2))
    for event in (order(2, stored), fact(2, Tombstone("remark", "ada", stored.at))):
        with pytest.raises(JournalError, match=r"carried out"):
            journal.append([event])
    with pytest.raises(JournalError, match=r"reading only"):
        open_journal(tmp_path, read_only=True).redact(order(2, stored))
    assert journal.after(0)[0] == (stored,)


SIZES = (0, 5, 300, 3_900, 4_100, 9_000, 60_000)


@pytest.mark.parametrize("seed", range(4))
def test_no_piece_of_a_payload_of_any_size_stays_in_any_file(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    journal = open_journal(tmp_path)
    rows = [
        f"{number:03d}".join(chance.choices("abcdef", k=3)) * 2 + "z" * chance.choice(SIZES) for number in range(60)
    ]
    secrets = [f"secret{number:03d}-" * (1 + chance.choice(SIZES) // 10) for number in range(60)]
    stored = []
    for number, (text, secret) in enumerate(zip(rows, secrets, strict=True)):
        stored += journal.append([note(2 * number, text), fact(2 * number + 1, started(secret))])
    for number, event in enumerate(chance.sample(stored[1::2], 40)):
        journal.redact(order(1_000 + number, event))
        assert isinstance(event.fact, CommandStarted)
        assert holding(tmp_path, event.fact.text[:10]) == []
    assert journal.verify().whole
    assert journal.verify().redacted == 40
    assert [event for event in journal.after(0)[0] if event in stored[::2]] == stored[::2]


def started(secret: str) -> CommandStarted:
    return CommandStarted("r", secret, ("echo", secret), "/", "/o", parameters={"password": secret})


@pytest.mark.parametrize("body", [f"{CANARY} {{", "[]"], ids=["no JSON", "a good hash of nothing"])
def test_a_damaged_row_cannot_be_redacted_and_that_is_said(tmp_path: Path, body: str) -> None:
    stored = open_journal(tmp_path).append(notes(2))
    connection = unguarded(tmp_path)
    sha = chained("", "laptop/1", 1, "[]")
    connection.execute("UPDATE events SET body = ?, sha = ? WHERE position = 1", (body, sha))
    (tmp_path / "journal.db.broken-1").write_text("something else")
    journal = open_journal(tmp_path)
    with pytest.raises(JournalError, match=r"no event of this id"):
        journal.redact(order(3, stored[0]))
    assert journal.after(0)[0] == stored[1:]


def test_other_terminals_see_the_redaction_at_their_next_look(tmp_path: Path) -> None:
    mine, theirs = open_journal(tmp_path), open_journal(tmp_path)
    (stored,) = mine.append([note(1, CANARY)])
    _, position = theirs.after(0)
    theirs.changed()
    done = mine.redact(order(2, stored))
    assert theirs.changed()
    assert theirs.after(position) == ((done,), 2)
    assert theirs.append([stored])[0].fact == Tombstone("remark", "ada", done.recorded_at, "a password")
    assert holding(tmp_path) == []


_REDACTS = """
import sys, pathlib
from incident.journal import open_journal
from tests.adapters.test_journal_redaction import order
journal = open_journal(pathlib.Path(sys.argv[1]), places=())
target = next(event for event in journal.after(0)[0] if event.id == "1-000005")
print("begun", flush=True)
journal.redact(order(900, target))
print("done", flush=True)
"""


@pytest.mark.fault(1)
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")
def test_kill_9_in_the_middle_of_a_redaction_does_it_or_does_not_and_the_next_one_finishes_it(tmp_path: Path) -> None:
    secret = CANARY + "x" * 9_000
    journal = open_journal(tmp_path / "before", places=())
    journal.append([opened(1), *notes(3, first=2), note(5, secret), *notes(60, first=6)])
    journal.close()
    seen = set()
    for number in range(1, 60):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "before", folder)
        calls = "pwrite64,fsync,fdatasync,ftruncate"
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={calls}",
             "-e", f"inject={calls}:signal=KILL:when={number}", sys.executable, "-c", _REDACTS, str(folder)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True,
        )  # fmt: skip
        again = open_journal(folder, places=())
        events, _ = again.after(0)
        redacted = isinstance(events[4].fact, Tombstone)
        seen.add(redacted)
        assert again.verify().whole
        assert len(events) == 65 + redacted
        if not redacted:
            assert b"done" not in done.stdout
            assert events[4].fact == Remarked("note", secret)
            again.redact(order(900, events[4]))
        again.close()
        assert holding(folder) == []
        if b"done" in done.stdout:
            break
    assert seen == {False, True}


CHANGES: dict[str, Callable[[dict[str, object]], object]] = {
    "no tombstone": lambda row: row.update(kind="remark"),
    "another id": lambda row: row.update(id="9-000009"),
    "another place": lambda row: row.update(position=77),
    "another hash": lambda row: row.update(sha="0" * 64),
    "another past": lambda row: row.update(prev="0" * 64),
    "another origin": lambda row: row.update(origin="import"),
    "another number": lambda row: row.update(seq=44),
    "no body": lambda row: row.update(body=None),
}


def test_the_file_lets_a_fact_give_way_to_its_tombstone_and_nothing_else(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "done")
    stored = journal.append(notes(3))
    journal.redact(order(4, stored[0]))
    names = ["position", "id", "node", "seq", "incident", "kind", "body", "prev", "sha", "origin"]
    grave = dict(
        zip(names, raw(tmp_path / "done").execute("SELECT * FROM events WHERE position = 1").fetchone(), strict=True)
    )
    open_journal(tmp_path / "open").append(notes(3))
    connection = raw(tmp_path / "open")
    setting = f"UPDATE events SET {', '.join(f'{name} = :{name}' for name in names)} WHERE position = 1"
    with pytest.raises(sqlite3.IntegrityError, match=r"never changed"):
        connection.execute(setting, grave)  # nobody ordered it
    ordered = raw(tmp_path / "done").execute("SELECT * FROM events WHERE kind = 'redaction'").fetchone()
    connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", ordered)
    for change in CHANGES.values():
        row = dict(grave)
        change(row)
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(setting, row)
    envelope = json.loads(str(grave["body"]))
    for key, value in (("at", "2026-05-02T04:00:00Z"), ("kind", "remark"), ("body", {"was": "joined"}), ("extra", 1)):
        with pytest.raises(sqlite3.IntegrityError, match=r"never changed"):
            connection.execute(setting, {**grave, "body": json.dumps({**envelope, key: value})})
    for position in (2, 4):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("UPDATE events SET kind = 'redacted' WHERE position = ?", (position,))
    connection.execute(setting, grave)
    with pytest.raises(sqlite3.IntegrityError, match=r"never changed"):
        connection.execute(setting, {**grave, "body": str(grave["body"]).replace("a password", "nothing")})
    assert open_journal(tmp_path / "open").verify().whole


def unguarded(folder: Path) -> sqlite3.Connection:
    connection = raw(folder)
    connection.execute("DROP TRIGGER never_changed")
    connection.execute("DROP TRIGGER never_removed")
    return connection


@pytest.mark.fault(15)
def test_a_tombstone_that_nobody_ordered_or_that_was_changed_is_named_and_left_out(tmp_path: Path) -> None:
    stored = open_journal(tmp_path).append(notes(3))
    open_journal(tmp_path).redact(order(4, stored[1]))
    connection = unguarded(tmp_path)
    (body,) = connection.execute("SELECT body FROM events WHERE position = 2").fetchone()
    connection.execute("UPDATE events SET body = ? WHERE position = 2", (body.replace("a password", "a passwort"),))
    journal = open_journal(tmp_path)
    assert [problem.what for problem in journal.verify().problems] == ["was changed after it was written"]
    connection.execute("UPDATE events SET body = ? WHERE position = 2", (body,))
    assert journal.verify().whole
    connection.execute("DELETE FROM events WHERE kind = 'redaction'")
    assert [problem.what for problem in journal.verify().problems] == ["was redacted, and no order to do so is there"]
    assert [event.seq for event in journal.after(0)[0]] == [1, 3]
    assert [problem.where for problem in journal.broken] == ["row 2 (laptop/1 2)"]


@pytest.mark.fault(15)
def test_a_tombstone_whose_order_was_changed_is_not_believed(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    stored = journal.append(notes(3))
    journal.redact(order(4, stored[1]))
    connection = unguarded(tmp_path)
    (body,) = connection.execute("SELECT body FROM events WHERE position = 4").fetchone()
    connection.execute("UPDATE events SET body = ? WHERE position = 4", (body.replace("a password", "a passwort"),))
    assert [problem.where for problem in journal.verify().problems] == ["row 2 (laptop/1 2)", "row 4 (laptop/1 4)"]


@pytest.mark.fault(14)
@pytest.mark.parametrize("read_only", [False, True])
def test_tombstones_and_their_orders_are_saved_out_of_a_damaged_file(tmp_path: Path, read_only: bool) -> None:
    journal = open_journal(tmp_path)
    stored = journal.append([*notes(20), note(21, CANARY), *notes(20, first=22)])
    journal.redact(order(50, stored[20]))
    before = journal.after(0)[0]
    journal.close()
    with (tmp_path / "journal.db").open("r+b") as file:
        file.write(b"\xa5" * 4096)
    again = open_journal(tmp_path, read_only=read_only)
    assert again.after(0)[0] == before
    assert holding(tmp_path) == []
    if not read_only:
        assert again.verify().whole


def test_of_a_row_that_was_redacted_no_earlier_copy_comes_back_from_a_damaged_file(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    (stored,) = journal.append([note(1, CANARY)])
    page = (tmp_path / "journal.db").read_bytes()
    journal.redact(order(2, stored))
    with (tmp_path / "journal.db").open("ab") as file:
        file.write(page)  # pages from before, behind the end
    rebuild(tmp_path / "journal.db")
    assert [type(event.fact) for event in open_journal(tmp_path).after(0)[0]] == [Tombstone, Redacted]


def test_a_copy_that_a_repair_put_aside_is_named_before_anything_is_said_to_be_gone(tmp_path: Path) -> None:
    open_journal(tmp_path).append([*notes(20), note(21, CANARY * 300), *notes(20, first=22)])
    with (tmp_path / "journal.db").open("r+b") as file:
        file.write(b"\xa5" * 16)
    journal = open_journal(tmp_path)
    target = next(event for event in journal.after(0)[0] if event.id == "1-000021")
    kept = tmp_path / "journal.db.broken-1"
    for damage in (b"", b"\0" * kept.read_bytes().index(CANARY.encode())):
        with kept.open("r+b") as file:
            file.write(damage)  # the second time only the end of its text is left
        with pytest.raises(JournalError, match=r"another file may hold") as refused:
            journal.redact(order(60, target))
        assert refused.value.at == str(kept)
        assert "delete it" in refused.value.hint
    assert journal.after(0)[1] < 1_000
    kept.unlink()
    journal.redact(order(60, target))
    assert holding(tmp_path) == []


def test_a_damaged_copy_without_the_row_is_no_obstacle(tmp_path: Path) -> None:
    open_journal(tmp_path).append(notes(20))
    with (tmp_path / "journal.db").open("r+b") as file:
        file.write(b"\xa5" * 16)
    journal = open_journal(tmp_path)
    (stored,) = journal.append([note(99, CANARY)])
    (tmp_path / "journal.db.broken-2").touch()
    journal.redact(order(100, stored))
    assert holding(tmp_path) == []


def test_an_incident_whose_opening_was_redacted_is_still_open_and_is_not_opened_again(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    (stored,) = journal.append([opened(1)])
    journal.redact(order(2, stored))
    with pytest.raises(IncidentExists, match=r"laptop/1"):
        journal.append([opened(3, "2")])
