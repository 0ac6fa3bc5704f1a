"""A disk, a terminal, a folder or a configuration that is not as it should be: said clearly, survived, nothing lost."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

import pytest

from incident.tui.screens.sheets import GUARD
from tests.system.answers import Answers, alert
from tests.system.terminal import Terminal, from_a_shell, told


def book(home: Path, text: str) -> None:
    (home / "runbooks" / "one.md").write_text(text)


# -- the disk -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="another process's limits cannot be set on this system")
@pytest.mark.fault(4, 5)
def test_on_a_full_disk_the_console_says_not_saved_goes_on_and_saves_everything_later(home: Path) -> None:
    book(home, "# One\n\n## First\n1. Make it\n   ```sh\n   touch ran\n   ```\n")
    with Terminal("run", "one", home=home) as terminal:
        terminal.wait_for("0 of 1 done")
        no_file_may_grow(terminal)
        terminal.press("n")
        terminal.wait_for("a time may stand in front")
        terminal.press("the disk is full", "enter")
        terminal.wait_for("NOT SAVED: 1 event")
        terminal.wait_for("note the disk is full")
        terminal.press("enter")
        terminal.wait_for(r"Run this\?")
        terminal.look(GUARD)
        terminal.press("R")
        terminal.wait_for("nothing was run: its start could not be saved on disk")
        assert not (home / "ran").exists()
        files_may_grow(terminal)
        terminal.wait_until_gone("NOT SAVED")
        terminal.leave()
    kinds = [event["kind"] for event in told("timeline", home=home)["events"]]
    assert kinds[-3:] == ["remark", "command.started", "command.failed"]
    assert not (home / "ran").exists()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="another process's limits cannot be set on this system")
@pytest.mark.fault(4)
def test_what_could_not_be_saved_to_the_last_moment_is_printed_on_leaving(home: Path) -> None:
    book(home, "# One\n\n## First\n1. Look\n")
    with Terminal("run", "one", home=home) as terminal:
        terminal.wait_for("0 of 1 done")
        no_file_may_grow(terminal)
        terminal.press("n")
        terminal.wait_for("a time may stand in front")
        terminal.press("users report errors", "enter")
        terminal.wait_for("NOT SAVED: 1 event")
        terminal.press("q")
        terminal.wait_for("Not saved: 1 of your events")
        terminal.press("down", "enter")
        assert terminal.exit_code() == 1
        assert re.search(r"NOT SAVED  INC-\S+  \S+ \d\d:\d\d:\d\d UTC  note users report errors", terminal.farewell)
        assert "1 events could not be saved" in terminal.farewell


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="another process's limits cannot be set on this system")
@pytest.mark.fault(6)
def test_on_a_full_disk_the_last_export_stays_as_it_was(home: Path) -> None:
    book(home, "# One\n\n## First\n1. Look\n")
    with Terminal("run", "one", home=home) as terminal:
        terminal.wait_for("0 of 1 done")
        terminal.press("x")
        terminal.wait_for("Post-mortem draft written to")
        [draft] = (home / "postmortems").glob("*.md")
        before = draft.read_bytes()
        no_file_may_grow(terminal)
        terminal.press("x")
        terminal.wait_for("Not exported: ")
        assert draft.read_bytes() == before
        assert [path.name for path in (home / "postmortems").glob("*.md")] == [draft.name]
        files_may_grow(terminal)
        terminal.leave()


def no_file_may_grow(terminal: Terminal) -> None:
    """From now on every write of the program to a file fails, as on a full disk; its terminal is none."""
    resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def files_may_grow(terminal: Terminal) -> None:
    resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_a_state_folder_that_cannot_be_made_is_named_with_what_to_do(home: Path) -> None:
    (home / "file").touch()
    state = {"INCIDENT_STATE": str(home / "file" / "state")}
    with Terminal(home=home, environment=state, size=(200, 24)) as terminal:
        assert terminal.exit_code() == 1
        assert f"incident: {home / 'file' / 'state'}: the journal's folder cannot be used" in terminal.farewell
        assert "choose another folder" in terminal.farewell
        assert "Traceback" not in terminal.raw.decode("utf-8", "replace")
    for words in (("note", "x"), ("list",), ("timeline",), ("export",)):
        done = from_a_shell(*words, home=home, environment=state)
        assert done.returncode == 1
        assert "cannot be used" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.fault(42)
def test_in_a_working_directory_that_is_gone_nothing_runs_and_the_rest_works(home: Path) -> None:
    book(home, "# One\n\n## First\n1. Make it\n   ```sh\n   touch ran\n   ```\n")
    gone = home / "gone"
    gone.mkdir()
    with Terminal("run", "one", "--runbooks", "../runbooks", home=home, directory=gone) as terminal:
        terminal.wait_for("0 of 1 done")
        gone.rmdir()
        terminal.press("enter")
        terminal.wait_for("the working directory is gone - start again from another")
        assert "Run this?" not in terminal.screen
        terminal.press("space")
        terminal.wait_for("1 of 1 done")
        terminal.leave()


# -- the terminal ---------------------------------------------------------------------------------------------------


@pytest.mark.fault(74)
@pytest.mark.parametrize("size", [(40, 10), (20, 5)], ids=["40x10", "20x5"])
def test_a_tiny_terminal_is_drawn_on_and_comes_back_when_it_grows(
    size: tuple[int, int], home: Path, server: Answers
) -> None:
    book(home, "# One\n\n## First\n1. Look\n2. Look again\n")
    server.says(alert("CheckoutDown", annotations={"runbook": "one.md"}))
    with Terminal("--alertmanager", server.url, home=home, size=size) as terminal:
        terminal.wait_for("SEV +AGE")
        terminal.resize(80, 24)
        terminal.wait_for("▌ ▲ PAGE .*CheckoutDown")
        terminal.resize(*size)
        terminal.press("enter")
        terminal.resize(80, 24)
        terminal.wait_for("0 of 2 done")
        terminal.wait_for("▌ *○ 1 +Look")
        terminal.resize(*size)
        terminal.press("space")
        terminal.resize(80, 24)
        terminal.wait_for("1 of 2 done")
        terminal.leave()


@pytest.mark.fault(74)
def test_a_storm_of_resizes_ends_in_a_whole_screen(home: Path) -> None:
    book(home, "# One\n\n## First\n" + "".join(f"{number}. Step number {number}\n" for number in range(1, 40)))
    with Terminal("run", "one", home=home) as terminal:
        terminal.wait_for("0 of 39 done")
        for number in range(60):
            terminal.resize(20 + number * 7 % 140, 5 + number * 5 % 45)
            terminal.press("j" if number % 2 else "k")
        terminal.resize(120, 36)
        terminal.press("G")
        terminal.wait_for("▌ *○ 39 +Step number 39")
        terminal.press("g", "space")
        terminal.wait_for("1 of 39 done")
        terminal.leave()


@pytest.mark.fault(74)
@pytest.mark.parametrize("term", ["dumb", "unknown", None])
def test_a_terminal_that_cannot_be_drawn_on_is_told_what_else_there_is(term: str | None, home: Path) -> None:
    with Terminal(home=home, environment={"TERM": term}, size=(200, 24)) as terminal:
        assert terminal.exit_code() == 2
        assert terminal.lines[0] == (
            f"incident: nothing can be drawn on a terminal whose TERM is {term or 'not set'}"
            " - `incident alerts` prints what fires; --json is for scripts"
        )
        assert b"\x1b" not in terminal.raw


def test_without_a_terminal_the_console_is_refused_in_one_line(home: Path) -> None:
    for words in ((), ("--read-only",)):
        done = from_a_shell(*words, home=home)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "incident: this is not a terminal - `incident alerts` prints what fires; --json is for scripts\n"
        )


@pytest.mark.fault(74)
def test_without_colour_the_selected_row_still_carries_its_bar(home: Path, server: Answers) -> None:
    server.says(alert("First", fingerprint="a1"), alert("Second", fingerprint="a2", severity="warning"))
    with Terminal("--alertmanager", server.url, home=home, environment={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("▌ ▲ PAGE .*First")
        terminal.press("j")
        terminal.wait_for("▌ ● ticket .*Second")
        assert "▌" not in terminal.line("First  ")
        terminal.leave()
        painted = b";".join(re.findall(rb"\x1b\[([0-9;]*)m", bytes(terminal.raw)))
        exact = re.compile(rb"[34]8;2;(\d+);(\d+);(\d+)")
        assert [colour for colour in exact.findall(painted) if len(set(colour)) > 1] == []
        assert re.findall(rb"\b(?:3[1-68]|4[1-68]|9[1-6]|10[1-6])\b", exact.sub(b"", painted)) == []


# -- the configuration ----------------------------------------------------------------------------------------------


@pytest.mark.fault(91, 92)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alertmanger: http://x\n", "1: unknown key `alertmanger` - did you mean `alertmanager`?"),
        ("person: kim\npoll: fast\n", "2: `poll` cannot be 'fast' - it is seconds, 1 to 300"),
        ("runbooks:\n\t- books\n", "2: this is not valid YAML"),
        ("poll: 5\npoll: 6\n", "2: the key `poll` stands here twice"),
        ("- a\n", "1: a configuration is `key: value` lines"),
        ("http:\n  password: hunter2\n", "2: `http.password` may not hold the secret itself"),
        ("a: &a [x]\nb: *a\n", ": "),
        ("alertmanager: [http://x\n", ": this is not valid YAML"),
    ],
    ids=["unknown key", "wrong type", "tabs", "twice", "a list", "a secret", "an alias", "unfinished"],
)
def test_a_broken_configuration_is_named_by_file_and_line(text: str, said: str, home: Path) -> None:
    config = home / "config.yaml"
    config.write_text(text)
    done = from_a_shell("list", "--config", str(config), home=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"incident: {config}:")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "hunter2" not in done.stderr
    with Terminal("--config", str(config), home=home, size=(400, 24)) as terminal:
        assert terminal.exit_code() == 2
        assert terminal.screen.strip() == done.stderr.strip()
        assert b"\x1b" not in terminal.raw


def test_a_configuration_that_is_not_there_or_no_text_is_named(home: Path) -> None:
    missing = from_a_shell("list", "--config", str(home / "none.yaml"), home=home)
    assert missing.returncode == 2
    assert missing.stderr == f"incident: {home}/none.yaml: there is no such file - check --config or INCIDENT_CONFIG\n"
    (home / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (home / "binary.yaml", home / "runbooks"):
        broken = from_a_shell("list", "--config", str(path), home=home)
        assert broken.returncode == 2
        assert re.match(rf"incident: {re.escape(str(path))}: this file (cannot be read|is not UTF-8)", broken.stderr)
    variable = from_a_shell("list", home=home, environment={"INCIDENT_POLL": "0"})
    assert variable.returncode == 2
    assert variable.stderr == "incident: INCIDENT_POLL: `poll` cannot be 0.0 - it is seconds, 1 to 300\n"


@pytest.mark.fault(97)
def test_python_files_in_the_working_directory_are_not_taken_for_libraries(home: Path) -> None:
    script = Path(sys.executable).with_name("incident")
    if not script.is_file():
        pytest.skip("the program is not installed beside this Python")
    for library in ("yaml", "argparse", "incident"):
        (home / f"{library}.py").write_text("raise SystemExit('this file was imported')\n")
    (home / "config.yaml").write_text("person: kim\n")
    bare = {"PYTHONPATH": None}
    done = from_a_shell("list", "--config", "config.yaml", home=home, program=(str(script),), environment=bare)
    assert (done.returncode, done.stderr) == (0, "There are no incidents.\n")
