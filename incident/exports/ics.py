"""A calendar beside the post-mortem: one all-day event for each open action item, and one for the follow-up review."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from incident.core.actions import ActionItem, ActionPage, read
from incident.core.text import one_line
from incident.exports.file import read_text, replace_whole

_PRODUCER = "PRODID:-//incident//action items//EN"
_LONGEST = 75  # bytes of a line, without its end


def calendar(pages: Sequence[ActionPage], now: datetime) -> str:
    """The file's text: iCalendar (RFC 5545), lines ended by CR LF. The same item keeps its identity over exports."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", _PRODUCER, "CALSCALE:GREGORIAN"]
    for page in pages:
        for item in page.open:
            if item.due is not None:
                lines += _event(page, item.number, item.due, _summary(page, item), _said(page, item), now)
        if page.follow_up is not None and page.status != "closed":
            title = f"{_drill(page)}Follow-up review of {page.name}"
            said = f"{page.title}\nWhat shipped, what did not, and why: incident review {page.name}"
            lines += _event(page, "review", page.follow_up, title, said, now)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line))


def remind(document: Path, now: datetime) -> None:
    """Write the calendar beside a post-mortem, over nothing or over an earlier one. Raises ExportError."""
    page = read(read_text(document) or "", str(document))
    if page is None:
        return
    place = document.with_suffix(".ics")
    old = read_text(place)
    if old is None or _PRODUCER in old[:200]:
        replace_whole(place, calendar([page], now), instead_of=old)


def _event(page: ActionPage, what: str, day: date, title: str, said: str, now: datetime) -> Iterator[str]:
    identity = hashlib.sha256(f"{page.name}\n{what}".encode()).hexdigest()[:32]
    yield "BEGIN:VEVENT"
    yield f"UID:{identity}@incident"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(title)}"
    yield f"DESCRIPTION:{_text(said)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _summary(page: ActionPage, item: ActionItem) -> str:
    owner = f" ({item.owner})" if item.owner else ""
    return f"{_drill(page)}{page.name} #{item.number}: {item.action}{owner}"


def _said(page: ActionPage, item: ActionItem) -> str:
    return "\n".join(filter(None, [page.title, f"Ticket: {item.ticket}" if item.ticket else "", f"In {page.path}"]))


def _drill(page: ActionPage) -> str:
    return "DRILL " if page.kind == "drill" and not page.name.startswith("DRILL") else ""


def _text(value: str) -> str:
    """A value of the type TEXT: what would end it or begin another is escaped."""
    lines = (one_line(line) for line in value.split("\n"))
    return "\\n".join(line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for line in lines)


def _folded(line: str) -> Iterator[str]:
    """A content line in pieces of at most 75 bytes; each further one begins with a blank. No character is torn."""
    piece, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > _LONGEST:
            yield piece
            piece, size = " ", 1
        piece += char
        size += width
    yield piece
