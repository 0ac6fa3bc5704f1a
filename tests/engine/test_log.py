"""What could not be saved waits in memory, and nothing that another terminal did keeps it from being saved."""

from __future__ import annotations

from random import Random

import pytest

from incident.core import facts
from incident.core.event import Event, Writer
from incident.engine import Log
from incident.errors import IncidentExists, JournalError, UsageError
from tests.fakes import ME, FakeClock, MemoryJournal

OPENED = facts.IncidentOpened("Errors on checkout")
LEE = Writer("lee", "laptop-8", "12-1")


def log_on(journal: MemoryJournal, writer: Writer = ME) -> Log:
    return Log(journal, FakeClock(), writer, Random(7))


def note(log: Log, text: str) -> Event:
    return log.stamp("INC-1", facts.Remarked("note", text))


def test_what_waits_is_saved_in_its_order_as_soon_as_the_disk_takes_it() -> None:
    journal = MemoryJournal()
    log = log_on(journal)
    journal.broken = JournalError("the disk is full")
    waiting = [log.stamp("INC-1", OPENED), note(log, "one")]
    assert not log.write(waiting)
    assert (log.trouble, list(log.unsaved), log.incident("INC-1").version) == (journal.broken, waiting, 2)
    journal.broken = None
    assert log.write([note(log, "two")])
    assert (log.trouble, log.unsaved) == (None, ())
    assert [event.fact for event in journal.events] == [OPENED, *(facts.Remarked("note", t) for t in ("one", "two"))]
    assert log.incident("INC-1").version == 3
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
    other.write([other.stamp("INC-1", OPENED)])
    with pytest.raises(IncidentExists):
        mine.write([mine.stamp("INC-1", OPENED)])
    assert (len(journal.events), mine.unsaved, mine.trouble) == (1, (), None)
    with pytest.raises(UsageError):
        mine.incident("INC-1")
    assert mine.load() == {"INC-1"}
    assert mine.incident("INC-1").title == OPENED.title


def test_an_event_is_taken_in_once_however_often_it_is_read() -> None:
    journal = MemoryJournal()
    mine, other = log_on(journal), log_on(journal, LEE)
    mine.write([mine.stamp("INC-1", OPENED), note(mine, "one")])
    assert other.load() == {"INC-1"}
    assert other.load() == mine.load() == set()
    assert (mine.incident("INC-1").version, other.incident("INC-1").version) == (2, 2)
    assert note(other, "after").id > max(event.id for event in journal.events)
