"""A program's output as a feed of changes, and every way in which a program can go wrong."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.core.change import Change, ChangeKind
from incident.errors import SourceError, UsageError
from incident.sources.changes.command import CommandFeed, parse

LINE = {
    "at": "2026-05-02T02:56:00Z", "version": "a1b2c3d", "previous": "9f8e7d6", "kind": "deploy", "service": "acme",
    "by": "kim", "title": "Faster checkout", "link": "https://git.acme.com/c/a1b2c3d",
}  # fmt: skip


def lines(*values: object) -> bytes:
    return "\n".join(json.dumps(one) for one in values).encode()


def python(code: str, timeout: float = 20) -> CommandFeed:
    return CommandFeed([sys.executable, "-c", code], "deploys", timeout)


async def failure_of(feed: CommandFeed) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await feed.fetch()
    assert caught.value.hint
    return caught.value


async def test_what_a_program_prints_becomes_changes() -> None:
    feed = python(
        f'print({json.dumps(LINE)!r}); print(); print(\'{{"at": "2026-05-02T01:00:00+01:00", "version": 7}}\')'
    )
    assert await feed.fetch() == (
        Change(
            at=datetime(2026, 5, 2, 2, 56, tzinfo=UTC), version="a1b2c3d", previous="9f8e7d6", kind=ChangeKind.DEPLOY,
            service="acme", by="kim", title="Faster checkout", link="https://git.acme.com/c/a1b2c3d", source="deploys",
        ),
        Change(at=datetime(2026, 5, 2, tzinfo=UTC), version="7", source="deploys"),
    )  # fmt: skip


async def test_a_program_that_prints_nothing_knows_of_no_change() -> None:
    assert await python("pass").fetch() == ()


async def test_the_program_has_no_input_and_a_session_of_its_own() -> None:
    code = "import os, sys, json; print(json.dumps({'at': '2026-05-02T00:00:00Z', 'version': 'v', "
    code += "'title': f'{sys.stdin.read()!r} {os.getsid(0) == os.getpid()}'}))"
    [change] = await python(code).fetch()
    assert change.title == "'' True"


async def test_no_shell_reads_the_arguments() -> None:
    code = "import sys, json; print(json.dumps({'at': '2026-05-02T00:00:00Z', 'version': sys.argv[1]}))"
    [change] = await CommandFeed([sys.executable, "-c", code, "$(id); *"]).fetch()
    assert change.version == "$(id); *"


async def test_a_failing_program_is_quoted() -> None:
    error = await failure_of(python("import sys; print('first\\n\\x1b[31mno token', file=sys.stderr); sys.exit(4)"))
    assert error.what == "it ended with exit 4: no token"
    assert error.at.startswith(sys.executable)


async def test_a_failing_program_without_words_still_has_its_exit_code() -> None:
    assert (await failure_of(python("import sys; sys.exit(3)"))).what == "it ended with exit 3"


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["no-such-program-anywhere"], "it cannot be started: No such file or directory"),
        (["/"], "it cannot be started: Permission denied"),
        (["echo", "a\x00b"], "it cannot be started: its arguments cannot be passed on"),
    ],
)
async def test_a_program_that_cannot_start_is_an_error_in_words(argv: list[str], what: str) -> None:
    assert (await failure_of(CommandFeed(argv))).what == what


async def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    # The child holds the write end of a pipe: its reader sees the end only when the child is gone.
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    code = f"import os, time; os.fork(); os.open({str(fifo)!r}, os.O_WRONLY); time.sleep(600)"
    reading = asyncio.create_task(asyncio.to_thread(fifo.read_bytes))
    error = await failure_of(python(code, timeout=1))
    assert error.what == "it did not finish within 1 s"
    assert await asyncio.wait_for(reading, 20) == b""


async def test_a_child_that_left_the_session_and_holds_the_pipe_cannot_hold_us(tmp_path: Path) -> None:
    code = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
    time.sleep(600)
"""
    error = await failure_of(python(code, timeout=1))
    assert error.what == "it did not finish within 1 s"
    os.kill(int((tmp_path / "pid").read_text()), 9)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_output_without_end_is_cut(stream: str) -> None:
    error = await failure_of(python(f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"))
    assert error.what == "it printed more than 4 MB"


async def test_a_read_that_is_given_up_leaves_no_process(tmp_path: Path) -> None:
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    code = f"import os, time; f = os.open({str(fifo)!r}, os.O_WRONLY); os.write(f, b'up'); time.sleep(600)"
    fetching = asyncio.create_task(python(code, timeout=600).fetch())
    with await asyncio.to_thread(fifo.open, "rb", 0) as alive:
        assert await asyncio.to_thread(alive.read, 2) == b"up"
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
        assert await asyncio.to_thread(alive.read, 1) == b""


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"deployed a1b2c3d", "its JSON is broken"),
        (b"[1]", "it is no JSON object"),
        (b'{"version": "v"}', "`at` is no ISO 8601 time with a zone: ''"),
        (b'{"version": "v", "at": "02:56"}', "`at` is no ISO 8601 time with a zone: '02:56'"),
        (b'{"version": "v", "at": "2026-05-02T02:56:00"}', "`at` is no ISO 8601 time with a zone"),
        (b'{"version": "v", "at": "0001-01-01T00:00:00+02:00"}', "`at` is no ISO 8601 time with a zone"),
        (b'{"at": "2026-05-02T02:56:00Z"}', "it has no `version`"),
        (b'{"at": "2026-05-02T02:56:00Z", "version": 1.5}', "`version` is no text"),
        (b'{"at": "2026-05-02T02:56:00Z", "version": true}', "`version` is no text"),
        (b'{"at": "2026-05-02T02:56:00Z", "version": "v", "kind": "party"}', "`kind` is 'party', not one of deploy"),
        (b'{"at": "2026-05-02T02:56:00Z", "version": "v", "by": ["kim"]}', "`by` is no text"),
        (b'{"version": "v", "version": "w"}', "its JSON is broken: the same key is there twice"),
        (b"[" * 100_000, "its JSON is nested too deeply"),
    ],
)
def test_a_line_that_is_no_change_is_named_by_its_number(line: bytes, what: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(lines(LINE) + b"\n\n" + line + b"\n", "deploys")
    assert caught.value.at == "deploys, line 3"
    assert caught.value.what.startswith(what)


def test_unknown_keys_and_nulls_do_no_harm() -> None:
    [change] = parse(lines(LINE | {"extra": {"a": 1}, "by": None, "kind": "config"}), "deploys")
    assert (change.by, change.kind) == ("", ChangeKind.CONFIG)


def test_a_title_cannot_reach_the_terminal_as_control_codes() -> None:
    [change] = parse(lines(LINE | {"title": "\x1b]52;c;eA==\x07two\nlines [/red]", "version": "\x1b[31ma1"}), "deploys")
    assert change.title == "two lines [/red]"
    assert change.version == "a1"


@pytest.mark.parametrize("argv", [[], [""], "deploys --all"])
def test_a_feed_without_a_program_is_refused(argv: list[str]) -> None:
    with pytest.raises(UsageError):
        CommandFeed(argv)


def test_a_feed_is_named_after_its_program() -> None:
    assert CommandFeed(["/opt/bin/deploys", "--all"]).name == "deploys"
    assert CommandFeed(["/opt/bin/deploys"], "ci").name == "ci"
