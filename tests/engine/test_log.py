"""What could not be saved waits in memory, and nothing that another terminal did keeps it from being saved."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from incident.core import facts
from incident.core.event import Event, Writer
from incident.core.incident import fold
from incident.core.ports import Journal
from incident.engine import Log
from incident.errors import IncidentExists, JournalError, UsageError
from incident.journal import open_journal
from tests.fakes import ME, FakeClock, MemoryJournal

OPENED = facts.IncidentOpened("Errors on checkout")
LEE = Writer("lee", "laptop-8", "12-1")


def log_on(journal: Journal, writer: Writer = ME, clock: FakeClock | None = None) -> Log:
    return Log(journal, clock or FakeClock(), writer, Random(writer.person))


def note(log: Log, text: str) -> Event:
    return log.stamp("INC-1", facts.Remarked("note", text))


def test_what_waits_is_saved_in_its_order_as_soon_as_the_disk_takes_it() -> None:
    journal = MemoryJournal()
    log = log_on(journal)
    journal.broken = JournalError("the disk is full")
    waiting = [log.stamp("INC-1", OPENED), note(log, "one")]
    assert not log.write(waiting)
    assert (log.trouble, list(log.unsaved), log.events("INC-1")) == (journal.broken, waiting, tuple(waiting))
    journal.broken = None
    assert log.write([note(log, "two")])
    assert (log.trouble, log.unsaved) == (None, ())
    assert [event.fact for event in journal.events] == [OPENED, *(facts.Remarked("note", t) for t in ("one", "two"))]
    assert len(log.events("INC-1")) == 3
    assert log.save_waiting()


def test_an_incident_opened_in_memory_and_by_somebody_else_on_disk_is_joined_and_nothing_is_lost() -> None:
    journal = MemoryJournal()
    mine, other = log_on(journal), log_on(journal, LEE)
    journal.broken = JournalError("the disk is full")
    mine.write([mine.stamp("INC-1", OPENED), note(mine, "one")])
    journal.broken = None
    assert other.write([other.stamp("INC-1", OPENED)])
    assert mine.write([note(mine, "two")])
    assert (mine.trouble, mine.unsaved) == (None, ())
    assert [(event.writer.person, event.fact) for event in journal.events] == [
        ("lee", OPENED),
        ("kim", facts.Joined("kim")),
        ("kim", facts.Remarked("note", "one")),
        ("kim", facts.Remarked("note", "two")),
    ]


def test_an_incident_that_somebody_else_has_just_opened_is_refused_and_leaves_no_trace() -> None:
    journal = MemoryJournal()
    mine, other = log_on(journal), log_on(journal, LEE)
    mine.load()
    other.write([other.stamp("INC-1", OPENED)])
    with pytest.raises(IncidentExists):
        mine.write([mine.stamp("INC-1", facts.IncidentOpened("Mine"))])
    assert (len(journal.events), mine.unsaved, mine.trouble) == (1, (), None)
    assert mine.open_incidents() == []
    assert mine.load() == {"INC-1"}
    assert mine.incident("INC-1").title == OPENED.title


def test_an_event_is_taken_in_once_however_often_it_is_read() -> None:
    journal = MemoryJournal()
    mine, other = log_on(journal), log_on(journal, LEE)
    mine.write([mine.stamp("INC-1", OPENED), note(mine, "one")])
    assert other.load() == {"INC-1"}
    assert other.load() == mine.load() == set()
    assert (len(mine.events("INC-1")), len(other.events("INC-1"))) == (2, 2)
    assert note(other, "after").id > max(event.id for event in journal.events)


def run(log: Log, name: str) -> Event:
    return log.stamp("INC-1", facts.CommandStarted(name, f"curl -H {name}", ("curl",), "/", "/o"))


def test_what_is_not_in_the_journal_is_known_to_be_on_another_disk_or_in_memory_only(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    for places in ([tmp_path / "place"], []):
        journal = open_journal(tmp_path / "state", patience=0.01, places=places)
        log = log_on(journal)
        log.load()
        assert (log.refuge, log.notices) == ("", ())
        holder = sqlite3.connect(tmp_path / "state" / "journal.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        assert not log.write([note(log, "one")])
        assert len(log.unsaved) == 1
        assert log.refuge == journal.refuge
        assert log.refuge.startswith(str(tmp_path)) is bool(places)
        assert log.trouble is not None
        assert (f"is kept in {log.refuge}" if places else "is in memory only") in log.trouble.what
        holder.close()
        assert log.save_waiting()
        assert (log.refuge, log.unsaved, log.trouble) == ("", (), None)
    assert log_on(MemoryJournal()).refuge == ""
    assert log_on(MemoryJournal()).notices == ()


def test_what_is_redacted_is_gone_here_at_once_and_elsewhere_at_the_next_look(tmp_path: Path) -> None:
    mine, other = (log_on(open_journal(tmp_path, places=()), writer) for writer in (ME, LEE))
    mine.write([mine.stamp("INC-1", OPENED)])
    secret = mine.stamp("INC-1", facts.ParameterSet("password", "hunter2", "typed"))
    mine.write([secret])
    other.load()
    assert other.incident("INC-1").values["password"].value == "hunter2"
    other.others_wrote()
    order = mine.redact("INC-1", secret.id, "a password")
    assert order.fact == facts.Redacted(secret.id, "a password")
    assert (order.seq, order.source) == (3, "person")
    assert other.others_wrote()
    assert other.load() == {"INC-1"}
    grave = facts.Tombstone("parameter.set", "kim", order.recorded_at, "a password")
    for log in (mine, other):
        assert [event.fact for event in log.events("INC-1")] == [OPENED, grave, order.fact]
        assert log.incident("INC-1").values == {}
        assert log.incident("INC-1") == fold("INC-1", log.events("INC-1"))
    late = log_on(open_journal(tmp_path, places=()))
    late.load()
    assert [event.fact for event in late.events("INC-1")] == [OPENED, grave, order.fact]
    for refused in (secret.id, order.id):
        with pytest.raises(UsageError, match=r"nothing left"):
            mine.redact("INC-1", refused)


def test_what_cannot_be_redacted_is_refused_with_the_reason_and_stays(tmp_path: Path) -> None:
    log = log_on(open_journal(tmp_path, places=()))
    started = run(log, "r1")
    log.write([log.stamp("INC-1", OPENED), started])
    with pytest.raises(UsageError, match=r"no incident"):
        log.redact("INC-9", started.id)
    with pytest.raises(UsageError, match=r"no row 'nothing'"):
        log.redact("INC-1", "nothing")
    with pytest.raises(UsageError, match=r"how this command ended is not known"):
        log.redact("INC-1", started.id)
    log.write([log.stamp("INC-1", facts.CommandLost("r1", "killed"))])
    with pytest.raises(UsageError, match=r"how this command ended is not known"):
        log.redact("INC-1", started.id)
    log.write([log.stamp("INC-1", facts.CommandVerified("r1", "it ran"))])
    log.redact("INC-1", started.id)
    assert log.incident("INC-1").commands == {}


def test_a_row_that_is_not_saved_yet_cannot_be_redacted() -> None:
    journal = MemoryJournal()
    log = log_on(journal)
    saved = note(log, "saved")
    log.write([log.stamp("INC-1", OPENED), saved])
    journal.broken = JournalError("the disk is full")
    waiting = note(log, "waits")
    log.write([waiting])
    with pytest.raises(JournalError, match=r"not saved yet"):
        log.redact("INC-1", waiting.id)


def test_a_redaction_that_the_disk_refuses_leaves_everything_as_it_was(tmp_path: Path) -> None:
    log = log_on(open_journal(tmp_path, patience=0.01, places=()))
    row = note(log, "one")
    log.write([log.stamp("INC-1", OPENED), row])
    before = log.events("INC-1")
    holder = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match=r"another process"):
        log.redact("INC-1", row.id)
    holder.close()
    assert log.events("INC-1") == before
    log.redact("INC-1", row.id)


def test_an_opening_that_is_redacted_leaves_the_incident_where_it_was(tmp_path: Path) -> None:
    log = log_on(open_journal(tmp_path, places=()))
    opening = log.stamp("INC-1", OPENED)
    log.write([opening])
    log.redact("INC-1", opening.id)
    assert [state.opened_at for state in log.open_incidents()] == [opening.at]
    assert log.incident("INC-1").title != OPENED.title


@pytest.mark.fault(18)
@pytest.mark.parametrize("step", [-3_600, 86_400])
def test_when_the_clock_steps_what_follows_stays_behind_what_it_followed(tmp_path: Path, step: int) -> None:
    clock = FakeClock()
    log = log_on(open_journal(tmp_path, places=()), clock=clock)
    log.write([log.stamp("INC-1", OPENED), note(log, "before")])
    clock.move(step)
    log.write([note(log, "after")])
    clock.move(-step)
    log.write([note(log, "much later")])
    events = log.events("INC-1")
    assert [event.id for event in events] == sorted(event.id for event in events)
    assert events[2].recorded_at - events[1].recorded_at == timedelta(seconds=step)  # what the clock said is kept
    again = log_on(open_journal(tmp_path, places=()))
    again.load()
    assert again.events("INC-1") == events


@pytest.mark.fault(19)
def test_two_laptops_ninety_seconds_apart_see_the_same_order_with_causes_before_effects(tmp_path: Path) -> None:
    behind = FakeClock()
    ahead = FakeClock(behind.at + timedelta(seconds=90))
    kim = log_on(open_journal(tmp_path, places=()), ME, behind)
    lee = log_on(open_journal(tmp_path, places=()), LEE, ahead)
    kim.write([kim.stamp("INC-1", OPENED)])
    told = []
    for number in range(6):
        log, clock = ((lee, ahead), (kim, behind))[number % 2]
        log.load()
        told.append(note(log, f"answer {number}"))
        log.write(told[-1:])
        clock.move(1)
    kim.load()
    lee.load()
    ids = [event.id for event in told]
    assert ids == sorted(ids)
    assert kim.incident("INC-1") == lee.incident("INC-1")
    assert sorted(kim.events("INC-1"), key=lambda e: e.id) == sorted(lee.events("INC-1"), key=lambda e: e.id)


def test_a_line_that_arrives_late_is_folded_where_it_belongs() -> None:
    journal = MemoryJournal()
    log = log_on(journal)
    log.load()
    log.write([log.stamp("INC-1", OPENED)])
    early = log.stamp("INC-1", facts.SeveritySet("SEV3"))
    late = log.stamp("INC-1", facts.SeveritySet("SEV1"))
    log.write([late])
    assert log.incident("INC-1").severity == "SEV1"
    journal.append_by_other(replace(early, writer=LEE, seq=9))
    log.load()
    assert log.incident("INC-1").severity == "SEV1"
    assert [event.id for event in log.events("INC-1")][1:] == [early.id, late.id]
    assert [event.id for event in log.fresh("INC-1")][1:] == [late.id, early.id]


def test_closed_incidents_are_listed_and_only_open_ones_are_offered() -> None:
    log = log_on(MemoryJournal())
    for name in ("INC-1", "INC-2"):
        log.write([log.stamp(name, OPENED)])
    log.write([log.stamp("INC-1", facts.IncidentClosed())])
    log.write([log.stamp("INC-3", facts.Remarked("note", "of no incident that was opened"))])
    assert [state.id for state in log.open_incidents()] == ["INC-2"]
    assert [state.id for state in log.incidents()] == ["INC-2", "INC-1"]
    assert log.events("INC-9") == ()
    with pytest.raises(UsageError):
        log.incident("INC-3")
    log.write([log.stamp("INC-1", facts.IncidentReopened())])
    assert [state.id for state in log.open_incidents()] == ["INC-2", "INC-1"]


def test_a_fact_is_masked_before_it_is_recorded() -> None:
    log = Log(MemoryJournal(), FakeClock(), ME, Random(7), lambda fact: facts.Remarked("note", "***"))
    assert note(log, "hunter2").fact == facts.Remarked("note", "***")
