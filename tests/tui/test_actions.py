"""One table feeds the keys, the footer, the palette, the help and the README."""

from __future__ import annotations

from importlib.resources import files

import pytest

from incident.cli.pages import config_page
from incident.config import KEYS
from incident.tui import actions
from incident.tui.screens.alerts import AlertsScreen
from incident.tui.screens.changes import ChangesScreen
from incident.tui.screens.help import page as help_page
from incident.tui.screens.reading import ReadingScreen
from incident.tui.screens.respond import RespondScreen
from incident.tui.screens.review import ReviewScreen
from incident.tui.screens.signals import SignalsScreen
from incident.tui.screens.timeline import TimelineScreen
from tests import readme
from tests.fakes import World
from tests.tui.console import console

SCREENS = {
    actions.ALERTS: AlertsScreen,
    actions.RESPOND: RespondScreen,
    actions.READING: ReadingScreen,
    actions.TIMELINE: TimelineScreen,
    actions.REVIEW: ReviewScreen,
    actions.CHANGES: ChangesScreen,
    actions.SIGNALS: SignalsScreen,
}


@pytest.mark.parametrize("where", SCREENS)
def test_every_action_of_a_screen_is_there_and_no_key_means_two_things(where: str) -> None:
    keys = [key for action in actions.on(where) for key in action.keys]
    assert len(keys) == len(set(keys))
    missing = [action.id for action in actions.on(where) if not hasattr(SCREENS[where], f"action_{action.id}")]
    assert missing == []


@pytest.mark.parametrize("where", SCREENS)
def test_the_footer_shows_at_most_six_keys_and_help(where: str) -> None:
    pairs = actions.foot(where)
    assert len(pairs) <= 7
    assert pairs[-1] == ("?", "help")


@pytest.mark.parametrize("where", SCREENS)
def test_the_help_page_names_every_key(where: str) -> None:
    shown = help_page(where)
    for action in actions.on(where):
        assert action.help in shown
        assert all(actions.written(key) in shown for key in action.keys)
    assert (files("incident.tui") / "help" / f"{where}.md").is_file()


@pytest.mark.parametrize("name", readme.tables())
def test_the_readme_has_the_table(name: str) -> None:
    """`python -m tests.readme` writes them."""
    assert readme.part(name) == readme.tables()[name]


def test_the_configurations_help_names_every_key() -> None:
    assert all(key in config_page() for key in KEYS)


def test_the_readme_names_every_verb() -> None:
    from incident.cli import verbs

    text = readme.README.read_text(encoding="utf-8")
    for verb in verbs():
        assert f"`incident {verb.name}".rstrip() in text


async def test_the_palette_offers_what_can_be_done_here(world: World) -> None:
    async with console(world) as driver:
        titles = {command.title for command in driver.app.get_system_commands(driver.app.screen)}
        assert titles == {f"{a.name}  ({a.key})" for a in actions.on(actions.ALERTS) if a.id != "palette"}


async def test_help_is_one_key_away_on_every_screen(world: World) -> None:
    async with console(world) as driver:
        await driver.see("question_mark", then="Everything that fires, pages first")
        await driver.see("escape", "enter", then="0 of 9 done")
        await driver.see("question_mark", then="The runbook as a checklist")
        await driver.see("escape", "t", then="timeline, . events")
        await driver.see("question_mark", then="Every event of the incident")
        await driver.see("escape", "p", then="draft, ")
        await driver.see("question_mark", then="The post-mortem as x would write it")
