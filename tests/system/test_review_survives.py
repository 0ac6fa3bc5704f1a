"""Writing the post-mortem in a real terminal: what is typed outlives a kill, what is saved stands in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.terminal import Terminal, from_a_shell, told

RUNBOOK = "# Refill the queue\n\n1. Look at the dashboard\n2. Tell support\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with a runbook."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "queue.md").write_text(RUNBOOK)
    return tmp_path


def to_what_set_it_off(terminal: Terminal) -> None:
    """From the checklist to the TODO below Trigger, opened for writing."""
    terminal.press("p")
    terminal.wait_for("draft, .* TODO")
    for _ in range(30):
        if "what set it off" in next((line for line in terminal.lines if line.startswith("▌")), ""):
            break
        terminal.press("]")
        terminal.look(0.2)
    terminal.press("e")
    terminal.wait_for("ctrl.s save")


@pytest.mark.fault(1)
def test_what_was_typed_outlives_a_kill_and_what_was_saved_stands_in_the_file(home: Path) -> None:
    with Terminal("run", "queue.md", home=home) as first:
        first.wait_for("0 of 2 done")
        to_what_set_it_off(first)
        first.press(*"the queue was full:")
        first.wait_for("the queue was full: what set it off")
        first.kill()
    with Terminal(home=home) as second:
        second.wait_for("Open incidents")
        second.press("enter")
        second.wait_for("0 of 2 done")
        to_what_set_it_off(second)
        second.wait_for("typed before and is not in the file")
        second.wait_for("the queue was full: what set it off")
        second.press("\x13")  # ctrl+s
        second.wait_for("Saved in")
        second.kill()
    [incident] = told("list", home=home)
    [document] = home.rglob(f"{incident['id']}.md")
    assert "\n- the queue was full: what set it off\n" in document.read_text()
    assert from_a_shell("export", "--offline", home=home).returncode == 0
    assert "\n- the queue was full: what set it off\n" in document.read_text()
