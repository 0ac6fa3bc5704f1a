"""What comes in wrong from servers, runbooks and commands: a clear line on what and what next, and nothing lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from incident.tui.screens.sheets import GUARD
from tests.system.answers import Answers, alert
from tests.system.terminal import Terminal, from_a_shell

# What a terminal acts on: clipboard, title, clear, device string, and the same with one-byte introducers.
CANARY = (
    "\x1b]52;c;Q0FOQVJZ\x07\x1b]0;CANARY\x07\x1b[2J\x1b[8mhidden\x1bPq#0CANARY\x1b\\"
    "\x9b31m\x9d0;CANARY\x9c\u202egnp.exe\x1b]52;c;CANARY"
)
ACTS = (b"\x1b]52", b"\x1b]0;", b"\x1b]2;", b"\x1b[2J", b"\x1b[8m", b"\x1bP", "\x9b".encode(), "\x9d".encode(),
        "\u202e".encode())  # fmt: skip


def book(home: Path, text: str | bytes, name: str = "one.md") -> None:
    (home / "runbooks" / name).write_bytes(text.encode() if isinstance(text, str) else text)


# -- sources --------------------------------------------------------------------------------------------------------


def test_an_alertmanager_that_cannot_be_reached_is_named_with_what_to_check(home: Path) -> None:
    with Terminal("--alertmanager", "http://127.0.0.1:9", home=home, size=(80, 24)) as terminal:
        terminal.wait_for("127.0.0.1:9: connection refused")
        terminal.wait_for("is it running, and is this its port")
        terminal.wait_for("It is asked again by itself; r asks now")
        terminal.leave()


@pytest.mark.fault(84)
def test_an_alertmanager_that_never_answers_does_not_hold_up_the_keys(home: Path, server: Answers) -> None:
    server.silent = True
    with Terminal("--alertmanager", server.url, home=home, size=(80, 24)) as terminal:
        terminal.wait_for("Asking for the alerts")
        terminal.press("?")
        terminal.wait_for("Help: alerts")
        terminal.press("q")
        terminal.wait_until_gone("Help: alerts")
        terminal.wait_for("no answer within 10 s")
        terminal.leave()


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    ("body", "status", "kind", "said"),
    [
        (b"\x00\xff{{{", 200, "application/json", "its JSON is broken"),
        (b"down for \x1b[31mmaintenance\x1b]52;c;QQ==\x07", 503, "text/plain", r"it is busy \(503\)"),
        (b"<html><body>Please log in</body></html>", 200, "text/html", "it answered with a web page instead of JSON"),
        (b'{"status": "success"}', 200, "application/json", "not a list of alerts"),
        (b'[{"labels": 7}]', 200, "application/json", "alert 1 of 1"),
    ],
    ids=["garbage", "busy", "a web page", "another API", "labels that are a number"],
)
def test_an_answer_that_is_none_is_one_clear_line(
    body: bytes, status: int, kind: str, said: str, home: Path, server: Answers
) -> None:
    server.answers(body, status=status, kind=kind)
    with Terminal("--alertmanager", server.url, home=home, size=(100, 24)) as terminal:
        terminal.wait_for(said)
        terminal.leave()
        assert not [code for code in ACTS if code in terminal.raw]


@pytest.mark.fault(84)
def test_when_the_source_fails_the_last_alerts_stay_and_say_how_old_they_are(home: Path, server: Answers) -> None:
    server.says(alert("CheckoutDown"))
    with Terminal("--alertmanager", server.url, home=home, environment={"INCIDENT_POLL": "1"}) as terminal:
        terminal.wait_for("▌ ▲ PAGE .*CheckoutDown")
        server.answers(b"no", status=500)
        terminal.press("r")
        terminal.wait_for(r"✗ 127\.0\.0\.1:\d+ \d+s old")
        assert "CheckoutDown" in terminal.screen
        server.says(alert("CheckoutDown"))
        terminal.press("r")
        terminal.wait_for(r"● 127\.0\.0\.1")
        terminal.leave()


@pytest.mark.fault(57, 59, 60, 61, 71, 73)
def test_hostile_alerts_are_text_on_the_screen_and_in_the_pipe(home: Path, server: Answers) -> None:
    book(home, f"# {CANARY}\n\n## First {CANARY}\n1. Look {CANARY} [bold]x[/bold] [/red]\n", "hostile.md")
    server.says(
        alert(None, fingerprint="a1", service="nameless"),
        alert("NoNotes", fingerprint="a2"),
        alert(
            f"Evil{CANARY}", fingerprint="a3", service=f"[/red]{CANARY}", endpoint="[b + x" + "y" * 10_000,
            annotations={"summary": f"[/var/lib/docker] [@click=app.quit]leave[/] {CANARY}", "runbook": "hostile.md"},
        ),
        alert("Outside", fingerprint="a4", annotations={"runbook": "../../etc/passwd"}),
    )  # fmt: skip
    with Terminal("--alertmanager", server.url, home=home) as terminal:
        terminal.wait_for(r"▌ ▲ PAGE .*\(alert without a name\)")
        terminal.wait_for("the alert has no name and no link to a runbook")
        terminal.press("j")
        terminal.wait_for("no runbook names this alert")
        terminal.press("j")
        terminal.wait_for(r"\[/var/lib/docker\] \[@click=app\.quit\]leave\[/\]")
        terminal.press("v")
        terminal.wait_for(r"endpoint = \[b \+")
        terminal.press("q")
        terminal.wait_until_gone(r"endpoint = ")
        terminal.press("j")
        terminal.wait_for(r"the link \.\./\.\./etc/passwd leads out of the runbook folders")
        terminal.press("k", "enter")
        terminal.wait_for("0 of 1 done")
        terminal.wait_for(r"\[bold\]x\[/bold\] \[/red\]")
        terminal.press("t")
        terminal.wait_for(r"timeline, \d+ events")
        terminal.press("p")
        terminal.wait_for("draft, ")
        terminal.leave()
        assert not [code for code in ACTS if code in terminal.raw]
    listed = from_a_shell("alerts", "--alertmanager", server.url, home=home)
    assert listed.returncode == 0
    assert "Evil" in listed.stdout
    encoded = from_a_shell("alerts", "--json", "--alertmanager", server.url, home=home)
    for done in (listed, encoded, *(from_a_shell(verb, home=home) for verb in ("list", "timeline"))):
        assert done.returncode == 0, done.stderr
        assert not [code for code in ACTS if code in (done.stdout + done.stderr).encode()]
    assert encoded.stdout.isascii()
    exported = from_a_shell("export", "-o", "-", home=home)
    assert not [code for code in ACTS if code in exported.stdout.encode()]


@pytest.mark.fault(66, 93)
def test_an_alert_that_links_out_of_the_runbooks_opens_an_incident_without_one(home: Path, server: Answers) -> None:
    server.says(alert("Outside", annotations={"runbook": "../../etc/passwd"}))
    with Terminal("--alertmanager", server.url, home=home) as terminal:
        terminal.wait_for("▌ ▲ PAGE .*Outside")
        terminal.press("enter")
        terminal.wait_for("No runbook was found for sure. b picks one; n writes a note.")
        terminal.leave()


# -- runbooks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the file is empty"),
        (bytes(range(256)) * 20, "this is not a text file"),
        ("# Café\n\n1. geh zurück\n".encode("latin-1"), "is not UTF-8"),
    ],
    ids=["empty", "binary", "latin-1"],
)
def test_a_runbook_that_cannot_be_read_well_says_so_and_the_incident_goes_on(
    text: bytes, said: str, home: Path
) -> None:
    book(home, text)
    with Terminal("run", "one", home=home) as terminal:
        terminal.wait_for(said)
        terminal.press("n")
        terminal.wait_for("a time may stand in front")
        terminal.press("looked by hand", "enter")
        terminal.wait_for("note looked by hand")
        terminal.leave()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_runbook_that_may_not_be_read_is_named(home: Path, server: Answers) -> None:
    book(home, "# One\n")
    (home / "runbooks" / "one.md").chmod(0)
    shown = from_a_shell("runbook", "show", str(home / "runbooks" / "one.md"), home=home)
    assert shown.returncode == 1
    assert "one.md" in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.fault(93)
def test_what_is_no_file_is_refused_and_holds_nothing_up(home: Path) -> None:
    os.mkfifo(home / "runbooks" / "pipe.md")
    (home / "runbooks" / "folder.md").mkdir()
    (home / "runbooks" / "out.md").symlink_to("/etc/passwd")
    for name in ("pipe.md", "folder.md", "out.md", "missing.md"):
        done = from_a_shell("runbook", "show", f"runbooks/{name}", home=home)
        assert done.returncode == 1, name
        assert done.stdout == ""
        assert done.stderr.startswith("incident: ")
        assert "Traceback" not in done.stderr
        started = from_a_shell("run", name, home=home)
        assert started.returncode in (1, 2)
        assert "Traceback" not in started.stderr


@pytest.mark.fault(95)
def test_a_runbook_that_changed_since_it_was_opened_runs_nothing(home: Path) -> None:
    book(home, "# One\n\n## First\n1. Look\n   ```sh\n   ls -la\n   ```\n")
    with Terminal("run", "one", home=home) as terminal:
        terminal.wait_for("0 of 1 done")
        book(home, "# One\n\n## First\n1. Look\n   ```sh\n   touch ran\n   ```\n")
        terminal.press("enter")
        terminal.wait_for("changed on disk since it was opened")
        terminal.leave()
    assert not (home / "ran").exists()


@pytest.mark.fault(57, 58, 72)
def test_what_a_command_prints_cannot_act_on_the_terminal(home: Path) -> None:
    (home / "noisy.sh").write_text(f"#!/bin/sh\nprintf '%s\\n' '{CANARY}' 'the last line'\n")
    (home / "noisy.sh").chmod(0o755)
    book(home, "# One\n\n## First\n1. Look\n   ```sh\n   ./noisy.sh\n   ```\n")
    with Terminal("run", "one", home=home) as terminal:
        terminal.wait_for("0 of 1 done")
        terminal.press("enter")
        terminal.wait_for(r"Run this\?")
        terminal.look(GUARD)
        terminal.press("R")
        terminal.wait_for("^ *the last line")
        terminal.wait_for(r"exit 0, ")
        assert "hidden" in terminal.screen
        terminal.leave()
        assert not [code for code in ACTS if code in terminal.raw]
    assert "\x1b" not in from_a_shell("timeline", home=home).stdout
