"""A long journal is read from what makes its states; the rest comes later, and nothing of it is ever missing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core import facts
from incident.core.event import Event, Writer
from incident.core.facts import Fact
from incident.core.incident import fold
from incident.core.ports import Wanted
from incident.engine import Log
from incident.engine.news import IncidentChanged
from incident.engine.reading import Reading
from incident.errors import JournalError
from incident.journal import SqliteJournal, open_journal
from tests.fakes import ME, FakeClock, MemoryJournal, World

OPENED = facts.IncidentOpened("Errors on checkout")
NOTE = facts.Remarked("note", "hm")
TICKED = facts.StepTicked("s1", "Look")
LEE = Writer("lee", "laptop-8", "12-1")


class Counting(MemoryJournal):
    """A journal in memory that counts the events that were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def at(self, positions: object) -> tuple[Event, ...]:
        found = super().at(positions)  # type: ignore[arg-type]  # a stand-in takes what the real one does
        self.read += len(found)
        return found


def log_on(journal: MemoryJournal | SqliteJournal, writer: Writer = ME) -> Log:
    return Log(journal, FakeClock(), writer, Random(writer.person))


def wrote(journal: MemoryJournal | SqliteJournal, incident: str, *what: Fact) -> tuple[Event, ...]:
    log = log_on(journal, LEE)
    log.load()
    events = [log.stamp(incident, fact) for fact in what]
    assert log.write(events)
    return tuple(events)


def test_a_start_reads_what_makes_the_open_states_and_leaves_the_rest() -> None:
    journal = Counting()
    wrote(journal, "INC-1", OPENED, *[NOTE] * 500, TICKED, facts.IncidentClosed())
    wrote(journal, "INC-2", OPENED, *[NOTE] * 500, TICKED)
    journal.read = 0
    log = log_on(journal)
    assert log.load() == {"INC-1", "INC-2"}
    assert [state.id for state in log.open_incidents()] == ["INC-2"]
    assert journal.read <= 6
    assert log.incident("INC-2").ticks.keys() == {"s1"}
    assert log.incident("INC-1").ticks.keys() == {"s1"}
    assert journal.read <= 8
    assert len(log.newest("INC-2", 10)) == 10
    assert journal.read <= 20
    assert not log.is_whole("INC-2")
    assert len(log.events("INC-2")) == 502
    assert log.is_whole("INC-2")
    assert log.behind("INC-2") == 0
    assert not log.is_whole("INC-1")


def test_every_event_is_there_in_its_order_however_it_was_read() -> None:
    journal = MemoryJournal()
    told = wrote(journal, "INC-1", OPENED, *[NOTE, TICKED, facts.StepUnticked("s1", "Look")] * 20)
    for ask in (lambda log: None, lambda log: log.newest("INC-1", 3), lambda log: log.read_on("INC-1", 7)):
        log = log_on(journal)
        log.load()
        ask(log)
        assert [event.id for event in log.events("INC-1")] == [event.id for event in told]
        assert log.incident("INC-1") == fold("INC-1", log.events("INC-1"))
        assert log.fresh("INC-1") == ()


def test_earlier_states_are_read_a_few_at_a_time_and_then_nothing_is_left_to_read() -> None:
    journal = Counting()
    names = [f"INC-{number}" for number in range(1, 6)]
    for name in names:
        wrote(journal, name, OPENED, NOTE, TICKED, facts.IncidentClosed())
    log = log_on(journal)
    log.load()
    before = journal.read
    assert log.read_states(2)
    assert before < journal.read <= before + 4
    while log.read_states(2):
        pass
    before = journal.read
    assert {state.id for state in log.incidents() if "s1" in state.ticks} == set(names)
    assert journal.read == before


ENDS = [facts.IncidentClosed(), facts.IncidentReopened()]
MOVES = [TICKED, facts.StepUnticked("s1", "Look"), facts.SeveritySet("SEV1")]
FACTS = st.sampled_from([NOTE, facts.SignalSeen("errors", 1.0, "%"), *MOVES, *ENDS])


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["INC-1", "INC-2"]), FACTS), max_size=40), st.integers(0, 40), st.data())
def test_states_read_in_parts_are_those_of_the_whole(
    acts: list[tuple[str, Fact]], before: int, data: st.DataObject
) -> None:
    journal = MemoryJournal()
    other = log_on(journal, LEE)
    other.load()
    for name in ("INC-1", "INC-2"):
        other.write([other.stamp(name, OPENED)])
    log = log_on(journal)
    for number, (name, fact) in enumerate(acts):
        if number == before:
            log.load()
        other.write([other.stamp(name, fact)])
        if number > before and data.draw(st.booleans()):
            data.draw(st.sampled_from([log.load, lambda: log.read_on("INC-1", 2), lambda: log.newest("INC-2", 1)]))()
    log.load()
    for name in ("INC-1", "INC-2"):
        whole = fold(name, [event for event in journal.events if event.incident == name])
        assert log.incident(name) == whole
        assert whole.is_open is (name in {state.id for state in log.open_incidents()})
        assert [e.id for e in log.events(name)] == sorted(e.id for e in journal.events if e.incident == name)
        assert log.incident(name) == whole
    assert {state.id for state in log.incidents()} == {"INC-1", "INC-2"}


class Blind(MemoryJournal):
    """A journal whose index lost everything."""

    def places(self, wanted: Wanted) -> tuple[int, ...]:
        return super().places(wanted) if wanted.surely else ()


def test_what_an_index_does_not_name_comes_to_light_at_the_second_look() -> None:
    journal = Blind()
    told = wrote(journal, "INC-1", OPENED, NOTE, TICKED, NOTE)
    log = log_on(journal)
    log.load()
    assert log.open_incidents() == []
    assert log.look_everywhere() == {"INC-1"}
    assert [state.id for state in log.open_incidents()] == ["INC-1"]
    assert [event.id for event in log.events("INC-1")] == [event.id for event in told]
    assert log.incident("INC-1").ticks.keys() == {"s1"}


def test_places_and_events_are_found_by_kind_and_incident(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, places=())
    assert (journal.newest(), journal.places(Wanted()), journal.at(())) == (0, (), ())
    one = wrote(journal, "INC-1", OPENED, NOTE)
    two = wrote(journal, "INC-2", OPENED, TICKED)
    assert journal.newest() == 4
    for surely in (False, True):
        assert journal.places(Wanted(surely=surely)) == (1, 2, 3, 4)
        assert journal.places(Wanted(frozenset({OPENED.kind}), surely=surely)) == (1, 3)
        assert journal.places(Wanted(frozenset({OPENED.kind}), ("INC-2",), surely)) == (3,)
        assert journal.places(Wanted(incidents=("INC-1", "INC-9"), surely=surely)) == (1, 2)
    assert [event.id for event in journal.at((4, 2, 9))] == [one[1].id, two[1].id]
    reader = open_journal(tmp_path, read_only=True)
    assert reader.places(Wanted()) == (1, 2, 3, 4)
    nowhere = open_journal(tmp_path / "nothing", read_only=True)
    assert (nowhere.newest(), nowhere.places(Wanted()), nowhere.at((1,))) == (0, (), ())


@pytest.mark.fault(14)
def test_a_damaged_journal_that_cannot_be_repaired_is_read_in_parts_all_the_same(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, places=())
    told = wrote(journal, "INC-1", OPENED, *[NOTE] * 50, TICKED)
    journal.close()
    with (tmp_path / "journal.db").open("r+b") as file:
        file.write(b"\xa5" * 16)
    reader = open_journal(tmp_path, read_only=True)
    log = log_on(reader)
    log.load()
    assert log.incident("INC-1").ticks.keys() == {"s1"}
    assert [event.id for event in log.events("INC-1")] == [event.id for event in told]


async def test_the_rest_is_read_in_the_background_and_said(world: World) -> None:
    wrote(world.journal, "INC-1", OPENED, *[NOTE] * 1_200)
    engine = world.engine()
    await engine.load()
    heard: list[object] = []
    engine.listen(heard.append)
    assert not engine.log.is_whole("INC-1")
    await engine.reading.whole("INC-1")
    assert engine.log.is_whole("INC-1")
    assert heard == [IncidentChanged("INC-1")]
    await engine.reading.whole("INC-1")
    assert heard == [IncidentChanged("INC-1")]
    await engine.stop()


async def test_reading_on_is_tried_again_when_the_journal_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LATER", "AGAIN", "PAUSE"):
        monkeypatch.setattr(f"incident.engine.reading.{name}", 0.0)
    journal = MemoryJournal()
    wrote(journal, "INC-1", OPENED, *[NOTE] * 10)
    log = log_on(journal)
    log.load()
    tries = 0

    async def in_writer(work: object, *arguments: object) -> object:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise JournalError("the disk reports an error")
        return work(*arguments)  # type: ignore[operator]  # whatever work there is

    await Reading(log, in_writer, lambda news: None).run()  # type: ignore[arg-type]  # a stand-in takes what the real one does
    assert log.is_whole("INC-1")


def test_a_name_is_taken_when_the_journal_has_it_and_free_when_nobody_can_say() -> None:
    journal = MemoryJournal()
    wrote(journal, "INC-1", OPENED, facts.IncidentClosed())
    log = log_on(journal)
    log.load()
    assert log.knows("INC-1")
    assert not log.knows("INC-2")
