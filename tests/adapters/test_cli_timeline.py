"""Reading and mending a timeline from a shell: ranges, corrections, kinds of rows, and bookkeeping folded away."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.core import facts
from tests.adapters.test_cli import IDENTITY, data_of, home, recorded, write
from tests.system.terminal import from_a_shell

__all__ = ["home", "recorded"]


def row(home: Path, kind: str) -> str:
    """The id of the first event of a kind."""
    events = data_of(from_a_shell("timeline", IDENTITY, "--json", home=home))["events"]
    return str(next(event["id"] for event in events if event["kind"] == kind))


def noted(home: Path, *words: str) -> tuple[str, dict[str, object]]:
    """What a note says it understood, and its event."""
    done = from_a_shell("note", *words, home=home)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    events = data_of(from_a_shell("timeline", IDENTITY, "--json", home=home))["events"]
    return done.stderr, max(events, key=lambda event: str(event["id"]))


def test_a_note_takes_a_range_in_front_or_beside_it_and_says_what_it_understood(recorded: Path) -> None:
    for words in (("05-02 02:58..03:01", "errors"), ("--at", "05-02 02:58..03:01", "errors")):
        said, event = noted(recorded, *words)
        assert "02:58 to 03:01 UTC  note: errors" in said
        assert (event["precision"], str(event["at"])[5:], str(event["until"])[5:]) == (
            "range", "05-02T02:58:00Z", "05-02T03:01:00Z",
        )  # fmt: skip
    timeline = from_a_shell("timeline", IDENTITY, home=recorded).stdout
    assert "02:58..03:01 note errors\n" in timeline


def test_a_range_of_minutes_ago_is_no_option(recorded: Path) -> None:
    _, event = noted(recorded, "--at", "-10m..-5m", "errors")
    assert event["precision"] == "range"


def test_the_zone_of_the_machine_does_not_matter(recorded: Path) -> None:
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        done = from_a_shell("note", "--at", "2026-05-02 03:05", "x", home=recorded, environment={"TZ": zone})
        assert done.stderr.startswith(f"{IDENTITY}  ")
        assert "03:05 UTC  note: x" in done.stderr


def test_a_corrected_row_is_marked_and_keeps_what_it_read(recorded: Path) -> None:
    note = row(recorded, "remark")
    done = from_a_shell(
        "note", "--correct", note, "--why", "typo", "--at", "2026-05-02 03:05", "users report 502", home=recorded
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    lines = from_a_shell("timeline", IDENTITY, home=recorded).stdout.splitlines()
    place = lines.index("03:05     note users report 502 (corrected)")
    assert lines[place + 1] == "            was 03:06:21 note users \N{EM DASH} report errors"
    assert "03:05     correction users report 502 - typo" in lines
    known = {event["id"]: event for event in data_of(from_a_shell("timeline", "--json", home=recorded))["events"]}
    assert (known[note]["at"], known[note]["body"]["text"]) == (
        "2026-05-02T03:06:21Z",
        "users \N{EM DASH} report errors",
    )
    assert known[note]["corrected"]["at"] == "2026-05-02T03:05:00Z"
    assert "Note: users report 502 (corrected)" in from_a_shell("export", "-o", "-", home=recorded).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--correct", "nothing", "x"), "there is no such row in this incident - `incident timeline --ids` names them"),
        (("--correct", "NOTE"), "the row reads like this already - give other words or another time"),
        (("--correct", "COMMAND", "gh run view"), "only what a person wrote can be worded otherwise"),
        (("--why", "typo", "x"), "--why goes with --correct"),
        (("--at", "03:07..", "x"), "cannot read the time ''"),
        (("--at", "-5m..-10m", "x"), "the range '-5m..-10m' ends before it begins"),
    ],
)
def test_what_cannot_be_corrected_or_read_writes_nothing(recorded: Path, words: tuple[str, ...], said: str) -> None:
    named = {"NOTE": row(recorded, "remark"), "COMMAND": row(recorded, "command.started")}
    done = from_a_shell("note", *(named.get(word, word) for word in words), home=recorded)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(data_of(from_a_shell("timeline", "--json", home=recorded))["events"]) == 7


def test_only_the_kinds_of_rows_that_are_asked_for_are_shown(recorded: Path) -> None:
    done = from_a_shell("timeline", "--kind", "alerts", "--kind", "remarks", home=recorded)
    assert [line.split()[1] for line in done.stdout.splitlines()[1:]] == ["page", "acknowledged", "note", "resolved"]
    told = data_of(from_a_shell("timeline", "--json", "--kind", "commands", home=recorded))
    assert {event["category"] for event in told["events"]} == {"commands"}
    wrong = from_a_shell("timeline", "--kind", "command", home=recorded)
    assert "knows no `command` - did you mean `commands`?" in wrong.stderr


def test_folded_the_bookkeeping_is_one_row_and_every_row_can_show_its_id(recorded: Path) -> None:
    write(recorded, IDENTITY, [(facts.Exported(f"{at}.md", "md"), 500 + at) for at in range(12)])
    folded = from_a_shell("timeline", "--fold", home=recorded).stdout
    assert folded.endswith("          … 12 quiet rows\n")
    named = from_a_shell("timeline", "--ids", home=recorded).stdout
    assert f"{row(recorded, 'remark')}  note users" in named
