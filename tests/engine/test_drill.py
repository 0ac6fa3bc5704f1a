"""The shipped drill, played by the engine that plays it on the screen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incident.config import Config
from incident.core import facts
from incident.core.alert import Severity
from incident.core.event import to_json
from incident.core.facts import Milestone
from incident.drills import scenario
from incident.drills.clock import HandClock, PlayClock, start_of
from incident.drills.model import Level
from incident.drills.player import Player
from incident.engine import Engine, Settings
from incident.errors import DrillError, UsageError
from incident.game import Game, last_log, runs
from incident.game.facilitator import Order, running
from tests.fakes import World


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
    book = await engine.runbooks.of(identity)
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


# --- what a game day adds


async def facilitated(folder: Path, name: str, level: Level = Level.NORMAL) -> tuple[Game, Engine, HandClock]:
    clock = HandClock(start_of(scenario.find(name)))
    game = Game(Config(state=folder, person="kim"), name, clock=clock, level=level)
    engine = Engine(game.parts())
    game.attach(engine)
    return game, engine, clock


async def responding(folder: Path, name: str = "bad-deploy") -> tuple[Game, Engine, HandClock, str]:
    """Somebody opened the first page."""
    game, engine, clock = await facilitated(folder, name)
    await clock.advance(15)
    (source,) = engine.parts.alerts
    await engine.watch.look(source, engine.evidence.source_answered)
    alert = next(a for a in engine.watch.board.alerts.values() if a.severity is Severity.PAGE)
    identity = await engine.open(alert)
    await engine.settled()
    await game.beat()
    return game, engine, clock, identity


def texts(engine: Engine, identity: str) -> list[str]:
    return [event.fact.text for event in engine.log.events(identity) if isinstance(event.fact, facts.Remarked)]


async def test_the_incident_says_which_drill_it_is_and_on_which_level(tmp_path: Path) -> None:
    _, engine, _, identity = await responding(tmp_path)
    [begun] = [event for event in engine.log.events(identity) if isinstance(event.fact, facts.DrillBegun)]
    assert (begun.fact.scenario, begun.fact.level) == ("bad-deploy", "normal")
    await engine.stop()


async def test_an_answer_is_an_update_to_one_person_and_does_not_count_for_the_others(tmp_path: Path) -> None:
    game, engine, clock, identity = await responding(tmp_path)
    await clock.advance(300)
    await game.beat()
    messages = game.messages()
    assert [message.id for message in messages] == ["support-asks", "vp-asks"]
    assert game.unread == 2
    game.looked()
    assert game.unread == 0
    await game.reply(messages[0], "we are rolling back")
    assert [message.waits for message in game.messages()] == [False, True]
    assert texts(engine, identity)[-1] == "to support: we are rolling back"
    await engine.response.remark(identity, facts.Remark.UPDATE, "it gets better")  # this one reaches everybody
    assert [message.waits for message in game.messages()] == [False, False]
    await engine.stop()


async def test_asking_a_person_is_written_down_and_the_answer_comes_as_a_message(tmp_path: Path) -> None:
    game, engine, clock, identity = await responding(tmp_path)
    await game.ask(next(ask for ask in game.asks() if ask.id == "tell_vp"))
    await clock.advance(10)
    await game.beat()
    assert texts(engine, identity)[-2:] == [
        "asked VP Eng: tell them how bad it is",
        "VP Eng (chat): Good. Call me if it takes longer than an hour.",
    ]
    await engine.stop()


async def test_the_facts_at_the_end_are_told_written_down_and_stand_beside_the_next_play(tmp_path: Path) -> None:
    game, engine, identity = await played(tmp_path, "")
    figures = {figure.name: figure.value for figure in game.figures()}
    assert figures["acknowledged"] == "after 15s"
    assert figures["mitigation begun"] == "after 15s"
    assert figures["harmful actions"] == "0"
    assert "of the 28-day budget, about" in figures["budget spent"]
    assert figures["commands"] == "1 from a runbook, 0 by hand"
    assert figures["messages"] == "0 of 2 answered"
    assert figures["written down"].startswith("0 of 4 key moments; without a line of yours: mitigation begun (03:02)")
    [told] = [e.fact for e in engine.log.events(identity) if isinstance(e.fact, facts.DrillDebriefed)]
    assert told.recovered
    assert told.figures["recovered"] == figures["recovered"]
    await game.answer("How did you know?", "By the graph.")
    draft = await engine.draft(identity)
    assert "### The drill in figures" in draft
    assert "How did you know? By the graph." in draft
    await engine.stop()
    later = Game(Config(state=tmp_path, person="kim"), "bad-deploy", clock=HandClock(start_of(game.scenario)))
    assert later.earlier()[0].figures["recovered"] == figures["recovered"]
    assert later.earlier()[0].recovered is True
    assert runs(Config(state=tmp_path), "flapping") == []
    assert last_log(Config(state=tmp_path), identity).incident(identity).drill


async def test_a_wrong_rollback_is_counted_and_no_grade_is_given(tmp_path: Path) -> None:
    game, engine, _ = await played(tmp_path, "77c0ffe")
    figures = {figure.name: figure.value for figure in game.figures()}
    assert figures["harmful actions"] == "1"
    assert figures["recovered"].startswith("not within ")
    assert not any(word in " ".join(figures.values()).lower() for word in ("good", "bad", "score", "points", "should"))
    await engine.stop()


async def test_a_drill_whose_time_is_over_says_so_and_writes_its_facts_down(tmp_path: Path) -> None:
    game, engine, clock, identity = await responding(tmp_path)
    await clock.advance(game.scenario.length)
    game.looked()
    await game.beat()
    game.looked()
    assert [notice.who for notice in game.notices()] == ["Time is over"]
    assert any(isinstance(event.fact, facts.DrillDebriefed) for event in engine.log.events(identity))
    await engine.stop()


async def test_the_quiet_level_announces_nothing(tmp_path: Path) -> None:
    game, engine, clock = await facilitated(tmp_path, "bad-deploy", Level.QUIET)
    await clock.advance(100)
    await game.beat()
    assert game.unread == 1
    assert game.notices() == ()
    await engine.stop()


async def test_what_the_scenario_promises_is_a_budget_that_can_be_asked_for(tmp_path: Path) -> None:
    _, engine, clock, _ = await responding(tmp_path)
    await clock.advance(120)
    [slo] = engine.parts.promises.slos
    assert (slo.objective, slo.sli.scale) == (0.995, 0.01)
    assert engine.parts.signals is not None
    now = engine.now()
    [series] = await engine.parts.signals.over(slo.sli.moment, now - timedelta(days=28), now, 3600.0)
    assert len(series.points) == 28 * 24 + 1
    assert series.points[0][1] == pytest.approx(0.2, rel=0.11)  # four weeks ago all was well
    assert series.points[-1][1] > 15
    await engine.stop()


async def test_a_facilitator_in_another_terminal_gives_orders_and_sees_how_it_stands(tmp_path: Path) -> None:
    game, engine, _, _ = await responding(tmp_path)
    other = running(Config(state=tmp_path))
    assert other.state()["drill"] == "bad-deploy"
    for number, verb, words in (
        ("1", "send", ("vp-asks",)),
        ("2", "say", ("the lead", "how", "is it?")),
        ("3", "hold", ("support-asks",)),
        ("4", "release", ("support-asks",)),
        ("5", "skip", ("nobody",)),
        ("6", "pause", ()),
        ("7", "dance", ()),
    ):
        other.order(number, verb, words)
    await game.beat()
    assert [other.answer(number) for number in "1234"] == ["done"] * 4
    assert "no inject `nobody`" in str(other.answer("5"))
    assert "cannot be changed" in str(other.answer("6"))  # this clock is moved by hand
    assert "does not know the order" in str(other.answer("7"))
    assert other.answer("1") is None  # an answer is given once
    assert [(m.id, m.sender) for m in game.messages()] == [("vp-asks", "VP Eng"), ("", "the lead")]
    posts = {inject["id"]: inject for inject in other.state()["injects"]}
    assert posts["vp-asks"]["sent"] == 15.0
    (game.folder / "booth" / "order-9").write_text("no json {")
    (game.folder / "booth" / "order-91").write_text('{"verb": "send"}')
    await game.beat()
    assert (game.folder / "booth").stat().st_mode & 0o077 == 0
    await engine.stop()


def test_without_a_drill_that_is_played_a_facilitator_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no drill is being played"):
        running(Config(state=tmp_path))


async def test_a_facilitator_lets_time_stand_and_run_and_no_faster_than_ten(tmp_path: Path) -> None:
    clock = PlayClock(datetime(2026, 5, 2, 3, tzinfo=UTC))
    player = Player(scenario.find("bad-deploy"), clock)
    Order("1", "pause").obey(player, clock)
    assert clock.paused
    Order("2", "go").obey(player, clock)
    Order("3", "speed", ("5",)).obey(player, clock)
    assert (clock.paused, clock.speed) == (False, 5.0)
    for wrong in ("50", "fast"):
        with pytest.raises(DrillError, match="a speed of"):
            Order("4", "speed", (wrong,)).obey(player, clock)


@pytest.mark.parametrize("name", scenario.names())
async def test_every_scenario_opens_its_runbook_in_the_console_and_twice_the_same_log(
    tmp_path: Path, name: str
) -> None:
    logs = []
    for turn in ("one", "two"):
        game, engine, clock = await facilitated(tmp_path / turn, name)
        (source,) = engine.parts.alerts
        alert = None
        while alert is None:
            await clock.advance(5)
            await engine.watch.look(source, engine.evidence.source_answered)
            known = engine.watch.board.alerts.values()
            alert = next((a for a in known if a.name == game.scenario.alerts[0].name), None)
        identity = await engine.open(alert)
        await engine.settled()
        await clock.advance(200)
        await game.beat()
        assert engine.incident(identity).runbook
        logs.append(json.dumps(log_of(engine, identity)))
        await engine.stop()
    assert logs[0] == logs[1]


async def test_a_live_drill_has_the_real_outside_and_marks_every_incident() -> None:
    world = World()
    world.settings = Settings(drill="kill-redis", live=True)
    engine = Engine(world.parts())
    identity = await engine.open_on_runbook("acme-error-rate.md")
    incident = engine.incident(identity)
    assert identity.startswith("DRILL-")
    assert incident.drill
    [begun] = [event.fact for event in engine.log.events(identity) if isinstance(event.fact, facts.DrillBegun)]
    assert (begun.scenario, begun.live) == ("kill-redis", True)
    assert not engine.parts.settings.simulated
    assert Settings(drill="bad-deploy").simulated
