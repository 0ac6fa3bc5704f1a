"""The heading around a line, and where a runbook's file is."""

from __future__ import annotations

import pytest

from incident.core.ports import RunbookFile
from incident.core.runbook.part import anchor_at
from incident.core.runbook.read import read

TEXT = b"Words before.\n\n# Many\n\n## First one\n1. Look\n\n## First one\n1. Look again\n"


@pytest.mark.parametrize(("line", "anchor"), [(1, ""), (5, "first-one"), (6, "first-one"), (9, "first-one-1")])
def test_a_line_is_named_by_the_heading_around_it(line: int, anchor: str) -> None:
    assert anchor_at(read(TEXT, "many.md"), line) == anchor


def test_a_runbooks_file_is_named_by_its_root_and_path() -> None:
    assert RunbookFile("a/b.md", "/books", b"", "").location == "/books/a/b.md"
    assert RunbookFile("/tmp/b.md", "", b"", "").location == "/tmp/b.md"
