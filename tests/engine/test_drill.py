"""The shipped drill, played by the engine that plays it on the screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident.config import Config
from incident.core.alert import Severity
from incident.core.event import to_json
from incident.core.facts import Milestone
from incident.drills import scenario
from incident.drills.clock import HandClock, start_of
from incident.engine import Engine
from incident.game import Game


async def played(folder: Path, version: str) -> tuple[Game, Engine, str]:
    """Respond to the page, take the deploy branch, roll back to `version`, and let five minutes pass."""
    clock = HandClock(start_of(scenario.find("bad-deploy")))
    game = Game(Config(state=folder, person="kim"), "bad-deploy", clock=clock)
    engine = Engine(game.parts())
    game.attach(engine)
    (source,) = engine.parts.alerts

    async def look() -> None:
        await engine.watch.look(source, engine.evidence.source_answered)
        await game.beat()

    async def pass_time(seconds: int) -> None:
        for _ in range(seconds):
            await clock.advance(1)
            await look()

    await pass_time(15)
    alert = next(a for a in engine.watch.board.alerts.values() if a.severity is Severity.PAGE)
    identity = await engine.open(alert)
    await engine.settled()
    book = await engine.runbook(identity)
    assert book is not None
    step = next(step for step in book.steps if step.text == "Roll back")
    assert step.branch is not None
    await engine.response.choose(identity, step.branch, ())
    typed = {"previous": version} if version else None
    flight = await engine.prepare(identity, book.commands[step.commands[0]], step, typed)
    run = await engine.run(identity, flight)
    while engine.commands.running:
        await pass_time(1)
    await engine.commands.ended(run)
    await pass_time(300)
    return game, engine, identity


def log_of(engine: Engine, identity: str) -> list[dict[str, object]]:
    """The log without what differs from one console to the next: who wrote it, and in which folder."""
    events = [to_json(event) for event in engine.log.events(identity)]
    for event in events:
        event.pop("writer")
        event["body"].pop("output", None)
    return events


async def test_the_runbook_of_the_page_leads_to_recovery_and_the_draft_says_so(tmp_path: Path) -> None:
    game, engine, identity = await played(tmp_path, "")
    assert game.player is not None
    assert game.player.recovered is not None
    incident = engine.incident(identity)
    assert [r.started.text for r in incident.commands.values()] == ["gh workflow run rollback.yml -f sha=9f8e7d6"]
    assert not incident.firing
    assert Milestone.RESOLVED in incident.milestones()
    draft = await engine.draft(identity)
    assert draft.index("AcmeErrorBudgetFastBurn fired") < draft.index("sha=9f8e7d6")
    assert "kind: drill" in draft
    assert "recovered after" in game.farewell()[0]
    await engine.stop()


async def test_rolling_back_to_the_wrong_version_does_not_recover(tmp_path: Path) -> None:
    game, engine, identity = await played(tmp_path, "77c0ffe")
    assert game.player is not None
    assert game.player.recovered is None
    assert engine.incident(identity).firing
    assert game.farewell()[0].endswith("not recovered")
    await engine.stop()


async def test_the_same_play_gives_the_same_log(tmp_path: Path) -> None:
    logs = []
    for turn in ("one", "two"):
        _, engine, identity = await played(tmp_path / turn, "")
        logs.append(json.dumps(log_of(engine, identity)))
        await engine.stop()
    assert logs[0] == logs[1]


async def test_what_people_say_in_a_drill_stands_on_the_timeline(tmp_path: Path) -> None:
    _, engine, identity = await played(tmp_path, "")
    said = [event for event in engine.log.events(identity) if event.source == "drill" and event.fact.kind == "remark"]
    assert any("support (chat)" in getattr(event.fact, "text", "") for event in said)
    await engine.stop()


async def test_a_drill_never_writes_where_real_incidents_are(tmp_path: Path) -> None:
    _, engine, _ = await played(tmp_path, "")
    await engine.stop()
    assert not (tmp_path / "journal.db").exists()
    (folder,) = (tmp_path / "drills").iterdir()
    assert folder.name.endswith("-bad-deploy")


@pytest.mark.fault(55)
async def test_hints_are_free_and_written_down(tmp_path: Path) -> None:
    game, engine, identity = await played(tmp_path, "")
    text = await game.hint()
    assert text
    assert f"hint: {text}" in [getattr(event.fact, "text", "") for event in engine.log.events(identity)]
    await engine.stop()
