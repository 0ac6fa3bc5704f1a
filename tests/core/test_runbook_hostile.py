"""Bytes that are no runbook, or mean harm."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.runbook import Runnable
from incident.core.runbook.outline import outline
from incident.core.runbook.read import read
from incident.core.text import hides_something
from tests.core.runbook_shape import is_well_formed

SIZE = 1_048_576
CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("data", "notice"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"\x7fELF\0\0\0", "this is not a text file; nothing in it was read"),
        ("1. Wäit\n".encode("utf-16"), "the file is UTF-16; save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_text_gives_a_runbook_that_says_so(data: bytes, notice: str) -> None:
    assert notice in read(data, "x.md").notices


def test_a_command_with_bytes_that_are_not_utf_8_is_shown_and_never_runs() -> None:
    runbook = read(b"1. Run `kubectl get \xff`\n\n```sh\nkubectl get \xff\nls /\n```\n", "x.md")
    assert [command.runnable for command in runbook.commands] == [Runnable.NO, Runnable.NO, Runnable.YES]
    assert "line 1 is not UTF-8" in runbook.notices[0]


def test_what_lies_behind_the_limits_is_said_to_be_missing() -> None:
    long = read(b"1. Wait for it, then wait\n" * 60_000, "x.md")
    assert "only the first 1,048,576 were read" in long.notices[0]
    assert "only the first 25,000 of" in long.notices[1]
    assert len(long.steps) == 25_000
    wide = read(b"x" * (SIZE + 1), "x.md")
    assert len(wide.notices) == 1


HOSTILE = [
    "- ", "> ", "[", "![[", "](", "a**", "*a _b ", "`a``", "<!--", "<!-- -->", "<a ", "| a ", "1. Check x\n", "> - a\n",
    "# If a\n\n1. b\n\n", "a\n=\n", "[a]: b\n[a] ", "```sh\ncat <<EOF\n", "$ echo '\n", "if a, check b, ", "&lt;",
    "\\[",     "- Run `kubectl get pods` <a>\n", "!!! note\n    a\n", "(", "\t", "~~~\n", "```sh\necho $(\n", "a\n",
]  # fmt: skip

READ_EACH = """
import json, math, resource, sys, time
from incident.core.runbook.read import read
for unit in json.load(sys.stdin):
    data = (unit * (524_288 // len(unit) + 1))[:524_288].encode()
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + 4, resource.RLIM_INFINITY))
    read(data, "x.md")
    print(json.dumps(unit))
"""


@pytest.mark.fault(68)
def test_half_a_megabyte_of_anything_is_read_within_a_few_seconds_of_processor_time() -> None:
    # The kernel ends the process that takes longer than twice what is allowed; a busy machine makes no difference.
    done = subprocess.run(
        [sys.executable, "-c", READ_EACH], input=json.dumps(HOSTILE), capture_output=True, text=True, cwd=CHECKOUT
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == HOSTILE, done.stderr


@pytest.mark.fault(68)
def test_many_things_left_open_do_not_cost_their_square() -> None:
    data = ("```sh\n" + "echo $(\n" * 60_000).encode()
    runbook = read(data, "x.md")
    assert len(runbook.commands) == 20
    assert {command.runnable for command in runbook.commands} == {Runnable.NO}
    assert sum("stays open" in notice for notice in runbook.notices) == 20


def test_more_broken_commands_than_anybody_reads_are_counted() -> None:
    block = "```sh\necho 'a\n```\n\n"
    notices = read((block * 25).encode(), "x.md").notices
    assert notices[-1] == "and 5 more like it"
    assert len(notices) == 21


def test_something_too_deep_is_said() -> None:
    deep = "".join("  " * level + "- a\n" for level in range(60))
    assert "24 lists or quotes deep" in read(deep.encode(), "x.md").notices[0]


@pytest.mark.fault(57, 61)
def test_everything_but_a_command_is_inert_and_the_command_is_untouched() -> None:
    text = (
        "# T\x1b]0;x\x07 \u202e\n\n## S\x1b[31m\n\nPro\u200bse\n\n1. Wa\x1b[2Jit (5 min)\n\n   de\u2066tail\n\n"
        "```sh\nkubectl get \u202epods\n```\n\n## Escalation\n- bo\x9b1mss\n"
    )
    runbook = read(text.encode(), "x.md")
    shown = [runbook.title, *(s.title for s in runbook.sections), *(p for s in runbook.sections for p in s.prose)]
    shown += [s.text for s in runbook.steps] + [d for s in runbook.steps for d in s.detail]
    shown += [contact.text for contact in runbook.contacts]
    assert not any(hides_something(word.replace("\n", "")) for word in shown)
    assert runbook.commands[0].text == "kubectl get \u202epods"


@given(st.binary(max_size=2_000))
@settings(max_examples=150, deadline=None)
def test_no_bytes_whatever_raise(data: bytes) -> None:
    runbook = read(data, "x.md")
    assert len(runbook.sha256) == 64


PIECES = st.sampled_from(
    ["```", "```sh\n", "~~~", "<!--", "-->", "- ", "1. ", "> ", "`", "$ ", "# ", "\n", "\n\n", "    ", "\t", '"', "'",
     "(", ")", "[", "]", "<", ">", "{", "}", "\\", "|", "|-|", "&&", "<<EOF", "EOF", "If ", "---\n", "+++\n",
     "!!! note\n", "<details>",
     "\x00", "\u202e", "$(", "kubectl get <x>", "\r", "{{", "**", "_", "run it", "[x](y)", "[ ] "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_mix_of_marks_raises_or_breaks_the_shape(pieces: list[str]) -> None:
    text = "".join(pieces)
    runbook = read(text.encode(), "x.md")
    outline(text.split("\n"))
    is_well_formed(runbook)
