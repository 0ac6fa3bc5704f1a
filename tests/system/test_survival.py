"""Killed, ended, cut off, typed at too early: nothing is lost or runs twice, and the terminal is as it was."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from incident.tui.screens.sheets import GUARD
from tests.system.answers import Answers, alert
from tests.system.terminal import ENTER_ALTERNATE, LEAVE_ALTERNATE, PATIENCE, Terminal, from_a_shell, told

RUNBOOK = """# Refill the queue

## First
1. Look at the dashboard
2. Refill it
   ```sh
   ./refill.sh now
   ```
3. Tell support
"""
# Runs until the test lets it go, so that no process outlives a test.
REFILL = """#!/bin/sh
echo run >>runs
echo $PPID >supervisor
echo refilling 17 messages
while [ ! -e "$HOME/enough" ]; do sleep 0.1; done
echo refilled
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A person with a runbook whose command takes as long as the test wants."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "queue.md").write_text(RUNBOOK)
    (tmp_path / "refill.sh").write_text(REFILL)
    (tmp_path / "refill.sh").chmod(0o755)
    yield tmp_path
    (tmp_path / "enough").touch()


def refilling(terminal: Terminal) -> None:
    """Tick the first step and run the command of the second."""
    terminal.wait_for("0 of 3 done")
    terminal.press("space")
    terminal.wait_for(r"✓ 1 +Look at the dashboard")
    terminal.wait_for(r"▌ *○ 2 +Refill it")
    terminal.press("enter")
    terminal.wait_for(r"Run this\?")
    terminal.look(GUARD)
    terminal.press("R")
    terminal.wait_for("refilling 17 messages")


def events_of(home: Path) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = told("timeline", home=home)["events"]
    return events


def kinds_of(home: Path) -> list[str]:
    return [event["kind"] for event in events_of(home)]


@pytest.mark.fault(1, 32)
def test_after_kill_9_the_next_console_follows_the_command_to_its_end(home: Path) -> None:
    with Terminal("run", "queue", home=home) as console:
        refilling(console)
        console.kill()
    [incident] = told("list", home=home)
    assert incident["commands"][0]["outcome"] == "running"
    with Terminal(home=home) as console:
        console.wait_for("is still open")
        console.wait_for(incident["id"])
        console.press("enter")
        console.wait_for(r"✓ 1 +Look at the dashboard")
        console.wait_for("refilling 17 messages")
        console.wait_for("S stops it")
        (home / "enough").touch()
        console.wait_for(r"exit 0, [\d.]+")
        console.wait_for("^  refilled")
        console.leave()
    assert (home / "runs").read_text() == "run\n"
    [finished] = [event["body"] for event in events_of(home) if event["kind"] == "command.finished"]
    assert (finished["exit"], finished["head"]) == (0, ["refilling 17 messages", "refilled"])


@pytest.mark.fault(32)
def test_what_ended_while_no_console_was_there_is_told_by_the_next_one(home: Path) -> None:
    with Terminal("run", "queue", home=home) as console:
        refilling(console)
        console.kill()
    (home / "enough").touch()
    with Terminal(home=home) as console:
        console.wait_for("is still open")
        console.press("enter")
        console.wait_for(r"exit 0, [\d.]+")
        console.leave()
    assert "command.outcome_unknown" not in kinds_of(home)


@pytest.mark.fault(34, 53)
def test_with_its_supervisor_killed_too_the_outcome_is_unknown_and_it_runs_again_only_after_a_look(home: Path) -> None:
    with Terminal("run", "queue", home=home) as console:
        refilling(console)
        os.kill(int((home / "supervisor").read_text()), signal.SIGKILL)
        console.kill()
    with Terminal(home=home) as console:
        console.wait_for("is still open")
        console.press("enter")
        console.wait_for("outcome unknown")
        console.wait_for("1 of 3 done")
        console.press("g", "j")
        console.wait_for(r"▌ *○ 2 +Refill it")
        console.press("enter")
        console.wait_for("what became of it the last time is not known")
        console.look(GUARD)
        console.press("R", "enter")
        assert (home / "runs").read_text() == "run\n"
        console.press("V")
        console.wait_for("What became of it")
        console.press("17 messages are in the queue", "enter")
        console.wait_for(r"already run at \d\d:\d\d: outcome unknown")
        console.wait_for("to run it:")
    [lost] = [event["body"] for event in events_of(home) if event["kind"] == "command.outcome_unknown"]
    [started] = [event["body"] for event in events_of(home) if event["kind"] == "command.started"]
    assert started["output"] in lost["reason"]
    assert Path(started["output"]).read_text().startswith("refilling 17 messages\n")
    assert (home / "runs").read_text() == "run\n"


@pytest.mark.fault(29)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT], ids=lambda n: n.name)
def test_ended_by_a_signal_it_leaves_the_terminal_as_it_was_and_the_timeline_whole(
    number: signal.Signals, home: Path
) -> None:
    with Terminal("run", "queue", home=home) as console:
        console.wait_for("0 of 3 done")
        console.press("space")
        console.wait_for(r"✓ 1 +Look at the dashboard")
        assert not console.is_restored
        console.send_signal(number)
        assert console.exit_code() == 128 + number
        the_terminal_is_as_it_was(console)
        assert "Traceback" not in console.farewell
    assert kinds_of(home) == ["incident.opened", "joined", "runbook.opened", "step.ticked"]


@pytest.mark.fault(29)
def test_what_runs_before_the_console_leaves_the_terminal_as_it_was_too(home: Path) -> None:
    with Terminal("drill", home=home) as chooser:
        chooser.wait_for("DRILLS")
        chooser.send_signal(signal.SIGTERM)
        assert chooser.exit_code() == 128 + signal.SIGTERM
        the_terminal_is_as_it_was(chooser)


def the_terminal_is_as_it_was(console: Terminal) -> None:
    raw = bytes(console.raw)
    assert console.is_restored
    assert raw.rfind(LEAVE_ALTERNATE) > raw.rfind(ENTER_ALTERNATE) >= 0
    assert raw.rfind(b"\x1b[?25h") > raw.rfind(b"\x1b[?25l")
    for mode in (b"1000", b"1003", b"1006", b"1015", b"2004", b"1004"):
        assert raw.rfind(b"\x1b[?" + mode + b"l") > raw.rfind(b"\x1b[?" + mode + b"h")
    assert raw.count(b"\x1b[<u") == len(re.findall(rb"\x1b\[>\d+u", raw))


@pytest.mark.fault(29)
def test_when_the_connection_drops_the_console_ends_and_its_command_runs_on(home: Path) -> None:
    with Terminal("run", "queue", home=home) as console:
        refilling(console)
        console.vanish()
        assert console.process.wait(PATIENCE) != 0
    last = events_of(home)[-1]
    assert last["kind"] == "command.started"
    (home / "enough").touch()
    with Terminal("-n", "+1", "-f", last["body"]["output"], home=home, program=("tail",)) as watcher:
        watcher.wait_for("^refilled")
    assert (home / "runs").read_text() == "run\n"


def test_leaving_with_a_command_running_asks_first(home: Path) -> None:
    with Terminal("run", "queue", home=home) as console:
        refilling(console)
        console.press("q")
        console.wait_for("A command is running")
        console.press("enter")
        console.wait_until_gone("A command is running")
        console.wait_for("S stops it")
        console.press("q")
        console.wait_for("A command is running")
        console.press("j", "enter")
        assert console.exit_code() == 0
    [finished] = [event["body"] for event in events_of(home) if event["kind"] == "command.finished"]
    assert finished["stopped"]
    assert finished["head"] == ["refilling 17 messages"]
    assert "command.outcome_unknown" not in kinds_of(home)


def test_the_answer_of_a_command_is_on_the_timeline_when_it_ends(home: Path) -> None:
    with Terminal("run", "queue", home=home) as console:
        refilling(console)
        (home / "enough").touch()
        console.wait_for(r"exit 0, [\d.]+s")
        console.wait_for("refilled")
    [finished] = [event["body"] for event in events_of(home) if event["kind"] == "command.finished"]
    assert (finished["exit"], finished["head"]) == (0, ["refilling 17 messages", "refilled"])


@pytest.mark.parametrize("attempt", range(5))
def test_keys_pressed_while_it_starts_do_no_harm(attempt: int, home: Path) -> None:
    with (
        Answers(alert(fingerprint="a1"), alert("QueueLag", fingerprint="a2")) as server,
        Terminal("--alertmanager", server.url, home=home) as console,
    ):
        if attempt % 2:
            console.wait_for_bytes(ENTER_ALTERNATE)
        console.press("enter", "j", "k", "enter", "j")
        console.wait_for(r"CheckoutDown|INC-\d+")
        console.wait_for(r"enter respond|esc back")
        console.press("q")
        assert console.exit_code() == 0
        assert "Traceback" not in console.farewell
        assert "broke" not in console.farewell


def test_a_key_pressed_at_the_first_paint_counts(home: Path) -> None:
    with Terminal(home=home) as console:
        console.wait_for_bytes(ENTER_ALTERNATE)
        console.press("?")
        console.wait_for("Help: alerts")


@pytest.mark.fault(1)
def test_what_was_written_down_is_there_for_every_verb_after_kill_9(home: Path) -> None:
    with Terminal("run", "queue", home=home) as console:
        console.wait_for("0 of 3 done")
        for number in range(1, 6):
            console.press("n")
            console.wait_for("a time may stand in front")
            console.press(f"seen {number}", "enter")
            console.wait_for(rf"note seen {number}")
        console.kill()
    words = [event["words"] for event in events_of(home)]
    assert [word for word in words if word.startswith("note")] == [f"note seen {number}" for number in range(1, 6)]
    exported = from_a_shell("export", "-o", "-", home=home)
    assert exported.returncode == 0, exported.stderr
    assert "seen 5" in exported.stdout
