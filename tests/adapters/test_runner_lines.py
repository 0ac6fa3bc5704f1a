"""From bytes to lines, wherever the bytes are torn and however many there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.runner.lines import BURST, LEFT_OUT, LONGEST, Lines


def told(*blocks: bytes) -> list[str]:
    lines = Lines()
    for block in blocks:
        lines.feed(block)
    lines.end()
    return list(lines.take())


@pytest.mark.fault(38)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_where_the_bytes_are_torn_makes_no_difference(size: int) -> None:
    data = "é€😀\r\nstate 1\rstate 2\r\n\n\rlast\x1b[31m red\x1b[0m".encode() + b"\xff"
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    assert told(*blocks) == told(data) == ["é€😀", "state 2", "", "last red\ufffd"]


@given(st.lists(st.text(st.sampled_from("ab\r\n\t é"), max_size=30), max_size=8))
def test_torn_or_not_the_lines_are_the_same(texts: list[str]) -> None:
    assert told(*(text.encode() for text in texts)) == told("".join(texts).encode())


@pytest.mark.fault(37)
def test_a_line_that_never_ends_is_kept_as_its_beginning_and_its_length() -> None:
    assert told(*[b"x" * 1_000] * 10) == ["x" * LONGEST + "… (6000 more characters)"]
    assert told(b"x" * 10_000, b"\rshort\n") == ["short"]
    assert told(b"y" * 10_000 + b"\n") == ["y" * LONGEST + "… (6000 more characters)"]
    assert told(b"\n" * 20, b"a\n" + b"y" * 10_000 + b"\nb\n")[20:] == [
        "a",
        "y" * LONGEST + "… (6000 more characters)",
        "b",
    ]


def test_of_a_flood_the_last_lines_are_handed_on_and_the_gap_is_said() -> None:
    lines = Lines()
    lines.feed("".join(f"{number}\n" for number in range(5_000)).encode())
    assert lines
    assert lines.take() == (LEFT_OUT, *(str(number) for number in range(5_000 - BURST, 5_000)))
    assert not lines
    assert lines.take() == ()
    lines.feed("".join(f"{number}\n" for number in range(5_000)).encode())
    assert lines.take() == (LEFT_OUT, *(str(number) for number in range(5_000 - BURST, 5_000)))
    lines.feed(b"calm\n")
    assert lines.take() == ("calm",)
    assert lines.head == [str(number) for number in range(20)]
    assert list(lines.tail) == [*(str(number) for number in range(4_981, 5_000)), "calm"]


def test_behind_a_jump_only_whole_lines_are_shown() -> None:
    lines = Lines()
    lines.feed(b"one\ntwo beg")
    lines.skip()
    lines.skip()
    lines.feed(b"in the middle ")
    lines.feed("of a line, é"[0:].encode()[:-1])
    lines.feed(b"\nwhole\n")
    lines.skip()
    lines.feed(b"\xa9 torn character\rstate\nnext\r\n")
    lines.skip()
    lines.feed(b"unfinished\r\nx")
    lines.end()
    assert lines.take() == ("one", "two beg", LEFT_OUT, "whole", LEFT_OUT, "state", "next", LEFT_OUT, "x")
    assert lines.head == ["one", "two beg"]
    assert list(lines.tail) == ["whole", "state", "next", "x"]
