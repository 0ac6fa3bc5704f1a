"""The doctor against a real Prometheus and a real Alertmanager, and on a real terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.system.terminal import Terminal, from_a_shell
from tests.system.world import World


def configure(home: Path, text: str) -> None:
    (home / ".config" / "incident").mkdir(parents=True)
    (home / ".config" / "incident" / "config.yaml").write_text(text)


@pytest.mark.xdist_group("world")
def test_real_servers_are_told_with_their_versions_and_a_dead_one_is_a_problem(world: World, home: Path) -> None:
    configure(
        home,
        f"alertmanager: {world.alertmanager_url}\nprometheus: {world.prometheus_url}\n"
        f"changes: [{{name: deploys, command: {json.dumps(world.deploys)}}}]\n",
    )
    lines = json.loads(from_a_shell("doctor", "--json", home=home).stdout)["lines"]
    for name in ("alertmanager", "prometheus"):
        first, clock, transport = [line for line in lines if line["about"] == name]
        assert (first["verdict"], clock["verdict"], transport["verdict"]) == ("ok", "ok", "ok")
        assert " answered in " in first["what"]
        assert ", version 0." in first["what"] or ", version 2." in first["what"] or ", version 3." in first["what"]
    [feed] = [line for line in lines if line["about"] == "changes"]
    assert feed["what"].startswith("deploys tells ")
    world.kill_alertmanager()
    done = from_a_shell("doctor", home=home)
    assert done.returncode == 1
    assert f"problem  alertmanager  {world.alertmanager_url}/api/v2/status: connection refused" in done.stdout
    assert f"{world.prometheus_url} answered in " in done.stdout


@pytest.mark.fault(74)
def test_on_a_terminal_its_size_and_kind_are_looked_at_and_the_progress_leaves_no_trace(home: Path) -> None:
    for size, environment, said in (
        ((80, 24), {"TMUX": "x"}, "ok       terminal      TERM is xterm-256color, 16 million colours, inside tmux"),
        ((70, 20), {}, "warning  terminal      it has 70x20 characters"),
        ((80, 24), {"NO_COLOR": "1"}, "no colours (NO_COLOR is set)"),
        ((80, 24), {"TERM": "dumb"}, "warning  terminal      nothing can be drawn when TERM is dumb"),
    ):
        with Terminal("doctor", home=home, size=size, environment=environment) as terminal:
            assert terminal.exit_code() == 1  # no server is configured
            painted = terminal.raw.decode()
        assert said in painted
        progress, _, rest = painted.partition("ok       configuration")
        assert "\rlooked at 1 of " in progress
        assert progress.rpartition("\r")[2] == ""
        assert rest.rstrip().endswith(" ok")
        assert "\x1b" not in painted
