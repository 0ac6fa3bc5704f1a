"""A post-mortem as far as its action items go: the table, the reviews below it, and what the front matter says.

The Markdown is the only place where action items are kept. So a change to it is a change of one line: every other
byte of the file stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from incident.core import strict_yaml
from incident.core.actions.item import ActionItem, Outcome, said
from incident.core.markdown import Kind, edited, front_end, lines_in, scan
from incident.core.text import one_line
from incident.errors import IncidentError, UsageError

_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_CELL = re.compile(r"(?:\\.|[^|\\])*")
_LINK = re.compile(r"\[([^\[\]]*)\]\((\S+?)\)")
_REVIEW = re.compile(r"follow-up review\s+(\d{4}-\d\d-\d\d)", re.IGNORECASE)
_REVIEW_DAY = re.compile(r"follow-up review:\s*(\d{4}-\d\d-\d\d)", re.IGNORECASE)
_COLUMNS = {
    "#": "number", "no": "number", "id": "number",
    "action": "action", "action item": "action", "item": "action", "task": "action",
    "type": "type", "kind": "type",
    "owner": "owner", "assignee": "owner",
    "due": "due", "due date": "due", "deadline": "due",
    "ticket": "ticket", "issue": "ticket", "bug": "ticket", "tracking": "ticket",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Review:
    """One follow-up review: when it was, and what it says of each item by its number."""

    at: date
    line: int
    outcomes: Mapping[str, tuple[Outcome, str]]


@dataclass(frozen=True, slots=True)
class ActionPage:
    """A post-mortem's action items. Lines are counted from 1."""

    path: str
    text: str  # the whole file, as it was read
    lines: tuple[str, ...]  # without their ends
    id: str = ""
    title: str = ""
    kind: str = ""  # incident, near-miss, drill
    status: str = ""  # draft, in-review, reviewed, closed
    follow_up: date | None = None  # when the follow-up review is due
    heading: int = 0  # the line of the section's heading, 0 when there is none
    end: int = 0  # the last line of the section
    columns: Mapping[str, int] | None = None  # place of each known column; None when there is no table
    items: tuple[ActionItem, ...] = ()
    reviews: tuple[Review, ...] = ()

    @property
    def name(self) -> str:
        """What to call it: its id, else its file."""
        return self.id or self.path

    @property
    def written(self) -> tuple[ActionItem, ...]:
        """The items that somebody wrote."""
        return tuple(item for item in self.items if item.written)

    @property
    def open(self) -> tuple[ActionItem, ...]:
        """The written ones that are neither shipped nor dropped."""
        return tuple(item for item in self.written if item.open)

    def item(self, number: str) -> ActionItem:
        """The item with this number. Raises UsageError."""
        found = next((item for item in self.written if item.number == number), None)
        if found is None:
            known = ", ".join(item.number for item in self.written) or "it has none"
            raise UsageError(f"{self.name} has no action item {number!r}", at=self.path, hint=f"known: {known}")
        return found


def read(text: str, path: str) -> ActionPage | None:
    """The action items of a Markdown file; None for a file that has no such section. Raises IncidentError.

    What can be raised is a front matter that is not valid YAML, with its line.
    """
    lines = lines_in(text)
    headings = [line for line in scan(lines) if line.kind is Kind.HEADING]
    place = next((at for at, heading in enumerate(headings) if heading.title.lower() == "action items"), None)
    if place is None:
        return None
    start, level = headings[place].number, headings[place].level
    end = next((one.number - 1 for one in headings[place + 1 :] if one.level <= level), len(lines))
    inside = [(one.number, one.title) for one in headings[place + 1 :] if one.number <= end]
    first = next((number - 1 for number, _ in inside), end)
    columns, items = _items(lines, start, first)
    reviews = tuple(_reviews(lines, inside, end))
    front = _front(lines, path)
    page = ActionPage(path, text, lines, heading=start, end=end, columns=columns, reviews=reviews)
    return replace(
        page,
        id=_said(front, "id"),
        title=_said(front, "title"),
        kind=_said(front, "kind"),
        status=_said(front, "status"),
        follow_up=_day(_said(front, "follow_up_review")) or _day_in(lines[start:end]),
        items=tuple(_reviewed(item, reviews) for item in items),
    )


def _front(lines: Sequence[str], path: str) -> dict[str, Any]:
    end = front_end(lines)
    if not end:
        return {}
    data = strict_yaml.load("\n".join(["", *lines[1 : end - 1]]), path, IncidentError).data
    return data if isinstance(data, dict) else {}


def _said(front: Mapping[str, Any], key: str) -> str:
    value = front.get(key)
    return said(one_line(str(value))) if isinstance(value, str | int | float | date) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _day_in(lines: Sequence[str]) -> date | None:
    found = next(filter(None, map(_REVIEW_DAY.search, lines)), None)
    return _day(found[1]) if found else None


def _table(lines: Sequence[str], start: int, end: int) -> int | None:
    """The line (from 1) of the heads of the first table behind line `start`, up to line `end`."""
    for number in range(start + 1, end):
        if "|" in lines[number - 1] and _RULE.match(lines[number]) and "|" in lines[number]:
            return number
    return None


def _body(lines: Sequence[str], head: int, end: int) -> Iterator[tuple[int, list[str]]]:
    """The rows below a table's heads, with their lines."""
    for number in range(head + 2, end + 1):
        if "|" not in lines[number - 1]:
            return
        yield number, [_clean(lines[number - 1][a:b]) for a, b in cells(lines[number - 1])]


def cells(line: str) -> list[tuple[int, int]]:
    """Where the cells of a table's row begin and end. A pipe behind a backslash is text."""
    spans = []
    at = 0
    while at <= len(line):
        found = _CELL.match(line, at)
        end = found.end() if found else at
        if end < len(line) and line[end] != "|":  # a backslash at the end of the row
            end = len(line)
        spans.append((at, end))
        at = end + 1
    if not line[: spans[0][1]].strip() and len(spans) > 1:
        spans = spans[1:]
    if not line[spans[-1][0] :].strip() and len(spans) > 1:
        spans = spans[:-1]
    return spans


def _clean(cell: str) -> str:
    return one_line(re.sub(r"\\([|\\`*_\[\]<>#~])", r"\1", cell.strip()))


def _items(lines: Sequence[str], start: int, end: int) -> tuple[dict[str, int] | None, list[ActionItem]]:
    head = _table(lines, start, end)
    if head is None:
        return None, []
    names = [_clean(lines[head - 1][a:b]).lower() for a, b in cells(lines[head - 1])]
    columns: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in _COLUMNS:
            columns.setdefault(_COLUMNS[name], place)
    if "action" not in columns:
        return None, []
    return columns, [
        _item(row, columns, number, place) for place, (number, row) in enumerate(_body(lines, head, end), 1)
    ]


def _item(row: Sequence[str], columns: Mapping[str, int], line: int, place: int) -> ActionItem:
    def of(column: str) -> str:
        at = columns.get(column, len(row))
        return said(row[at]) if at < len(row) else ""

    at = columns["action"]
    link = _LINK.search(of("ticket"))
    return ActionItem(
        number=of("number") or str(place),
        action=row[at] if at < len(row) else "",
        type=of("type").lower(),
        owner=of("owner"),
        due_text=of("due"),
        ticket=link[2] if link else of("ticket"),
        line=line,
    )


def _reviews(lines: Sequence[str], inside: Sequence[tuple[int, str]], end: int) -> Iterator[Review]:
    for place, (number, title) in enumerate(inside):
        held = _REVIEW.match(title)
        day = _day(held[1]) if held else None
        until = inside[place + 1][0] - 1 if place + 1 < len(inside) else end
        head = _table(lines, number, until)
        if day is None or head is None:
            continue
        outcomes = {}
        for _, row in _body(lines, head, until):
            words = {outcome.value: outcome for outcome in Outcome}
            if len(row) >= 2 and row[1].lower() in words:
                outcomes[row[0]] = (words[row[1].lower()], row[2] if len(row) > 2 else "")
        yield Review(day, number, outcomes)


def _reviewed(item: ActionItem, reviews: Sequence[Review]) -> ActionItem:
    told = [review.outcomes[item.number] for review in reviews if item.number in review.outcomes]
    return replace(item, outcome=told[-1][0], why=told[-1][1]) if told else item


def with_cell(page: ActionPage, item: ActionItem, column: str, value: str) -> str:
    """The file's text with another value in one cell of an item's row; every other byte stays as it is.

    Raises UsageError when the table has no such column.
    """
    line = page.lines[item.line - 1]
    place = (page.columns or {}).get(column)
    if place is None:
        raise UsageError(f"the table of action items has no column `{column}`", at=f"{page.path}:{page.heading}")
    spans = cells(line)
    written = f" {one_line(value).replace('|', chr(92) + '|')} "
    if place < len(spans):
        begin, end = spans[place]
        return edited(page.text, {item.line: line[:begin] + written + line[end:]})
    bare = line.rstrip()
    bare += "" if bare.endswith("|") else " |"
    return edited(page.text, {item.line: bare + " |" * (place - len(spans)) + written + "|"})
