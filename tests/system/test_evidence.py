"""The first two minutes, from outside: how bad, since when, what changed; and the proof that it is over."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.system.terminal import ROOT, Terminal, from_a_shell, told
from tests.system.world import ALERT, BAD, GOOD, World

SCRAPE = timedelta(seconds=1)
CALM = 30  # seconds of healthy values before the bad deploy
RATIO = (
    'sum(rate(http_requests_total{job="acme",status=~"5.."}[10s])) / sum(rate(http_requests_total{job="acme"}[10s]))'
)
FAILED = 'sum(increase(http_requests_total{job="acme",status=~"5.."}[$window]))'
TOTAL = 'sum(increase(http_requests_total{job="acme"}[$window]))'
OTHERS = ("payments", "search", "login", "mail", "cart-worker", "images", "stock")


class Scene:
    """A bad deploy among many innocent changes, and the page that it raised."""

    def __init__(self, world: World, home: Path) -> None:
        self.world = world
        self.home = home
        self.environment = {**world.environment, "INCIDENT_CONFIG": str(home / "config.yaml")}
        self.broken_at = self.broken_by = datetime.now(UTC)  # the deploy was between the two

    def shell(self, *words: str) -> Any:
        return told(*words, home=self.home, environment=self.environment)

    def ask(self, query: str, at: datetime | None = None) -> float:
        """One value, asked of Prometheus by other means than the program's own; 0 when there is none."""
        words = {"query": query, **({"time": f"{at.timestamp():.3f}"} if at else {})}
        answer = self.world.get(f"{self.world.prometheus_url}/api/v1/query?{urllib.parse.urlencode(words)}")
        return float(answer["data"]["result"][0]["value"][1]) if answer["data"]["result"] else 0.0


@pytest.fixture
def scene(running_world: World, tmp_path: Path) -> Iterator[Scene]:
    """Half a minute of calm, then the deploy, then the page."""
    here = Scene(running_world, tmp_path)
    lay_out(here)
    running_world.heal()
    running_world.forget()
    calm = f"sum(count_over_time(({RATIO} < 0.005)[{CALM}s:1s]))"
    running_world.wait_until(lambda: here.ask(calm) >= CALM - 2, "it has been calm for a while")
    running_world.wait_until(lambda: not running_world.fires(), "the page is gone")
    here.broken_at = datetime.now(UTC)
    running_world.break_it()
    here.broken_by = datetime.now(UTC)
    write_decoys(here)
    running_world.wait_until(running_world.fires, "the page fires")
    yield here
    running_world.heal()


def lay_out(scene: Scene) -> None:
    """The configuration, and the seed's runbook with a verify step that says for how long."""
    (scene.home / "runbooks").mkdir()
    text = (ROOT / "runbooks" / "acme-error-rate.md").read_text()
    assert "2. Verify error rate drops in dashboard." in text
    waits = text.replace(
        "2. Verify error rate drops in dashboard.", "2. Verify error rate drops and stays there for 30 s."
    )
    (scene.home / "runbooks" / "acme-error-rate.md").write_text(waits)
    (scene.home / "config.yaml").write_text(
        json.dumps(
            {
                "alertmanager": scene.world.alertmanager_url,
                "prometheus": scene.world.prometheus_url,
                "runbooks": str(scene.home / "runbooks"),
                "changes": [
                    {"name": "deploys", "command": scene.world.deploys},
                    {"name": "others", "command": ["cat", str(scene.home / "others.jsonl")]},
                ],
                "slos": [{"name": "availability", "service": "acme", "objective": 99.5, "window": "28d",
                          "bad": FAILED, "total": TOTAL}],
                "state": str(scene.home / "state"),
                "postmortems": str(scene.home / "postmortems"),
                "poll": 1,
            }
        )
    )  # fmt: skip


def write_decoys(scene: Scene) -> None:
    """Twenty-four changes that have nothing to do with it: other services, older ones of this one."""
    rows = [
        {"at": scene.broken_at - timedelta(seconds=20 + 45 * n), "version": f"{n:07x}", "service": service,
         "kind": "deploy", "title": "something else"}
        for n, service in enumerate(OTHERS * 2)
    ]  # fmt: skip
    rows += [
        {"at": scene.broken_at - timedelta(hours=3 + n), "version": f"old{n}", "service": "acme", "kind": "deploy"}
        for n in range(6)
    ]
    rows += [
        {"at": scene.broken_at - timedelta(minutes=15), "version": "vpc-7", "kind": "infrastructure"},
        {"at": scene.broken_at - timedelta(hours=5), "version": "flags-3", "service": "acme", "kind": "config"},
        {
            "at": scene.broken_at - timedelta(minutes=30),
            "version": "alerts-2",
            "service": "monitoring",
            "kind": "config",
        },
        {"at": scene.broken_at - timedelta(hours=1), "version": "dns-2", "kind": "infrastructure"},
    ]
    lines = [json.dumps({**row, "at": f"{row['at']:%Y-%m-%dT%H:%M:%SZ}"}) for row in rows]
    (scene.home / "others.jsonl").write_text("\n".join(lines) + "\n")


def test_the_first_two_minutes_are_answered_without_leaving_the_incident(scene: Scene) -> None:
    how_bad_and_since_when_is_told_within_one_scrape(scene)
    the_deploy_is_named_first_among_all_the_others(scene)
    the_rollback_goes_to_the_version_before_and_the_check_proposes_its_tick(scene)
    what_the_incident_has_spent_equals_an_independent_query(scene)
    the_incident_becomes_a_drill_that_recovers_after_one_answer(scene)


def how_bad_and_since_when_is_told_within_one_scrape(scene: Scene) -> None:
    [answer] = scene.shell("signals", ALERT, "--since")["signals"]
    errors = answer["signals"][0]
    assert errors["name"] == "errors"
    assert errors["beyond"]
    assert errors["value"] > errors["limit"] == pytest.approx(7.0)
    found = answer["since"]["found"]
    assert found is not None, answer["since"]["words"]
    begun, by = (datetime.fromisoformat(found[key]) for key in ("from", "to"))
    assert begun - SCRAPE <= scene.broken_by, (begun, scene.broken_by)
    assert scene.broken_at <= by + SCRAPE, (scene.broken_at, by)
    assert by - begun <= 4 * SCRAPE, (begun, by)


def the_deploy_is_named_first_among_all_the_others(scene: Scene) -> None:
    answer = scene.shell("changes", "--alert", ALERT)
    ranked = sorted(answer["changes"], key=lambda change: -((change["rank"] or {}).get("score") or 0.0))
    assert len(ranked) >= 20
    assert (ranked[0]["version"], ranked[0]["previous"]) == (BAD, GOOD)
    assert ranked[0]["rank"]["score"] > ranked[1]["rank"]["score"]
    assert BAD in answer["against"]["verdict"]


def the_rollback_goes_to_the_version_before_and_the_check_proposes_its_tick(scene: Scene) -> None:
    with Terminal(home=scene.home, environment=scene.environment) as terminal:
        terminal.wait_for(rf"^▌ ▲ PAGE .*{ALERT}.*deploy {BAD}")
        terminal.wait_for(r"errors +\d+\.\d % .*limit 7")
        terminal.press("enter")
        terminal.wait_for(r"INC-\d{8}-acme-1 ")
        terminal.wait_for(r"since .*\d\d:\d\d")
        terminal.press("]")
        terminal.wait_for(r"▌ ◇ If it correlates with a deploy")
        terminal.press("enter")
        terminal.wait_for(rf"{GOOD} ran until \d\d:\d\d")
        terminal.press("enter")
        terminal.wait_for(r"Run this\?")
        assert re.search(rf"undoes +deploy {BAD}", terminal.screen), terminal.screen
        terminal.look(0.4)
        terminal.press("R")
        terminal.wait_for(rf"acme runs {GOOD} \(was {BAD}\)")
        terminal.wait_for(r"✓ alerts over")
        terminal.wait_for(r"errors .* under 7 % for .*space")
        terminal.press("j")
        terminal.wait_for(r"▌.*Verify error rate drops")
        terminal.press("space")
        terminal.wait_for(r"✓ 2  Verify error rate drops")
        terminal.press("q")
        assert terminal.exit_code() == 0
    [incident] = scene.shell("list")
    events = scene.shell("timeline", incident["id"])["events"]
    [tick] = [event["body"] for event in events if event["kind"] == "step.ticked"]
    assert "under 7 %" in tick["because"]
    assert any("http_requests_total" in line for line in tick["evidence"])
    assert not [event for event in events if event["kind"] == "milestone.set"]


def what_the_incident_has_spent_equals_an_independent_query(scene: Scene) -> None:
    [incident] = scene.shell("list")
    end = datetime.now(UTC).replace(microsecond=0)
    from_a_shell("note", "resolved", "--incident", incident["id"], home=scene.home, environment=scene.environment)
    answer = scene.shell("budget", "availability", "--incident", incident["id"])
    [budget] = answer["budgets"]
    spent = budget["incident"]
    begun, over = (datetime.fromisoformat(spent[key]) for key in ("from", "to"))
    assert begun < over <= end + timedelta(minutes=5)
    window = f"{round((over - begun).total_seconds())}s"
    failed = scene.ask(FAILED.replace("$window", window), over)
    total = scene.ask(TOTAL.replace("$window", "28d"), over)
    assert failed > 0
    assert spent["failed"] == pytest.approx(failed, rel=0.01)
    assert spent["share"] == pytest.approx(failed / (total * 0.005), rel=0.05)


def the_incident_becomes_a_drill_that_recovers_after_one_answer(scene: Scene) -> None:
    [incident] = scene.shell("list")
    made = from_a_shell("drill", "from", incident["id"], home=scene.home, environment=scene.environment)
    assert made.returncode == 0, made.stderr
    file = scene.home / f"{incident['id'].lower()}.yaml"
    asked = from_a_shell("drill", "check", str(file), home=scene.home, environment=scene.environment)
    assert asked.returncode == 1, asked.stdout
    written = yaml.safe_load(file.read_text())
    [rollback] = [command for command in written["commands"] if "rollback.yml" in command["match"]]
    rollback["set"] = {"fault": False}
    file.write_text(yaml.safe_dump(written, sort_keys=False))
    proved = from_a_shell("drill", "check", str(file), home=scene.home, environment=scene.environment)
    assert proved.returncode == 0, proved.stdout + proved.stderr
