"""An update is on disk before its first byte leaves, leaves once, and says afterwards what is known of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.told import Outcome
from incident.core.updates import LONGEST, Delivery
from incident.engine import Engine
from incident.errors import JournalError, UsageError
from tests.fakes import FakeMessenger, FakeSurroundings, World, page


async def responding(world: World) -> tuple[Engine, str, FakeMessenger]:
    world.messenger = FakeMessenger()
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    return engine, identity, world.messenger


def kinds(engine: Engine, identity: str) -> list[str]:
    return [event.fact.kind for event in engine.log.events(identity) if event.fact.kind.startswith("update.")]


async def test_the_intent_is_durable_before_the_first_byte_leaves(world: World) -> None:
    engine, identity, messenger = await responding(world)
    seen: list[list[str]] = []
    messenger.on_send = lambda _: seen.append([kind for kind in world.kinds() if kind.startswith("update.")])
    preview = engine.updates.preview(identity, "We are on it")
    delivery = await engine.updates.send(identity, preview)
    assert delivery.outcome is Outcome.SENT
    assert seen == [["update.begun"]]
    assert kinds(engine, identity) == ["update.begun", "update.sent"]
    assert messenger.bodies == [preview.body]
    assert json.loads(preview.body) == {"text": "We are on it"}


async def test_nothing_leaves_when_the_intent_cannot_be_saved(world: World) -> None:
    engine, identity, messenger = await responding(world)
    world.journal.broken = JournalError("the disk is full")
    with pytest.raises(UsageError, match="nothing was sent"):
        await engine.updates.send(identity, engine.updates.preview(identity, "We are on it"))
    assert messenger.bodies == []
    [send] = engine.incident(identity).updates.values()
    assert send.outcome is Outcome.FAILED


@pytest.mark.fault(89)
@pytest.mark.parametrize(
    ("delivery", "kind"),
    [
        (Delivery(Outcome.FAILED, "connection refused"), "update.failed"),
        (Delivery(Outcome.UNKNOWN, "no answer within 10 s"), "update.outcome_unknown"),
    ],
)
async def test_what_did_not_arrive_or_may_not_have_is_said_and_not_sent_again(
    world: World, delivery: Delivery, kind: str
) -> None:
    engine, identity, messenger = await responding(world)
    messenger.answer = delivery
    assert await engine.updates.send(identity, engine.updates.preview(identity, "x")) == delivery
    assert kinds(engine, identity) == ["update.begun", kind]
    world.clock.move(3600)
    await engine.settled()
    assert len(messenger.bodies) == 1


async def test_a_second_press_while_one_is_under_way_sends_nothing(world: World) -> None:
    engine, identity, messenger = await responding(world)
    messenger.hold = asyncio.Event()
    preview = engine.updates.preview(identity, "x")
    first = asyncio.create_task(engine.updates.send(identity, preview))
    await messenger.came.wait()
    with pytest.raises(UsageError, match="is being sent"):
        await engine.updates.send(identity, preview)
    messenger.hold.set()
    assert (await first).outcome is Outcome.SENT
    assert len(messenger.bodies) == 1


async def test_an_update_whose_console_died_is_outcome_unknown_and_warned_about(world: World) -> None:
    engine, identity, messenger = await responding(world)
    messenger.hold = asyncio.Event()
    task = asyncio.create_task(engine.updates.send(identity, engine.updates.preview(identity, "x")))
    await messenger.came.wait()
    copy = list(world.journal.events)  # the machine stops here
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert kinds(engine, identity) == ["update.begun", "update.outcome_unknown"]
    world.journal.events = copy
    alive = Engine(world.parts())
    await alive.load()
    assert kinds(alive, identity) == ["update.begun"]
    dead = Engine(replace(world.parts(), surroundings=FakeSurroundings(dead=frozenset({world.writer.process}))))
    await dead.load()
    assert kinds(dead, identity) == ["update.begun", "update.outcome_unknown"]
    assert "nobody knows whether it arrived" in dead.updates.preview(identity, "y").warning
    assert dead.escalation.communication(identity).unsure is not None


async def test_the_same_words_again_are_warned_about(world: World) -> None:
    engine, identity, _ = await responding(world)
    assert engine.updates.preview(identity, "x").warning == ""
    await engine.updates.send(identity, engine.updates.preview(identity, "x"))
    assert engine.updates.preview(identity, "x").warning == "these very words were sent before"
    assert engine.updates.preview(identity, "y").warning == ""


async def test_secrets_neither_leave_nor_reach_the_timeline(world: World) -> None:
    engine, identity, messenger = await responding(world)
    preview = engine.updates.preview(identity, "it says password=hunter2canary there")
    assert preview.masked == 1
    await engine.updates.send(identity, preview)
    assert "canary" not in messenger.bodies[0]
    assert not [event for event in engine.log.events(identity) if "canary" in str(event.fact)]


async def test_nothing_or_too_much_cannot_be_sent_and_without_a_webhook_nothing_can(world: World) -> None:
    engine, identity, _ = await responding(world)
    with pytest.raises(UsageError, match="nothing to send"):
        engine.updates.preview(identity, " \n ")
    with pytest.raises(UsageError, match="characters"):
        engine.updates.preview(identity, "x" * (LONGEST + 1))
    bare = Engine(replace(world.parts(), messenger=None))
    await bare.load()
    assert not bare.updates.can_send
    with pytest.raises(UsageError, match="no webhook"):
        await bare.updates.send(identity, bare.updates.preview(identity, "x"))
    with pytest.raises(UsageError, match="no webhook"):
        await bare.updates.look()


async def test_the_draft_is_made_of_what_is_known(world: World) -> None:
    engine, identity, messenger = await responding(world)
    text = engine.updates.draft(identity, await engine.runbooks.of(identity), timedelta(minutes=30))
    assert "Users see: HTTP 500 / 502" in text
    assert "Next step: Open dashboard" in text
    assert "Next update: by 03:37 UTC" in text
    assert "Next step" not in engine.updates.draft(identity, None, None)
    assert await engine.updates.look() == messenger.name
    assert facts.UpdateBegun.kind not in world.kinds()
