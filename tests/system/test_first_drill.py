"""Somebody who has read nothing but the README's first command plays a drill to its end, by what the screen says.

What they see at each turn stands in `first_drill/`, as text; `INCIDENT_WALK=write` writes it anew, to be looked at.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from incident.tui.screens.sheets import GUARD
from tests.system.terminal import ROOT, Terminal, from_a_shell, told

SCREENS = Path(__file__).parent / "first_drill"
WRITE = os.environ.get("INCIDENT_WALK") == "write"
# What differs from one walk to the next: the seconds that a person takes, and what the seconds make of the signals.
_SHIFTING = (
    (re.compile(r"\d\d:\d\d:\d\d"), "hh:mm:ss"),
    (re.compile(r"\b\d\d:\d\d\b"), "hh:mm"),
    (re.compile(r"[▁▂▃▄▅▆▇█]{3,}"), "~~~"),
    (re.compile(r"\b(?:\d+m)?\d+s\b"), "0s"),
    (re.compile(r"\d+(?:\.\d+)? (?:%|ms|s)(?= |$)"), "0 %"),
    (re.compile(r"\d+/s"), "0/s"),
    (re.compile(r"[ ▁▂▃▄▅▆▇█]+$", re.MULTILINE), ""),
    (re.compile(r" {2,}"), "  "),
    (re.compile(r"─{2,}"), "──"),
)


def steady(screen: str) -> str:
    """A screen without what time alone decides."""
    for pattern, word in _SHIFTING:
        screen = pattern.sub(word, screen)
    return screen.rstrip("\n") + "\n"


class Walk:
    """The screens in their order; each holds the words that tell the player the next key."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._number = 0

    def see(self, name: str, *words: str) -> None:
        """Wait until the screen says this, and keep it beside the recorded one."""
        for word in words:
            self._terminal.wait_for(word)
        self._number += 1
        place = SCREENS / f"{self._number:02}-{name}.txt"
        if WRITE:
            SCREENS.mkdir(exist_ok=True)
            place.write_text("\n".join(self._terminal.lines).rstrip("\n") + "\n", encoding="utf-8")
        recorded = place.read_text(encoding="utf-8")
        for word in words:
            assert re.search(word, recorded, re.MULTILINE), f"{place.name} does not say {word!r}"
        assert _frame(recorded) == _frame("\n".join(self._terminal.lines))

    def press(self, *keys: str) -> None:
        """Press what the screen names."""
        self._terminal.press(*keys)


def _frame(screen: str) -> tuple[str, str]:
    """What holds a screen together whatever the second: the beginning of its band, and its keys."""
    lines = [line for line in steady(screen).splitlines() if line.strip()]
    return lines[0].split("  ")[0].strip(), lines[-1].strip()


@pytest.mark.fault(100)
def test_a_newcomer_recovers_a_service_with_nothing_but_what_is_on_the_screen(tmp_path: Path) -> None:
    if WRITE:
        shutil.rmtree(SCREENS, ignore_errors=True)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "incident drill" in readme  # the one thing that they have read
    with Terminal("drill", home=tmp_path, size=(80, 24)) as terminal:
        walk = Walk(terminal)
        walk.see("choose", "▌ bad-deploy", "enter play", "level guided")
        walk.press("enter")
        walk.see("nothing-fires-yet", "DRILL bad-deploy", "This is what fires")
        walk.see("a-page", r"press \.", r"\. puts it in")
        walk.press(".")
        walk.see("in-the-list", "▲ PAGE", "enter acknowledges it")
        walk.press("k", "k", "k", "enter")
        walk.see("the-runbook", "0 of 9 done", "space ticks what is done")
        walk.press("space")
        walk.see("a-tick", "1 of 9 done", "what changed shortly before")
        walk.press("]")
        terminal.wait_for("▌ ◇ If it correlates")
        walk.press("enter")
        walk.see("the-way", "◆ If it correlates", "enter shows the command", "enter run")
        walk.press("enter")
        walk.see("the-command", r"Run this\?", "R run")
        terminal.look(GUARD)
        walk.press("R")
        walk.see("it-ran", "exit 0, 4s", "Did it help")
        walk.press(">", ">", ">")
        walk.see("somebody-writes", "✉ 1", "I shows it")
        terminal.wait_for("support, by chat")
        walk.press("I")
        walk.see("messages", "Messages", "enter answer", "waits for an answer")
        walk.press("enter")
        terminal.wait_for("To support")
        walk.press("rolled back; nobody was charged twice", "enter")
        walk.see("answered", "✓ answered")
        walk.press("esc")
        walk.see("recovered", "The service is well again", "It is over. x writes")
        walk.press("x")
        terminal.wait_for("Post-mortem draft written to")
        walk.press("C")
        walk.press("q")
        walk.see("the-facts", "what happened", "enter 5 questions", "acknowledged")
        walk.press("enter")
        walk.see("hot-wash", "1 of 5", "enter save")
        walk.press("the errors began a minute after it", "enter")
        for number in (2, 3, 4, 5):
            terminal.wait_for(f"{number} of 5")
            walk.press("esc")
        assert terminal.exit_code() == 0
        assert ", recovered after " in terminal.farewell
    [identity] = [incident["id"] for incident in told("list", "--drill", home=tmp_path)]
    [draft] = (tmp_path / "postmortems").glob("*.md")
    assert draft.name == f"{identity}.md"
    assert "the errors began a minute after it" in draft.read_text(encoding="utf-8")
    after = from_a_shell("drill", "aar", home=tmp_path)
    assert "recovered: after" in after.stdout
    assert "the errors began a minute after it" in after.stdout
    assert told("drill", "list", home=tmp_path)[0]["played"] == 1


def test_a_facilitator_in_a_second_terminal_is_heard_in_the_first(tmp_path: Path) -> None:
    with Terminal("drill", "bad-deploy", "--level", "normal", home=tmp_path, size=(80, 24)) as terminal:
        terminal.wait_for("QueueLagHigh")
        terminal.wait_for("03:02:0[2-9]")  # it has told how it stands
        assert from_a_shell("drill", "control", "pause", home=tmp_path).returncode == 0
        terminal.wait_for("PAUSED")
        assert told("drill", "control", home=tmp_path)["paused"] is True
        said = from_a_shell("drill", "control", "say", "VP Eng", "who is on this?", home=tmp_path)
        assert (said.returncode, said.stderr) == (0, "done: say VP Eng who is on this?\n")
        terminal.wait_for("who is on this")
        wrong = from_a_shell("drill", "control", "send", "nothing", home=tmp_path)
        assert wrong.returncode == 2
        assert "no inject `nothing`" in wrong.stderr
        terminal.press("q")
        assert terminal.exit_code() == 0
    over = from_a_shell("drill", "control", home=tmp_path)
    assert (over.returncode, "no drill is being played" in over.stderr) == (2, True)


def test_a_live_drill_runs_real_commands_and_keeps_its_record_apart(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "one.md").write_text("# One\n\n## First\n1. Look\n   ```sh\n   echo it is real\n   ```\n")
    arguments = ("--drill-live", "cut the cable", "--alertmanager", "http://127.0.0.1:9")
    with Terminal(*arguments, home=tmp_path, size=(80, 24)) as terminal:
        terminal.wait_for("LIVE DRILL cut the cable")
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert "LIVE DRILL cut the cable: " in terminal.farewell
    state = tmp_path / ".local" / "state" / "incident"
    assert not (state / "journal.db").exists()
    [folder] = (state / "drills").iterdir()
    assert folder.name.endswith("-live-cut-the-cable")
