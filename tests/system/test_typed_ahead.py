"""A slow line delivers keys in bunches: a line behind its key is that line, on a real terminal."""

from __future__ import annotations

from pathlib import Path

from tests.system.terminal import Terminal, told

RUNBOOK = """# Refill the queue

## First
1. Look at the dashboard
2. Tell support
"""
TEXT = "the shop is slow - N users, C and z of it"


def test_a_line_sent_with_its_key_in_one_piece_is_written_down_and_nothing_else_happens(home: Path) -> None:
    (home / "runbooks" / "queue.md").write_text(RUNBOOK)
    with Terminal("run", "queue", home=home) as console:
        console.wait_for("0 of 2 done")
        for number in range(8):
            console.press(f"n{TEXT} {number}\r")
        console.wait_for(f"{TEXT[:20]}")
        console.wait_for("0 of 2 done")
        console.press("t")
        console.wait_for(f"note {TEXT} 7")
        console.leave()
    kinds = [event["kind"] for event in told("timeline", home=home)["events"]]
    assert kinds == ["incident.opened", "joined", "runbook.opened", *["remark"] * 8]
    texts = [event["body"]["text"] for event in told("timeline", home=home)["events"] if event["kind"] == "remark"]
    assert texts == [f"{TEXT} {number}" for number in range(8)]
