"""The job the program is for, from outside: a real page, a real rollback, a post-mortem; every key counted."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from incident.tui.screens.sheets import GUARD
from tests.system.terminal import ROOT, Terminal, from_a_shell, told
from tests.system.world import ALERT, BAD, GOOD, World

pytestmark = [pytest.mark.xdist_group("world")]
HEADINGS = ["Summary", "Timeline", "Root cause", "Impact", "What went well", "What went badly", "Action items"]
COMMAND = f"gh workflow run rollback.yml -f sha={GOOD}"


class Keys:
    """Presses keys and counts them."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.pressed = 0

    def press(self, key: str, then: str) -> None:
        """Press one key, and see what it was pressed for."""
        self._terminal.press(key)
        self.pressed += 1
        self._terminal.wait_for(then)


def configured(world: World, home: Path) -> Path:
    """A configuration for this world, and a clone of the shop to work in."""
    shop = home / "shop"
    shop.mkdir()
    subprocess.run(["git", "init", "-q", shop], check=True, capture_output=True, timeout=30)
    subprocess.run(
        ["git", "-C", shop, "remote", "add", "origin", "git@github.com:acme/shop.git"], check=True, timeout=30
    )
    config = home / "config.yaml"
    document = {
        "alertmanager": world.alertmanager_url,
        "prometheus": world.prometheus_url,
        "runbooks": str(ROOT / "runbooks"),
        "changes": [{"name": "deploys", "command": world.deploys}],
        "state": str(home / "state"),
        "postmortems": str(home / "postmortems"),
        "poll": 1,
    }
    config.write_text(json.dumps(document))
    return config


def test_from_a_page_to_the_rollback_in_five_keys_and_on_to_the_post_mortem(world: World, tmp_path: Path) -> None:
    surrounded = {**world.environment, "INCIDENT_CONFIG": str(configured(world, tmp_path))}
    world.break_it()
    world.wait_until(world.fires, "the page fires")
    with Terminal(home=tmp_path, environment=surrounded, directory=tmp_path / "shop") as terminal:
        keys = Keys(terminal)
        the_page_stands_first_with_its_runbook_and_why(terminal)
        keys.press("enter", r"INC-\d{8}-acme-1 .*lead you")
        terminal.wait_for(r"0 of \d+ done")
        keys.press("]", r"▌ ◇ If it correlates with a deploy")
        keys.press("enter", r"◆ If it correlates with a deploy .* chosen")
        terminal.wait_for(r"◇ If no recent deploy .* not taken")
        terminal.wait_for(rf"{GOOD} ran until \d\d:\d\d, before {BAD}")
        keys.press("enter", r"Run this\?")
        what_is_shown_is_what_would_run(terminal, tmp_path / "shop")
        assert world.version == BAD
        terminal.look(GUARD)
        keys.press("R", r"▶ running|exit 0")
        assert keys.pressed <= 5
        terminal.wait_for(r"exit 0, .*")
        terminal.wait_for(rf"acme runs {GOOD} \(was {BAD}\)")
        assert world.version == GOOD

        terminal.wait_for(r"✓ alerts over")
        keys.press("j", r"▌.*Verify error rate drops")
        keys.press("space", r"✓ 2  Verify error rate drops")
        keys.press("n", r"a time may stand in front")
        terminal.press("checkout is well again")
        keys.press("enter", r"note checkout is well again")
        keys.press("x", r"Post-mortem draft written to")
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert "is still open" in terminal.farewell

    [incident] = told("list", home=tmp_path, environment=surrounded)
    the_record_is_whole(incident, told("timeline", home=tmp_path, environment=surrounded))
    the_document_tells_it_in_order((tmp_path / "postmortems" / f"{incident['id']}.md").read_text())
    exported = from_a_shell("export", "--format", "json", "-o", "-", home=tmp_path, environment=surrounded)
    assert json.loads(exported.stdout)["postmortem"]["id"] == incident["id"]


def the_page_stands_first_with_its_runbook_and_why(terminal: Terminal) -> None:
    row = terminal.wait_for(rf"^▌ ▲ PAGE .*{ALERT} .*$")[0]
    assert "acme-error-rate" in row
    terminal.wait_for(rf"{ALERT} ─+ found by the last part of its link")
    terminal.wait_for("Acme error rate burning budget fast")
    terminal.wait_for(rf"deploy {BAD} \d+s before")
    terminal.wait_for(r"errors +\d+\.\d % .*limit 7 %")


def what_is_shown_is_what_would_run(terminal: Terminal, directory: Path) -> None:
    assert COMMAND in [re.sub(r"^.*?│  | *│.*$", "", line) for line in terminal.lines]
    assert re.search(rf"previous +{GOOD} +ran until \d\d:\d\d, before {BAD}", terminal.screen)
    assert re.search(r"target +github\.com/acme/shop +from git remote origin", terminal.screen)
    assert re.search(rf"argv +gh·workflow·run·rollback\.yml·-f·sha={GOOD}\b", terminal.screen)
    assert re.search(r"effect +changes something +expected 5 min", terminal.screen)
    assert re.search(r"from +acme-error-rate\.md:17 +unchanged since it was opened", terminal.screen)
    unfolded = re.sub(r"[\s│]+", "", terminal.screen)
    assert f"runsin{directory}askim@" in unfolded


def the_record_is_whole(incident: dict[str, object], timeline: dict[str, object]) -> None:
    events = timeline["events"]
    assert isinstance(events, list)
    assert timeline["incident"] == incident
    kinds = [event["kind"] for event in events]
    for kind in ("alert.fired", "incident.opened", "alert.acknowledged", "runbook.opened", "change.seen",
                 "signal.seen", "branch.chosen", "parameter.set", "command.started", "command.finished",
                 "alert.resolved", "step.ticked", "remark", "exported"):  # fmt: skip
        assert kind in kinds
    [started] = [event["body"] for event in events if event["kind"] == "command.started"]
    assert started["text"] == COMMAND
    assert started["argv"] == COMMAND.split()
    assert started["target"] == "github.com/acme/shop"
    [ended] = [event["body"] for event in events if event["kind"] == "command.finished"]
    assert ended["exit"] == 0
    assert kinds.index("command.started") < kinds.index("command.finished") < kinds.index("alert.resolved")
    assert incident["commands"] == [{"run": started["run"], "text": COMMAND, "outcome": ended_in(incident)}]
    assert incident["alerts"][0]["resolved"]  # type: ignore[index]  # JSON as it was printed


def ended_in(incident: dict[str, object]) -> str:
    [command] = incident["commands"]  # type: ignore[misc]  # JSON as it was printed
    assert re.fullmatch(r"exit 0, [\d.]+s", command["outcome"])
    return str(command["outcome"])


def the_document_tells_it_in_order(document: str) -> None:
    assert re.findall(r"^## (.*)$", document, re.MULTILINE) == HEADINGS
    timeline = document[document.index("## Timeline") : document.index("### Commands")]
    parts = [rf"{ALERT}.* fired", "it correlates with a deploy", re.escape(COMMAND), "exit 0", "esolved",
             "checkout is well again"]  # fmt: skip
    places = [found.start() if (found := re.search(part, timeline)) else -1 for part in parts]
    assert -1 not in places, timeline
    assert places == sorted(places), timeline
    commands = document[document.index("### Commands") : document.index("## Root cause")]
    assert COMMAND in commands
    assert "exit 0" in commands
