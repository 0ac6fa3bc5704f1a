"""Headings by a scan of lines, the same ones that reading finds."""

from __future__ import annotations

from incident.core.runbook.outline import MAX_LISTED, outline
from incident.core.runbook.read import read

TEXT = """---
title: Front
alerts: [A]
---
# Title

Setext *one*
============

## Two `code` ##
```
# not a heading
```
text
---
- item
---
> ~~~
> # nor this
> ~~~
<!--
# nor that
-->
| Row one | x |
|---|---|
| `RowTwo` | y |
#
"""


def test_the_outline_has_the_headings_that_reading_has() -> None:
    lines = TEXT.split("\n")
    found = outline(lines)
    assert found.headings == ((5, "Title"), (7, "Setext one"), (10, "Two code"), (14, "text"), (27, ""))
    read_as = [(section.line, section.title) for section in read(TEXT.encode(), "x.md").sections]
    assert read_as == list(found.headings[1:])
    assert found.rows == ((24, "Row one"), (25, "---"), (26, "RowTwo"))
    assert (found.title, found.alerts) == ("Front", ("A",))


def test_an_endless_list_of_headings_is_cut() -> None:
    assert len(outline(["# x"] * (MAX_LISTED + 10)).headings) == MAX_LISTED
