"""`incident journal` from a shell: rows out of one journal and into another, and what is said about them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import incident
from incident.cli import main
from incident.core.facts import Remarked
from incident.journal import open_journal
from tests.adapters.journal_writer import INCIDENT, fact, note, notes, opened
from tests.adapters.test_journal_exchange import handed_over
from tests.adapters.test_journal_redaction import CANARY, order

ROOT = Path(incident.__file__).parents[1]


def run(home: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "INCIDENT_STATE": str(home), "TMPDIR": str(home.parent)}
    done = subprocess.run(
        [sys.executable, "-m", "incident", "journal", *words], input=stdin, env=environment, capture_output=True
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_journal_goes_through_a_pipe_into_another_one(tmp_path: Path) -> None:
    theirs = open_journal(tmp_path / "theirs")
    theirs.append([opened(1), note(2, CANARY), fact(3, Remarked("note", "x"), "9", "INC-2")])
    out = run(tmp_path / "theirs", "export")
    assert (out.returncode, out.stderr) == (0, "3 events exported\n")
    assert out.stdout.isascii()
    done = run(tmp_path / "mine", "import", "-", stdin=out.stdout.encode())
    assert (done.returncode, done.stdout) == (0, "3 new, 0 known, 0 refused\n")
    assert run(tmp_path / "mine", "import", "-", stdin=out.stdout.encode()).stdout == "0 new, 3 known, 0 refused\n"
    theirs.redact(order(4, note(2)))
    file = tmp_path / "rows.jsonl"
    out = run(tmp_path / "theirs", "export", INCIDENT, "-o", str(file))
    assert (out.returncode, out.stdout) == (0, "")
    assert len(file.read_text().splitlines()) == 3
    assert file.stat().st_mode & 0o077 == 0
    done = run(tmp_path / "mine", "import", str(file))
    assert done.stdout.splitlines() == [
        "1 new, 2 known, 0 refused",
        "1 events that were here were redacted, as the file orders",
    ]
    verified = run(tmp_path / "mine", "verify")
    assert verified.returncode == 0
    assert "4 events of 2 writers, whole" in verified.stdout
    assert "1 of them are redacted" in verified.stdout


def test_what_is_refused_is_named_and_the_exit_code_says_so(tmp_path: Path) -> None:
    theirs = open_journal(tmp_path / "theirs")
    theirs.append(notes(3, process="9"))
    lines = handed_over(theirs)
    lines.insert(1, "no row \x1b[31m")
    lines[3] = lines[3].replace("seen 3 times", "seen 9 times")
    done = run(tmp_path / "mine", "import", "-", stdin="\n".join([*lines, "", "\n"]).encode())
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "2 new, 0 known, 2 refused",
        "line 2: is no row of a journal",
        "line 4: was changed after it was written",
    ]
    done = run(tmp_path / "mine", "import", "-", "--json", stdin="\n".join(lines).encode())
    found = json.loads(done.stdout)
    assert (done.returncode, found["known"], found["refused"]) == (1, 2, 2)
    assert found["problems"][0] == {"where": "line 2", "what": "is no row of a journal"}


def test_a_line_without_an_end_is_refused_before_anything_is_taken(tmp_path: Path) -> None:
    done = run(tmp_path / "mine", "import", "-", stdin=b"x" * 5_000_000)
    assert (done.returncode, done.stdout) == (1, "")
    assert "too long for an event" in done.stderr
    assert "Traceback" not in done.stderr


def test_rows_that_are_damaged_are_left_out_of_an_export_and_named(tmp_path: Path) -> None:
    open_journal(tmp_path / "theirs").append(notes(3))
    path = tmp_path / "theirs" / "journal.db"
    path.write_bytes(path.read_bytes().replace(b"seen 2 times", b"seen 9 times"))
    out = run(tmp_path / "theirs", "export")
    assert out.returncode == 1
    assert len(out.stdout.splitlines()) == 2
    assert "left out: row 2 (laptop/1 2): was changed after it was written" in out.stderr


def test_an_incident_that_is_not_there_and_a_file_that_cannot_be_had_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INCIDENT_STATE", str(tmp_path / "state"))
    open_journal(tmp_path / "state").append([opened(1)])
    assert main(["journal", "export", "INC-9"]) == 2
    assert "there is no incident 'INC-9'" in capsys.readouterr().err
    assert main(["journal", "import", str(tmp_path / "nothing")]) == 1
    assert "nothing" in capsys.readouterr().err
    assert main(["journal", "export", "-o", str(tmp_path / "no" / "folder")]) == 1
    assert main(["journal"]) == 2
    assert main(["journal", "exprt"]) == 2
    assert "did you mean `export`?" in capsys.readouterr().err
