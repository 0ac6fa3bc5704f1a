"""A drill played by its keys on a small screen; and a watch over the process that nothing real is touched."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from incident.tui.screens.sheets import GUARD
from tests.system.terminal import ROOT, Terminal, from_a_shell, told

COMMAND = "gh workflow run rollback.yml -f sha=9f8e7d6"
# Loaded by Python before the program: every attempt to reach the network or to start a process is written down.
WATCH = """
import os, sys

PLACE = os.environ["WATCHED"]
REAL = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
        "socket.gethostbyname", "subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system",
        "os.spawn", "pty.spawn")

def watch(event, arguments):
    if event in REAL:
        handle = os.open(PLACE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, f"{event} {arguments!r}\\n".encode())
        os.close(handle)

with open(PLACE, "w") as file:
    file.write("watching\\n")
sys.addaudithook(watch)
"""


def watched(home: Path) -> tuple[Path, dict[str, str]]:
    """Where what was seen is written, and the environment that makes Python watch."""
    folder = home / "watch"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WATCH)
    return home / "watched", {"PYTHONPATH": f"{folder}:{ROOT}", "WATCHED": str(home / "watched")}


def to_the_rollback(terminal: Terminal) -> None:
    """From the first page to the command that helps."""
    while terminal.wait_for(r"▲ PAGE +\S+ +AcmeError|press \.")[0] == "press .":
        terminal.press(".")
        terminal.wait_until_gone(r"press \.")
    terminal.press("g")
    terminal.wait_for(r"▌ ▲ PAGE .*Acme")
    if "AcmeErrorBudgetFastBurn" not in terminal.line("▌ ▲ PAGE"):
        terminal.press("j")
    terminal.wait_for(r"▌ ▲ PAGE .*AcmeErrorBudgetFastBurn")
    terminal.press("enter")
    terminal.wait_for("0 of 9 done")
    terminal.press("]")
    terminal.wait_for("▌ ◇ If it cor")  # a message at the corner may hide the rest of a line for some seconds
    terminal.press("enter")
    terminal.wait_for("◆ If it cor")
    terminal.wait_for("enter run")
    terminal.press("enter")
    terminal.wait_for(r"Run this\?")


def run_it(terminal: Terminal) -> None:
    """Run what the sheet shows, and see its end."""
    terminal.look(GUARD)
    terminal.press("R")
    terminal.wait_for(r"exit 0, 4s")


def leave_after_the_facts(terminal: Terminal) -> None:
    """The way out, without the questions."""
    terminal.press("q")
    terminal.wait_for("what happened")
    terminal.press("q")
    assert terminal.exit_code() == 0


@pytest.mark.fault(55)
def test_a_drill_is_played_to_recovery_on_eighty_columns_and_recorded_as_a_drill(tmp_path: Path) -> None:
    with Terminal(
        "drill", "bad-deploy", "--speed", "10", "--level", "normal", home=tmp_path, size=(80, 24)
    ) as terminal:
        to_the_rollback(terminal)
        assert "DRILL bad-deploy" in terminal.lines[0]
        assert f"│  {COMMAND} " in terminal.screen
        assert "nothing is executed: the drill answers" in terminal.screen
        run_it(terminal)
        terminal.wait_for("The service is well again")
        leave_after_the_facts(terminal)
        farewell = terminal.farewell
    assert "DRILL bad-deploy: played" in farewell
    assert ", recovered after " in farewell
    assert "mitigation begun: " in farewell
    assert "incident timeline --drill" in farewell
    timeline = told("timeline", "--drill", home=tmp_path)
    assert timeline["incident"]["drill"] is True
    assert timeline["incident"]["id"].startswith("DRILL-")
    assert timeline["incident"]["commands"][0]["text"] == COMMAND
    assert [incident["id"] for incident in told("list", "--drill", home=tmp_path)] == [timeline["incident"]["id"]]
    assert told("list", home=tmp_path) == []
    exported = from_a_shell("export", "--drill", "-o", "-", home=tmp_path)
    assert exported.returncode == 0, exported.stderr
    assert "**DRILL**: this was an exercise, not an incident." in exported.stdout
    assert f"DRILL, {timeline['incident']['opened_at'][11:13]}:" in exported.stdout


@pytest.mark.fault(55)
def test_a_drill_starts_no_process_and_opens_no_socket(tmp_path: Path) -> None:
    # asyncio's own wake-up pipe is a socketpair, which is neither bound nor connected, and so is not among these.
    seen, environment = watched(tmp_path)
    with Terminal(
        "drill", "bad-deploy", "--speed", "10", "--level", "normal", home=tmp_path, environment=environment
    ) as terminal:
        to_the_rollback(terminal)
        run_it(terminal)
        terminal.press("x")
        terminal.wait_for("Post-mortem draft written to")
        leave_after_the_facts(terminal)
    assert seen.read_text() == "watching\n"


def test_the_same_watch_sees_what_an_incident_starts_and_reaches(tmp_path: Path) -> None:
    seen, environment = watched(tmp_path)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "one.md").write_text("# One\n\n## First\n1. Look\n   ```sh\n   ls -la\n   ```\n")
    arguments = ("run", "one", "--alertmanager", "http://127.0.0.1:9")
    with Terminal(*arguments, home=tmp_path, environment=environment) as terminal:
        terminal.wait_for("0 of 1 done")
        terminal.press("enter")
        terminal.wait_for(r"Run this\?")
        terminal.look(GUARD)
        terminal.press("enter")
        terminal.wait_for("exit 0")
    assert "subprocess.Popen" in seen.read_text()
    assert "socket.connect" in seen.read_text()


def test_a_drill_that_is_ended_early_says_that_it_did_not_recover(tmp_path: Path) -> None:
    with Terminal("drill", "bad-deploy", home=tmp_path, size=(80, 24)) as terminal:
        terminal.wait_for("QueueLagHigh")
        terminal.send_signal(signal.SIGTERM)
        assert terminal.exit_code() == 128 + signal.SIGTERM
        assert "not recovered" in terminal.farewell


def test_a_drill_that_cannot_begin_claims_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state = {"INCIDENT_STATE": str(tmp_path / "file" / "state")}
    with Terminal("drill", "bad-deploy", home=tmp_path, environment=state, size=(80, 24)) as terminal:
        assert terminal.exit_code() == 1
        assert "the journal's folder cannot be used" in terminal.farewell
        assert "played" not in terminal.farewell


def test_drills_are_listed_and_a_wrong_name_gets_the_nearest(tmp_path: Path) -> None:
    listed = from_a_shell("drill", home=tmp_path)
    assert listed.returncode == 0
    assert "bad-deploy " in listed.stdout
    wrong = from_a_shell("drill", "bad-deplo", home=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "incident: there is no drill `bad-deplo` - did you mean `bad-deploy`?\n"
    unknown = from_a_shell("drill", "nothing", home=tmp_path)
    assert unknown.returncode == 2
    assert "known here: bad-deploy" in unknown.stderr
    piped = from_a_shell("drill", "bad-deploy", home=tmp_path)
    assert piped.returncode == 2
    assert piped.stderr == "incident: this is not a terminal - a drill is played on a terminal\n"


def test_before_any_drill_was_played_the_verbs_say_how_to_play_one(tmp_path: Path) -> None:
    for verb in ("list", "timeline", "export"):
        done = from_a_shell(verb, "--drill", home=tmp_path)
        assert done.returncode == 2
        assert done.stderr == "incident: no drill was played yet - `incident drill bad-deploy` plays one\n"


def test_from_an_empty_console_one_key_plays_a_drill(tmp_path: Path) -> None:
    with Terminal(home=tmp_path, size=(80, 24)) as terminal:
        terminal.wait_for("D  play a drill now")
        terminal.press("D")
        terminal.wait_for("▌ bad-deploy")
        terminal.press("enter")
        terminal.wait_for("DRILL bad-deploy")
        terminal.wait_for("QueueLagHigh")
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert "DRILL bad-deploy: played" in terminal.farewell
    assert json.loads(from_a_shell("list", "--json", home=tmp_path).stdout) == []
