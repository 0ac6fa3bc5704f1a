"""The change feeds: asked in turn, kept with their age when dead, ranked, recorded."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.change import Change, ChangeKind, Outcome
from incident.core.facts import Milestone
from incident.core.when import Moment
from incident.engine import Engine
from incident.engine.changes import stands_in
from incident.errors import IncidentError, SourceError, UsageError
from tests.fakes import DEPLOY, START, FakeChanges, World, page


class Paced(FakeChanges):
    """A feed that says how often it may be asked."""

    pause = 300.0
    note = "last fetched 3h ago"


class Gated(FakeChanges):
    """A feed whose answer a test lets through."""

    def __init__(self) -> None:
        super().__init__(changes=(DEPLOY,))
        self.gate = asyncio.Event()

    async def fetch(self) -> tuple[Change, ...]:
        self.asked += 1
        await self.gate.wait()
        return self.changes


class Broken(FakeChanges):
    """A third party's feed with a mistake in it."""

    async def fetch(self) -> tuple[Change, ...]:
        raise TypeError("unsupported operand\x1b[31m")


def ago(minutes: float, version: str, **more: object) -> Change:
    return replace(DEPLOY, at=START - timedelta(minutes=minutes), version=version, previous="", **more)  # type: ignore[arg-type]  # fields of it


async def opened(world: World) -> tuple[Engine, str]:
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    return engine, identity


def recorded(world: World) -> list[str]:
    return [event.fact.version for event in world.journal.events if isinstance(event.fact, facts.ChangeSeen)]


async def test_a_feed_is_asked_again_only_after_its_pause(world: World) -> None:
    engine = world.engine()
    await engine.changes.read()
    await engine.changes.read()
    assert world.changes.asked == 1
    world.clock.move(61)
    await engine.changes.read()
    assert world.changes.asked == 2


async def test_a_feed_that_wants_longer_pauses_gets_them_and_its_note_is_told(world: World) -> None:
    world.changes = Paced(changes=(DEPLOY,))
    engine = world.engine()
    await engine.changes.read()
    world.clock.move(61)
    await engine.changes.read()
    assert world.changes.asked == 1
    assert engine.watch.board.statuses["deploys"].hint == "last fetched 3h ago"
    world.clock.move(300)
    await engine.changes.read()
    assert world.changes.asked == 2


async def test_two_who_ask_at_once_cause_one_question(world: World) -> None:
    world.changes = gated = Gated()
    engine = world.engine()
    asking = [asyncio.create_task(engine.changes.read()) for _ in range(3)]
    await asyncio.sleep(0)
    gated.gate.set()
    assert await asyncio.gather(*asking) == [(DEPLOY,)] * 3
    assert gated.asked == 1


async def test_who_asks_while_an_answer_is_on_its_way_takes_that_one(world: World) -> None:
    world.changes = gated = Gated()
    engine = world.engine()
    asking = []
    for _ in range(2):
        asking.append(asyncio.create_task(engine.changes.look_now()))
        for _ in range(5):
            await asyncio.sleep(0)
        world.clock.move(1)
    gated.gate.set()
    await asyncio.gather(*asking)
    assert gated.asked == 1


async def test_a_clock_that_jumps_neither_silences_a_feed_nor_makes_it_answer_more(world: World) -> None:
    engine = world.engine()
    await engine.changes.read()
    for skew in (-2, 2):
        world.clock.skew = timedelta(hours=skew)
        await engine.changes.read()
        assert world.changes.asked == 1
    world.clock.skew = -timedelta(hours=2)
    world.clock.move(61)
    await engine.changes.read()
    assert world.changes.asked == 2


@pytest.mark.fault(90)
async def test_a_dead_feed_keeps_its_last_answer_with_its_age(world: World) -> None:
    engine = world.engine()
    await engine.changes.read()
    world.changes.error = SourceError("it ended with exit 1", hint="run it by hand and look")
    world.clock.move(120)
    assert await engine.changes.read() == (DEPLOY,)
    status = engine.watch.board.statuses["deploys"]
    assert (status.ok, status.seen, status.error) == (False, START, "it ended with exit 1")
    world.changes.error = None
    world.clock.move(120)
    await engine.changes.read()
    assert engine.watch.board.statuses["deploys"].ok


async def test_a_feed_with_a_mistake_in_it_stops_nothing(world: World) -> None:
    world.changes = Broken()
    engine, identity = await opened(world)
    assert engine.changes.known == ()
    said = engine.watch.board.statuses["deploys"].error
    assert said == "the feed itself is broken: TypeError: unsupported operand"
    assert engine.incident(identity).is_open


async def test_a_feed_on_request_is_asked_only_then(world: World) -> None:
    class Drift(Paced):
        pause = math.inf

    drift = replace(DEPLOY, version="aws_lb.shop", kind=ChangeKind.INFRASTRUCTURE, dated=False)
    world.changes = feed = Drift(name="drift", changes=(drift,))
    engine = world.engine()
    assert await engine.changes.read() == ()
    await engine.changes.look_now()
    assert (feed.asked, engine.changes.on_request) == (0, ("drift",))
    assert await engine.changes.look_for_drift() == 1
    assert engine.changes.known == (drift,)
    feed.error = SourceError("no credentials", hint="run it by hand")
    with pytest.raises(IncidentError, match="no credentials"):
        await engine.changes.look_for_drift()
    assert engine.changes.known == (drift,)


async def test_without_a_feed_for_drift_it_is_said_how_to_get_one(world: World) -> None:
    with pytest.raises(UsageError) as caught:
        await world.engine().changes.look_for_drift()
    assert "incident help feeds" in caught.value.hint


async def test_a_person_can_ask_every_feed_at_once(world: World) -> None:
    engine = world.engine()
    await engine.changes.read()
    world.clock.move(1)
    await engine.changes.look_now()
    assert world.changes.asked == 2


async def test_watching_asks_the_feeds_again_and_again(world: World) -> None:
    engine = world.engine()
    watching = asyncio.create_task(engine.changes.follow())
    for turn in range(1, 4):
        async with asyncio.timeout(20):
            await world.clock.somebody_sleeps()
        assert world.changes.asked == turn
        world.clock.move(61)
    watching.cancel()
    world.has_changes = False
    await world.engine().changes.follow()  # without feeds there is nothing to follow


async def test_what_the_ranking_names_goes_onto_the_timeline_when_an_incident_opens(world: World) -> None:
    world.changes.changes = (
        ago(9, "near"), ago(30, "flag", kind=ChangeKind.CONFIG), ago(600, "far"), ago(6, "other", service="mailer"),
        ago(2, "after"),
    )  # fmt: skip
    await opened(world)
    assert recorded(world) == ["flag", "near"]


async def test_at_most_three_of_many_likely_changes_are_recorded_the_likeliest(world: World) -> None:
    world.changes.changes = tuple(ago(5 + minutes, f"v{minutes}") for minutes in range(6))
    await opened(world)
    assert recorded(world) == ["v2", "v1", "v0"]


async def test_nothing_is_recorded_when_no_change_is_likely(world: World) -> None:
    world.changes.changes = (ago(600, "far"),)
    await opened(world)
    assert recorded(world) == []


async def test_what_is_changed_on_the_service_meanwhile_goes_onto_the_timeline_once(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    world.clock.move(120)
    now = world.clock.now()
    back = replace(DEPLOY, at=now, version=DEPLOY.previous, previous=DEPLOY.version)
    running = replace(back, at=now + timedelta(seconds=1), version="x", outcome=Outcome.RUNNING)
    other = replace(back, version="y", service="mailer")
    world.changes.changes = (running, back, other, DEPLOY)
    for _ in range(2):
        await engine.changes.look_now()
        await engine.changes.keep()
    assert recorded(world) == [DEPLOY.version, DEPLOY.previous]
    await engine.response.handover(identity, "lee")
    world.changes.changes = (replace(back, at=now + timedelta(minutes=1), version="z"), back, DEPLOY)
    await engine.changes.look_now()
    await engine.changes.keep()
    assert recorded(world) == [DEPLOY.version, DEPLOY.previous]


async def test_a_person_can_put_a_change_onto_the_timeline_once(world: World) -> None:
    world.changes.changes = (far := ago(600, "far"),)
    engine, identity = await opened(world)
    await engine.changes.put(engine.incident(identity), far)
    assert recorded(world) == ["far"]
    event = world.journal.events[-1]
    assert (event.at, event.source) == (far.at, "person")
    assert stands_in(engine.incident(identity), far)
    with pytest.raises(UsageError, match="on the timeline already"):
        await engine.changes.put(engine.incident(identity), far)


async def test_a_start_that_a_person_sets_moves_the_ranking(world: World) -> None:
    world.changes.changes = (late := ago(8, "late"), early := ago(50, "early"))
    engine, identity = await opened(world)
    first = engine.changes.ranked(engine.changes.trouble(engine.incident(identity)))
    assert first[0].change == late
    await engine.response.mark(identity, Milestone.STARTED, Moment(START - timedelta(minutes=45)))
    moved = engine.changes.ranked(engine.changes.trouble(engine.incident(identity)))
    assert [rank.change for rank in moved] == [early]


async def test_the_undone_deploy_is_on_the_preflight(world: World) -> None:
    engine, identity = await opened(world)
    preflight = await engine.prepare_typed(identity, "gh workflow run rollback.yml -f sha=<previous>")
    assert preflight.undoes == "deploy a1b2c3d (7m before the alert): cart: batch price lookups"
    assert preflight.text.endswith("sha=9f8e7d6")
    by_hand = await engine.prepare_typed(identity, "gh workflow run rollback.yml -f sha=9f8e7d6")
    assert by_hand.undoes == preflight.undoes


async def test_a_version_that_never_ran_is_a_warning_on_the_preflight(world: World) -> None:
    engine, identity = await opened(world)
    text = "gh workflow run rollback.yml -f sha=<previous>"
    preflight = await engine.prepare_typed(identity, text, None, {"previous": "zz9"})
    assert (preflight.undoes, preflight.warnings) == ("", ("zz9 is no version that is known to have run before",))
    now = await engine.prepare_typed(identity, text, None, {"previous": "a1b2c3d"})
    assert now.warnings == ("a1b2c3d runs now, since 02:55: going back to it undoes nothing",)


@pytest.mark.parametrize("text", ["git revert 9f8e7d6", "gh run list --commit 9f8e7d6", "echo 9f8e7d6 > note"])
async def test_a_command_that_does_not_go_back_to_a_version_undoes_nothing(text: str, world: World) -> None:
    engine, identity = await opened(world)
    preflight = await engine.prepare_typed(identity, text)
    assert (preflight.undoes, preflight.warnings) == ("", ())


async def test_a_version_that_was_picked_says_from_which_change(world: World) -> None:
    engine, identity = await opened(world)
    text = "gh workflow run rollback.yml -f sha=<previous>"
    picked = await engine.prepare_typed(identity, text, None, {"previous": "9f8e7d6"})
    [value] = picked.parameters
    assert value.origin == "chosen by you: before deploy a1b2c3d of acme, 7m before the alert, rank 0.81"
    typed = await engine.prepare_typed(identity, "kubectl get pod <pod>", None, {"pod": "web-0"})
    assert typed.parameters[0].origin == "typed by you"


async def test_nothing_is_filled_silently_when_several_changes_are_plausible(world: World) -> None:
    world.changes.changes = (DEPLOY, replace(ago(20, "b2"), previous="b1"))
    engine, identity = await opened(world)
    for placeholder in ("<previous>", "<sha>"):
        preflight = await engine.prepare_typed(identity, f"deploy.sh {placeholder}")
        assert [parameter.placeholder for parameter in preflight.unfilled] == [placeholder]
