"""A disk that is full, read-only or failing: the journal says so, stays good, and writes again as soon as it can."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import incident
from incident.errors import JournalError
from incident.journal import open_journal
from tests.adapters.journal_writer import note, notes

ROOT = Path(incident.__file__).parents[1]
_UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")


def _can(*command: str) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True).returncode == 0


own_mounts = pytest.mark.skipif(not _can(*_UNSHARE, "true"), reason="this system gives a test no mounts of its own")
traced = pytest.mark.skipif(not _can("strace", "-qq", "-o", "/dev/null", "true"), reason="strace cannot be used here")


def in_a_process(function: Callable[[Path], None], folder: Path, *around: str) -> None:
    """Run one of the functions below in a process of its own, inside another command."""
    here = function.__module__
    call = f"import sys, pathlib, {here} as here; here.{function.__name__}(pathlib.Path(sys.argv[1]))"
    done = subprocess.run(
        [*around, sys.executable, "-c", call, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def mount(folder: Path, *options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(folder)], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


@own_mounts
@pytest.mark.fault(4, 5)
def test_on_a_full_disk_nothing_is_lost_and_the_next_append_after_that_is_saved(tmp_path: Path) -> None:
    in_a_process(_full_disk, tmp_path, *_UNSHARE)


def _full_disk(folder: Path) -> None:
    mount(folder, "size=200k")
    journal = open_journal(folder / "state")
    saved = list(journal.append(notes(3)))
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(40_000))
    number = 4
    with contextlib.suppress(JournalError):
        while saved := [*saved, *journal.append([note(number, "x" * 900)])]:
            number += 1
    assert number > 10
    with pytest.raises(JournalError, match=r"disk is full") as refused:
        journal.append([note(number, "x" * 900)])
    assert "free some space" in refused.value.hint
    assert journal.after(0)[0] == tuple(saved)
    assert open_journal(folder / "state").verify().whole
    ballast.unlink()
    saved += journal.append([note(number, "x" * 900), note(number + 1)])
    assert [event.seq for event in saved] == list(range(1, number + 2))
    assert journal.after(0)[0] == tuple(saved)
    assert journal.verify().whole
    assert journal.notices == ()


@own_mounts
@pytest.mark.fault(4, 14)
def test_a_damaged_journal_on_a_full_disk_is_read_now_and_repaired_later(tmp_path: Path) -> None:
    in_a_process(_damaged_on_a_full_disk, tmp_path, *_UNSHARE)


def _damaged_on_a_full_disk(folder: Path) -> None:
    mount(folder, "size=300k")
    state = folder / "state"
    stored = open_journal(state).append(notes(60))
    damaged = b"\xa5" * 16 + (state / "journal.db").read_bytes()[16:]
    (state / "journal.db").write_bytes(damaged)
    fill(folder / "ballast")
    journal = open_journal(state)
    assert "cannot be repaired" in journal.notices[0]
    assert journal.after(0)[0] == stored
    with pytest.raises(JournalError, match=r"cannot be repaired"):
        journal.append([note(61)])
    assert (state / "journal.db").read_bytes() == damaged
    (folder / "ballast").unlink()
    assert journal.append([note(61)])[0].seq == 61
    assert journal.after(0)[0][:60] == stored
    assert (state / "journal.db.broken-1").read_bytes() == damaged


@own_mounts
@pytest.mark.fault(4)
def test_a_journal_that_cannot_be_made_for_want_of_room_is_made_later(tmp_path: Path) -> None:
    in_a_process(_no_room_to_begin, tmp_path, *_UNSHARE)


def _no_room_to_begin(folder: Path) -> None:
    mount(folder, "size=100k")
    (folder / "state").mkdir()
    fill(folder / "ballast")
    journal = open_journal(folder / "state")
    assert "disk is full" in journal.notices[0]
    with pytest.raises(JournalError, match=r"disk is full"):
        journal.append([note(1)])
    (folder / "ballast").unlink()
    assert journal.append([note(1)])[0].seq == 1


@own_mounts
@pytest.mark.fault(9)
def test_on_a_read_only_disk_the_timeline_is_read_and_an_append_says_why_not(tmp_path: Path) -> None:
    in_a_process(_read_only_disk, tmp_path, *_UNSHARE)


def _read_only_disk(folder: Path) -> None:
    mount(folder, "size=1m")
    state = folder / "state"
    before = open_journal(state)
    stored = before.append(notes(3))
    before.close()
    (folder / "nothing here").mkdir()
    mount(folder, "remount", "ro")
    journal = open_journal(state)
    for each in (journal, open_journal(state, read_only=True)):
        assert each.after(0) == (stored, 3)
        assert each.verify().whole
    with pytest.raises(JournalError, match=r"read-only") as refused:
        journal.append([note(4)])
    assert "writable" in refused.value.hint
    assert open_journal(folder / "nothing here", read_only=True).after(0) == ((), 0)
    mount(folder, "remount", "rw")
    assert journal.append([note(4)])[0].seq == 4


@own_mounts
@pytest.mark.fault(9)
def test_what_a_crash_left_half_written_does_not_keep_a_read_only_disk_from_being_read(tmp_path: Path) -> None:
    in_a_process(_crash_then_read_only, tmp_path, *_UNSHARE)


def _crash_then_read_only(folder: Path) -> None:
    mount(folder, "size=4m")
    state = folder / "state"
    journal = open_journal(state)
    stored = journal.append(notes(3))
    journal.close()
    if os.fork() == 0:
        connection = sqlite3.connect(state / "journal.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        for number in range(4, 100):
            values = (str(number), "n", number, "i", "k", "half" * 2_000, "", "no hash")
            connection.execute(
                "INSERT INTO events (id, node, seq, incident, kind, body, prev, sha) VALUES (?,?,?,?,?,?,?,?)", values
            )
        os.kill(os.getpid(), signal.SIGKILL)
    os.wait()
    assert (state / "journal.db-journal").stat().st_size
    assert b"halfhalf" in (state / "journal.db").read_bytes()
    mount(folder, "remount", "ro")
    for journal in (open_journal(state), open_journal(state, read_only=True)):
        assert journal.after(0)[0] == stored
    mount(folder, "remount", "rw")
    assert open_journal(state, read_only=True).after(0) == (stored, 3)
    assert open_journal(state).append([note(4)])[0].seq == 4


def failing_syncs(when: str) -> tuple[str, ...]:
    """Around a process: the system calls that sync fail, `when` as strace counts them."""
    calls = "fsync,fdatasync"
    return ("strace", "-qq", "-o", os.devnull, "-e", f"trace={calls}", "-e", f"inject={calls}:error=EIO:when={when}")


@traced
@pytest.mark.fault(7)
def test_an_event_whose_sync_failed_is_not_acknowledged_and_can_be_repeated(tmp_path: Path) -> None:
    open_journal(tmp_path).append([note(0)])
    in_a_process(_some_syncs_fail, tmp_path, *failing_syncs("4+7"))


def _some_syncs_fail(folder: Path) -> None:
    journal = open_journal(folder, places=())
    saved = list(journal.after(0)[0])
    refused = []
    for number in range(1, 21):
        for _ in range(10):
            try:
                saved += journal.append([note(number)])
                break
            except JournalError as error:
                refused.append(error.what)
                assert journal.after(0)[0][: len(saved)] == tuple(saved)
    assert len(refused) > 3
    assert {what.partition(";")[0] for what in refused} == {"the disk reports an error"}
    assert journal.after(0)[0] == tuple(saved)
    assert [event.seq for event in saved] == list(range(1, 22))
    assert journal.verify().whole


@traced
@pytest.mark.fault(7)
def test_an_event_that_is_there_is_only_acknowledged_again_when_it_can_be_synced(tmp_path: Path) -> None:
    open_journal(tmp_path).append([note(1)])
    in_a_process(_every_sync_fails, tmp_path, *failing_syncs("1+"))


def _every_sync_fails(folder: Path) -> None:
    journal = open_journal(folder, places=())
    assert journal.after(0)[1] == 1
    with pytest.raises(JournalError, match=r"disk reports an error"):
        journal.append([note(1)])
