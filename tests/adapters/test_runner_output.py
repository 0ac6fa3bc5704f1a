"""A command's output on disk: bounded, its head and its true tail right, nothing missing without being said."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.runner.backlog import Backlog
from incident.runner.following import Following
from incident.runner.intake import Intake, behind_a_gap
from incident.runner.layout import Layout
from incident.runner.lines import LEFT_OUT
from incident.runner.store import Store

HEAD, PART = 100, 40
_SAID = re.compile(rb"\n\xe2\x80\xa6 (\d+) bytes of the output are left out here\n")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC, 0o600)


def stored(folder: Path, *blocks: bytes) -> Store:
    path = folder / "1.log"
    handle = opened(path)
    store = Store(str(path), handle, Layout(HEAD, PART))
    for block in blocks:
        store.take(block)
    store.close_up()
    store.sync()
    os.close(handle)
    return store


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 139, 140, 141, 179, 180])
def test_what_fits_is_kept_whole(tmp_path: Path, size: int) -> None:
    data = bytes(range(33, 33 + 90)) * 3
    store = stored(tmp_path, data[:size])
    assert (tmp_path / "1.log").read_bytes() == data[:size]
    assert store.dropped == 0
    assert store.saved == size
    assert [path.name for path in tmp_path.iterdir()] == ["1.log"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=150), max_size=12))
def test_head_and_tail_are_true_however_the_output_arrives(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("output")
    data = b"".join(blocks)
    store = stored(folder, *blocks)
    kept = (folder / "1.log").read_bytes()
    if not store.dropped:
        assert kept == data
        return
    assert kept[:HEAD] == data[:HEAD]
    said = f"\n… {store.dropped} bytes of the output are left out here\n".encode()
    assert kept[HEAD:].startswith(said)
    tail = kept[HEAD + len(said) :]
    assert data.endswith(tail)
    assert PART <= len(tail) <= 2 * PART
    assert HEAD + store.dropped + len(tail) == len(data)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=60), st.integers(0, 1000)), max_size=12))
def test_every_byte_is_in_the_file_or_counted_there_as_left_out(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[tuple[bytes, int]]
) -> None:
    folder = tmp_path_factory.mktemp("output")
    handle = opened(folder / "1.log")
    store = Store(str(folder / "1.log"), handle, Layout(HEAD, 400))
    for block, gap in blocks:
        if gap:
            store.leave_out(gap)
        store.take(block.replace(b"\n", b"x"))
    store.close_up()
    os.close(handle)
    kept = (folder / "1.log").read_bytes()
    total = sum(len(block) + gap for block, gap in blocks)
    assert len(_SAID.sub(b"", kept)) + store.dropped == total
    assert sum(int(count) for count in _SAID.findall(kept)) == store.dropped


def test_on_a_full_disk_the_output_goes_on_and_the_hole_is_said(tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    handle = opened(tmp_path / "1.log")
    store = Store(str(tmp_path / "1.log"), os.dup(full), Layout(HEAD, PART))
    store.take(b"lost")
    store.take(b" too\n")
    assert store.trouble == "No space left on device"
    assert (store.saved, store.dropped) == (0, 9)
    os.dup2(handle, store._file)
    store.take(b"saved\n")
    assert store.trouble == ""
    assert (tmp_path / "1.log").read_text() == "\n… 9 bytes could not be saved here: No space left on device\nsaved\n"
    assert store.head_and_tail() == (("lost too", "saved"), ())
    store.close_up()
    assert store.dropped == 9


async def test_a_tail_that_cannot_be_joined_stays_in_its_parts_and_is_read_from_there(tmp_path: Path) -> None:
    handle = opened(tmp_path / "1.log")
    store = Store(str(tmp_path / "1.log"), handle, Layout(HEAD, PART))
    store.take(b"h" * 99 + b"\n" + b"m" * 99 + b"\n" + b"t" * 50 + b"\n")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, handle)
    store.close_up()
    assert store.trouble == "No space left on device"
    assert store.layout.joined == -1
    store.sync()
    store.add(b"more")
    assert names_in(tmp_path) == ["1.log", "1.log.part2", "1.log.part3"]
    late = Following(str(tmp_path / "1.log"))
    late.layout = store.layout
    await late.catch_up(store.saved)
    late.close()
    assert late.lines.take() == ("h" * 99, LEFT_OUT, "t" * 50)


async def test_the_parts_are_read_while_the_command_runs_and_the_file_afterwards(tmp_path: Path) -> None:
    handle = opened(tmp_path / "1.log")
    store = Store(str(tmp_path / "1.log"), handle, Layout(HEAD, PART))
    following = Following(str(tmp_path / "1.log"))
    following.layout = store.layout
    seen: list[str] = []
    for number in range(200):
        store.take(b"line %03d\n" % number)
        if number % 3 == 0 or number > 100:
            await following.catch_up(store.saved)
            seen += following.lines.take()
    assert seen == [f"line {number:03}" for number in range(200)]
    store.close_up()
    late = Following(str(tmp_path / "1.log"))
    late.layout = store.layout
    await late.catch_up(store.saved)
    late.lines.end()
    lines = late.lines.take()
    assert lines[:11] == tuple(f"line {number:03}" for number in range(11))
    assert lines[11:13] == ("l", LEFT_OUT)
    assert lines[-1] == "line 199"
    following.close()
    late.close()


async def test_who_reads_too_slowly_misses_what_was_dropped_and_is_told(tmp_path: Path) -> None:
    handle = opened(tmp_path / "1.log")
    store = Store(str(tmp_path / "1.log"), handle, Layout(HEAD, PART))
    following = Following(str(tmp_path / "1.log"))
    following.layout = store.layout
    store.take(b"a" * 119 + b"\n")
    await following.catch_up(store.saved)
    store.take((b"b" * 9 + b"\n") * 40)
    await following.catch_up(store.saved - 300)  # it knows less than what is there
    await following.catch_up(store.saved)
    following.lines.end()
    lines = following.lines.take()
    assert lines[:2] == ("a" * 119, LEFT_OUT)
    assert set(lines[2:]) == {"b" * 9}
    following.close()


async def test_an_output_that_is_gone_is_said_instead_of_it(tmp_path: Path) -> None:
    following = Following(str(tmp_path / "1.log"))
    await following.catch_up(10)
    assert "(the output cannot be read: No such file or directory)" in following.lines.take()


def test_in_front_of_the_head_a_command_waits_and_behind_it_the_oldest_goes() -> None:
    backlog = Backlog(2 << 20)
    block = b"x" * 65_536
    assert backlog.wait(0.0) is None
    while not backlog.full:
        backlog.put(block, 0.0)
    assert backlog.size == 1 << 20
    while backlog.wait(0.0) is not None:
        assert backlog.take(0.0) == (0, block)
    for _ in range(100):
        backlog.put(block, 1.0)
        if backlog.size <= 2 << 20:
            assert backlog.take(1.0) == (0, block)
    assert not backlog.full
    gap, first = backlog.take(1.01)
    assert first == block
    assert gap % 65_536 == 0
    rest = 0
    while (following := backlog.take_at_the_end())[1]:
        assert following[0] == 0
        rest += len(following[1])
    assert (2 << 20) + gap + len(first) + rest == backlog.size


def test_a_flood_is_sampled_and_when_it_pauses_nothing_more_is_left_out() -> None:
    backlog = Backlog(0)
    block = b"x" * 65_536
    for _ in range(17):
        backlog.put(block, 1.0)
    assert backlog.wait(1.0) == 0.0
    gap, _ = backlog.take(1.0)
    assert gap == 13 * 65_536
    for _ in range(17):
        backlog.put(block, 1.1)
    assert backlog.wait(1.1) == pytest.approx(0.15)
    gap, _ = backlog.take(1.3)  # it came to rest meanwhile
    assert gap == 9 * 65_536


@pytest.mark.parametrize(
    ("block", "rest"),
    [
        (b"torn\nwhole\n", b"whole\n"),
        (b"torn\n", b""),
        (b"x" * 10, b""),
        (b"x" * 5000 + b"y" * 10, b"x" * 904 + b"y" * 10),
        (b"aGVsbG8gd29ybGQg\naGVsbG8gd29ybGQgaGVsbG8=\n-----END RSA PRIVATE KEY-----\nwhole\n", b"whole\n"),
        (b"torn\naGVsbG8gd29ybGQgaGVsbG8=\n", b""),
    ],
)
def test_behind_a_gap_nothing_is_kept_that_may_be_the_rest_of_a_secret(block: bytes, rest: bytes) -> None:
    assert block[behind_a_gap(block) :] == rest


@pytest.mark.fault(76)
def test_a_flood_holds_no_secret_on_disk_and_says_what_it_left_out(tmp_path: Path) -> None:
    secret = "tr0ub4dor-and-3-more"
    handle = opened(tmp_path / "1.log")
    intake = Intake(str(tmp_path / "1.log"), handle, Layout(HEAD, 1 << 20), (secret,))
    line = f"{secret} was printed\n".encode()
    for _ in range(100):
        intake.take((line * 2000)[:65_536], 1.0)
        while intake.full:
            assert intake.work(1.0)
    assert intake.work_in(1.0) is not None
    while intake.work(9.0):
        continue
    intake.close_up()
    kept = (tmp_path / "1.log").read_bytes()
    assert secret.encode() not in kept
    assert kept.count(b"[redacted] was printed\n") > 1000
    assert intake.size == 6_553_600
    assert intake.dropped == sum(int(count) for count in _SAID.findall(kept)) > 0


def test_an_unfinished_line_is_seen_when_it_rests_or_is_overwritten(tmp_path: Path) -> None:
    intake = Intake(str(tmp_path / "1.log"), opened(tmp_path / "1.log"), Layout(), ())
    assert intake.unfinished(0.0) is None
    intake.take(b"one\nConti", 1.0)
    assert intake.unfinished(1.01) == ""
    assert intake.quiet_in(1.01) == pytest.approx(0.09)
    intake.take(b"nue? ", 1.05)
    assert intake.unfinished(1.2) == "Continue? "
    assert intake.unfinished(1.3) is None
    assert intake.quiet_in(1.3) is None
    intake.take(b"\n", 1.4)
    assert intake.unfinished(1.41) == ""
    assert intake.unfinished(1.6) == ""
    intake.take(b"10 %\r20 %\r", 2.0)
    assert intake.unfinished(2.0) == "20 %\r"
    intake.take(b"x" * 10_000, 3.0)
    assert intake.unfinished(4.0) == "x" * 4_000
