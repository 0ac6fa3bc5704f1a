"""An exit status in words: right or nothing."""

from __future__ import annotations

import pytest

from incident.core.command_exit import words_for

PLAIN = ("kubectl", "get", "pods")


def bash(script: str) -> tuple[str, ...]:
    return ("bash", "-u", "-c", script)


@pytest.mark.fault(39)
@pytest.mark.parametrize(
    ("status", "argv", "word"),
    [
        (-2, PLAIN, "INT, interrupted"),
        (-9, PLAIN, "KILL, killed"),
        (-15, PLAIN, "TERM, told to end"),
        (-10, PLAIN, "ended by signal 10"),
        (126, PLAIN, "a program may not be executed"),
        (127, ("env", "gh"), "a program was not found"),
        (127, bash("gh workflow list"), "a program or a variable was not found"),
        (130, bash("sleep 9; true"), "INT, interrupted"),
        (137, PLAIN, "KILL, killed"),
        (141, bash("yes | head"), "PIPE, nobody read the rest of its output; rarely a failure"),
        (1, ("/usr/bin/grep", "-c", "x", "log"), "no match"),
        (1, bash("kubectl logs web | LC_ALL=C grep 502"), "no match"),
        (1, bash("grep -c 502 /var/log/nginx/*.log 2>&1 > /dev/null"), "no match"),
        (1, bash("diff a b"), "they differ"),
        (255, ("ssh", "db-1", "uptime"), "ssh itself failed"),
        (124, ("timeout", "5", "curl", "example.org"), "it took too long"),
    ],
)
def test_a_status_that_has_a_meaning_is_told_in_words(status: int, argv: tuple[str, ...], word: str) -> None:
    assert words_for(status, argv) == word


@pytest.mark.fault(39)
@pytest.mark.parametrize(
    ("status", "argv"),
    [
        (0, PLAIN),
        (1, PLAIN),
        (2, ("grep", "x", "missing")),
        (129, ("git", "log", "--nonsense")),
        (200, PLAIN),
        (1, ()),
        (1, ("bash", "script.sh")),
        (1, ("bash",)),
        (1, bash("")),
        (1, bash("A=1")),
        (1, bash("test -f x && grep y x")),
        (1, bash("false; grep y x")),
        (1, bash("grep y x &")),
        (1, bash("(cd /; grep y x)")),
        (1, bash("grep y x || exit 1")),
        (1, bash("cd /tmp\ngrep y x")),
        (1, bash("! grep y x")),
        (1, bash("grep y x | wc -l")),
        (1, bash("grep 'unbalanced x")),
        (1, ("bash", "-o", "pipefail", "-c", "false | grep y")),
        (1, bash("grep '' x; exit 1")),
        (1, bash("notify '|' grep y")),
        (1, bash("notify \\| grep y")),
        (1, bash("grep y < missing")),
        (1, bash("grep y x > /no/such/folder")),
    ],
)
def test_a_status_that_may_mean_anything_stays_a_number(status: int, argv: tuple[str, ...]) -> None:
    assert words_for(status, argv) == ""
