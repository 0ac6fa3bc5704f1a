"""`incident stats`: over recorded incidents and their post-mortems, for people and for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident.cli import main
from tests.adapters.test_cli import IDENTITY, home, recorded
from tests.system.terminal import from_a_shell

__all__ = ["home", "recorded"]


def test_durations_runbooks_and_action_items_are_told(recorded: Path) -> None:
    folder = recorded / "postmortems"
    folder.mkdir(exist_ok=True)
    (folder / "one.md").write_text(
        "---\nid: INC-1\nfollow_up_review: 2026-05-30\n---\n## Action items\n\n"
        "| # | Action |\n| - | - |\n| 1 | Limit |\n"
        "\n### Follow-up review 2026-05-30\n\n| # | Outcome |\n| - | - |\n| 1 | shipped |\n",
        encoding="utf-8",
    )
    done = from_a_shell("stats", "--days", "99999", home=recorded)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("1 incident since ")
    row = next(line for line in lines if line.startswith("detected to acknowledged"))
    assert row.count("|") == 1
    assert any(line.endswith("  acme-error-rate.md") for line in lines)
    assert "Action items: 1 written, 1 shipped (1 by their review), 0 dropped, 0 open" in done.stdout
    told = json.loads(from_a_shell("stats", "--days", "99999", "--json", home=recorded).stdout)
    assert told["durations"][0]["values"][0]["incident"] == IDENTITY
    assert told["action_items"]["shipped"] == 1
    assert told["pages"] == []  # the incident is older than what is counted for its rule


def test_with_nothing_recorded_it_says_so(home: Path) -> None:
    done = from_a_shell("stats", home=home)
    assert done.returncode == 0
    assert "0 incidents since" in done.stdout
    assert "No duration is known" in done.stdout
    assert "No action item" in done.stderr


def test_days_are_one_or_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--days", "0"]) == 2
    assert "give 1 or more" in capsys.readouterr().err
