"""An alert that was there before says so, as soon as somebody has looked; nobody waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.event import Event, next_id
from incident.engine.news import AlertsSeen, News
from incident.engine.past import NAME
from incident.errors import JournalError
from tests.fakes import ME, START, World, page

OLD = "INC-20260411-acme-1"


@pytest.fixture
def world() -> World:
    """An incident three weeks ago with the alert that fires now, mitigated after nine minutes."""
    alert, begun = page(), START - timedelta(days=21)
    fired = facts.AlertFired(
        f"{alert.fingerprint}@old", alert.fingerprint, alert.name, "page", begun, "am", alert.labels
    )
    told = [
        (facts.IncidentOpened("Errors"), 0),
        (fired, 0),
        (facts.MilestoneSet("mitigated"), 9),
        (facts.IncidentClosed(), 9),
    ]
    here, events = World(), []
    for fact, minutes in told:
        at = begun + timedelta(minutes=minutes)
        events.append(Event(next_id(at, events[-1].id if events else "", 0), OLD, at, fact, ME, at))
    here.journal.append(events)
    return here


async def test_what_ended_it_the_last_time_is_told_with_the_incident_that_says_so(world: World) -> None:
    engine, heard = world.engine(), list[News]()
    await engine.load()
    engine.listen(heard.append)
    assert engine.past.seen(page()) is None
    await engine.past.look()
    known = engine.past.seen(page())
    assert known is not None
    assert known.words(START) == "seen once before, last 2026-04-11, mitigated in 9m"
    assert known.incident == OLD
    assert AlertsSeen(NAME) in heard
    await engine.stop()


async def test_the_incident_in_which_it_fires_now_is_no_earlier_one(world: World) -> None:
    engine = world.engine()
    await engine.load()
    await engine.open(page())
    await engine.past.look()
    known = engine.past.seen(page())
    assert known is not None
    assert known.times == 1
    await engine.stop()


async def test_a_journal_that_cannot_be_read_leaves_what_was_known(world: World) -> None:
    engine = world.engine()
    await engine.load()
    await engine.past.look()

    async def unread(work: object, *arguments: object) -> None:
        raise JournalError("the disk is gone")

    engine.past._in_writer = unread  # type: ignore[assignment]  # a disk that is gone
    await engine.past.look()
    assert engine.past.seen(page()) is not None
    await engine.stop()
