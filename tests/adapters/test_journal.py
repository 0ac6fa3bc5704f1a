"""The journal as the engine uses it: what goes in comes out, once, in order, and nothing is ever changed."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from incident.core.facts import CommandStarted, SignalSeen
from incident.errors import IncidentExists, JournalError
from incident.journal import open_journal
from tests.adapters.journal_writer import INCIDENT, fact, note, notes, opened


def raw(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "journal.db", isolation_level=None)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_appended_comes_back_numbered_in_the_order_written(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    stored = journal.append([opened(1), *notes(3, first=2)])
    assert [event.seq for event in stored] == [1, 2, 3, 4]
    assert journal.after(0) == (stored, 4)
    later = journal.append([note(5)])
    assert journal.after(4) == (later, 5)
    assert journal.after(5) == ((), 5)


def test_every_writer_counts_its_own_events_without_a_gap(tmp_path: Path) -> None:
    mine, theirs = open_journal(tmp_path), open_journal(tmp_path)
    for number in range(1, 4):
        assert mine.append([note(number, process="mine")])[0].seq == number
        assert theirs.append([note(number, process="theirs")])[0].seq == number
    assert [event.id for event in mine.after(0)[0]] == [event.id for event in theirs.after(0)[0]]


def test_a_timeline_longer_than_one_reading_comes_back_whole(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    stored = journal.append(notes(4_001))
    assert journal.after(0) == (stored, 4_001)
    assert journal.verify().rows == 4_001


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert journal.append([]) == ()
    assert journal.after(0) == ((), 0)
    assert journal.verify().whole


def test_an_append_that_failed_can_be_repeated_as_it_was(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    first = journal.append([opened(1), note(2)])
    again = journal.append([opened(1), note(2), note(3)])
    assert again[:2] == first
    assert again[2].seq == 3
    assert journal.after(0)[0] == again


def test_an_id_twice_in_one_batch_is_written_once(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert journal.append([note(1), note(1)])[0] == journal.after(0)[0][0]
    assert journal.after(0)[1] == 1


def test_an_incident_cannot_be_opened_in_two_terminals(tmp_path: Path) -> None:
    mine, theirs = open_journal(tmp_path), open_journal(tmp_path)
    mine.append([opened(1, "mine")])
    with pytest.raises(IncidentExists, match=r"laptop/mine") as refused:
        theirs.append([note(1, process="theirs"), opened(2, "theirs")])
    assert INCIDENT in refused.value.what
    assert refused.value.hint
    assert [event.id for event in theirs.after(0)[0]] == ["mine-000001"]  # all or none
    theirs.append([opened(3, "theirs", incident="INC-20260502-acme-2")])


def test_a_batch_that_opens_an_incident_twice_is_refused_as_a_whole(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    with pytest.raises(IncidentExists):
        journal.append([opened(1), opened(2)])
    assert journal.after(0) == ((), 0)


@pytest.mark.parametrize("statement", ["UPDATE events SET body = '{}'", "DELETE FROM events"])
def test_the_file_itself_refuses_to_change_or_forget(tmp_path: Path, statement: str) -> None:
    journal = open_journal(tmp_path)
    stored = journal.append(notes(2))
    with pytest.raises(sqlite3.IntegrityError, match=r"timeline"):
        raw(tmp_path).execute(statement)
    assert journal.after(0)[0] == stored


@pytest.mark.fault(28)
def test_odd_text_is_stored_escaped_and_capped_and_comes_back_valid(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    text = "a\0b\ud800c" + "y" * 1_000_000
    started = CommandStarted("r\udcff", text, ("printf", text), "/", "/o", parameters={"k\ud801": "\0"})
    (stored,) = journal.append([fact(1, started)])
    (read,), _ = journal.after(0)
    assert read == stored
    assert isinstance(read.fact, CommandStarted)
    assert read.fact.text.encode().startswith(b"a\\x00b\\ud800cyyy")
    assert read.fact.text.endswith("… (934469 more characters)")
    assert read.fact.argv[1] == read.fact.text
    assert read.fact.parameters == {"k\\ud801": "\\x00"}
    assert journal.verify().whole


def test_an_event_that_cannot_be_written_down_is_refused_in_words(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    odd = fact(1, SignalSeen("errors", object(), "%"))  # type: ignore[arg-type]  # no value that JSON has
    with pytest.raises(JournalError, match=r"cannot be written"):
        journal.append([odd])


def test_changed_tells_of_others_and_not_of_oneself(tmp_path: Path) -> None:
    mine, theirs = open_journal(tmp_path), open_journal(tmp_path)
    assert not mine.changed()
    mine.append([note(1)])
    assert not mine.changed()
    theirs.append([note(1, process="theirs")])
    assert mine.changed()
    assert not mine.changed()
    theirs.append([note(2, process="theirs")])
    mine.append([note(2)])
    assert mine.changed()


def test_several_threads_may_append_at_once(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    threads = [
        threading.Thread(target=lambda first=first: [journal.append([e]) for e in notes(25, first)])  # type: ignore[misc]  # the loop's value, bound now
        for first in (1, 101, 201, 301)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events, _ = journal.after(0)
    assert [event.seq for event in events] == list(range(1, 101))
    assert journal.verify().whole


@pytest.mark.fault(26)
def test_the_journal_is_closed_to_others_from_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "incident"
    open_journal(folder).append([note(1)])
    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "ballast": 0o600,
        "journal.db": 0o600,
        "journal.db-journal": 0o600,
        "journal.lock": 0o600,
    }


@pytest.mark.fault(26)
def test_a_journal_found_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    open_journal(tmp_path).append([note(1)])
    (tmp_path / "journal.db").chmod(0o644)
    tmp_path.chmod(0o755)
    assert open_journal(tmp_path).after(0)[1] == 1
    assert mode(tmp_path / "journal.db") == 0o600
    assert mode(tmp_path) == 0o700


@pytest.mark.fault(26)
def test_a_folder_that_everybody_writes_to_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(JournalError, match=r"shared by everybody") as refused:
        open_journal(shared)
    assert refused.value.hint
    assert mode(shared) == 0o1777


def test_a_folder_that_cannot_be_had_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(JournalError, match=r"cannot be used") as refused:
        open_journal(tmp_path / "state" / "incident")
    assert "XDG_STATE_HOME" in refused.value.hint


@pytest.mark.fault(17)
def test_a_journal_of_a_newer_version_is_read_and_never_written(tmp_path: Path) -> None:
    stored = open_journal(tmp_path).append(notes(2))
    raw(tmp_path).execute("PRAGMA user_version = 99")
    before = (tmp_path / "journal.db").read_bytes()
    journal = open_journal(tmp_path, places=())
    assert journal.after(0)[0] == stored
    with pytest.raises(JournalError, match=r"newer version") as refused:
        journal.append([note(3)])
    assert "update" in refused.value.hint
    assert (tmp_path / "journal.db").read_bytes() == before


@pytest.mark.fault(10, 25)
def test_the_journal_is_never_in_wal_mode(tmp_path: Path) -> None:
    stored = open_journal(tmp_path).append(notes(2))
    other = raw(tmp_path)
    assert other.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    other.execute("BEGIN")
    other.execute("SELECT * FROM events").fetchall()
    held = open_journal(tmp_path, patience=0.01)
    with pytest.raises(JournalError):
        held.append([note(3)])
    other.close()
    assert held.append([note(3)])[0].seq == 3
    assert held.after(0)[0][:2] == stored
    assert raw(tmp_path).execute("PRAGMA journal_mode").fetchone() != ("wal",)


def test_a_read_only_journal_writes_nothing_not_even_itself(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    reader = open_journal(folder, read_only=True)
    assert reader.after(0) == ((), 0)
    assert reader.verify().rows == 0
    with pytest.raises(JournalError, match=r"reading only"):
        reader.append([note(1)])
    assert not folder.exists()


def test_a_read_only_journal_sees_what_others_write_later(tmp_path: Path) -> None:
    reader = open_journal(tmp_path, read_only=True)
    reader.changed()
    (tmp_path / "journal.db").touch()
    assert reader.after(0) == ((), 0)
    stored = open_journal(tmp_path).append(notes(2))
    assert reader.changed()
    assert reader.after(0) == (stored, 2)


def test_a_journal_that_is_removed_under_the_tool_is_begun_again_and_that_is_said(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append([note(1)])
    (tmp_path / "journal.db").unlink()
    assert journal.append([note(1), note(2)])[1].seq == 2
    assert any("removed" in notice for notice in journal.notices)
    assert journal.changed()
    assert open_journal(tmp_path).after(0)[1] == 2


def test_a_closed_journal_says_so(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match=r"closed"):
        journal.after(0)


@pytest.mark.fault(27)
@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="this system does not count what a process reads")
def test_opening_a_long_timeline_reads_no_more_than_opening_a_short_one(tmp_path: Path) -> None:
    def read_by_opening(folder: Path) -> int:
        def so_far() -> int:
            return int(Path("/proc/self/io").read_text().split()[1])

        before = so_far()
        journal = open_journal(folder)
        read = so_far() - before
        journal.close()
        return read

    short, long = tmp_path / "short", tmp_path / "long"
    open_journal(short).append(notes(1))
    journal = open_journal(long)
    stored = journal.append(notes(20_000))
    assert read_by_opening(long) - read_by_opening(short) < 65_536 < (long / "journal.db").stat().st_size
    assert journal.after(0) == (stored, 20_000)
