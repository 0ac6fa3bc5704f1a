"""The signals' own place: rows, drawing, words, the start that the data show, and every query that was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from incident.core.signals import Nature, Series, Signal
from incident.errors import SourceError
from incident.sources.access import Access
from incident.sources.signals.prometheus import Prometheus
from incident.tui.screens.sheets import TextSheet
from tests.adapters.http_server import Heard, Listener, value
from tests.fakes import ERRORS, START, FakeSignals, World, page
from tests.tui.console import Driver, console

QUERY = 'sum(rate(http_requests_total{job="acme"}[5m]))'
RULE = f'sum(rate(http_requests_total{{job="acme",status=~"5.."}}[5m])) / {QUERY} > 0.07'
P99 = Signal("p99", 1.9, "s", START, usual=0.2, trend=(0.2, 0.2, 1.9), query="histogram_quantile(0.99, x)",
             nature=Nature.SYMPTOM, origin="x{}")  # fmt: skip
P50 = replace(P99, name="p50", value=0.2, query="histogram_quantile(0.5, x)")
ROOM = Signal("saturation", None, "%", START, missing="no known metric has job", nature=Nature.CAUSE)
BEGAN = page().starts_at - timedelta(minutes=6)
SIZES = [(120, 36), (80, 24)]


def rising() -> Iterator[tuple[Series, ...]]:
    """A step in the errors six minutes before the page, seen each minute over a day."""
    times = [START - timedelta(minutes=at) for at in range(1500, -1, -1)]
    yield (Series({}, tuple((at, 19.2 if at >= BEGAN else 0.1) for at in times)),)


@pytest.fixture
def world() -> World:
    world = World()
    own = replace(ERRORS, query=QUERY, own=True, nature=Nature.SYMPTOM)
    world.signals.signals = (own, P99, ROOM, P50)
    world.signals.series = {QUERY: next(rising())}
    return world


async def in_an_incident(driver: Driver) -> None:
    """From the alerts to the incident's signals, with the start found."""
    await driver.see("enter", then="0 of 9 done")
    await driver.see("m", then="last 30m")
    await driver.until("since: .* UTC")


@pytest.mark.parametrize("size", SIZES)
async def test_every_signal_is_a_row_and_the_chosen_one_is_drawn_and_told(world: World, size: tuple[int, int]) -> None:
    async with console(world, size) as driver:
        await in_an_incident(driver)
        assert driver.chosen.startswith("▌ errors        19.2 % ▁▁▁▄▇█")
        assert "> limit 7 %" in driver.chosen
        assert driver.chosen.endswith("symptom")
        assert "1.9 s" in driver.line("^  p99")
        assert "no known metric has job" in driver.line("^  saturation")
        assert driver.line("┤╌").lstrip().startswith("7 %")
        assert "beyond its limit 7 % for 10m" in " ".join(driver.text.split())
        assert "▲ 03:03 this alert" in driver.text
        assert "◆ 02:55 deploy a1b2c3d" in driver.text
        assert "PromQL" in driver.lines[-1]
        assert all(len(line) <= size[0] for line in driver.lines)


async def test_an_alert_nobody_responds_to_has_its_signals_too_but_no_start(world: World) -> None:
    async with console(world) as driver:
        await driver.see("m", then="last 30m")
        await driver.until("highest 19.2 %")
        assert "since:" not in driver.text
        await driver.see("M", then="Nobody responds to this alert yet")
        await driver.see("escape", then="RUNBOOK")


async def test_the_start_is_taken_with_one_key_and_its_evidence_is_on_the_timeline(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        assert "milestone.set" not in world.kinds()
        await driver.see("M", then="started is between")
        await driver.until("started stands at")
    [event] = [event for event in world.journal.events if event.fact.kind == "milestone.set"]
    assert event.at <= BEGAN <= (event.until or event.at)
    assert (event.precision.value, event.source) == ("range", "person")
    assert event.fact.milestone == "started"
    assert event.fact.why.startswith("errors 0.1 % to 19.2 %, between 02:5")
    assert event.fact.evidence[0].endswith(f": {QUERY}")


async def test_the_start_stands_beside_the_checklist_until_it_is_set(world: World) -> None:
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.app.engine.golden.settled(page())
        world.clock.move(10)
        driver.app.engine.watch.look_now()
        await driver.until(r"since +02:5\d(:\d\d)?\.\.02:5\d")
        await driver.see("M", then="started is between")
        await driver.until(lambda: "takes it" not in driver.text)


async def test_a_start_that_stands_is_not_overwritten(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        await driver.see("M", then="started stands at")
        await driver.see("M", then="already; ")
    assert world.kinds().count("milestone.set") == 1


async def test_a_start_that_is_not_in_the_data_is_not_claimed(world: World) -> None:
    world.signals.series = {}
    async with console(world) as driver:
        await driver.see("enter", then="0 of 9 done")
        await driver.see("m", then="no start in the data: there are only 0 values")
        assert "nothing to draw" in driver.text
        await driver.see("M", then="No start is known from the data")
    assert "milestone.set" not in world.kinds()


async def test_longer_shorter_and_last_week(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        await driver.see("left_square_bracket", then="30m is the shortest time shown here")
        await driver.see("right_square_bracket", "right_square_bracket", then="errors, last 24h")
        await driver.see("w", then="yesterday ?$|yesterday\n")
        await driver.see("w", then="no values last week")
        await driver.see("w", then="w compares")
        await driver.see("right_square_bracket", "right_square_bracket", then="7d is the longest")


async def test_another_row_is_another_course(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        await driver.see("j", then="p99, last 30m")
        await driver.press("j")
        await driver.until("saturation, last 30m")
        assert "no known metric has job" in driver.text.partition("saturation, last 30m")[2]
        await driver.see("y", then="There is no query to copy here")


async def test_every_query_is_shown_word_for_word_and_copied(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        await driver.see("v", then="PromQL, as it was sent")
        assert "errors: value and course" in driver.text
        assert QUERY in "".join(line.strip(" │▌") for line in driver.lines) or QUERY[:40] in driver.text
        await driver.press("escape")
        await driver.see("y", then="Copied: sum")
        assert driver.app.clipboard == QUERY


async def test_what_a_server_was_sent_is_what_the_screen_shows(world: World) -> None:
    """Whatever was asked to find the signals, their past and the start stands on the sheet, word for word."""

    async def answer(heard: Heard, writer: asyncio.StreamWriter) -> None:
        query, ends = heard.params["query"], float(heard.params.get("end", heard.params.get("time", 0)))
        step = float(heard.params.get("step", 60))
        points = [[ends - step * back, "0.2" if back < 4 else "0.001"] for back in range(60, -1, -1)]
        there = {"__name__": "http_requests_total", "status": "200"}
        result = [{"metric": there if "group by" in query else {}, "values": points, "value": points[-1]}]
        kind = "matrix" if "step" in heard.params else "vector"
        await value({"status": "success", "data": {"resultType": kind, "result": result}})(heard, writer)

    async with Listener(answer) as listener:
        source = Prometheus(listener.url, clock=world.clock, access=Access(timeout=5))
        world.signals = cast(FakeSignals, source)
        world.alerts.alerts = (replace(page(), expression=RULE),)
        async with console(world) as driver:
            await driver.see("enter", then="0 of 9 done")
            await driver.see("m", then="since: |no start in the data")
            await driver.see("w", then="errors, last 30m")
            await driver.until(lambda: len({heard.params["query"] for heard in listener.heard}) >= 4)
            await driver.see("v", then="PromQL, as it was sent")
            sheet = driver.app.screen
            assert isinstance(sheet, TextSheet)
            shown = sheet._text.splitlines()
            sent = {heard.params["query"] for heard in listener.heard}
            assert sent <= set(shown)


async def test_r_asks_again_now(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        [own, *others] = world.signals.signals
        world.signals.signals = (replace(own, value=3.3), *others)
        await driver.see("r", then="errors +3.3 %")


async def test_what_changes_below_a_place_is_not_painted_and_below_a_sheet_it_is(world: World) -> None:
    async with console(world) as driver:
        await driver.see("m", then="last 30m")
        assert driver.app._background_screens == []
        await driver.see("v", then="PromQL, as it was sent")
        assert [type(screen).__name__ for screen in driver.app._background_screens] == ["SignalsScreen"]


@pytest.mark.fault(84)
async def test_a_dead_source_leaves_the_last_values_with_their_age(world: World) -> None:
    async with console(world) as driver:
        await in_an_incident(driver)
        world.signals.error = SourceError("connection refused", hint="is it running?")
        world.clock.move(120)
        await driver.until("2m old: connection refused")
        assert "19.2 %" in driver.chosen


async def test_a_source_that_never_answered_says_why_and_what_to_do(world: World) -> None:
    world.signals.error = SourceError("connection refused", hint="is it running?")
    async with console(world) as driver:
        await driver.see("m", then="connection refused - is it running")


async def test_without_a_prometheus_it_says_how_to_set_one_up(world: World) -> None:
    async with console(world) as driver:
        object.__setattr__(driver.app.engine.parts, "signals", None)
        await driver.see("m", then="no Prometheus is set up")
        await driver.see("v", then="PromQL, as it was sent")


async def test_with_no_alert_there_is_nothing_to_show_and_it_says_so(world: World) -> None:
    world.alerts.alerts = ()
    async with console(world) as driver:
        await driver.until("Nothing fires")
        await driver.see("m", then="there is no alert whose signals could be shown")
        await driver.see("v", then="There is no alert here")


@pytest.mark.fault(59, 60)
async def test_foreign_words_are_text_here_too(world: World) -> None:
    hostile = "[@click=app.quit]x[/] [b + y"
    world.signals.signals = (replace(ERRORS, own=True, query=hostile, origin=hostile, name="er[rors"),)
    async with console(world) as driver:
        await driver.see("m", then=r"er\[rors, last 30m")
        await driver.see("v", then=r"\[@click=app.quit\]x\[/\] \[b \+ y")
