"""`incident approve`: the second person sees what the first one saw, and only their own word counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.core import facts
from tests.adapters.test_cli import IDENTITY, data_of, home, recorded, write
from tests.system.terminal import from_a_shell, told

__all__ = ["home", "recorded"]
REQUEST = f"{IDENTITY}/approval-1"
ASKED = facts.ApprovalAsked(
    REQUEST,
    "gh workflow run rollback.yml -f sha=9f8e7d6",
    ("gh", "workflow", "run", "rollback.yml", "-f", "sha=9f8e7d6"),
    "/home/kim/shop",
    "kim@laptop-7",
    "github.com/acme/shop",
    "git remote origin",
    "changes",
    "confirm",
    "acme-error-rate.md:17",
    "Roll back",
    parameters={"previous": "9f8e7d6"},
    warnings=("already run at 03:07: exit 1, 4s",),
)
SAM = ("--person", "sam")


@pytest.fixture
def asked(recorded: Path) -> Path:
    """An incident in which a command waits."""
    write(recorded, IDENTITY, [(ASKED, 200)])
    return recorded


def answers(home: Path) -> list[tuple[str, bool, str]]:
    """Who answered what."""
    events = told("timeline", IDENTITY, home=home)["events"]
    bodies = [event["body"] for event in events if event["kind"] == "approval.answered"]
    return [(body["person"], body["approved"], body["reason"]) for body in bodies]


def test_it_shows_everything_and_the_targets_name_approves(asked: Path) -> None:
    done = from_a_shell("approve", *SAM, home=asked, text="github.com/acme/shop\n")
    assert done.returncode == 0, done.stderr
    for words in (
        "  gh workflow run rollback.yml -f sha=9f8e7d6\n",
        "asked by  kim",
        "target    github.com/acme/shop   from git remote origin",
        "runs in   /home/kim/shop   as kim@laptop-7",
        "argv      gh · workflow · run · rollback.yml · -f · sha=9f8e7d6",
        "previous  9f8e7d6",
        "effect    changes something",
        "from      acme-error-rate.md:17",
        "!         already run at 03:07",
    ):
        assert words in done.stdout
    assert "Approved by sam" in done.stderr
    assert answers(asked) == [("sam", True, "")]


def test_anything_else_leaves_it_waiting(asked: Path) -> None:
    done = from_a_shell("approve", *SAM, home=asked, text="yes\n")
    assert done.returncode == 1
    assert "Not approved" in done.stderr
    assert [one["request"] for one in data_of(from_a_shell("approve", "--json", home=asked))] == [REQUEST]


def test_a_no_needs_its_reason_and_is_written_down(asked: Path) -> None:
    done = from_a_shell("approve", REQUEST, *SAM, "--refuse", "freeze until 09:00", home=asked)
    assert done.returncode == 0, done.stderr
    assert answers(asked) == [("sam", False, "freeze until 09:00")]
    assert data_of(from_a_shell("approve", "--json", home=asked)) == []


@pytest.mark.fault(54)
def test_the_one_who_asked_cannot_answer(asked: Path) -> None:
    done = from_a_shell("approve", home=asked, text="github.com/acme/shop\n")
    assert done.returncode == 2
    assert "kim asked for it; somebody else has to answer" in done.stderr
    assert answers(asked) == []


def test_what_waits_is_listed_and_a_wrong_name_says_so(asked: Path) -> None:
    write(asked, IDENTITY, [(facts.ApprovalAsked(f"{IDENTITY}/approval-2", "bash x", ("x",), "/", "kim@h", ""), 201)])
    listed = from_a_shell("approve", "--list", home=asked)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [REQUEST, f"{IDENTITY}/approval-2"]
    assert "several requests wait" in from_a_shell("approve", *SAM, home=asked).stderr
    assert "does not wait for an answer" in from_a_shell("approve", "other", *SAM, home=asked).stderr


def test_nothing_that_waits_is_said(recorded: Path) -> None:
    assert "nothing waits" in from_a_shell("approve", home=recorded).stderr
    assert "Nothing waits" in from_a_shell("approve", "--list", home=recorded).stderr
