"""Killed in the middle of everything, the next start is where the last one was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from incident.tui.screens.sheets import GUARD
from tests.system.terminal import Terminal, told

RUNBOOK = """# Refill the queue

## First
1. Look at the dashboard
2. Find out which queue

## If it is the mail queue
1. Refill it
   ```sh
   ./refill.sh <queue>
   ```
2. Tell the mail team

## If it is another queue
1. Call its owner

## At the end
1. Tell support
"""
# Runs until the test lets it go, so that no process outlives a test.
REFILL = """#!/bin/sh
echo "refilling $1"
while [ ! -e "$HOME/enough" ]; do sleep 0.1; done
echo refilled
"""
HALF_TYPED = "-5m users of the shop rep"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with a runbook that forks, asks for a value, and has a command that takes as long as the test wants."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "queue.md").write_text(RUNBOOK)
    (tmp_path / "refill.sh").write_text(REFILL)
    (tmp_path / "refill.sh").chmod(0o755)
    return tmp_path


def worked(console: Terminal) -> None:
    """Tick, choose a way, type a value, run, note; look at one kind of row, and go up in it; begin a line."""
    console.wait_for("0 of 6 done")
    console.press("space")
    console.wait_for(r"✓ 1 +Look at the dashboard")
    console.press("space")
    console.wait_for(r"✓ 2 +Find out which queue")
    console.wait_for(r"▌ *◇ If it is the mail queue")
    console.press("enter")
    console.wait_for("chosen")
    console.wait_for(r"▌ *○ 1 +Refill it")
    console.press("enter")
    console.wait_for("<queue> \\?")
    console.press("mail-7", "enter")
    console.wait_for(r"Run this\?")
    console.look(GUARD)
    console.press("R")
    console.wait_for("refilling mail-7")
    for text in ("one", "two", "three"):
        console.press("n")
        console.wait_for("enter save")
        console.press(f"note {text}", "enter")
        console.wait_for(f"note note {text}")
    console.press("j")
    console.wait_for(r"▌ *○ 2 +Tell the mail team")
    console.press("t")
    console.wait_for("timeline, [0-9]+ events")
    console.press("K")
    console.wait_for("Show which kind")
    console.press("j", "j", "j", "j", "enter")
    console.wait_for("only remarks")
    console.wait_for("^▌ .*note note three")
    console.press("k")
    console.wait_for("^▌ .*note note two")
    console.press("n")
    console.wait_for("enter save")
    console.press(HALF_TYPED)
    console.wait_for("note at [0-9:]+ UTC: users of the shop rep")


@pytest.mark.fault(1, 32)
def test_after_kill_9_everything_is_as_it_was(home: Path) -> None:
    try:
        with Terminal("run", "queue", home=home) as console:
            worked(console)
            console.kill()
        with Terminal(home=home) as console:
            console.wait_for("This incident is still open")
            console.press("enter")
            console.wait_for(r"✓ 1 +Look at the dashboard")
            console.wait_for(r"✓ 2 +Find out which queue")
            console.wait_for("chosen")
            console.wait_for("not taken")
            console.wait_for(r"▌ *○ 2 +Tell the mail team")
            console.wait_for("refilling mail-7")
            console.wait_for("S stops it")
            console.wait_for(r"refill\.sh mail-7")
            console.press("n")
            console.wait_for(f"^.*{re.escape(HALF_TYPED)}")
            console.press("esc")
            console.wait_until_gone("enter save")
            console.press("t")
            console.wait_for("only remarks")
            console.wait_for("^▌ .*note note two")
            console.press("esc")
            console.wait_for(r"▌ *○ 2 +Tell the mail team")
            (home / "enough").touch()
            console.wait_for(r"exit 0, [\d.]+")
            console.press("t")
            console.wait_for("command exit|exit 0")
            assert "only remarks" not in console.screen  # whoever went back looks at everything again
            console.leave()
    finally:
        (home / "enough").touch()
    [incident] = told("list", home=home)
    assert incident["state"] == "open"
    assert incident["commands"][0]["text"] == "./refill.sh mail-7"


def test_one_or_several_incidents_that_are_open_are_offered_and_i_names_them_again(home: Path) -> None:
    for count in (1, 2, 3):
        with Terminal("run", "queue", home=home) as console:
            console.wait_for("0 of [0-9] done")
            console.press("q")
            assert console.exit_code() == 0
        with Terminal(home=home, size=(80, 24)) as console:
            console.wait_for("This incident is still open" if count == 1 else f"{count} incidents are still open")
            console.press("esc")
            console.wait_for(f"{count} open, i")
            console.press("i")
            console.wait_for("Open incidents")
            assert len(re.findall(r"INC-[0-9]+-queue-[0-9]", console.screen)) == count
            console.press("esc")
            console.wait_until_gone("Open incidents")
            console.leave()
