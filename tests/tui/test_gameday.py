"""A drill on the screen: what people say, whom to ask, time, the guide, and the way out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from incident.config import Config
from incident.core import facts
from incident.core.alert import Severity
from incident.drills import scenario as scenarios
from incident.drills.clock import HandClock, PlayClock, start_of
from incident.drills.model import Level
from incident.game import Game
from incident.game.records import Choice, Offer, Run
from incident.tui import actions
from incident.tui.app import Console, Opening
from incident.tui.choosing import Chooser
from incident.tui.coach import Seen, lesson
from incident.tui.gameday import GameDay
from incident.tui.replaying import Replay
from incident.tui.screens.drills import DrillsScreen
from incident.tui.screens.help import page as help_page
from incident.tui.screens.replay import ReplayScreen
from tests.fakes import World
from tests.tui.console import PATIENCE, Driver, console


class Play:
    """A drill in a console, with its time in the test's hand."""

    def __init__(self, driver: Driver, game: Game, clock: HandClock) -> None:
        self.driver = driver
        self.game = game
        self.clock = clock

    @property
    def day(self) -> GameDay:
        day = self.driver.app.game_day
        assert day is not None
        return day

    async def passes(self, seconds: float) -> None:
        """Let time pass, as it is seen on the screen."""
        await self.clock.advance(seconds)
        watch = self.driver.app.engine.watch
        watch.look_now()
        await self.driver.until(lambda: watch.board.statuses["drill"].seen == self.clock.now())
        await self.day.beat()
        await self.driver.pilot.pause()

    async def guides(self, words: str) -> None:
        """Return when the guide says this; it looks at the screen at every beat."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not re.search(words, self.driver.text):
                    await self.day.beat()
                    await self.driver.pilot.pause(0.01)
        except TimeoutError:
            pytest.fail(f"the guide does not say {words!r}:\n{self.driver.text}")

    async def respond(self) -> str:
        """Open the page that fires."""
        engine = self.driver.app.engine
        while not (pages := [a for a in engine.watch.board.alerts.values() if a.severity is Severity.PAGE]):
            await self.passes(15)
        alert = pages[0]
        identity = await engine.open(alert)
        await engine.settled()
        self.driver.app.open_incident(identity)
        await self.driver.until("0 of 9 done")
        await self.day.beat()
        return identity


@asynccontextmanager
async def drill(
    folder: Path, level: Level = Level.NORMAL, size: tuple[int, int] = (80, 24), name: str = "bad-deploy"
) -> AsyncIterator[Play]:
    clock = HandClock(start_of(scenarios.find(name)))
    game = Game(Config(state=folder, person="kim", postmortems=folder / "postmortems"), name, clock=clock, level=level)
    app = Console(game.parts, Opening(), game)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot, World())
        await driver.until(lambda: app.ready)
        play = Play(driver, game, clock)
        await play.passes(1)
        yield play


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_what_somebody_says_stays_on_the_screen_until_it_was_looked_at(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with drill(tmp_path, size=size) as play:
        driver = play.driver
        await play.respond()
        await play.passes(70)
        assert "✉ 1" in driver.lines[0]
        assert "support, by chat" in driver.lines[1]
        assert "I answers" in driver.text
        await driver.see("I", then="Messages")
        await driver.until("waits for an answer since")
        await driver.see("enter", then="To support")
        await driver.type("we are on it")
        await driver.see("enter", then="✓ answered")
        await driver.press("escape")
        await play.day.beat()
        assert "✉" not in driver.text
        assert "I answers" not in driver.text
        events = driver.app.engine.log.events(driver.app.engine.log.incidents()[0].id)
        assert "to support: we are on it" in [getattr(event.fact, "text", "") for event in events]


async def test_what_comes_while_the_inbox_is_open_is_not_taken_for_read(tmp_path: Path) -> None:
    async with drill(tmp_path) as play:
        driver = play.driver
        await play.respond()
        await play.passes(70)
        await driver.see("I", then="waits for an answer since")
        await play.passes(180)
        await driver.press("escape")
        await play.day.beat()
        await driver.until("VP Eng, by phone")
        assert "✉ 2" in driver.lines[0]
        await driver.see("I", then="I see checkout errors")
        await driver.press("escape")
        await play.day.beat()
        assert "VP Eng, by phone" not in driver.lines[1]
        assert "✉ 2" in driver.lines[0]


async def test_a_person_is_asked_and_answers_later(tmp_path: Path) -> None:
    async with drill(tmp_path) as play:
        await play.respond()
        await play.driver.see("P", then="Ask whom, for what")
        await play.driver.see("j", "enter", then="Asked. The answer comes")
        await play.passes(10)
        await play.driver.until("VP Eng, by chat")


async def test_an_empty_inbox_says_what_else_there_is(tmp_path: Path) -> None:
    async with drill(tmp_path) as play:
        await play.driver.see("I", then="Nobody has written yet")
        await play.driver.press("escape")


async def test_the_guide_explains_the_keys_as_they_are_needed(tmp_path: Path) -> None:
    async with drill(tmp_path, Level.GUIDED) as play:
        driver = play.driver
        await play.guides("This is what fires")
        await driver.until("QueueLagHigh")  # what stands on the screen before the page comes
        await play.passes(15)
        await play.guides(r"\. puts it in")
        await driver.press("full_stop")
        await play.guides("enter acknowledges it")
        await play.respond()
        await play.guides("space ticks what is done")
        await driver.press("space")
        await play.guides("what changed shortly before it began")
        await driver.press("right_square_bracket", "enter")
        await driver.until("◆ If it correlates")
        await play.guides("Nothing runs before")


async def test_on_the_quiet_level_only_the_band_counts_messages(tmp_path: Path) -> None:
    async with drill(tmp_path, Level.QUIET) as play:
        await play.passes(90)
        assert "✉ 1" in play.driver.lines[0]
        assert "Three customers" not in play.driver.text


async def test_the_way_out_shows_the_facts_and_the_truth_and_asks(tmp_path: Path) -> None:
    async with drill(tmp_path, size=(120, 36)) as play:
        driver = play.driver
        identity = await play.respond()
        await driver.see("x", then="Post-mortem draft written")
        await driver.see("q", then="what happened")
        await driver.until("acknowledged +after")
        await driver.press("G")
        await driver.until("What was really wrong")
        await driver.see("escape", then="0 of 9 done")  # one key does not end a drill
        await driver.see("q", then="what happened")
        await driver.see("enter", then="1 of 5")
        await driver.see("enter", then="nothing to save yet")
        await driver.type("by the graph")
        await driver.see("enter", then="2 of 5")
        await driver.press("escape", "escape", "escape")
        await driver.until("5 of 5")
        await driver.press("escape")
        await driver.until(lambda: driver.app._exit)
        said = [e.fact for e in driver.app.engine.log.events(identity) if isinstance(e.fact, facts.HotWashAnswered)]
        assert [one.answer for one in said] == ["by the graph"]
        [draft] = (tmp_path / "postmortems").glob("*.md")
        assert "by the graph" in draft.read_text()


async def test_a_drill_in_which_nothing_was_done_ends_at_once(tmp_path: Path) -> None:
    async with drill(tmp_path) as play:
        await play.driver.press("q")
        await play.driver.until(lambda: play.driver.app._exit)


async def test_time_stands_and_runs_and_the_band_says_so(tmp_path: Path) -> None:
    game = Game(Config(state=tmp_path, person="kim"), "bad-deploy")
    app = Console(game.parts, Opening(), game)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        driver = Driver(app, pilot, World())
        await driver.until(lambda: app.ready)
        await driver.see("comma", then="PAUSED")
        clock = app.engine.parts.clock
        assert isinstance(clock, PlayClock)
        assert clock.paused
        await driver.see("comma", then="Time goes on")
        await driver.see("greater_than_sign", "greater_than_sign", then="5x")
        await driver.see("less_than_sign", then="2x")
        await driver.press(*["greater_than_sign"] * 5)
        assert clock.speed == 10.0


async def test_in_an_incident_the_keys_of_drills_say_what_they_are_for() -> None:
    async with console(World()) as driver:
        for key in ("H", "I", "P", "comma", "greater_than_sign", "less_than_sign"):
            await driver.press(key)
            await driver.until("That is for drills")


async def test_a_live_drill_cannot_be_overlooked() -> None:
    world = World()
    app = Console(world.parts, Opening(live_drill="kill-redis"))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        driver = Driver(app, pilot, world)
        await driver.until(lambda: app.ready)
        await driver.until("LIVE DRILL kill-redis")
        await driver.see("H", then="This drill is live")


# --- choosing


def offers() -> list[Offer]:
    known = [Offer(scenarios.find(name)) for name in scenarios.names()]
    return sorted(known, key=lambda offer: offer.scenario.length)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_first_time_the_shortest_drill_is_offered_guided(size: tuple[int, int]) -> None:
    app = Chooser(offers())
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot, World())  # type: ignore[arg-type]  # a program of its own, seen the same way
        await driver.until("▌ bad-deploy .* new")
        await driver.until("level guided")
        assert "Nothing here is real" in driver.text
        assert "20 min" in driver.chosen
        await driver.see("l", then="level normal")
        await driver.see("l", then="level quiet")
        await driver.see("l", then="level guided")
        await driver.see("question_mark", then="Three levels")
        await driver.press("escape")
        await driver.press("enter")
    assert app.return_value == Choice("bad-deploy", Level.GUIDED)


async def test_a_drill_that_was_played_says_when_and_how_it_ended(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 5, 2, 3, 7, tzinfo=UTC)
    first, *others = offers()
    last = Run("bad-deploy", at, tmp_path, True, {"recovered": "after 6m00s"})
    app = Chooser([replace(first, last=last, times=2), *others])
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot, World())  # type: ignore[arg-type]  # a program of its own, seen the same way
        await driver.until("level normal")
        assert "bad-deploy" not in driver.chosen  # one that was never played
        await driver.press("g")
        await driver.until("played twice, last on 2026-05-02 03:07 UTC: recovered after 6m00s")
        await driver.press("q")
    assert app.return_value is None


# --- looking back


async def test_a_replay_asks_before_it_shows_what_was_done(tmp_path: Path) -> None:
    async with drill(tmp_path) as play:
        identity = await play.respond()
        await play.driver.app.engine.response.remark(identity, facts.Remark.DECISION, "wait for payments")
        await play.driver.app.engine.response.remark(identity, facts.Remark.NOTE, "they are back")
        events = play.driver.app.engine.log.events(identity)
    app = Replay(identity, events)
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot, World())  # type: ignore[arg-type]  # a program of its own, seen the same way
        await driver.until("turn 1 of 2")
        assert "wait for payments" not in driver.text
        await driver.see("enter", then="What next")
        await driver.type("roll back")
        await driver.see("enter", then="decision wait for payments")
        await driver.until("you: roll back")
        assert "they are back" not in driver.text
        await driver.see("space", then="This is how it ended")
        assert "they are back" in driver.text
        await driver.press("space", "enter")
        await driver.press("q")
    assert app.return_value is not None
    assert [answer.would for answer in app.return_value] == ["roll back"]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Seen("alerts", opened=True), "i goes back"),
        (Seen("alerts", page_comes=False), "Tickets can wait"),
        (Seen("alerts", closed=True), "q leaves the drill"),
        (Seen("respond", messages=1), "I shows it"),
        (Seen("timeline"), "esc goes back"),
        (Seen("respond", running=True), "t shows that"),
        (Seen("respond", ran=1, waiting=1), "u writes an update"),
        (Seen("respond", ran=1), "Did it help?"),
        (Seen("respond", waiting=1), "P asks a person"),
        (Seen("respond"), "Step by step"),
        (Seen("respond", recovered=True), "x writes the post-mortem"),
        (Seen("respond", recovered=True, exported=True), "C closes"),
        (Seen("respond", recovered=True, exported=True, closed=True), "q leaves"),
    ],
)
def test_the_guide_knows_what_comes_next(seen: Seen, words: str) -> None:
    assert words in lesson(seen)


@pytest.mark.parametrize(("where", "screen"), [(actions.DRILLS, DrillsScreen), (actions.REPLAY, ReplayScreen)])
def test_every_key_of_choosing_and_looking_back_is_there_and_explained(where: str, screen: type[object]) -> None:
    known = actions.on(where)
    assert len({key for action in known for key in action.keys}) == sum(len(action.keys) for action in known)
    assert [action.id for action in known if not hasattr(screen, f"action_{action.id}")] == []
    assert all(action.help in help_page(where) for action in known)
    assert actions.foot(where)[-1] == ("?", "help")
