"""The follow-up review, four weeks on: what shipped, what did not and why; written below the table of action items."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from incident.core.actions.item import Outcome
from incident.core.actions.page import ActionPage
from incident.core.markdown import edited, front_end
from incident.core.text import one_line
from incident.errors import UsageError

_STATUS = re.compile(r"status:[ \t]*\S+[ \t]*(#.*)?\Z")

Verdicts = Mapping[str, tuple[Outcome, str]]  # by the item's number: what became of it, and why


def reviewed(page: ActionPage, verdicts: Verdicts, on: date) -> str:
    """The file's text with one more review, and with `status: closed` when nothing is open behind it.

    Raises UsageError for an item that is not there, or one that did not ship without a reason.
    """
    for number, (outcome, why) in verdicts.items():
        page.item(number)
        if outcome is not Outcome.SHIPPED and not why.strip():
            raise UsageError(
                f"action item {number} is {outcome}, and no reason is given",
                at=page.path,
                hint="say in a few words why; the next reader will want to know",
            )
    if not verdicts:
        raise UsageError("the review says nothing of any action item", at=page.path)
    rows = [
        f"| {item.number} | {verdicts[item.number][0]} | {_cell(verdicts[item.number][1])} |".replace("|  |", "| |")
        for item in page.written
        if item.number in verdicts
    ]
    section = ["", f"### Follow-up review {on.isoformat()}", "", "| # | Outcome | Note |", "| --- | --- | --- |", *rows]
    end = page.end
    while not page.lines[end - 1].strip():
        end -= 1
    if end < len(page.lines) and page.lines[end].strip():
        section.append("")
    done = all(item.number in verdicts and verdicts[item.number][0] is not Outcome.OPEN for item in page.open)
    return edited(page.text, _closed(page.lines) if done else {}, {end: section})


def _cell(text: str) -> str:
    return one_line(text).replace("|", "\\|")


def _closed(lines: Sequence[str]) -> dict[int, str]:
    """`status: closed` in the front matter, where there is one that has a status."""
    for number, line in enumerate(lines[: front_end(lines)], 1):
        if found := _STATUS.match(line):
            return {number: f"status: closed{'  ' + found[1] if found[1] else ''}"}
    return {}
