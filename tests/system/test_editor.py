"""The person's own editor on the real terminal, and back."""

from __future__ import annotations

from pathlib import Path

from tests.system.terminal import Terminal

RUNBOOK = "# Refill the queue\n\n## First\n1. Look at the dashboard\n2. Refill it\n"
# Says what it was called with on the real terminal, then adds a step, as a person would.
EDITOR = """#!/bin/sh
echo "EDITING $1 $2"
printf '3. Tell support\\n' >>"$2"
read -r line
"""


def test_the_editor_gets_the_real_terminal_at_the_line_and_the_checklist_what_it_wrote(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    book = tmp_path / "runbooks" / "queue.md"
    book.write_text(RUNBOOK)
    editor = tmp_path / "edit.sh"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    with Terminal("run", "queue", home=tmp_path, environment={"EDITOR": str(editor), "VISUAL": None}) as console:
        console.wait_for("0 of 2 done")
        console.press("space")
        console.wait_for("1 of 2 done")
        console.press("e")
        console.wait_for(r"EDITING \+5 .*runbooks/queue.md")
        console.press("enter")
        console.wait_for("1 of 3 done")
        console.wait_for("Tell support")
        console.leave()
        assert console.is_restored
