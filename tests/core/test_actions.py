"""Action items: read from the table that people edit, written back without another change, and held to a few rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.actions import ActionPage, Outcome, read
from incident.core.actions.lint import RULES, alike, check
from incident.core.actions.page import cells, with_cell
from incident.core.actions.review import reviewed
from incident.core.check.finding import Rule, Severity
from incident.errors import IncidentError, UsageError

TODAY = date(2026, 5, 3)
FRONT = """---
id: INC-20260502-acme-1
title: "Errors: after a deploy"
kind: incident
status: in-review
follow_up_review: 2026-05-30
---
# INC-20260502-acme-1

## Timeline

```
## Action items
```

<!-- ## Action items
-->

"""
TABLE = """## Action items
| # | Action | Type | Owner | Due | Ticket |
| --- | --- | --- | --- | --- | --- |
| 1 | Put a connection limit on the cart service | prevent | kim | 2026-05-20 | [S-17](https://t.example/S-17) |
| 2 | Page when `a \\| b` has no data | detect | lee | 2026-05-10 | TODO |

Follow-up review: 2026-05-30 (four weeks).

"""
DOCUMENT = FRONT + TABLE + "## Appendix\ntext\n"


def page_of(text: str, path: str = "postmortems/one.md") -> ActionPage:
    found = read(text, path)
    assert found is not None
    return found


def ids(page: ActionPage, *earlier: ActionPage, today: date = TODAY) -> list[str]:
    return [finding.rule for finding in check(page, today, earlier)]


def row(action: str = "Put a limit on the pool", kind: str = "prevent", owner: str = "kim", due: str = "2026-05-20",
        ticket: str = "SHOP-1", number: str = "1") -> str:  # fmt: skip
    return f"| {number} | {action} | {kind} | {owner} | {due} | {ticket} |\n"


def page_with(*rows: str, front: str = FRONT) -> ActionPage:
    heads = "\n".join(TABLE.split("\n")[:3])
    return page_of(f"{front}{heads}\n{''.join(rows)}")


def test_the_table_is_read_with_its_lines_and_nothing_in_code_or_comments_is_taken_for_it() -> None:
    page = page_of(DOCUMENT)
    assert (page.id, page.title, page.kind, page.status) == (
        "INC-20260502-acme-1", "Errors: after a deploy", "incident", "in-review",
    )  # fmt: skip
    assert page.follow_up == date(2026, 5, 30)
    first, second = page.items
    assert (first.number, first.type, first.owner, first.due) == ("1", "prevent", "kim", date(2026, 5, 20))
    assert first.ticket == "https://t.example/S-17"
    assert second.action == "Page when `a | b` has no data"
    assert second.ticket == ""
    assert page.lines[second.line - 1].startswith("| 2 |")
    assert page.open == page.written == page.items
    assert page.name == "INC-20260502-acme-1"
    assert page.item("2") is second
    with pytest.raises(UsageError, match="no action item '9'"):
        page.item("9")


def test_a_file_without_the_section_has_none_and_one_without_a_table_has_no_items() -> None:
    assert read("# A page\n\nAction items: none\n", "a.md") is None
    page = page_of("## Action items\n\nWe did not agree on any.\n\n| a | b |\n| - | - |\n| 1 | 2 |\n")
    assert (page.items, page.columns, page.name) == ((), None, "postmortems/one.md")
    with pytest.raises(UsageError, match="it has none"):
        page.item("1")
    assert page_of("## Action items\n").columns is None


def test_columns_may_stand_in_any_order_under_the_names_that_teams_use() -> None:
    page = page_of(
        "# X\n### Action items\n"
        "Owner | Extra | Action item | Due date | Action\n--- | :-: | --- | ---: | ---\n"
        "kim | x | Limit the pool | soon | again\nlee |\n\n| not | part |\n#### Not doing\n- all else\n## Next\n"
    )
    one, two = page.items
    assert (one.number, one.owner, one.action, one.due_text, one.due) == ("1", "kim", "Limit the pool", "soon", None)
    assert (one.type, one.ticket) == ("", "")
    assert page.lines[page.end - 1] == "- all else"
    assert (two.number, two.owner, two.written) == ("2", "lee", False)


def test_front_matter_that_is_broken_is_told_with_its_line_and_missing_parts_are_empty() -> None:
    with pytest.raises(IncidentError) as off:
        read("---\nid: [\n---\n## Action items\n", "a.md")
    assert off.value.at.startswith("a.md:")
    page = page_of("---\n- a list\n---\n## Action items\n\nFollow-up review: 2026-06-01\n")
    assert (page.id, page.follow_up) == ("", date(2026, 6, 1))
    empty = page_of("---\nid: TODO\nkind: [a]\nfollow_up_review: soon\n---\n## Action items\n")
    assert (empty.id, empty.kind, empty.follow_up) == ("", "", None)
    open_front = page_of("---\nno end\n\n## Action items\n")
    assert open_front.follow_up is None
    assert page_of("## Action items\nFollow-up review: 2026-13-77\n").follow_up is None


def test_a_backslash_at_the_end_of_a_row_is_text() -> None:
    assert cells("| a | b\\") == [(1, 4), (5, 8)]


@given(st.text(alphabet="|\\ ab", max_size=30))
def test_the_cells_of_any_row_cover_it_without_overlap(line: str) -> None:
    spans = cells(line)
    assert spans
    for (_, end), (begin, _) in pairwise(spans):
        assert line[end] == "|"
        assert begin == end + 1
    assert all(begin <= end <= len(line) for begin, end in spans)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_writing_a_ticket_changes_one_cell_and_no_other_byte(end: str, mark: str) -> None:
    text = mark + DOCUMENT.replace("\n", end)
    page = page_of(text)
    after = with_cell(page, page.item("2"), "ticket", "https://t.example/a|b")
    assert after == text.replace("| 2026-05-10 | TODO |", "| 2026-05-10 | https://t.example/a\\|b |")
    assert page_of(after).item("2").ticket == "https://t.example/a|b"


def test_a_row_that_is_too_short_is_filled_up_and_a_missing_column_is_an_error() -> None:
    page = page_of(
        "## Action items\n| # | Action | Owner | Ticket |\n|---|---|---|---|\n| 1 | Limit it\n| 2 | Drop it |\n"
    )
    for number in ("1", "2"):
        assert page_of(with_cell(page, page.item(number), "ticket", "T-1")).item(number).ticket == "T-1"
    with pytest.raises(UsageError, match="no column `due`"):
        with_cell(page, page.item("1"), "due", "2026-05-30")
    first = page_of("## Action items\nAction|Ticket\n-|-\nLimit it|TODO").item("1")
    assert first.ticket == ""


def test_a_review_is_written_below_the_table_and_read_again() -> None:
    page = page_of(DOCUMENT)
    text = reviewed(page, {"1": (Outcome.SHIPPED, ""), "2": (Outcome.OPEN, "waits | for data")}, date(2026, 5, 30))
    assert text.startswith(FRONT + TABLE.rstrip("\n"))
    assert text.endswith("\n## Appendix\ntext\n")
    again = page_of(text)
    assert [item.outcome for item in again.items] == [Outcome.SHIPPED, Outcome.OPEN]
    assert again.item("2").why == "waits | for data"
    assert [item.number for item in again.open] == ["2"]
    assert again.status == "in-review"
    closed = page_of(reviewed(again, {"2": (Outcome.DROPPED, "the service is gone")}, date(2026, 6, 27)))
    assert closed.status == "closed"
    assert not closed.open
    assert [review.at for review in closed.reviews] == [date(2026, 5, 30), date(2026, 6, 27)]
    assert check(closed, TODAY) == []


def test_a_review_needs_reasons_and_items_that_are_there() -> None:
    page = page_of(DOCUMENT)
    with pytest.raises(UsageError, match="no reason is given"):
        reviewed(page, {"1": (Outcome.DROPPED, " ")}, TODAY)
    with pytest.raises(UsageError, match="no action item"):
        reviewed(page, {"7": (Outcome.SHIPPED, "")}, TODAY)
    with pytest.raises(UsageError, match="says nothing"):
        reviewed(page, {}, TODAY)


def test_a_file_without_front_matter_or_without_a_status_is_reviewed_all_the_same() -> None:
    for front in ("", "---\nid: X\n---\n"):
        page = page_of(front + TABLE.rstrip("\n") + "\n### Notes\nx")
        text = reviewed(page, dict.fromkeys(("1", "2"), (Outcome.SHIPPED, "")), TODAY)
        assert not page_of(text).open
        assert "status" not in text
    end = page_of("---\nstatus: draft # by hand\n---\n" + TABLE.split("\n\n")[0])
    text = reviewed(end, dict.fromkeys(("1", "2"), (Outcome.SHIPPED, "")), TODAY)
    assert "status: closed  # by hand\n" in text
    tight = page_of(TABLE.split("\n\n")[0] + "\n## Next\nx")
    assert "\n\n## Next" in reviewed(tight, {"1": (Outcome.SHIPPED, "")}, TODAY)


def test_what_a_review_says_of_strange_words_or_without_a_day_is_left_aside() -> None:
    odd = "\n### Follow-up review 2026-05-30\n\n| # | Outcome | Note |\n|-|-|-|\n| 1 | perhaps | x |\n| 2 | Shipped |\n"
    page = page_of(FRONT + TABLE + odd + "\n### Follow-up review 2026-99-99\n\n### Follow-up review 2026-06-01\nnone\n")
    assert [item.outcome for item in page.items] == [Outcome.OPEN, Outcome.SHIPPED]
    assert len(page.reviews) == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_bad_example_of_every_rule_is_found_and_the_good_one_is_not(rule: Rule) -> None:
    bad = [finding for finding in check(page_of(rule.bad), TODAY) if finding.rule == rule.id]
    assert {finding.severity for finding in bad} == {rule.severity}
    assert all(finding.hint and 1 <= finding.line <= rule.bad.count("\n") + 1 for finding in bad)
    assert rule.id not in ids(page_of(rule.good))


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row()], []),
        ([row(owner="kim and lee")], ["action-group-owner"]),
        ([row(owner="@org/platform")], ["action-group-owner"]),
        ([row(owner="SRE")], ["action-group-owner"]),
        ([row(owner="Kim Teamson")], []),
        ([row(due="2026-5-9")], ["action-due"]),
        ([row(due="")], ["action-due"]),
        ([row(due="2026-05-02")], ["action-overdue"]),
        ([row(due="2026-06-15")], ["action-after-review"]),
        ([row(action="Ensure that it works")], ["action-wish"]),
        ([row(action="Document the gate")], ["action-weak"]),
        ([row(action="`Improvements` are listed")], []),
        ([row(kind="fix")], ["action-type"]),
        ([row(action="TODO", kind="", owner="", due="", ticket="")], ["action-none"]),
    ],
)
def test_an_item_is_held_to_the_rules(rows: list[str], found: list[str]) -> None:
    assert ids(page_with(*rows)) == found


def test_an_empty_draft_is_only_worth_knowing() -> None:
    draft = page_with(row(action="TODO"), front=FRONT.replace("in-review", "draft"))
    assert [finding.severity for finding in check(draft, TODAY)] == [Severity.INFO]


def test_an_item_that_an_earlier_post_mortem_still_asks_for_is_said() -> None:
    one = page_with(row())
    other = replace(page_with(row(action="Put the limit on a pool!")), path="postmortems/two.md", id="INC-2")
    shipped = replace(other, items=tuple(replace(item, outcome=Outcome.SHIPPED) for item in other.items))
    assert ids(one, other) == ["action-repeats"]
    assert "in INC-2" in check(one, TODAY, [other])[0].message
    assert ids(one, shipped, one) == []
    assert not alike("", "Put a limit")


def test_items_that_shipped_or_were_dropped_are_left_in_peace() -> None:
    page = page_with(row(owner="", due="2020-01-01"))
    done = page_of(
        reviewed(page, {"1": (Outcome.DROPPED, "gone")}, TODAY).replace("status: closed", "status: reviewed")
    )
    assert ids(done) == []
