"""`incident actions` and `incident review`: over real files, as a person and as a script would use them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest

from incident.cli import main
from tests.adapters.test_cli import IDENTITY, home, recorded
from tests.system.terminal import from_a_shell

__all__ = ["home", "recorded"]

TODAY = datetime.now(UTC).date()
SOON, PAST = TODAY + timedelta(days=9), TODAY - timedelta(days=3)
HEAD = """---
id: {id}
title: '{title}'
kind: {kind}
status: in-review
follow_up_review: {review}
---
# {id}

## Action items

| # | Action | Type | Owner | Due | Ticket |
| --- | --- | --- | --- | --- | --- |
"""


def put(folder: Path, name: str, *rows: str, kind: str = "incident", review: str = "", title: str = "Errors") -> Path:
    file = folder / f"{name}.md"
    head = HEAD.format(id=name, title=title, kind=kind, review=review or SOON.isoformat())
    file.write_text(head + "".join(f"{row}\n" for row in rows) + "\n## Appendix\n", encoding="utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "postmortems"
    place.mkdir()
    put(
        place,
        "INC-1",
        f"| 1 | Limit the pool | prevent | kim | {SOON} | SHOP-1 |",
        f"| 2 | Page when nothing is sold | detect | TODO | {PAST} | TODO |",
    )
    put(place, "DRILL-2", f"| 1 | Put the gate into the runbook | mitigate | lee | {SOON} | TODO |", kind="drill")
    (place / "notes.md").write_text("# Only notes\n", encoding="utf-8")
    return place


def ran(*words: str | Path) -> int:
    return main([str(word) for word in words])


def test_everything_open_is_listed_the_most_urgent_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("actions", "--postmortems", folder) == 0
    out, err = capsys.readouterr()
    rows = out.splitlines()
    assert rows[0].split() == ["DUE", "STATE", "OWNER", "POST-MORTEM", "#", "ACTION", "TICKET"]
    assert "3 d overdue" in rows[1]
    assert "Page when nothing is sold" in rows[1]
    assert len(rows) == 4
    assert "3 open action items in 2 post-mortems, 1 overdue, ownerless or without a day" in err


def test_the_check_fails_while_one_is_overdue_and_passes_when_none_is(folder: Path) -> None:
    assert ran("actions", "--check", "--postmortems", folder) == 1
    assert ran("review", "INC-1", "--dropped", "2", "it was the wrong signal", "--postmortems", folder) == 1
    assert ran("actions", "--check", "--postmortems", folder) == 0
    assert ran("actions", "--check", "--owner", "lee", "--postmortems", folder) == 0


def test_scripts_get_every_field(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("actions", "INC-1", "--json", "--postmortems", folder) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["number"], first["overdue"], first["owner"]) == ("2", True, None)
    assert (second["ticket"], second["due"], second["open"]) == ("SHOP-1", SOON.isoformat(), True)
    assert Path(second["path"]).read_text().splitlines()[second["line"] - 1].startswith("| 1 |")


def test_a_review_is_written_into_the_file_and_closes_it_when_nothing_is_open(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "INC-1.md"
    before = file.read_text()
    assert ran("review", file, "--shipped", "1", "--open", "2", "waits for the data team") == 1
    text = file.read_text()
    assert f"### Follow-up review {datetime.now(UTC).date()}" in text
    assert before.split("## Appendix")[0].rstrip() in text
    assert ran("review", "INC-1", "--shipped", "2", "--postmortems", folder) == 0
    assert "status: closed" in file.read_text()
    assert ran("review", "INC-1", "--postmortems", folder) == 0
    assert ran("actions", "--all", "--json", "--postmortems", folder) == 0
    outcomes = [item["outcome"] for item in json.loads(capsys.readouterr().out) if item["postmortem"] == "INC-1"]
    assert outcomes == ["shipped", "shipped"]


def test_on_a_terminal_each_open_item_is_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Typed("s\nperhaps\nd\n\nthe wrong signal\n"))
    assert ran("review", "INC-1", "--postmortems", folder) == 0
    assert "| 2 | dropped | the wrong signal |" in (folder / "INC-1.md").read_text()


def test_leaving_every_question_out_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    before = (folder / "INC-1.md").read_text()
    monkeypatch.setattr("sys.stdin", Typed("\n\n"))
    assert ran("review", "INC-1", "--postmortems", folder) == 1
    monkeypatch.setattr("sys.stdin", Typed("s\n"))  # and the terminal goes away
    assert ran("review", "INC-1", "--postmortems", folder) == 130
    assert (folder / "INC-1.md").read_text() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("review", "INC-9"), "no post-mortem in"),
        (("review", "INC-1"), "this is not a terminal"),
        (("review", "INC-1", "--open", "1", ""), "no reason is given"),
        (("review", "INC-1", "--shipped", "1", "--open", "1", "x"), "named twice"),
        (("review", "INC-1", "--shipped", "7"), "no action item '7'"),
        (("actions", "notes.md"), "no post-mortem in"),
    ],
)
def test_what_cannot_be_done_says_what_where_and_what_next(
    folder: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert ran(*words, "--postmortems", folder) == 2
    assert said in capsys.readouterr().err


def test_a_missing_folder_and_a_file_without_the_section_are_said(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("actions", "--postmortems", tmp_path / "nowhere") == 2
    assert ran("actions", folder / "notes.md") == 2
    assert "it has no section" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named_and_keeps_none_of_the_others_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.md").write_text("---\nid: [\n---\n## Action items\n", encoding="utf-8")
    (folder / "latin.md").write_bytes(b"## Action items\n\xff\n")
    assert ran("actions", "--postmortems", folder) == 0
    out, err = capsys.readouterr()
    assert "broken.md" in err
    assert "latin.md" in err
    assert "Limit the pool" in out


def test_a_review_whose_day_has_come_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder, "INC-0", f"| 1 | Drop the index | prevent | kim | {SOON} | S-1 |", review=PAST.isoformat())
    assert ran("actions", "--postmortems", folder) == 0
    assert f"INC-0: the follow-up review was due on {PAST}" in capsys.readouterr().err
    assert ran("review", "INC-0", "--open", "1", "next month", "--postmortems", folder) == 1
    capsys.readouterr()
    assert ran("actions", "--postmortems", folder) == 0
    assert "was due on" not in capsys.readouterr().err


def test_the_calendar_is_one_that_other_programs_read(folder: Path, tmp_path: Path) -> None:
    title = 'Sold out; "again", says \\ the shop: ' + "ü" * 120
    put(
        folder,
        "INC-1",
        f"| 1 | Limit the {'very ' * 30}old pool, now; later | prevent | kim | {SOON} | S-1 |",
        title=title,
    )
    place = tmp_path / "due.ics"
    assert ran("actions", "--ics", place, "--postmortems", folder) == 0
    data = place.read_bytes()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    read = icalendar.Calendar.from_ical(data)
    events = {str(event["SUMMARY"]): event for event in read.walk("VEVENT")}
    assert len(events) == 4
    item = next(event for name, event in events.items() if name.startswith("INC-1 #1"))
    assert item["DTSTART"].dt == SOON
    assert item["DTEND"].dt == SOON + timedelta(days=1)
    assert title in str(item["DESCRIPTION"])
    assert "old pool, now; later (kim)" in str(item["SUMMARY"])
    assert "Follow-up review of DRILL-2" in events
    assert ran("actions", "--ics", place, "--postmortems", folder) == 0
    again = icalendar.Calendar.from_ical(place.read_bytes())
    assert {str(e["UID"]) for e in again.walk("VEVENT")} == {str(e["UID"]) for e in events.values()}
    assert ran("actions", "--ics", tmp_path / "no" / "x.ics", "--postmortems", folder) == 2


def test_a_calendar_goes_to_standard_output_where_it_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("actions", "--ics", "-", "--postmortems", folder) == 0
    assert capsys.readouterr().out.startswith("BEGIN:VCALENDAR\r\n")


def test_an_export_puts_the_calendar_beside_the_post_mortem_and_leaves_anybody_elses_alone(recorded: Path) -> None:
    place = recorded / "postmortems" / f"{IDENTITY}.md"
    assert from_a_shell("export", home=recorded).returncode == 0
    beside = place.with_suffix(".ics")
    [event] = icalendar.Calendar.from_ical(beside.read_bytes()).walk("VEVENT")
    assert str(event["SUMMARY"]) == f"Follow-up review of {IDENTITY}"
    row = "| 1 | TODO starts with a verb and says when it is done | prevent | TODO | TODO | TODO |"
    text = place.read_text()
    assert row in text
    place.write_text(text.replace(row, f"| 1 | Limit the pool | prevent | kim | {SOON} | TODO |"))
    assert from_a_shell("export", home=recorded).returncode == 0
    assert len(icalendar.Calendar.from_ical(beside.read_bytes()).walk("VEVENT")) == 2
    beside.write_text("BEGIN:VCALENDAR\r\nPRODID:-//somebody else//EN\r\n")
    assert from_a_shell("export", home=recorded).returncode == 0
    assert "somebody else" in beside.read_text()


def test_the_check_names_what_keeps_action_items_from_shipping(recorded: Path) -> None:
    assert from_a_shell("export", home=recorded).returncode == 0
    place = recorded / "postmortems" / f"{IDENTITY}.md"
    row = "| 1 | TODO starts with a verb and says when it is done | prevent | TODO | TODO | TODO |"
    place.write_text(place.read_text().replace(row, "| 1 | Investigate the pool | prevent | SRE team | soon | TODO |"))
    done = from_a_shell("check", "postmortems", home=recorded)
    assert done.returncode == 1
    for rule in ("action-wish", "action-group-owner", "action-due", "action-ticket"):
        assert f": {rule} warning:" in done.stdout
