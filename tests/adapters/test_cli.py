"""The command line as scripts see it: data on standard output, narration on standard error, exit codes that mean it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from incident import __version__, cli, world
from incident.config import Config
from incident.core import facts
from tests.system.terminal import INCIDENT, PATIENCE, ROOT, from_a_shell, surroundings

FIRED = datetime(2026, 5, 2, 3, 4, 41, tzinfo=UTC)
SEED = ROOT / "runbooks" / "acme-error-rate.md"
IDENTITY = "INC-20260502-acme-1"
NAMED = tuple(entry.name for entry in cli.verbs() if entry.name)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with the seed's runbook."""
    (tmp_path / "runbooks").mkdir()
    shutil.copy(SEED, tmp_path / "runbooks")
    return tmp_path


@pytest.fixture
def recorded(home: Path) -> Path:
    """The same with one incident that was responded to."""
    write(home, IDENTITY, [
        (facts.IncidentOpened("Acme error rate burning budget fast", "SEV2", "acme"), 90),
        (facts.AlertFired("a1@20260502T030441", "a1", "AcmeErrorBudgetFastBurn", "page", FIRED, "am"), 0),
        (facts.Acknowledged("a1@20260502T030441", "AcmeErrorBudgetFastBurn"), 90),
        (facts.Remarked("note", "users \N{EM DASH} report errors"), 100),
        (facts.CommandStarted("r1", "gh run list", ("gh", "run", "list"), "/srv", "/out"), 120),
        (facts.CommandFinished("r1", 0, 4.0), 124),
        (facts.AlertResolved("a1@20260502T030441", "AcmeErrorBudgetFastBurn"), 400),
    ])  # fmt: skip
    return home


def write(home: Path, identity: str, happened: list[tuple[facts.Fact, float]]) -> None:
    """Put facts on an incident's timeline, so many seconds after the page."""
    log = world.log(Config(state=home / ".local" / "state" / "incident", person="kim"))
    assert log.write([log.stamp(identity, fact, at=FIRED + timedelta(seconds=after)) for fact, after in happened])


def data_of(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document of a run that went well; nothing in it can act on a terminal."""
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    return json.loads(done.stdout)


# -- the command line itself ----------------------------------------------------------------------------------------


def test_the_version_is_one_line(home: Path) -> None:
    done = from_a_shell("--version", home=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"incident {__version__}\n", "")


def test_the_help_names_every_verb_and_the_exit_codes(home: Path) -> None:
    done = from_a_shell("-h", home=home)
    assert (done.returncode, done.stderr) == (0, "")
    for verb in NAMED:
        assert f"\n    {verb} " in done.stdout
    assert "0 good, 1 findings, 2 usage or configuration, 3 a source failed, 130 interrupted" in " ".join(
        done.stdout.split()
    )


@pytest.mark.parametrize("words", [*((name,) for name in NAMED), ("runbook", "show"), ("runbook", "match")])
def test_every_verb_explains_itself(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as left:
        cli.main([*words, "-h"])
    assert left.value.code == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"usage: incident {' '.join(words)} ")
    assert said.err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("timelin",), "`incident` knows no `timelin` - did you mean `timeline`?"),
        (("xyzzy",), "`incident` knows no `xyzzy` - known: run, alerts, "),
        (("runbook",), "the following arguments are required: VERB - `incident runbook -h` shows how"),
        (("runbook", "shwo", "x"), "`incident runbook` knows no `shwo` - did you mean `show`?"),
        (("note",), 'there is nothing to write down - incident note "what you saw"'),
        (("note", "x", "--why", "typo"), "no incident is open"),
        (("note", "--kind", "fining", "x"), "`incident note` knows no `fining` - did you mean `finding`?"),
        (("list", "--jsn"), "unrecognized arguments: --jsn - `incident -h` shows how"),
        (("list", "--js"), "unrecognized arguments: --js - `incident -h` shows how"),
        (("drill", "--speed", "fast"), "argument --speed: invalid float value: 'fast'"),
        (("drill", "bad-deploy", "--speed", "11"), "--speed: a speed of 11 - give 1 to 10"),
        (("run", "x", "--runbooks", "/nowhere"), "/nowhere: there is no such folder"),
        (("alerts", "--alertmanager", "am:9093"), "--alertmanager: 'am:9093' is not a URL"),
        (("alerts", "--alertmanager", "http://127.0.0.1:9", "{x"), "cannot read the matcher '{x'"),
        (("help", "nothing"), "there is no page 'nothing' - known: alerts, respond"),
        (("--config", "/no.yaml", "list"), "/no.yaml: there is no such file"),
        (("--config", "/no.yaml", "runbook", "show", "x"), "/no.yaml: there is no such file"),
        (("--config", "/no.yaml", "list", "--config", "/other.yaml"), "/other.yaml: there is no such file"),
        (("--runbooks", "/nowhere", "run", "x"), "/nowhere: there is no such folder"),
        (("--read-only", "note", "x"), "`incident note` knows no --read-only - `incident note -h` shows what it knows"),
    ],
)
def test_what_is_off_on_the_command_line_is_one_line_and_exit_2(words: tuple[str, ...], said: str, home: Path) -> None:
    done = from_a_shell(*words, home=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"incident: {said}")
    assert len(done.stderr.splitlines()) == 1


def test_read_only_in_front_of_a_verb_holds_for_it() -> None:
    assert cli.read(["--read-only", "run", "queue"]).read_only
    assert not cli.read(["run", "queue"]).read_only
    assert cli.read(["run", "queue", "--read-only"]).read_only


def test_a_reader_that_has_had_enough_is_no_error(recorded: Path) -> None:
    write(recorded, IDENTITY, [(facts.Remarked("note", f"{number} " + "x" * 200), 130) for number in range(3000)])
    for words in (("timeline",), ("timeline", "--json"), ("export", "-o", "-")):
        with subprocess.Popen(
            [*INCIDENT, *words], cwd=recorded, env=surroundings(recorded), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline()
            process.stdout.close()
            said = process.stderr.read()
            assert process.wait(PATIENCE) == 0
        assert "Traceback" not in said
        assert "Broken" not in said


def test_streams_that_are_closed_or_full_end_in_no_traceback(recorded: Path) -> None:
    def run(line: str) -> subprocess.CompletedProcess[str]:
        command = ["sh", "-c", f"{sys.executable} -m incident {line}"]
        return subprocess.run(
            command, cwd=recorded, env=surroundings(recorded), capture_output=True, text=True, timeout=PATIENCE
        )

    for line, code in (("list >&-", 0), ("list 2>&-", 0), ("note -- x <&- >&- 2>&-", 0), ("runbook match - <&-", 2)):
        done = run(line)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), line
    if Path("/dev/full").exists():
        done = run("help config >/dev/full")
        assert done.returncode == 1
        assert done.stderr.startswith("incident: No space left on device")


def test_a_terminal_that_knows_only_ascii_still_gets_its_answer(recorded: Path) -> None:
    done = from_a_shell("timeline", home=recorded, environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "note users \\u2014 report errors" in done.stdout


def test_interrupted_it_ends_with_130_and_in_silence(home: Path) -> None:
    with subprocess.Popen(
        [*INCIDENT, "runbook", "match", "--json"], cwd=home, env=surroundings(home), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        until_it_reads(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (130, "", "")


def until_it_reads(process: int) -> None:
    """Return when a process waits for its standard input; only where the system shows that."""
    place = Path(f"/proc/{process}/syscall")
    if not os.access(place, os.R_OK):
        pytest.skip("this system does not show what a process waits for")
    while not place.read_text().startswith("0 0x0 "):
        assert Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"


# -- what was recorded ----------------------------------------------------------------------------------------------


def test_with_nothing_recorded_every_verb_says_what_to_do(home: Path) -> None:
    assert from_a_shell("list", home=home).stderr == "There are no incidents.\n"
    assert data_of(from_a_shell("list", "--json", home=home)) == []
    for verb in ("timeline", "export"):
        done = from_a_shell(verb, home=home)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("incident: there are no incidents yet - enter on an alert opens one")
        wrong = from_a_shell(verb, "INC-1", home=home)
        assert wrong.returncode == 2
        assert wrong.stderr == "incident: there is no incident 'INC-1' - `incident list` names them\n"


def test_list_is_a_table_and_a_list_of_objects(recorded: Path) -> None:
    table = from_a_shell("list", home=recorded)
    assert table.stderr == ""
    head, row = table.stdout.splitlines()
    assert head.split() == ["ID", "SEV", "STATE", "OPENED", "(UTC)", "TITLE"]
    assert row.split()[:5] == [IDENTITY, "SEV2", "open", "2026-05-02", "03:06"]
    [incident] = data_of(from_a_shell("list", "--json", "--open", home=recorded))
    assert set(incident) == {
        "id", "title", "severity", "service", "state", "drill", "opened_at", "closed_at", "alerts", "milestones",
        "durations", "commands", "lead",
    }  # fmt: skip
    assert incident["opened_at"] == "2026-05-02T03:06:11Z"
    assert incident["alerts"] == [
        {"name": "AcmeErrorBudgetFastBurn", "severity": "page", "fired": "2026-05-02T03:04:41Z",
         "resolved": "2026-05-02T03:11:21Z"}
    ]  # fmt: skip
    assert incident["milestones"]["acknowledged"]["at"] == "2026-05-02T03:06:11Z"
    assert incident["commands"] == [{"run": "r1", "text": "gh run list", "outcome": "exit 0, 4s"}]
    write(recorded, IDENTITY, [(facts.IncidentClosed(), 500)])
    assert data_of(from_a_shell("list", "--json", "--open", home=recorded)) == []
    [closed] = data_of(from_a_shell("list", "--json", home=recorded))
    assert (closed["state"], closed["closed_at"]) == ("closed", "2026-05-02T03:13:01Z")


def test_the_newest_incident_is_listed_first_and_taken_when_none_is_named(recorded: Path) -> None:
    write(recorded, "INC-20260502-shop-1", [(facts.IncidentOpened("Later"), 9_000)])
    assert data_of(from_a_shell("list", "--json", home=recorded))[0]["title"] == "Later"
    assert data_of(from_a_shell("timeline", "--json", home=recorded))["incident"]["title"] == "Later"
    named = data_of(from_a_shell("timeline", IDENTITY, "--json", home=recorded))
    assert named["incident"]["id"] == IDENTITY


def test_a_timeline_is_in_order_as_text_and_as_json(recorded: Path) -> None:
    text = from_a_shell("timeline", home=recorded)
    assert text.stderr == f"{IDENTITY}  SEV2  Acme error rate burning budget fast\n"
    assert text.stdout.splitlines() == [
        "2026-05-02 (UTC)",
        "03:04:41  page AcmeErrorBudgetFastBurn fired",
        "03:06:11  opened SEV2 Acme error rate burning budget fast",
        "03:06:11  acknowledged AcmeErrorBudgetFastBurn",
        "03:06:21  note users \N{EM DASH} report errors",
        "03:06:41  $ gh run list",
        "03:06:45  ended exit 0, 4s",
        "03:11:21  resolved AcmeErrorBudgetFastBurn",
    ]
    document = data_of(from_a_shell("timeline", "--json", home=recorded))
    assert document["incident"] == data_of(from_a_shell("list", "--json", home=recorded))[0]
    times = [event["at"] for event in document["events"]]
    assert times == sorted(times)
    assert set(document["events"][0]) == {
        "id", "incident", "at", "precision", "source", "recorded_at", "seq", "writer", "kind", "body", "words",
        "category",
    }  # fmt: skip
    assert [event["words"] for event in document["events"]] == [line[10:] for line in text.stdout.splitlines()[1:]]


def test_a_note_is_on_disk_when_it_returns_with_its_time_and_kind(recorded: Path) -> None:
    before = datetime.now(UTC)
    for words in (("-5m", "users report", "errors"), ("--kind", "decision", "--at", "-10m", "we roll back")):
        done = from_a_shell("note", *words, home=recorded)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    remarks = [
        event
        for event in data_of(from_a_shell("timeline", "--json", home=recorded))["events"]
        if event["kind"] == "remark"
    ]
    known = {event["words"]: event for event in remarks}
    noted, decided = known["note users report errors"], known["decision we roll back"]
    assert noted["precision"] == decided["precision"] == "minute"
    assert noted["writer"]["person"] == "kim"
    for event, ago in ((noted, 5), (decided, 10)):
        said = datetime.fromisoformat(event["at"]) + timedelta(minutes=ago)
        assert before - timedelta(seconds=1) <= said <= datetime.now(UTC)
        assert event["recorded_at"] >= before.isoformat()[:19]


def test_a_note_without_words_or_with_a_time_that_is_none_writes_nothing(recorded: Path) -> None:
    for words, said in (
        (("--at", "noon", "x"), "cannot read the time 'noon' - write -5m, 03:07, ~03:05"),
        (("",), 'there is nothing to write down - incident note "what you saw"'),
        (("--incident", "INC-1", "x"), "there is no incident 'INC-1' - `incident list` names them"),
    ):
        done = from_a_shell("note", *words, home=recorded)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"incident: {said}")
    assert len(data_of(from_a_shell("timeline", "--json", home=recorded))["events"]) == 7


@pytest.mark.fault(57)
def test_a_note_of_escapes_is_inert_on_every_way_out(recorded: Path) -> None:
    done = from_a_shell("note", "--", "a\x1b]52;c;QUJD\x07b\x1b[2J\u202ec\x00d".replace("\x00", "\x01"), home=recorded)
    assert done.returncode == 0
    ways_out = (("timeline",), ("timeline", "--json"), ("export", "-o", "-"), ("list",))
    for output in (done.stderr, *(from_a_shell(*words, home=recorded).stdout for words in ways_out)):
        assert not [char for char in "\x1b\x07\x01\u202e" if char in output]


def test_an_export_goes_where_it_is_told_and_says_where_it_went(recorded: Path) -> None:
    printed = from_a_shell("export", "-o", "-", home=recorded)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert f"# {IDENTITY}: Acme error rate burning budget fast" in printed.stdout
    default = from_a_shell("export", home=recorded)
    assert (default.returncode, default.stdout) == (0, "")
    assert default.stderr == f"{IDENTITY} written to postmortems/{IDENTITY}.md\n"
    assert "## Timeline" in (recorded / "postmortems" / f"{IDENTITY}.md").read_text()
    elsewhere = from_a_shell("export", IDENTITY, "--format", "json", "-o", "out/it.json", home=recorded)
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert json.loads((recorded / "out" / "it.json").read_text())["postmortem"]["id"] == IDENTITY
    kinds = [event["kind"] for event in data_of(from_a_shell("timeline", "--json", home=recorded))["events"]]
    assert kinds.count("exported") == 2


@pytest.mark.fault(80)
def test_an_export_with_doubtful_places_names_them_and_fails_where_nobody_is_there_to_look(recorded: Path) -> None:
    drawn = "q7Zp" + "Xw3KfLr9" + "VtBn5mHs" + "Yc2DgJ8e"
    write(recorded, IDENTITY, [(facts.Remarked("note", f"the job said {drawn}"), 300)])
    done = from_a_shell("export", "-o", "draft.md", home=recorded)
    assert done.returncode == 1
    [line] = [at for at, text in enumerate((recorded / "draft.md").read_text().splitlines(), 1) if drawn in text]
    assert f"draft.md:{line}: this looks drawn at random" in done.stderr
    assert drawn not in done.stderr


def test_an_export_again_keeps_what_a_person_wrote(recorded: Path) -> None:
    assert from_a_shell("export", home=recorded).returncode == 0
    draft = recorded / "postmortems" / f"{IDENTITY}.md"
    draft.write_text(draft.read_text().replace("- TODO what set it off", "- The deploy asked for every price twice"))
    again = from_a_shell("export", home=recorded)
    assert again.returncode == 0
    assert "- The deploy asked for every price twice" in draft.read_text()


def test_an_export_that_cannot_be_written_says_why_and_leaves_what_is_there(recorded: Path) -> None:
    (recorded / "mine.json").write_text("mine\n")
    (recorded / "folder.md").mkdir()
    (recorded / "file").write_text("")
    for words in (("--format", "json", "-o", "mine.json"), ("-o", "folder.md"), ("-o", "file/it.md")):
        done = from_a_shell("export", *words, home=recorded)
        assert done.returncode == 1, words
        assert done.stdout == ""
        assert done.stderr.startswith("incident: ")
        assert "Traceback" not in done.stderr
    assert (recorded / "mine.json").read_text() == "mine\n"
    unknown = from_a_shell("export", "--format", "pdf", home=recorded)
    assert unknown.returncode == 2
    assert unknown.stderr == "incident: there is no format 'pdf' - known: html, json, md\n"


@pytest.mark.fault(26)
def test_the_state_folder_is_its_owners_alone(recorded: Path) -> None:
    assert from_a_shell("note", "x", home=recorded).returncode == 0
    state = recorded / ".local" / "state" / "incident"
    assert state.stat().st_mode & 0o077 == 0
    assert [path.name for path in state.rglob("*") if path.stat().st_mode & 0o077] == []
