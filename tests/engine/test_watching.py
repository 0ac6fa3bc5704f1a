"""What the engine records by itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.event import Event, Writer
from incident.core.facts import Milestone
from incident.core.when import Precision
from incident.engine import Engine
from incident.engine.news import AlertsSeen, IncidentChanged, News, SavingChanged
from incident.errors import JournalError, SourceError
from tests.fakes import START, World, page


class Heard:
    """Remembers the news, and lets a test wait for one."""

    def __init__(self, engine: Engine) -> None:
        self.news: list[News] = []
        self._came = asyncio.Event()
        engine.listen(self._hear)

    def _hear(self, news: News) -> None:
        self.news.append(news)
        self._came.set()

    async def until(self, kind: type[News]) -> None:
        async with asyncio.timeout(20):
            while not any(isinstance(news, kind) for news in self.news):
                self._came.clear()
                await self._came.wait()


async def look(engine: Engine, world: World) -> None:
    """One look at the source, as the watch does it."""
    await engine.watch.look(world.alerts, engine.evidence.source_answered)


async def responding(world: World) -> tuple[Engine, str]:
    engine = world.engine()
    await look(engine, world)
    identity = await engine.open(page())
    await engine.settled()
    return engine, identity


async def test_an_alert_that_a_full_answer_leaves_out_is_resolved(world: World) -> None:
    engine, identity = await responding(world)
    world.alerts.alerts = ()
    world.clock.move(600)
    await look(engine, world)
    mark = engine.incident(identity).milestones()[Milestone.RESOLVED]
    assert mark.at == START + timedelta(seconds=600)
    await look(engine, world)
    assert world.kinds().count("alert.resolved") == 1


async def test_a_source_that_fails_resolves_nothing_and_is_noted_once(world: World) -> None:
    engine, identity = await responding(world)
    world.alerts.error = SourceError("no answer within 10 s")
    await look(engine, world)
    await look(engine, world)
    assert engine.incident(identity).firing
    assert world.kinds().count("source.lost") == 1
    assert len(engine.watch.board.alerts) == 2
    status = engine.watch.board.statuses["am"]
    assert (status.ok, status.error, status.seen) == (False, "no answer within 10 s", START)
    world.alerts.error = None
    await look(engine, world)
    assert world.kinds()[-1] == "source.back"


async def test_the_calm_of_a_server_that_just_restarted_is_not_believed(world: World) -> None:
    engine, identity = await responding(world)
    world.clock.move(60)
    world.alerts.alerts, world.alerts.up_since = (), world.clock.now() - timedelta(seconds=5)
    await look(engine, world)
    assert engine.incident(identity).firing
    world.clock.move(180)
    await look(engine, world)
    assert not engine.incident(identity).firing


async def test_an_alert_that_fires_again_joins_the_incident_it_belonged_to(world: World) -> None:
    engine, identity = await responding(world)
    world.alerts.alerts = ()
    await look(engine, world)
    again = page(ago=-300)
    world.alerts.alerts = (again,)
    world.clock.move(400)
    await look(engine, world)
    incident = engine.incident(identity)
    assert [record.fired.occurrence for record in incident.firing] == [again.occurrence]
    assert Milestone.RESOLVED not in incident.milestones()


async def test_an_alert_of_another_source_is_not_judged_by_this_one(world: World) -> None:
    engine, identity = await responding(world)
    world.alerts.name = "other"
    world.alerts.alerts = ()
    await look(engine, world)
    assert engine.incident(identity).firing


async def test_a_change_feed_that_fails_keeps_what_it_said(world: World) -> None:
    engine, _ = await responding(world)
    world.changes.error = SourceError("exit 1")
    world.clock.move(120)
    assert [change.version for change in await engine.changes.read()] == ["a1b2c3d"]
    assert engine.watch.board.statuses["deploys"].error == "exit 1"


async def test_signals_are_asked_for_again_only_when_they_are_old(world: World) -> None:
    engine, _ = await responding(world)
    world.signals.error = SourceError("gone")
    assert (await engine.signals(page()))[0].value == 19.2
    world.clock.move(30)
    [kept] = await engine.signals(page())
    assert (kept.value, kept.stale) == (19.2, "30s old: gone")
    with pytest.raises(SourceError):
        await engine.watch.signals(page())


async def test_what_another_process_writes_arrives_by_itself(world: World) -> None:
    engine, identity = await responding(world)
    heard = Heard(engine)
    other = Writer("sam", "laptop-9", "12-3")
    fact = facts.Remarked("note", "users report errors too")
    world.journal.append_by_other(Event("f" * 28, identity, START, fact, other, START))
    await engine.start()
    await heard.until(IncidentChanged)
    assert engine.log.events(identity)[-1].fact == fact
    await engine.stop()


async def test_the_watch_looks_again_at_once_when_it_is_asked_to(world: World) -> None:
    world.has_changes = False
    engine = world.engine()
    heard = Heard(engine)
    await engine.start()
    await heard.until(AlertsSeen)
    heard.news.clear()
    world.alerts.alerts = ()
    engine.watch.look_now()
    await heard.until(AlertsSeen)
    assert engine.watch.board.alerts == {}
    await engine.stop()


async def test_the_watch_looks_again_by_itself_after_a_pause(world: World) -> None:
    world.has_changes = False
    engine = world.engine()
    heard = Heard(engine)
    watching = asyncio.create_task(engine.watch.run(engine.evidence.source_answered))
    await heard.until(AlertsSeen)
    await world.clock.somebody_sleeps()
    heard.news.clear()
    world.alerts.alerts = ()
    world.clock.move(60)
    await heard.until(AlertsSeen)
    assert engine.watch.board.alerts == {}
    watching.cancel()
    await engine.stop()


@pytest.mark.fault(4, 5, 13)
async def test_what_cannot_be_saved_is_kept_said_and_saved_later_in_order(world: World) -> None:
    engine, identity = await responding(world)
    heard = Heard(engine)
    world.journal.broken = JournalError("the disk is full")
    assert not await engine.record(identity, facts.Remarked("note", "one"))
    assert not await engine.record(identity, facts.Remarked("note", "two"))
    assert any(isinstance(news, SavingChanged) for news in heard.news)
    assert len(engine.log.unsaved) == 2
    assert engine.log.trouble is not None
    assert [e.fact for e in engine.log.events(identity)][-1] == facts.Remarked("note", "two")
    heard.news.clear()
    world.journal.broken = None
    await engine.start()
    await heard.until(SavingChanged)
    assert engine.log.unsaved == ()
    assert [e.fact.text for e in world.journal.events if isinstance(e.fact, facts.Remarked)] == ["one", "two"]
    await engine.stop()


async def test_an_opening_that_somebody_else_overtook_joins_their_incident_and_loses_nothing(world: World) -> None:
    engine = world.engine()
    world.journal.broken = JournalError("locked")
    identity = await engine.open(page())
    await engine.settled()
    world.journal.broken = None
    other = world.engine()
    assert await other.open(page(fingerprint="other")) == identity
    await other.settled()
    assert await engine.record(identity, facts.Remarked("note", "here too"))
    kinds = [event.fact.kind for event in world.journal.events]
    assert kinds.count("incident.opened") == 1
    assert kinds.count("alert.fired") == 2
    assert kinds[-1] == "remark"


async def test_what_is_still_unsaved_is_saved_on_leaving(world: World) -> None:
    engine, identity = await responding(world)
    world.journal.broken = JournalError("locked")
    await engine.record(identity, facts.Remarked("note", "one"))
    world.journal.broken = None
    await engine.stop()
    assert world.journal.events[-1].fact == facts.Remarked("note", "one")
    assert world.journal.events[-1].precision is Precision.SECOND
