"""Two processes on one timeline: what one writes, the other shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.terminal import Terminal, from_a_shell, told

RUNBOOK = """# Refill the queue

## First
1. Look at the dashboard
2. Tell support
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with one runbook."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "queue.md").write_text(RUNBOOK)
    return tmp_path


def test_a_note_from_another_shell_lands_on_the_running_console(home: Path) -> None:
    with Terminal("run", "queue", home=home) as console:
        console.wait_for("0 of 2 done")
        [incident] = told("list", home=home)
        noted = from_a_shell("note", "-5m", "users", "report", "errors", home=home)
        assert noted.returncode == 0, noted.stderr
        assert noted.stdout == ""
        assert incident["id"] in noted.stderr
        console.wait_for(r"note users report errors")
        decided = from_a_shell("note", "--kind", "decision", "--at", "~03:05", "we drain it", home=home)
        assert decided.returncode == 0, decided.stderr
        console.wait_for(r"~03:05 .*decision we drain it")


def test_a_note_without_an_open_incident_says_what_to_do(home: Path) -> None:
    noted = from_a_shell("note", "users report errors", home=home)
    assert noted.returncode == 2
    assert noted.stdout == ""
    assert noted.stderr == (
        "incident: no incident is open - enter on an alert in the console opens one; --incident names an ended one\n"
    )


def test_a_note_with_two_open_incidents_asks_which_and_guesses_nothing(home: Path) -> None:
    for _ in range(2):
        with Terminal("run", "queue", home=home) as console:
            console.wait_for("0 of 2 done")
            console.press("q")
            assert console.exit_code() == 0
    first, second = sorted(incident["id"] for incident in told("list", home=home))
    noted = from_a_shell("note", "which one", home=home)
    assert noted.returncode == 2
    assert "several incidents are open" in noted.stderr
    assert first in noted.stderr
    assert second in noted.stderr
    named = from_a_shell("note", "--incident", first, "this one", home=home)
    assert named.returncode == 0, named.stderr
    assert "note this one" in [event["words"] for event in told("timeline", first, home=home)["events"]]
    assert "note this one" not in [event["words"] for event in told("timeline", second, home=home)["events"]]


def test_two_consoles_on_one_timeline_see_each_others_ticks(home: Path) -> None:
    with Terminal("run", "queue", home=home) as one:
        one.wait_for("0 of 2 done")
        with Terminal(home=home, environment={"INCIDENT_PERSON": "sam"}) as two:
            two.wait_for("is still open")
            two.press("enter")
            two.wait_for("0 of 2 done")
            one.press("space")
            two.wait_for(r"✓ 1 +Look at the dashboard")
            two.wait_for("1 of 2 done")
            two.press("j", "space")
            one.wait_for(r"✓ 2 +Tell support")
            one.wait_for("2 of 2 done")
    [incident] = told("list", home=home)
    ticks = [e for e in told("timeline", incident["id"], home=home)["events"] if e["kind"] == "step.ticked"]
    assert [(tick["writer"]["person"], tick["body"]["text"]) for tick in ticks] == [
        ("kim", "Look at the dashboard"),
        ("sam", "Tell support"),
    ]
