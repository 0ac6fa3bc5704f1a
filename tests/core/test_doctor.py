"""What the doctor makes of what it saw."""

from __future__ import annotations

import pytest

from incident.core import doctor
from incident.core.doctor import Verdict

OK, WARNING, PROBLEM = Verdict.OK, Verdict.WARNING, Verdict.PROBLEM


def test_a_server_is_well_when_it_answers_soon_and_its_version_is_named() -> None:
    for seconds, version, verdict, said in (
        (0.0042, "0.27.0", OK, "http://am answered in 4.2 ms, version 0.27.0"),
        (0.25, "", OK, "http://am answered in 250 ms, which does not tell its version"),
        (3.5, "2.53\x1b[2J", WARNING, "http://am answered in 3.5 s, version 2.53"),
    ):
        line = doctor.answered("am", "http://am", seconds, version)
        assert (line.verdict, line.what) == (verdict, said)
        assert bool(line.hint) == (verdict is not OK)


@pytest.mark.parametrize(
    ("offset", "verdict", "said"),
    [
        (None, OK, "could not be compared"),
        (0.4, OK, "within 2 s"),
        (-2.0, OK, "within 2 s"),
        (2.1, WARNING, "2 s ahead of this machine's"),
        (-90.0, WARNING, "90 s behind this machine's"),
        (86_400.0, WARNING, "86,400 s ahead of"),
    ],
)
def test_a_clock_that_differs_by_more_than_two_seconds_is_a_warning(
    offset: float | None, verdict: Verdict, said: str
) -> None:
    line = doctor.clock("am", offset)
    assert line.verdict is verdict
    assert said in line.what


@pytest.mark.fault(86)
@pytest.mark.parametrize(
    ("days", "verdict", "said"),
    [
        (400.5, OK, "400 days"),
        (30, OK, "30 days"),
        (29.9, WARNING, "29 days"),
        (6.9, PROBLEM, "6 days"),
        (-1, PROBLEM, "0 days"),
    ],
)
def test_a_certificate_that_ends_soon_is_said_before_it_ends(days: float, verdict: Verdict, said: str) -> None:
    line = doctor.certificate("am", days, "ca.pem")
    assert line.verdict is verdict
    assert line.what == f"TLS is verified by ca.pem; the certificate ends in {said}"


def test_credentials_in_the_clear_are_a_problem_unless_they_stay_on_this_machine() -> None:
    assert doctor.in_the_clear("am", local=True, credentials=True).verdict is OK
    assert doctor.in_the_clear("am", local=False, credentials=False).verdict is OK
    assert doctor.in_the_clear("am", local=False, credentials=True).verdict is PROBLEM


MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:5 / /dev rw - devtmpfs udev rw
30 22 0:40 / /home rw shared:2 master:3 - nfs4 files:/home rw
31 30 0:41 / /home/kim\040lee rw - tmpfs tmpfs rw
32 31 0:42 / /home/kim\040lee rw - xfs /dev/sdb rw
garbage
33 22 0:43 / /srv rw
"""


@pytest.mark.fault(10)
def test_the_file_system_under_a_folder_is_that_of_the_nearest_mount() -> None:
    for path, found in (
        ("/var/lib", ("ext4", "/")),
        ("/", ("ext4", "/")),
        ("/home/kim", ("nfs4", "/home")),
        ("/homes/kim", ("ext4", "/")),
        ("/home/kim lee/state", ("xfs", "/home/kim lee")),  # the last one mounted there lies on top
        ("/srv/x", ("ext4", "/")),
    ):
        assert doctor.mount_of(path, MOUNTS) == found
    assert doctor.mount_of("/", "") == ("", "")


@pytest.mark.fault(10)
@pytest.mark.parametrize(
    ("kind", "verdict", "said"),
    [
        ("ext4", OK, "it is on ext4 at /x"),
        ("", OK, "does not tell"),
        ("tmpfs", PROBLEM, "gone after a restart"),
        ("nfs4", WARNING, "a network disk"),
        ("fuse.sshfs", WARNING, "a network disk"),
        ("9p", WARNING, "a network disk"),
        ("overlay", WARNING, "when the container goes"),
        ("strangefs", WARNING, "nothing is known"),
    ],
)
def test_a_disk_that_may_not_keep_what_it_was_told_is_named(kind: str, verdict: Verdict, said: str) -> None:
    line = doctor.file_system("state", kind, "/x")
    assert line.verdict is verdict
    assert said in line.what


@pytest.mark.parametrize(
    ("free", "files", "verdict", "said"),
    [
        (2**40, 5, OK, "1,024.0 GB"),
        (600 * 2**20, None, OK, "600 MB"),
        (100 * 2**20, None, WARNING, "100 MB"),
        (2**20, 1, PROBLEM, "1 MB"),
        (2**40, 0, PROBLEM, "no further file"),
    ],
)
def test_a_disk_that_is_nearly_full_is_said_before_it_is_full(
    free: int, files: int | None, verdict: Verdict, said: str
) -> None:
    line = doctor.room("state", free, files)
    assert line.verdict is verdict
    assert said in line.what


def test_a_disk_on_which_every_tick_would_wait_is_a_warning() -> None:
    assert doctor.append_time("state", 0.0011).what == "a synced append takes 1.1 ms"
    assert doctor.append_time("state", 0.2).verdict is OK
    assert doctor.append_time("state", 0.3).verdict is WARNING


@pytest.mark.fault(25)
def test_an_sqlite_with_the_wal_bug_is_named_and_a_journal_in_wal_mode_is_a_problem() -> None:
    for version, named in (
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ):
        line = doctor.sqlite("journal", version)
        assert line.verdict is OK
        assert ("WAL-reset bug" in line.what) is named, version
        assert line.what.startswith(f"SQLite {'.'.join(map(str, version))}")
    line = doctor.wal("journal", "/s/journal.db")
    assert line.verdict is PROBLEM
    assert "/s/journal.db" in line.hint


@pytest.mark.fault(74)
@pytest.mark.parametrize(
    ("variables", "size", "encoding", "verdicts", "said"),
    [
        ({"TERM": "xterm-256color"}, (120, 40), "utf-8", [OK, OK, OK], "TERM is xterm-256color, 256 colours"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, (80, 24), "UTF8", [OK, OK, OK], "16 million colours"),
        ({"TERM": "xterm-direct"}, (80, 24), "UTF8", [OK, OK, OK], "16 million colours"),
        ({"TERM": "vt100"}, (80, 24), "utf-8", [OK, OK, OK], "16 colours or fewer"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, (80, 24), "utf-8", [OK, OK, OK], "no colours (NO_COLOR is set)"),
        (
            {"TERM": "tmux", "TMUX": "x", "SSH_CONNECTION": "y"}, (80, 24), "utf-8", [OK, OK, OK],
            "fewer, inside tmux and ssh",
        ),
        ({"TERM": "dumb"}, (80, 24), "utf-8", [WARNING, OK, OK], "TERM is dumb"),
        ({}, (80, 24), "utf-8", [WARNING, OK, OK], "TERM is not set"),
        ({"TERM": "xterm"}, (79, 24), "utf-8", [OK, WARNING, OK], "79x24"),
        ({"TERM": "xterm"}, (80, 23), "utf-8", [OK, WARNING, OK], "80x23"),
        ({}, None, "utf-8", [OK, OK], "this is no terminal"),
        ({"TERM": "xterm"}, (80, 24), "ascii", [OK, OK, WARNING], "written to in ascii"),
        ({"TERM": "xterm"}, (80, 24), "", [OK, OK, WARNING], "an unknown encoding"),
    ],
)  # fmt: skip
def test_a_terminal_is_judged_by_what_the_screens_need(
    variables: dict[str, str], size: tuple[int, int] | None, encoding: str, verdicts: list[Verdict], said: str
) -> None:
    lines = list(doctor.terminal(variables, size, encoding))
    assert [line.verdict for line in lines] == verdicts
    assert said in " | ".join(line.what for line in lines)


def test_what_to_do_stands_below_what_is_wrong() -> None:
    lines = [
        doctor.ok("state", "fine"),
        doctor.warning("clock", "off", "set it"),
        doctor.problem("alertmanager", "gone", ""),
        doctor.problem("prometheus", "gone", "start it"),
    ]
    assert list(doctor.text_lines(lines)) == [
        "ok       state         fine",
        "warning  clock         off",
        "                       -> set it",
        "problem  alertmanager  gone",
        "problem  prometheus    gone",
        "                       -> start it",
    ]
    assert doctor.summary(lines) == "2 problems, 1 warning, 1 ok"
    assert doctor.summary(lines[:1]) == "1 ok"
    assert lines[1].as_json() == {"verdict": "warning", "about": "clock", "what": "off", "hint": "set it"}
