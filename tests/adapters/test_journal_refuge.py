"""What the journal cannot take is kept on another disk, told apart from what is saved, and moved in when it can be."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import incident
from incident.core.event import Event
from incident.core.facts import IncidentOpened, Joined
from incident.errors import IncidentExists, JournalError
from incident.journal import open_journal
from incident.journal.lifeboat import Lifeboat
from tests.adapters.journal_writer import INCIDENT, fact, note, opened
from tests.adapters.test_journal_redaction import order

ROOT = Path(incident.__file__).parents[1]
US = f"incident-{os.geteuid()}"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Another process holds the journal's write lock."""
    holder = sqlite3.connect(folder / "journal.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    open_journal(tmp_path / "state", places=()).append([opened(1)])
    return tmp_path / "state"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def lines(place: Path) -> list[bytes]:
    return [line for file in sorted(place.glob(f"{US}/*.lines")) for line in file.read_bytes().splitlines()]


def ids(events: tuple[Event, ...]) -> list[str]:
    return [event.id for event in events]


@pytest.mark.fault(13)
def test_what_could_not_be_saved_is_kept_once_said_where_and_saved_in_its_order_later(state: Path, place: Path) -> None:
    journal = open_journal(state, patience=0.01, places=[place])
    waiting = [note(2), note(3)]
    with held(state):
        for _ in range(3):
            with pytest.raises(JournalError, match=r"another process has held the journal") as refused:
                journal.append(waiting)
        assert journal.refuge.startswith(str(place / US))
        assert f"what is not saved is kept in {journal.refuge}" in refused.value.what
        assert len(lines(place)) == 2
        waiting.append(note(4))
        with pytest.raises(JournalError):
            journal.append(waiting)
        assert len(lines(place)) == 3
        assert ids(journal.after(0)[0]) == [opened(1).id]  # nothing of it counts as saved
    assert [event.seq for event in journal.append(waiting)] == [2, 3, 4]
    assert (journal.refuge, lines(place)) == ("", [])
    assert stat.S_IMODE((place / US).stat().st_mode) == 0o700


_LEFT_BEHIND = """
import os, pathlib, signal, sqlite3, sys
from incident.errors import JournalError
from incident.journal import open_journal
from tests.adapters.journal_writer import fact, note, opened
from incident.core.facts import IncidentOpened
state, place = map(pathlib.Path, sys.argv[1:])
journal = open_journal(state, patience=0.01, places=[place])
holder = sqlite3.connect(state / "journal.db", isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
for events in ([note(2)], [note(2), note(3), fact(4, IncidentOpened("Again"))]):
    try:
        journal.append(events)
    except JournalError:
        pass
os.kill(os.getpid(), signal.SIGKILL)
"""


def left_behind(state: Path, place: Path) -> None:
    """A process that could not save three events is killed; one of them opens an incident that is open already."""
    subprocess.run(
        [sys.executable, "-c", _LEFT_BEHIND, str(state), str(place)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert len(lines(place)) == 3


@pytest.mark.fault(1, 4)
def test_after_kill_9_the_next_start_moves_what_was_kept_into_the_journal(state: Path, place: Path) -> None:
    left_behind(state, place)
    journal = open_journal(state, places=[place])
    assert "3 events that could not be saved before were moved here" in journal.notices[0]
    events, _ = journal.after(0)
    assert ids(events) == [opened(1).id, note(2).id, note(3).id, note(4).id]
    assert events[3].fact == Joined("ada")
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert journal.verify().whole
    assert lines(place) == []
    assert open_journal(state, places=[place]).notices == ()


def test_one_who_only_reads_is_told_of_what_is_not_in_the_journal_yet(state: Path, place: Path) -> None:
    left_behind(state, place)
    reader = open_journal(state, read_only=True, places=[place])
    assert [f"{place / US}" in notice and "not in the journal yet" in notice for notice in reader.notices] == [True]
    assert len(lines(place)) == 3
    assert len(reader.after(0)[0]) == 1


def test_what_was_moved_in_already_is_not_moved_in_again(state: Path, place: Path) -> None:
    left_behind(state, place)
    (file,) = (place / US).iterdir()
    copy = file.read_bytes()
    stored = open_journal(state, places=[place]).after(0)
    file.write_bytes(copy)  # as after a crash between the journal's commit and the removal
    journal = open_journal(state, places=[place])
    assert journal.after(0) == stored
    assert lines(place) == []


@pytest.mark.fault(8)
def test_half_a_line_at_the_end_is_told_and_costs_nothing_that_was_kept(state: Path, place: Path) -> None:
    left_behind(state, place)
    (file,) = (place / US).iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:100])
    journal = open_journal(state, places=[place])
    assert len(journal.after(0)[0]) == 4
    assert "1 lines of" in journal.notices[1]
    assert lines(place) == []


@pytest.mark.parametrize("at", [0, 3, 30, 200])
def test_a_flipped_bit_in_a_line_costs_only_that_line(state: Path, place: Path, at: int) -> None:
    left_behind(state, place)
    (file,) = (place / US).iterdir()
    data = bytearray(file.read_bytes())
    data[at] ^= 0x15
    file.write_bytes(data)
    events, _ = open_journal(state, places=[place]).after(0)
    assert ids(events) == [opened(1).id, note(3).id, note(4).id]


def test_whole_lines_that_say_nothing_we_know_are_kept_for_a_person(state: Path, place: Path) -> None:
    left_behind(state, place)
    boat = Lifeboat(state / "journal.db", [place])
    boat.keep({"x": '{"id":"x"}', "y": "[" * 100_000})
    boat.close()
    journal = open_journal(state, places=[place])
    assert len(journal.after(0)[0]) == 4
    assert any("2 lines in" in notice and ".unread" in notice for notice in journal.notices)
    (kept,) = (place / US).iterdir()
    assert kept.suffix == ".unread"
    # What it holds is not understood, so nothing can be said to have left the disk while it is there.
    kept.write_bytes(kept.read_bytes() + note(3).id.encode())
    with pytest.raises(JournalError, match=r"another file may hold"):
        journal.redact(order(9, note(3)))


def test_what_a_living_process_keeps_is_left_to_it(state: Path, place: Path) -> None:
    living = open_journal(state, patience=0.01, places=[place])
    with held(state), pytest.raises(JournalError):
        living.append([note(2)])
    other = open_journal(state, places=[place])
    assert ids(other.after(0)[0]) == [opened(1).id]
    assert len(lines(place)) == 1
    living.close()
    assert len(open_journal(state, places=[place]).after(0)[0]) == 2


def test_what_cannot_be_moved_in_at_the_start_is_moved_in_with_the_next_event(state: Path, place: Path) -> None:
    left_behind(state, place)
    with held(state):
        journal = open_journal(state, patience=0.01, places=[place])
        assert any("could not be moved into the journal yet" in notice for notice in journal.notices)
        assert len(lines(place)) == 3
    journal.append([note(9, process="2")])
    assert len(journal.after(0)[0]) == 5
    assert lines(place) == []
    journal.redact(order(10, note(3), process="2"))


def test_as_long_as_something_is_left_in_a_lifeboat_nothing_is_said_to_have_left_the_disk(
    state: Path, place: Path
) -> None:
    left_behind(state, place)
    with held(state):
        journal = open_journal(state, patience=0.01, places=[place])
        with pytest.raises(JournalError, match=r"another file may hold") as refused:
            journal.redact(order(9, opened(1)))
        assert refused.value.at.startswith(str(place))
    journal.redact(order(9, opened(1)))


def test_an_opening_that_somebody_else_overtook_is_not_put_into_the_lifeboat(state: Path, place: Path) -> None:
    journal = open_journal(state, places=[place])
    with pytest.raises(IncidentExists):
        journal.append([fact(2, IncidentOpened("Mine"), "2", INCIDENT)])
    assert journal.refuge == ""


@pytest.mark.parametrize("trap", ["symlink", "open", "file", "gone"])
def test_a_folder_in_a_shared_place_that_is_not_ours_alone_is_not_used(
    state: Path, place: Path, tmp_path: Path, trap: str
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    ours = place / US
    match trap:
        case "symlink":
            (tmp_path / "elsewhere").mkdir(mode=0o700)
            ours.symlink_to(tmp_path / "elsewhere")
        case "open":
            ours.mkdir()
            ours.chmod(0o777)
        case "file":
            ours.write_text("")
        case _:
            place.rmdir()
    journal = open_journal(state, patience=0.01, places=[place, other])
    with held(state), pytest.raises(JournalError):
        journal.append([note(2)])
    assert journal.refuge.startswith(str(other))
    if trap == "symlink":
        assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_in_the_place_of_a_file_is_neither_written_nor_read(state: Path, place: Path, tmp_path: Path) -> None:
    journal = open_journal(state, patience=0.01, places=[place])
    with held(state), pytest.raises(JournalError):
        journal.append([note(2)])
    real = Path(journal.refuge)
    journal.close()
    moved = tmp_path / "moved"
    real.rename(moved)
    real.symlink_to(moved)
    again = open_journal(state, patience=0.01, places=[place])
    assert len(again.after(0)[0]) == 1
    with held(state), pytest.raises(JournalError):
        again.append([note(3)])
    assert again.refuge != str(real)
    assert len(moved.read_bytes().splitlines()) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of somebody else")
def test_what_another_person_left_there_is_neither_used_nor_read(state: Path, place: Path) -> None:
    (place / US).mkdir(mode=0o700)
    os.chown(place / US, 12_345, 12_345)
    journal = open_journal(state, patience=0.01, places=[place])
    with held(state), pytest.raises(JournalError, match=r"in memory only"):
        journal.append([note(2)])
    assert list((place / US).iterdir()) == []


def test_with_no_place_at_all_the_events_are_in_memory_only_and_that_is_said(state: Path) -> None:
    journal = open_journal(state, patience=0.01, places=())
    with held(state), pytest.raises(JournalError, match=r"what is not saved is in memory only") as refused:
        journal.append([note(2)])
    assert refused.value.hint
    assert journal.refuge == ""
    assert journal.append([note(2)])[0].seq == 2


def test_when_somebody_clears_the_place_away_everything_is_kept_anew(state: Path, place: Path) -> None:
    journal = open_journal(state, patience=0.01, places=[place])
    with held(state):
        with pytest.raises(JournalError):
            journal.append([note(2)])
        Path(journal.refuge).unlink()
        with pytest.raises(JournalError):
            journal.append([note(2), note(3)])
        assert len(lines(place)) == 2
        Path(journal.refuge).unlink()
    assert len(journal.append([note(2), note(3)])) == 2


def test_an_event_that_reads_otherwise_later_is_kept_as_it_reads_last(state: Path, place: Path) -> None:
    journal = open_journal(state, patience=0.01, places=[place])
    with held(state):
        for what in (IncidentOpened("Mine"), Joined("ada")):
            with pytest.raises(JournalError):
                journal.append([fact(2, what, incident="INC-2")])
    journal.close()
    assert open_journal(state, places=[place]).after(1)[0][0].fact == Joined("ada")


@pytest.mark.parametrize(("runtime", "first"), [("/run/user/7", ["/run/user/7"]), ("not a full path", [])])
def test_the_usual_places_are_the_runtime_folder_and_those_for_temporary_files(
    tmp_path: Path, runtime: str, first: list[str]
) -> None:
    call = "from incident.journal.lifeboat import usual_places; print(*usual_places())"
    environment = {"PYTHONPATH": str(ROOT), "XDG_RUNTIME_DIR": runtime, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", call], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == [*first, str(tmp_path), "/var/tmp"]
