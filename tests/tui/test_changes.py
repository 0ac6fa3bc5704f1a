"""The changes place: what changed, how near it was, and what can be done with it."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import OptionList

from incident.core import facts
from incident.core.change import Change, ChangeKind, Outcome
from incident.engine import Settings
from incident.errors import SourceError
from tests.fakes import DEPLOY, START, FakeChanges, World
from tests.tui.console import Driver, console
from tests.tui.test_respond import at_preflight, at_rollback

LINK = "https://github.com/acme/shop/actions/runs/7"


def ago(minutes: float, version: str, previous: str = "", **more: object) -> Change:
    at = START - timedelta(minutes=minutes)
    return replace(DEPLOY, at=at, version=version, previous=previous, title="", **more)  # type: ignore[arg-type]  # fields of it


FLAG = ago(30, "v412", "v411", kind=ChangeKind.CONFIG, by="sam")
MAIL = ago(50, "m2", "m1", service="mailer")
LATER = ago(2, "m3", "m2", service="mailer", outcome=Outcome.FAILED)
OLD = ago(26 * 60, "9f8e7d6", "77c0ffe")
MANY = (replace(DEPLOY, link=LINK), FLAG, MAIL, LATER, OLD)


@pytest.fixture
def changed(world: World) -> World:
    """Five changes: a deploy and a flag before the page, two of another service, and one of yesterday."""
    world.changes.changes = MANY
    return world


async def at_changes(driver: Driver, *before: str) -> None:
    await driver.until("limit 7")
    await driver.see(*before, "c", then="rank 1 of")


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_newest_stands_first_and_the_cursor_on_the_likeliest(size: tuple[int, int], changed: World) -> None:
    async with console(changed, size) as driver:
        await at_changes(driver)
        assert "deploy a1b2c3d" in driver.chosen
        listed = [line for line in driver.lines if re.match(r"[▌ ] +\d\d:\d\d  ", line)]
        order = [re.findall(r"(?:deploy|config) (\w+)", line)[0] for line in listed]
        assert order == ["m3", "a1b2c3d", "v412", "m2", "9f8e7d6"]
        assert "2 changes are plausible: deploy a1b2c3d 0.81, config v412 0.43." in driver.text
        assert "whether it matters is for you to say" in driver.text
        for words in ("9f8e7d6 → a1b2c3d   of acme   by pipeline", "02:55:56 UTC   7m before the alert",
                      "0.81 (7m16s before, half after 30m) × 1 (same service) × 1 (a"):  # fmt: skip
            assert words in driver.text


async def test_a_change_after_the_start_has_no_rank_and_says_why(changed: World) -> None:
    async with console(changed) as driver:
        await at_changes(driver)
        await driver.see("g", then="it has no rank")
        assert "2m after" in driver.chosen
        assert "failed" in driver.chosen
        assert "none: it began after the alert" in driver.text


async def test_the_next_likely_change_is_one_key_away(changed: World) -> None:
    async with console(changed) as driver:
        await at_changes(driver)
        await driver.see("n", then="rank 2 of")
        assert "config v412" in driver.chosen
        await driver.see("n", then="rank 1 of")


async def test_without_a_likely_change_that_is_said(world: World) -> None:
    world.changes.changes = (OLD,)
    async with console(world) as driver:
        await driver.until("limit 7")
        await driver.see("c", then="No likely change. The nearest: deploy 9f8e7d6, 1d before the alert")
        assert "for you to say" not in driver.text
        await driver.see("n", then="No change is likely")


async def test_a_filter_shows_only_rows_that_hold_the_words(changed: World) -> None:
    async with console(changed) as driver:
        await at_changes(driver)
        await driver.see("slash", then="words that a row must hold")
        await driver.type("mailer")
        await driver.see("enter", then="2 of 5 hold")
        assert "a1b2c3d" not in "".join(driver.lines[5:12])


async def test_a_change_is_put_onto_the_timeline_once(changed: World) -> None:
    async with console(changed) as driver:
        await at_changes(driver, "enter")
        assert "✓" in driver.chosen  # it was recorded when the incident opened
        await driver.see("G", then="1d before the alert")
        assert "✓" not in driver.chosen
        await driver.see("space", then="deploy 9f8e7d6 is on the timeline.")
        await driver.until(lambda: "✓" in driver.chosen)
        assert isinstance(changed.journal.events[-1].fact, facts.ChangeSeen)
        count = len(changed.journal.events)
        await driver.see("space", then="is on the timeline already")
        assert len(changed.journal.events) == count


async def test_without_an_incident_it_is_said_how_to_open_one(changed: World) -> None:
    async with console(changed) as driver:
        await at_changes(driver)
        await driver.see("space", then="No incident is open; enter on the alert opens one")


async def test_a_link_is_copied_where_no_browser_opens(changed: World) -> None:
    async with console(changed) as driver:
        await at_changes(driver)
        await driver.see("o", then="No browser opens from here")
        assert driver.app.clipboard == LINK
        await driver.see("n", "o", then="This change has no link")


@pytest.mark.parametrize(
    ("environment", "opened"),
    [({"DISPLAY": ":0"}, [LINK]), ({"DISPLAY": ":0", "SSH_CONNECTION": "x"}, []), ({}, [])],
)
async def test_a_link_is_opened_where_a_browser_can_be(
    environment: dict[str, str], opened: list[str], changed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed.settings = Settings(environment=environment)
    async with console(changed) as driver:
        seen: list[str] = []
        monkeypatch.setattr(driver.app, "open_url", lambda url, *, new_tab=True: seen.append(url))
        await at_changes(driver)
        await driver.see("o", then="Opened: |No browser opens")
        assert seen == opened


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "https://", "--new-window"])
async def test_what_is_no_address_is_not_opened(link: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.changes.changes = (replace(DEPLOY, link=link),)
    world.settings = Settings(environment={"DISPLAY": ":0"})
    async with console(world) as driver:
        monkeypatch.setattr(driver.app, "open_url", lambda url, *, new_tab=True: pytest.fail("it was opened"))
        await at_changes(driver)
        await driver.see("o", then="This is no address")


async def test_a_row_is_copied_and_everything_known_is_shown(changed: World) -> None:
    async with console(changed) as driver:
        await at_changes(driver)
        await driver.press("y")
        assert driver.app.clipboard == (
            f"2026-05-02 02:55:56 UTC deploy a1b2c3d (was 9f8e7d6) acme cart: batch price lookups {LINK}"
        )
        await driver.see("enter", then="told by: deploys")
        assert f"link: {LINK}" in driver.text
        await driver.see("escape", then="space record")
        await driver.see("escape", then="RUNBOOK")


async def test_without_a_feed_it_is_said_how_to_set_one_up(world: World) -> None:
    world.has_changes = False
    async with console(world, (80, 24)) as driver:
        await driver.until("limit 7")
        await driver.see("c", then="No change feed is set up")
        assert "changes: [{github: OWNER/REPOSITORY}]" in driver.text
        assert "incident help feeds" in driver.text
        for key in ("enter", "space", "o", "y"):
            await driver.see(key, then="The cursor is not on a change")
        await driver.see("D", then="no feed looks for drift")


@pytest.mark.fault(90)
async def test_a_dead_feed_keeps_its_rows_and_says_how_old_they_are(changed: World) -> None:
    async with console(changed) as driver:
        await at_changes(driver)
        await driver.until("● deploys  answered")
        changed.changes.error = SourceError("it ended with exit 1", hint="run it by hand and look")
        changed.clock.move(120)
        await driver.see("r", then="✗ deploys  it ended with exit 1  what it told 2m ago stays")
        assert "run it by hand and look" in driver.text
        assert "✗ deploys, told 2m ago: it ended with exit 1" in driver.text
        assert "deploy a1b2c3d" in driver.chosen


async def test_a_feed_that_tells_nothing_is_an_empty_place_with_its_reason(world: World) -> None:
    world.changes.changes, world.changes.error = (), SourceError("connection refused")
    async with console(world) as driver:
        await driver.until("limit 7")
        await driver.see("c", then="No feed tells of any change")
        await driver.until("✗ deploys  connection refused")


async def test_drift_is_asked_for_by_a_key_and_has_no_rank(world: World) -> None:
    class Drift(FakeChanges):
        pause = math.inf
        note = ""

    drift = replace(DEPLOY, kind=ChangeKind.INFRASTRUCTURE, version="aws_lb.shop", previous="", dated=False)
    world.changes = feed = Drift(name="drift of prod")
    async with console(world) as driver:
        await driver.until("limit 7")
        await driver.see("c", then="drift of prod  not asked yet; D asks it")
        await driver.see("D", then="Nothing differs")
        feed.changes = (drift,)
        await driver.see("D", then="1 resources? differ")
        await driver.until("infrastructure aws_lb.shop")
        await driver.see("g", then="without a time nothing can be said about how near it was")
        assert "it happened some time before" in driver.text
        feed.error = SourceError("no credentials")
        await driver.see("D", then="✗ drift of prod  no credentials")


async def test_hostile_words_of_a_feed_are_text(world: World) -> None:
    evil = "[/red][@click=app.quit]x[/]"
    world.changes.changes = (replace(DEPLOY, title=evil, by=evil, service=evil, version=evil, link=evil),)
    async with console(world) as driver:
        await driver.until("limit 7")
        await driver.see("c", then="rank 1 of")
        assert evil in driver.text
        await driver.see("enter", then="told by")
        assert evil in driver.text


async def test_which_change_is_asked_when_several_are_plausible(changed: World) -> None:
    async with console(changed) as driver:
        await at_rollback(driver)
        await driver.see("enter", then="Which change. 2 changes are plausible")
        assert "before deploy a1b2c3d of acme, 7m before the alert, rank 0.81" in driver.text
        assert changed.runner.orders == []
        await driver.see("enter", then="undoes +deploy a1b2c3d .7m before the alert.: cart: batch price lookups")
        assert "chosen by you: before deploy a1b2c3d" in driver.text
        assert "sha=9f8e7d6" in driver.text


async def test_a_parameter_that_is_no_version_is_not_offered_versions(changed: World) -> None:
    async with console(changed) as driver:
        await driver.see("enter", then="of . done")
        await driver.see("dollar_sign", then="Which command")
        await driver.type("kubectl get pod <pod>")
        await driver.see("enter", then="<pod> .")
        assert not driver.app.screen.query(OptionList)


async def test_the_one_likely_deploy_is_filled_and_the_sheet_says_what_it_undoes(world: World) -> None:
    world.changes.changes = (DEPLOY, replace(OLD, title="login: clearer message"))
    async with console(world, (80, 24)) as driver:
        await at_preflight(driver)
        assert "undoes    deploy a1b2c3d (7m before the alert): cart: batch price" in driver.text
        assert "previous  9f8e7d6   ran until 02:55, before a1b2c3d; deployed 1d" in driver.text


async def test_the_list_of_alerts_names_the_likely_deploy(changed: World) -> None:
    async with console(changed) as driver:
        await driver.until("deploy a1b2c3d 7m before")
        assert "before" not in driver.line("QueueLagHigh").partition("QueueLagHigh")[2]
