"""Secrets leave what is written down before it is written."""

from __future__ import annotations

import pytest

from incident.core.facts import Remark
from incident.core.redaction import Redactor
from tests.engine.test_commands import at_rollback
from tests.engine.test_commands_again import said_yes
from tests.fakes import World

CANARY = "canary-" + "7f3a9c" + "e1b2d4"


@pytest.mark.fault(81)
async def test_a_secret_is_in_no_event_and_no_draft_and_the_command_still_gets_it(world: World) -> None:
    world.redactor = Redactor([CANARY])
    engine, identity, _, _ = await at_rollback(world)
    flight = await engine.prepare_typed(identity, f"curl -u admin:{CANARY} http://localhost/reload")
    run = await engine.run(identity, flight)
    assert CANARY in world.runner.orders[0].argv[2]
    world.runner.running[0].prints(f"token {CANARY} accepted")
    world.runner.running[0].ends()
    await engine.commands.ended(run)
    await engine.response.remark(identity, Remark.NOTE, f"used {CANARY}")
    assert CANARY not in repr(world.journal.events)
    assert "[redacted" in repr(world.journal.events)
    assert CANARY not in await engine.draft(identity)


@pytest.mark.fault(81)
async def test_a_command_with_a_secret_in_it_can_still_be_agreed_to(world: World) -> None:
    world.redactor = Redactor([CANARY])
    engine, identity, _, _ = await at_rollback(world)
    flight = await engine.prepare_typed(identity, f"curl -X POST -u admin:{CANARY} http://localhost/reload")
    request = await engine.commands.approvals.ask(engine.incident(identity), flight)
    known = engine.incident(identity).approvals[request]
    assert CANARY not in known.asked.text
    said_yes(world, engine, identity, request, "sam")
    assert engine.commands.approvals.granted(engine.incident(identity), request, flight)
