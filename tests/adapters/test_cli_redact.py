"""`incident redact` as a pipe sees it: bytes in, bytes out, one line at a time."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.core.test_redaction_forms import LONG, MIXED, WEAK, drawn
from tests.system.terminal import INCIDENT, PATIENCE, from_a_shell, surroundings

OWN = "own" + "-secret-value"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with nothing."""
    return tmp_path


def piped(home: Path, data: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*INCIDENT, "redact", *arguments],
        input=data,
        cwd=home,
        env=surroundings(home, {"OWN_SECRET": OWN, "SHORT": "abc"}),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


def started(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*INCIDENT, "redact", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=home, env=surroundings(home),
        bufsize=0,
    )  # fmt: skip


def test_secrets_are_masked_on_the_way_through(home: Path) -> None:
    done = from_a_shell("redact", home=home, text=f"a\npassword: {WEAK}\nb")
    assert (done.returncode, done.stdout, done.stderr) == (0, "a\npassword: [redacted: password]\nb", "")


def test_how_many_there_were_is_narration(home: Path) -> None:
    done = piped(home, f"pw={WEAK} token={MIXED}\n".encode(), "--count")
    assert (done.returncode, done.stdout) == (0, b"pw=[redacted: password] token=[redacted: token]\n")
    assert done.stderr == b"2 secrets masked\n"
    assert piped(home, f"pw={WEAK}".encode(), "--count").stderr == b"1 secret masked\n"


@pytest.mark.fault(77)
def test_the_value_of_a_variable_is_masked_wherever_it_stands(home: Path) -> None:
    done = piped(home, f"got {OWN}\n".encode(), "--known-env", "OWN_SECRET")
    assert done.stdout == b"got [redacted]\n"


@pytest.mark.parametrize(("name", "why"), [("NOT_THERE", "is not set"), ("SHORT", "is shorter than 6 characters")])
def test_a_variable_that_masks_nothing_is_refused(home: Path, name: str, why: str) -> None:
    done = piped(home, b"x\n", "--known-env", name)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"incident: {name}: the variable {why} - nothing was read\n"


def test_binary_passes_as_it_is(home: Path) -> None:
    data = bytes(range(256)) * 40 + b"\xff\xfe\n\x00\r\xc3"
    assert piped(home, data).stdout == data
    assert piped(home, b"").stdout == b""


def test_files_are_read_one_after_another_and_a_dash_is_standard_input(home: Path) -> None:
    (home / "a").write_bytes(b"kind: Secret\ndata:\n")
    (home / "b").write_bytes(f"pw: {WEAK}\n".encode())
    done = piped(home, b"middle\n", "a", "-", "b")
    assert done.stdout == b"kind: Secret\ndata:\nmiddle\npw: [redacted: password]\n"


@pytest.mark.parametrize(("name", "why"), [("nowhere", "No such file or directory"), (".", "Is a directory")])
def test_what_cannot_be_read_is_said_before_anything_is_given_out(home: Path, name: str, why: str) -> None:
    (home / "a").write_bytes(b"text\n")
    done = piped(home, b"", "a", name)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"incident: {name}: {why} - nothing was given out\n"


def test_check_says_where_and_of_which_kind_and_not_what(home: Path) -> None:
    (home / "a").write_bytes(f"x\npw: {WEAK}\r\nseed {drawn(44)}\nAuthorization: Bearer {LONG}\n".encode())
    done = piped(home, b"", "--check", "a")
    assert (done.returncode, done.stdout) == (1, b"a:2: password\na:4: header\n")
    assert done.stderr == b"a:3: random text, which may be a secret\n"


def test_check_of_clean_input_is_good_and_says_nothing(home: Path) -> None:
    done = piped(home, b"all is well\n", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    marked = piped(home, f"pw: {WEAK}".encode(), "--check", "-")
    assert (marked.returncode, marked.stdout) == (1, b"standard input:1: password\n")


def test_a_line_comes_out_before_the_next_one_comes_in(home: Path) -> None:
    process = started(home)
    assert process.stdin is not None
    assert process.stdout is not None
    for line in (b"one\n", f"pw: {WEAK}\n".encode(), b"three\n"):
        process.stdin.write(line)
        assert process.stdout.readline() == line.replace(WEAK.encode(), b"[redacted: password]")
    rest, _ = process.communicate(b"four", timeout=PATIENCE)
    assert (rest, process.returncode) == (b"four", 0)


def test_an_interrupt_gives_out_what_was_read(home: Path) -> None:
    process = started(home)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"whole\nhalf")
    assert process.stdout.readline() == b"whole\n"
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=PATIENCE)
    assert (rest, said, process.returncode) == (b"half", b"", 130)


def test_a_reader_that_has_had_enough_is_no_error(home: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", 'yes | "$@" redact | head -n 1; echo "${PIPESTATUS[1]}"', "-", *INCIDENT],
        cwd=home, env=surroundings(home), capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("y\n0\n", "")
