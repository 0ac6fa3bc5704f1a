"""A damaged journal gives back every good row, keeps the damaged file, and says what happened."""

from __future__ import annotations

import fcntl
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import incident
from incident.core.event import Event
from incident.errors import JournalError
from incident.journal import open_journal
from incident.journal.row import chained
from incident.journal.salvage import rebuild, salvage
from tests.adapters.journal_writer import note, notes, opened

ROOT = Path(incident.__file__).parents[1]
WRITER = Path(__file__).with_name("journal_writer.py")
PAGE = 4096


def written(folder: Path, count: int = 60) -> tuple[Event, ...]:
    """A journal with that many events, closed."""
    journal = open_journal(folder)
    stored = journal.append([opened(1), *notes(count - 1, first=2)])
    journal.close()
    return stored


@contextmanager
def unguarded(folder: Path) -> Iterator[sqlite3.Connection]:
    """The tables without the triggers that refuse changes."""
    connection = sqlite3.connect(folder / "journal.db", isolation_level=None)
    connection.execute("DROP TRIGGER never_changed")
    connection.execute("DROP TRIGGER never_removed")
    yield connection
    connection.close()


def put(path: Path, start: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


def page_with(path: Path, text: bytes) -> int:
    return path.read_bytes().index(text) // PAGE * PAGE


def cut(at: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        size = path.stat().st_size
        os.truncate(path, int(size * at) if at < 1 else size - int(at))

    return damage


def garbage(length: int) -> Callable[[Path], None]:
    return lambda path: put(path, 0, b"\xa5" * min(length, path.stat().st_size))


def ids_left_in(damaged: bytes, cells: dict[str, bytes]) -> list[str]:
    """The events whose bytes the damage spared."""
    return [identity for identity, cell in cells.items() if cell in damaged]


def cells_of(folder: Path) -> dict[str, bytes]:
    """What every event's row looks like on disk, by id."""
    connection = sqlite3.connect(folder / "journal.db")
    rows = connection.execute("SELECT id, body || prev || sha FROM events ORDER BY position").fetchall()
    connection.close()
    return {identity: text.encode() for identity, text in rows}


@pytest.mark.fault(14)
@pytest.mark.parametrize(
    ("damage", "spared"),
    [
        pytest.param(cut(0.65), "some", id="cut by a third"),
        pytest.param(cut(0.8), "some", id="cut by a fifth"),
        pytest.param(cut(100), "most", id="torn inside the last page"),
        pytest.param(garbage(16), "all", id="garbage for the first bytes"),
        pytest.param(garbage(PAGE), "all", id="garbage for the first page"),
        pytest.param(lambda path: put(path, 0, bytes(PAGE)), "all", id="zeros for the first page"),
        pytest.param(garbage(1_000_000), "none", id="garbage for all of it"),
    ],
)
def test_a_damaged_file_is_kept_and_its_good_rows_are_saved(
    tmp_path: Path, damage: Callable[[Path], None], spared: str
) -> None:
    stored = written(tmp_path)
    path = tmp_path / "journal.db"
    cells = cells_of(tmp_path)
    damage(path)
    damaged = path.read_bytes()
    left = ids_left_in(damaged, cells)
    assert {"none": 0, "some": 5, "most": 40, "all": 60}[spared] <= len(left)
    journal = open_journal(tmp_path)
    events, _ = journal.after(0)
    assert events == tuple(event for event in stored if event.id in left)
    assert [f"{len(left)} events were saved" in notice for notice in journal.notices] == [True]
    assert (tmp_path / "journal.db.broken-1").read_bytes() == damaged
    assert journal.append([note(1_000)])[0] in journal.after(0)[0]
    assert journal.verify().kept == ("journal.db.broken-1",)
    assert open_journal(tmp_path).notices == ()


@pytest.mark.fault(14)
def test_garbage_behind_the_end_costs_nothing(tmp_path: Path) -> None:
    stored = written(tmp_path)
    with (tmp_path / "journal.db").open("ab") as file:
        file.write(os.urandom(5_000))
    journal = open_journal(tmp_path)
    more = journal.append(notes(60, first=1_000))
    assert journal.after(0)[0] == (*stored, *more)
    assert journal.verify().whole


@pytest.mark.fault(14)
def test_a_zeroed_page_in_the_middle_is_found_when_it_is_read(tmp_path: Path) -> None:
    stored = written(tmp_path)
    path = tmp_path / "journal.db"
    cells = cells_of(tmp_path)
    put(path, page_with(path, b"seen 30 times"), bytes(PAGE))
    left = ids_left_in(path.read_bytes(), cells)
    journal = open_journal(tmp_path)
    events, _ = journal.after(0)
    assert 40 < len(events) < 60
    assert events == tuple(event for event in stored if event.id in left)
    assert "saved" in journal.notices[0]
    (problem,) = journal.verify().problems
    first_lost = next(event for event in stored if event.id not in left).seq
    assert f"{first_lost} to {first_lost + 60 - len(left) - 1} before it are missing" == problem.what


@pytest.mark.fault(14)
def test_a_damaged_index_is_found_when_it_is_written_to(tmp_path: Path) -> None:
    stored = written(tmp_path)
    path = tmp_path / "journal.db"
    connection = sqlite3.connect(path)
    (root,) = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_events_2'"
    ).fetchone()
    connection.close()
    put(path, (root - 1) * PAGE, bytes(PAGE))
    journal = open_journal(tmp_path)
    more = journal.append(notes(2, first=1_000))
    assert journal.after(0)[0] == (*stored, *more)
    assert [event.seq for event in more] == [61, 62]
    assert journal.verify().whole


def test_long_texts_are_saved_from_their_overflow_pages(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    stored = [journal.append([note(n, chr(64 + n) * n * 700)])[0] for n in range(1, 40)]
    journal.close()
    garbage(PAGE)(tmp_path / "journal.db")
    assert list(open_journal(tmp_path).after(0)[0]) == stored


def test_a_ring_of_overflow_pages_ends(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append([note(1, "a" * 50_000), note(2)])
    journal.close()
    path = tmp_path / "journal.db"
    page = page_with(path, b"a" * 4_000)
    put(path, page, (page // PAGE + 1).to_bytes(4))  # the next page is this one
    garbage(16)(path)
    assert [event.id for event in open_journal(tmp_path).after(0)[0]] == ["1-000002"]


def test_rows_at_impossible_positions_are_saved_behind_the_others(tmp_path: Path) -> None:
    written(tmp_path, 3)
    with unguarded(tmp_path) as connection:
        connection.execute("UPDATE events SET position = ? WHERE position = 2", (2**60,))
    garbage(16)(tmp_path / "journal.db")
    journal = open_journal(tmp_path)
    journal.append([note(9)])
    assert [event.seq for event in journal.after(0)[0]] == [1, 3, 2, 4]


def test_positions_are_not_given_out_twice_when_the_last_rows_were_lost(tmp_path: Path) -> None:
    reader = open_journal(tmp_path)
    written(tmp_path)
    _, position = reader.after(0)
    cut(0.5)(tmp_path / "journal.db")
    stored = open_journal(tmp_path).append([note(1_000, process="new")])
    assert reader.after(position)[0] == stored


@pytest.mark.fault(15)
@pytest.mark.parametrize("flipped", [b"seen 31 times", b"seen 30 time\xff"], ids=["a digit", "no UTF-8"])
def test_a_flipped_bit_is_named_by_its_row_and_costs_only_that_row(tmp_path: Path, flipped: bytes) -> None:
    stored = written(tmp_path)
    path = tmp_path / "journal.db"
    put(path, path.read_bytes().index(b"seen 30 times"), flipped)
    journal = open_journal(tmp_path)
    assert journal.after(0)[0] == (*stored[:29], *stored[30:])
    (broken,) = journal.broken
    assert broken.where == "row 30 (laptop/1 30)"
    assert broken.what == "was changed after it was written"
    report = journal.verify()
    assert report.problems == (broken,)
    assert not report.whole
    assert report.rows == 60
    assert journal.append([note(30)])[0].id == stored[29].id  # it is there, whatever became of it


@pytest.mark.fault(15)
def test_a_row_that_was_rewritten_with_a_matching_hash_is_named_by_the_next(tmp_path: Path) -> None:
    written(tmp_path, 5)
    with unguarded(tmp_path) as connection:
        body, prev = connection.execute("SELECT body, prev FROM events WHERE position = 3").fetchone()
        forged = body.replace("seen 3 times", "seen 9 times")
        sha = chained(prev, "laptop/1", 3, forged)
        connection.execute("UPDATE events SET body = ?, sha = ? WHERE position = 3", (forged, sha))
    journal = open_journal(tmp_path)
    assert [(p.where, p.what) for p in journal.verify().problems] == [
        ("row 4 (laptop/1 4)", "does not continue the row before it")
    ]


@pytest.mark.fault(15)
@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        ("DELETE FROM events WHERE position = 3", "row 4 (laptop/1 4)", "3 before it is missing"),
        ("DELETE FROM events WHERE position IN (2, 3)", "row 4 (laptop/1 4)", "2 to 3 before it are missing"),
        ("UPDATE events SET position = 9 WHERE position = 3", "row 9 (laptop/1 3)", "comes after 5 of the same writer"),
        ("UPDATE events SET node = 'x' WHERE position = 5", "row 5 (x 5)", "was changed after it was written"),
        ("UPDATE events SET incident = 'x' WHERE position = 5", "row 5 (laptop/1 5)", "cannot be read: its columns"),
        ("UPDATE events SET body = x'ff00' WHERE position = 5", "row 5 (laptop/1 5)", "was changed after"),
    ],
)
def test_verify_names_rows_that_are_missing_moved_or_changed(
    tmp_path: Path, statement: str, where: str, what: str
) -> None:
    written(tmp_path, 5)
    with unguarded(tmp_path) as connection:
        connection.execute(statement)
    problems = open_journal(tmp_path).verify().problems
    assert any(problem.where == where and problem.what.startswith(what) for problem in problems), problems


def test_a_row_of_an_unreadable_shape_is_left_out_and_named(tmp_path: Path) -> None:
    stored = written(tmp_path, 3)
    with unguarded(tmp_path) as connection:
        (prev,) = connection.execute("SELECT sha FROM events WHERE position = 2").fetchone()
        sha = chained(prev, "laptop/1", 3, "[]")
        connection.execute("UPDATE events SET body = '[]', sha = ? WHERE position = 3", (sha,))
    journal = open_journal(tmp_path)
    assert journal.after(0) == (stored[:2], 3)
    assert journal.broken == journal.verify().problems
    assert journal.broken[0].what.startswith("cannot be read")


def test_a_terminal_that_has_the_file_open_goes_on_in_the_repaired_one(tmp_path: Path) -> None:
    long_open = open_journal(tmp_path)
    stored = long_open.append(notes(60))
    path = tmp_path / "journal.db"
    put(path, page_with(path, b"seen 30 times"), bytes(PAGE))
    repairing = open_journal(tmp_path)
    saved, _ = repairing.after(0)
    assert set(saved) < set(stored)
    (after,) = long_open.append([note(61)])
    assert repairing.after(0)[0] == (*saved, after)
    assert long_open.changed()
    assert len(list(tmp_path.glob("*.broken-*[0-9]"))) == 1


def test_terminals_that_find_the_damage_at_once_repair_it_once(tmp_path: Path) -> None:
    stored = written(tmp_path)
    garbage(16)(tmp_path / "journal.db")
    crowd = [
        subprocess.Popen(
            [sys.executable, str(WRITER), str(tmp_path), f"p{number}", "honest", "5"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for number in range(6)
    ]
    complaints = [running.communicate(b"\n")[1].decode() for running in crowd]
    assert complaints == [""] * 6
    journal = open_journal(tmp_path)
    events, _ = journal.after(0)
    assert events[:60] == stored
    assert len(events) == 90
    assert journal.verify().kept == ("journal.db.broken-1",)


def test_two_terminals_that_both_wait_to_repair_do_it_once(tmp_path: Path) -> None:
    stored = written(tmp_path)
    terminals = [open_journal(tmp_path), open_journal(tmp_path)]
    with ThreadPoolExecutor(2) as threads, (tmp_path / "journal.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        garbage(PAGE)(tmp_path / "journal.db")
        reading = [threads.submit(terminal.after, 0) for terminal in terminals]
        while any(terminal._file.connection for terminal in terminals):  # until both have met the damage
            time.sleep(0.01)  # no event tells of a connection that was let go
        fcntl.flock(held, fcntl.LOCK_UN)
        assert [found.result()[0] for found in reading] == [stored, stored]
    assert terminals[0].verify().kept == ("journal.db.broken-1",)


def test_reading_only_a_damaged_journal_shows_the_good_rows_and_leaves_the_file_alone(tmp_path: Path) -> None:
    stored = written(tmp_path)
    garbage(16)(tmp_path / "journal.db")
    names = sorted(path.name for path in tmp_path.iterdir())
    journal = open_journal(tmp_path, read_only=True)
    assert "damaged" in journal.notices[0]
    assert journal.after(0) == (stored, 60)
    assert journal.after(58)[0] == stored[58:]
    report = journal.verify()
    assert report.rows == 60
    assert not report.whole
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_a_damaged_journal_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    stored = written(tmp_path)
    path = tmp_path / "journal.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    cut(0.9)(path)
    damaged = path.read_bytes()
    journal = open_journal(tmp_path, places=())
    assert "newer version" in journal.notices[0]
    assert set(journal.after(0)[0]) < set(stored)
    with pytest.raises(JournalError, match=r"newer version"):
        journal.append([note(1_000)])
    assert path.read_bytes() == damaged


def test_a_repair_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    stored = written(tmp_path)
    path = tmp_path / "journal.db"
    garbage(16)(path)
    (tmp_path / "journal.db.fresh").write_bytes(path.read_bytes()[: 3 * PAGE])
    (tmp_path / "journal.db.fresh-journal").write_bytes(b"half a page")
    (tmp_path / "journal.db.broken-1").hardlink_to(path)
    journal = open_journal(tmp_path)
    assert journal.after(0)[0] == stored
    assert journal.verify().kept == ("journal.db.broken-1", "journal.db.broken-2")
    assert not list(tmp_path.glob("*.fresh*"))


def test_what_sqlite_would_undo_in_the_damaged_file_is_kept_away_from_the_fresh_one(tmp_path: Path) -> None:
    stored = written(tmp_path)
    path = tmp_path / "journal.db"
    garbage(16)(path)
    (tmp_path / "journal.db-journal").write_bytes(b"pages of the damaged file")
    assert rebuild(path) == (60, tmp_path / "journal.db.broken-1")
    assert (tmp_path / "journal.db.broken-1-journal").read_bytes() == b"pages of the damaged file"
    assert open_journal(tmp_path).after(0)[0] == stored


@pytest.mark.parametrize("damage", [b"x BLOB NOT ", b"\xc5\xe5\xc5 TEXT N"], ids=["another name", "no text"])
def test_tables_that_are_not_the_ones_that_were_made_are_damage(tmp_path: Path, damage: bytes) -> None:
    stored = written(tmp_path)
    path = tmp_path / "journal.db"
    put(path, path.read_bytes().index(b"sha TEXT NOT"), damage)
    journal = open_journal(tmp_path)
    assert journal.after(0)[0] == stored
    assert "saved" in journal.notices[0]


@pytest.mark.parametrize("version", [0, -1])
def test_tables_of_an_impossible_version_are_damage_and_not_an_empty_journal(tmp_path: Path, version: int) -> None:
    stored = written(tmp_path)
    connection = sqlite3.connect(tmp_path / "journal.db")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    assert open_journal(tmp_path, read_only=True).after(0)[0] == stored
    journal = open_journal(tmp_path)
    assert journal.after(0)[0] == stored
    assert "saved" in journal.notices[0]


def test_pages_that_point_in_a_circle_are_not_read_for_ever(tmp_path: Path) -> None:
    stored = written(tmp_path, 200)
    path = tmp_path / "journal.db"
    page = page_with(path, b"seen 30 times")
    put(path, page_with(path, b"seen 190 times"), path.read_bytes()[page : page + PAGE])
    events, _ = open_journal(tmp_path).after(0)
    assert set(events) < set(stored)
    assert [event.seq for event in events] == sorted(event.seq for event in events)


@pytest.mark.fault(14, 15)
@pytest.mark.parametrize("read_only", [False, True])
def test_whatever_bytes_are_damaged_nothing_is_invented_and_no_loss_is_silent(tmp_path: Path, read_only: bool) -> None:
    stored = written(tmp_path / "good", 120)
    good = (tmp_path / "good" / "journal.db").read_bytes()
    chance = random.Random(20260502)
    for number in range(40):
        folder = tmp_path / str(number)
        folder.mkdir()
        data = bytearray(good)
        for _ in range(chance.choice((1, 2, 5, 30))):
            at, length = chance.randrange(len(data)), chance.choice((1, 4, 100, PAGE))
            data[at : at + length] = chance.randbytes(min(length, len(data) - at))
        (folder / "journal.db").write_bytes(data)
        journal = open_journal(folder, read_only=read_only)
        events, _ = journal.after(0)
        assert set(events) <= set(stored)
        report = journal.verify()
        assert len(events) == len(stored) or report.problems or report.kept
        if not read_only:
            assert journal.append([note(1_000)])[0] in journal.after(0)[0]
        journal.close()


def test_an_empty_file_has_nothing_to_save(tmp_path: Path) -> None:
    (tmp_path / "journal.db").touch()
    assert salvage(tmp_path / "journal.db") == []
