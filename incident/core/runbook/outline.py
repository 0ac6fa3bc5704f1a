"""A runbook's headings and table rows by a scan of its lines, without parsing it; for matching alerts to files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incident.core.markdown import opens, shuts
from incident.core.runbook.front import front_matter
from incident.core.runbook.inline import inline
from incident.core.runbook.source import markdown_only

MAX_LISTED = 5_000  # headings and rows kept of one file

_ATX = re.compile(r" {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*\Z")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*\Z")
_ROW = re.compile(r" {0,3}\|[ \t]*([^|]{1,300}?)[ \t]*\|")
_NO_TITLE = re.compile(r"\s*(?:$|[-*+>|#]|\d+[.)]\s)")


@dataclass(frozen=True, slots=True)
class Outline:
    """Where what stands: (line from 1, text)."""

    headings: tuple[tuple[int, str], ...] = ()
    rows: tuple[tuple[int, str], ...] = ()  # the first cells of table rows
    title: str = ""  # the front matter's
    alerts: tuple[str, ...] = ()


def outline(lines: Sequence[str]) -> Outline:
    """The headings, table rows and claimed alerts of a file's lines; never raises."""
    front = front_matter(lines)
    body = [""] * front.lines + markdown_only(list(lines[front.lines :]))
    headings: list[tuple[int, str]] = []
    rows: list[tuple[int, str]] = []
    fence = ""
    before = ""
    for number, line in enumerate(body, 1):
        if len(headings) + len(rows) >= MAX_LISTED:
            break
        if fence:
            fence = "" if shuts(line, fence) else fence
            before = ""
        elif mark := opens(line):
            fence, before = mark, ""
        elif atx := _ATX.match(line):
            headings.append((number, inline(atx[1] or "").title))
            before = ""
        elif before and _UNDERLINE.match(line):
            headings.append((number - 1, inline(before).title))
            before = ""
        else:
            if row := _ROW.match(line):
                rows.append((number, inline(row[1]).title))
            before = "" if _NO_TITLE.match(line) else line
    return Outline(tuple(headings), tuple(rows), front.title, front.alerts)


def anchors(titles: Iterable[str]) -> dict[str, int]:
    """Where each anchor leads, as a place among these headings; the second one of a name ends in `-1`."""
    found: dict[str, int] = {}
    times: Counter[str] = Counter()
    for place, title in enumerate(titles):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        if slug:
            found.setdefault(f"{slug}-{times[slug]}" if times[slug] else slug, place)
            times[slug] += 1
    return found
