"""The shipped drill: a rollback that works leads to a proposal on the check that follows it, one that does not, not."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.core.proposals import Kind
from incident.drills.clock import HandClock
from tests.engine.test_drill import played


@pytest.mark.parametrize(("version", "proposed"), [("", True), ("a1b2c3d", False)])
async def test_the_check_after_the_rollback_is_proposed_when_it_worked(
    tmp_path: Path, version: str, proposed: bool
) -> None:
    _, engine, identity = await played(tmp_path, version)
    clock = engine.parts.clock
    assert isinstance(clock, HandClock)
    [source] = engine.parts.alerts
    for _ in range(11):
        await clock.advance(15)
        await engine.watch.look(source, engine.evidence.source_answered)
        await engine.proposals.look(identity)
    kinds = [one.kind for one in engine.proposals.of(identity)]
    assert (Kind.TICK in kinds) is proposed
    if proposed:
        one = engine.proposals.of(identity)[0]
        assert one.step is not None
        assert one.step.text == "Verify error rate drops in dashboard."
        assert one.words.startswith("errors ")
        await engine.proposals.accept(identity, one.key)
        assert engine.incident(identity).ticks[one.step.id]
