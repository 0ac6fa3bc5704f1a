"""`incident handover`: what the next person has to know, and who has the lead."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from incident.core import facts
from tests.adapters.test_cli import IDENTITY, data_of, home, recorded, write
from tests.system.terminal import from_a_shell

__all__ = ["home", "recorded"]


@pytest.fixture
def led(recorded: Path) -> Path:
    """An incident with a lead, on the seed's runbook, with a command running."""
    digest = hashlib.sha256((recorded / "runbooks" / "acme-error-rate.md").read_bytes()).hexdigest()
    write(recorded, IDENTITY, [
        (facts.Joined("kim", "lead"), 91),
        (facts.RunbookOpened("acme-error-rate.md", digest, "Acme Error Rate", "found by its link", 9), 92),
        (facts.Remarked("finding", "it *is* the <deploy>"), 130),
        (facts.Remarked("decision", "roll back"), 140),
        (facts.CommandStarted("r2", "gh workflow run rollback.yml", ("gh",), "/", "/o", effect="changes",
                              expected="5 min"), 150),
        (facts.Remarked("update", "we are rolling back"), 160),
    ])  # fmt: skip
    return recorded


def test_it_is_one_page_of_markdown_on_standard_output(led: Path) -> None:
    done = from_a_shell("handover", home=led)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"# Handover: {IDENTITY} SEV2 Acme error rate burning budget fast"
    assert [line for line in lines if line.startswith("## ")] == [
        "## Still firing", "## Running, unknown, waiting", "## Next steps", "## Believed", "## Decided", "## Tried",
        "## What ends when", "## Last update",
    ]  # fmt: skip
    for said in (
        "**Lead:** kim since 2026-05-02 03:06 UTC",
        "Nothing fires.",
        "- 2026-05-02 03:07 kim: `gh workflow run rollback.yml`, running",
        "acme-error-rate.md, 0 of 9 done.",
        "- [ ] Open dashboard",
        "- 2026-05-02 03:06 kim: it \\*is\\* the \\<deploy>",
        "- 2026-05-02 03:12 `gh workflow run rollback.yml`, by then it should have ended (5 min)",
        "- 2026-05-02 03:06 kim: `gh run list`, exit 0, 4s",
    ):
        assert said in done.stdout, said
    assert "nobody has chosen yet: " in done.stdout
    assert lines[-1].endswith("ago: we are rolling back")


def test_the_lead_goes_to_somebody_who_then_takes_it(led: Path) -> None:
    given = from_a_shell("handover", "--to", "ana", "--note", "errors are falling", home=led)
    assert given.returncode == 0
    assert given.stderr == f"{IDENTITY}: ana has the lead, and has to take it.\n"
    assert "NOT YET TAKEN: `incident handover --take`" in given.stdout
    taken = from_a_shell("handover", "--take", home=led, environment={"LOGNAME": "ana", "USER": "ana"})
    assert (taken.returncode, taken.stderr) == (0, f"{IDENTITY}: ana has the lead.\n")
    assert "**Also here:** kim (responder)" in taken.stdout
    again = from_a_shell("handover", "--take", home=led, environment={"LOGNAME": "ana", "USER": "ana"})
    assert (again.returncode, again.stdout) == (2, "")
    assert "ana has the lead already" in again.stderr
    kinds = [event["words"] for event in data_of(from_a_shell("timeline", "--json", home=led))["events"]]
    assert kinds[-2:] == ["handover to ana: errors are falling", "joined ana as lead"]
    assert data_of(from_a_shell("list", "--json", home=led))[0]["lead"] == "ana"


def test_for_scripts_it_is_the_same_as_json(led: Path) -> None:
    told = data_of(from_a_shell("handover", "--json", home=led))
    assert (told["id"], told["lead"], told["taken"]) == (IDENTITY, "kim", True)
    assert told["running"][0]["code"] == "gh workflow run rollback.yml"
    assert told["update"]["text"] == "we are rolling back"
    assert (told["steps"]["done"], told["steps"]["total"]) == (0, 9)


def test_the_runbook_may_have_changed_or_be_gone_or_never_have_been(led: Path, recorded: Path) -> None:
    book = recorded / "runbooks" / "acme-error-rate.md"
    book.write_text(book.read_text() + "\nmore\n")
    assert "was edited since it was opened" in from_a_shell("handover", home=led).stdout
    book.unlink()
    assert "The steps of acme-error-rate.md are not known here: " in from_a_shell("handover", home=led).stdout
    write(recorded, "INC-20260502-shop-1", [(facts.IncidentOpened("No book"), 9_000)])
    done = from_a_shell("handover", "INC-20260502-shop-1", home=led)
    assert "No runbook was opened." in done.stdout
    assert "**Lead:** NOBODY." in done.stdout
    assert "None was sent." in done.stdout


def test_a_part_of_a_runbook_has_its_own_steps(led: Path) -> None:
    book = led / "runbooks" / "many.md"
    book.write_text("# Many\n\n## One\n\n1. Look\n\n## Two\n\n1. Roll back\n2. Wait\n")
    digest = hashlib.sha256(book.read_bytes()).hexdigest()
    write(led, IDENTITY, [(facts.RunbookOpened("many.md#two", digest, "Two", "same name", 2), 200)])
    assert json.loads(from_a_shell("handover", "--json", home=led).stdout)["steps"]["open"] == ["Roll back", "Wait"]


def test_of_several_open_incidents_one_has_to_be_named_and_of_none_it_is_the_newest(led: Path) -> None:
    write(led, "INC-20260502-shop-1", [(facts.IncidentOpened("Shop"), 9_000)])
    for words in ((), ("--take",)):
        done = from_a_shell("handover", *words, home=led)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("incident: several incidents are open - --incident ")
    for identity in ("INC-20260502-shop-1", IDENTITY):
        write(led, identity, [(facts.IncidentClosed(), 9_500)])
    assert "# Handover: INC-20260502-shop-1" in from_a_shell("handover", home=led).stdout
    assert from_a_shell("handover", "--to", "ana", home=led).returncode == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "kim"), "kim has the lead already"),
        (("--to", " "), "say who gets the lead"),
        (("--note", "x"), "--note goes with --to"),
        (("--to", "ana", "--take"), "not allowed with"),
    ],
)
def test_a_handover_that_makes_no_sense_writes_nothing(led: Path, words: tuple[str, ...], said: str) -> None:
    done = from_a_shell("handover", *words, home=led)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert data_of(from_a_shell("list", "--json", home=led))[0]["lead"] == "kim"
