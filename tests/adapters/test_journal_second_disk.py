"""The disk that holds the journal is full, failing, read-only, gone or knows no locks: another one takes over."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from incident.errors import JournalError
from incident.journal import open_journal
from incident.journal.ballast import SIZE
from tests.adapters.journal_writer import note, notes, opened
from tests.adapters.test_journal_disk import _UNSHARE, fill, in_a_process, mount, own_mounts, traced
from tests.adapters.test_journal_refuge import US, held, ids, lines, place, state

__all__ = ["place", "state"]  # pytest finds its fixtures by name


def test_room_is_held_back_beside_the_journal_and_not_for_a_rehearsal(tmp_path: Path) -> None:
    open_journal(tmp_path / "real", places=())
    open_journal(tmp_path / "drill", rehearsal=True)
    open_journal(tmp_path / "real", places=())
    assert (tmp_path / "real" / "ballast").stat().st_size == SIZE
    assert [path.name for path in (tmp_path / "drill").iterdir() if path.name == "ballast"] == []


@own_mounts
@pytest.mark.fault(4, 5)
def test_on_a_full_disk_the_room_that_was_held_back_is_given_up_and_then_another_disk_is_used(tmp_path: Path) -> None:
    in_a_process(_full_disk_with_ballast, tmp_path, *_UNSHARE)


def _full_disk_with_ballast(folder: Path) -> None:
    (folder / "place").mkdir()
    (folder / "disk").mkdir()
    mount(folder / "disk", "size=20m")
    state = folder / "disk" / "state"
    journal = open_journal(state, places=[folder / "disk", folder / "place"])
    saved = list(journal.append(notes(3)))
    fill(folder / "disk" / "filling")
    number = 4
    while not journal.notices:
        saved += journal.append([note(number, "x" * 900)])
        number += 1
    assert not (state / "ballast").exists()
    assert "the last room was given up" in journal.notices[0]
    with contextlib.suppress(JournalError):
        while saved := [*saved, *journal.append([note(number, "x" * 900)])]:
            number += 1
    assert number > 100
    # The place on the same disk is full as well; the other one takes it.
    assert journal.refuge.startswith(str(folder / "place"))
    assert len(lines(folder / "place")) == 1
    assert list((folder / "disk").glob(f"{US}/*")) == []
    assert journal.after(0)[0] == tuple(saved)
    (folder / "disk" / "filling").unlink()
    saved += journal.append([note(number, "x" * 900)])
    assert journal.after(0)[0] == tuple(saved)
    assert journal.verify().whole
    assert lines(folder / "place") == []
    journal.close()
    open_journal(state, places=())
    assert (state / "ballast").stat().st_size == SIZE


@own_mounts
@pytest.mark.fault(8)
def test_a_line_that_a_full_second_disk_tore_is_cut_off_before_the_next_one(tmp_path: Path) -> None:
    in_a_process(_torn_by_a_full_disk, tmp_path, *_UNSHARE)


def _torn_by_a_full_disk(folder: Path) -> None:
    place = folder / "place"
    place.mkdir()
    mount(place, "size=64k")
    state = folder / "state"
    open_journal(state, places=()).append([note(1)])
    journal = open_journal(state, patience=0.01, places=[place])
    with held(state):
        with pytest.raises(JournalError, match=r"is kept in"):
            journal.append([note(2)])
        file = Path(journal.refuge)
        size = file.stat().st_size
        fill(place / "filling")
        with pytest.raises(JournalError, match=r"in memory only"):
            journal.append([note(2), note(3, "y" * 30_000)])
        assert file.stat().st_size > size  # torn: the disk took a part of it
        (place / "filling").unlink()
        with pytest.raises(JournalError, match=r"is kept in"):
            journal.append([note(2), note(3, "y" * 30_000), note(4)])
        assert [line.partition(b" ")[0].isdigit() for line in file.read_bytes().splitlines()] == [True] * 3
    journal.close()
    again = open_journal(state, places=[place])
    assert ids(again.after(0)[0]) == [note(number).id for number in (1, 2, 3, 4)]
    assert len(again.notices) == 1


@traced
@pytest.mark.fault(7)
def test_when_the_disk_fails_to_sync_the_event_goes_to_another_one(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    open_journal(tmp_path / "state", places=()).append([note(1)])
    database = str(tmp_path / "state" / "journal.db-journal")
    calls = "fsync,fdatasync"
    fails = ("strace", "-qq", "-o", os.devnull, "-P", database, "-e", f"inject={calls}:error=EIO")
    in_a_process(_syncs_fail, tmp_path, *fails)
    journal = open_journal(tmp_path / "state", places=[tmp_path / "place"])
    assert ids(journal.after(0)[0]) == [note(1).id, note(2).id]


def _syncs_fail(folder: Path) -> None:
    journal = open_journal(folder / "state", places=[folder / "place"])
    with pytest.raises(JournalError, match=r"the disk reports an error; what is not saved is kept in") as refused:
        journal.append([note(2)])
    assert journal.refuge in refused.value.what


@own_mounts
@pytest.mark.fault(9)
def test_on_a_read_only_disk_without_a_journal_it_starts_and_keeps_what_comes_elsewhere(tmp_path: Path) -> None:
    in_a_process(_starts_on_a_read_only_disk, tmp_path, *_UNSHARE)


def _starts_on_a_read_only_disk(folder: Path) -> None:
    (folder / "place").mkdir()
    (folder / "disk").mkdir()
    mount(folder / "disk", "size=1m")
    mount(folder / "disk", "remount", "ro")
    state = folder / "disk" / "state"
    journal = open_journal(state, places=[folder / "place"])
    assert journal.notices
    assert journal.after(0) == ((), 0)
    with pytest.raises(JournalError, match=r"is kept in"):
        journal.append([opened(1), note(2)])
    with pytest.raises(JournalError, match=r"cannot be used"):
        open_journal(state, rehearsal=True)
    journal.close()
    mount(folder / "disk", "remount", "rw")
    again = open_journal(state, places=[folder / "place"])
    assert ids(again.after(0)[0]) == [opened(1).id, note(2).id]


@own_mounts
@pytest.mark.fault(9)
def test_when_the_disk_vanishes_nothing_is_written_where_it_was_and_it_goes_on_when_it_is_back(tmp_path: Path) -> None:
    in_a_process(_vanishing_disk, tmp_path, *_UNSHARE)


def _vanishing_disk(folder: Path) -> None:
    for name in ("place", "disk", "shelf"):
        (folder / name).mkdir()
    mount(folder / "disk", "size=1m")
    state = folder / "disk" / "state"
    journal = open_journal(state, places=[folder / "place"])
    (first,) = journal.append([note(1)])
    subprocess.run(["mount", "--bind", str(folder / "disk"), str(folder / "shelf")], check=True)
    subprocess.run(["umount", "-l", str(folder / "disk")], check=True)
    state.mkdir(mode=0o700)  # as an empty mount point may look
    for _ in range(2):
        with pytest.raises(JournalError, match=r"the folder that held the journal is gone; .* is kept in") as refused:
            journal.append([note(2)])
    assert "bring its disk back" in refused.value.hint
    assert list(state.iterdir()) == []
    with pytest.raises(JournalError, match=r"is gone"):
        journal.changed()
    subprocess.run(["mount", "--bind", str(folder / "shelf"), str(folder / "disk")], check=True)
    (second,) = journal.append([note(2)])
    assert journal.after(0)[0] == (first, second)
    assert lines(folder / "place") == []


def test_a_folder_that_is_removed_mid_run_is_not_made_again_behind_the_person_s_back(state: Path, place: Path) -> None:
    journal = open_journal(state, places=[place])
    away = state.with_name("away")
    state.rename(away)
    with pytest.raises(JournalError, match=r"the folder that held the journal is gone"):
        journal.append([note(2)])
    assert not state.exists()
    assert len(lines(place)) == 1
    journal.close()
    again = open_journal(state, places=[place])
    assert ids(again.after(0)[0]) == [note(2).id]


def test_a_journal_that_was_begun_again_is_read_from_its_beginning(state: Path) -> None:
    reader, writer = open_journal(state, places=()), open_journal(state, places=())
    writer.append(notes(5, first=2))
    _, position = reader.after(0)
    (state / "journal.db").unlink()
    fresh = writer.append(notes(2, first=100))
    assert reader.after(position) == (fresh, 2)
    _, position = reader.after(2)
    (state / "journal.db").unlink()
    fresh = writer.append(notes(9, first=200))
    assert reader.after(position) == (fresh, 9)


def failing_locks(call: str, error: str = "ENOLCK") -> tuple[str, ...]:
    return ("strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:error={error}")


@traced
@pytest.mark.fault(10)
def test_on_a_disk_that_knows_no_flock_it_works_in_truncate_mode_and_says_so(tmp_path: Path) -> None:
    in_a_process(_without_flock, tmp_path, *failing_locks("flock"))


def _without_flock(folder: Path) -> None:
    (folder / "place").mkdir()
    journal = open_journal(folder / "state", patience=0.01, places=[folder / "place"])
    assert [("knows no locks" in notice) for notice in journal.notices] == [True]
    stored = journal.append(notes(3))
    assert journal.after(0)[0] == stored
    with sqlite3.connect(folder / "state" / "journal.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() != ("wal",)
    connection.close()
    with held(folder / "state"), pytest.raises(JournalError, match=r"is kept in"):
        journal.append([note(4)])
    assert len(open_journal(folder / "state", places=[folder / "place"]).after(0)[0]) == 4
    assert len(journal.append([note(4), note(5)])) == 2
    (folder / "state" / "journal.db").write_bytes(b"garbage" * 1_000)
    with pytest.raises(JournalError, match=r"cannot be repaired"):
        journal.append([note(6)])


@traced
@pytest.mark.fault(10)
@pytest.mark.parametrize("error", ["ENOLCK", "EOPNOTSUPP"])
def test_on_a_disk_that_knows_no_locks_at_all_it_refuses_in_words_and_uses_another(tmp_path: Path, error: str) -> None:
    open_journal(tmp_path / "state", places=()).close()
    database, gate = (
        str(tmp_path / "state" / name) for name in ("journal.db", "journal.lock")
    )  # the interpreter itself needs its own calls
    in_a_process(_without_locks, tmp_path, *failing_locks("fcntl", error), "-P", database, "-P", gate)


def _without_locks(folder: Path) -> None:
    (folder / "place").mkdir()
    journal = open_journal(folder / "state", patience=0.01, places=[folder / "place"])
    with pytest.raises(JournalError, match=r"knows no locks; what is not saved is kept in") as refused:
        journal.append([note(1)])
    assert "XDG_STATE_HOME" in refused.value.hint
