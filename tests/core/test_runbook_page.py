"""A runbook for reading: every block, clean, with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.runbook.page import Look, page


def blocks(text: str) -> list[tuple[Look, int, str]]:
    return [(block.look, block.line, block.words) for block in page(text.encode())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# T\n\ntext", [(Look.HEADING, 1, "T"), (Look.TEXT, 3, "text")]),
        ('!!! warning "Mind"\n    so', [(Look.LABEL, 1, "WARNING Mind"), (Look.TEXT, 2, "so")]),
        (":::{note}\nso\n:::", [(Look.LABEL, 1, "NOTE"), (Look.TEXT, 2, "so")]),
        ("> [!TIP]\n> so", [(Look.LABEL, 1, "TIP"), (Look.TEXT, 2, "so")]),
        ("> [!TIP]", [(Look.LABEL, 1, "TIP")]),
        ("> said", [(Look.TEXT, 1, "said")]),
        ("```sh\nls\n```", [(Look.CODE, 1, "ls")]),
        ("| a | b |\n|---|---|\n| c | d |", [(Look.TABLE, 1, "a b c d")]),
        ("- ```\n  x\n  ```", [(Look.ITEM, 1, ""), (Look.CODE, 1, "x")]),
        ("-", [(Look.ITEM, 1, "")]),
        ("see [it](http://x)", [(Look.TEXT, 1, "see it http://x")]),
        ("", []),
    ],
)
def test_every_kind_of_block_is_there_in_order(text: str, expected: list[tuple[Look, int, str]]) -> None:
    assert blocks(text) == expected


def test_items_keep_their_markers_and_depth() -> None:
    read = page(b"3. a\n   - b\n- [ ] c\n")
    assert [(block.marker, block.level) for block in read] == [("3.", 0), ("•", 1), ("☐", 0)]


@given(st.text(alphabet="#>-*|`!:[]() \n\tab1.<{}\x1b\x9b\u202e", max_size=200))
def test_nothing_that_a_page_says_acts_on_a_terminal(text: str) -> None:
    for block in page(text.encode()):
        assert all(char.isprintable() or char in "\n\t" for char in f"{block.words}{block.marker}")
