"""What each line of a Markdown file is, and files that are changed by lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incident.core.markdown import Kind, edited, front_end, lines_in, scan

FILE = """---
title: A
---
# One <!-- said -->
text
<!-- a comment
# no heading
-->
- ```sh
  # no heading either
  ```
## Two ##
~~~
```
# still code
~~~
<!-- short --> # text
"""


def test_each_line_is_what_a_reader_takes_it_for() -> None:
    kinds = [line.kind for line in scan(lines_in(FILE.rstrip("\n")))]
    code, comment = Kind.CODE, Kind.COMMENT
    assert kinds == [
        *[Kind.FRONT] * 3, Kind.HEADING, Kind.TEXT, *[comment] * 3, *[code] * 3, Kind.HEADING, *[code] * 4, Kind.TEXT,
    ]  # fmt: skip
    told = [(line.number, line.level, line.title) for line in scan(lines_in(FILE)) if line.kind is Kind.HEADING]
    assert told == [(4, 1, "One"), (12, 2, "Two")]


def test_front_matter_that_nothing_ends_is_none() -> None:
    assert front_end(["---", "a: 1"]) == 0
    assert front_end([]) == 0
    assert front_end(["--- ", "...", "---"]) == 2


@given(
    st.lists(st.text("ab", max_size=2), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\ufeff"]),
    st.data(),
)
def test_lines_that_are_changed_and_added_stand_where_they_were_meant(
    lines: list[str], end: str, mark: str, data: st.DataObject
) -> None:
    places = st.integers(1, len(lines))
    changed = data.draw(st.dictionaries(places, st.just("X"), max_size=3))
    added = data.draw(st.dictionaries(places, st.just(["Y", "Z"]), max_size=3))
    wanted = [one for at, line in enumerate(lines, 1) for one in (changed.get(at, line), *added.get(at, []))]
    own = end if len(lines) > 1 else "\n"
    assert edited(mark + end.join(lines), changed, added) == mark + own.join(wanted)
