"""A Markdown file line by line: which are front matter, code, comment, heading or text; and how some are changed.

For what has to keep every byte of a file that people edit. What has to understand the text uses a parser instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from incident.core.text import one_line

_LINE_END = re.compile("\r\n?|\n")
_LINE_ENDS = re.compile("(\r\n?|\n)")
_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?!.*`)|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*\Z")
_COMMENT = re.compile(r"<!--.*?-->")
_MARK = "\ufeff"  # what some editors put before the first line of a file


class Kind(StrEnum):
    """What a line is."""

    FRONT = "front matter"  # its marks included
    CODE = "code"  # its fences included
    COMMENT = "comment"  # one of several lines; what a line has beside its own comment is text
    HEADING = "heading"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end, counted from 1."""

    number: int
    text: str
    kind: Kind
    level: int = 0  # of a heading, from 1
    title: str = ""  # a heading's words


def lines_in(text: str) -> tuple[str, ...]:
    """The lines of a file without their ends, and without a byte order mark."""
    return tuple(_LINE_END.split(text.removeprefix(_MARK)))


def front_end(lines: Sequence[str]) -> int:
    """How many lines the front matter has, its marks included; 0 where there is none, or where nothing ends it."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    return next((number for number, line in enumerate(lines[1:], 2) if line.rstrip() in ("---", "...")), 0)


def opens(line: str) -> str:
    """The mark of a fenced block that begins on this line, also in a list or a quotation; "" when none does."""
    found = _FENCE.match(line)
    return found[1] if found else ""


def shuts(line: str, mark: str) -> bool:
    """Whether this line ends the fenced block that `mark` began."""
    bare = line.strip(" \t>")
    return len(bare) >= len(mark) and not bare.strip(mark[0])


def scan(lines: Sequence[str]) -> Iterator[Line]:
    """Every line with what it is."""
    end = front_end(lines)
    fence, comment = "", False
    for number, line in enumerate(lines, 1):
        if number <= end:
            yield Line(number, line, Kind.FRONT)
        elif fence:
            fence = "" if shuts(line, fence) else fence
            yield Line(number, line, Kind.CODE)
        elif comment:
            comment = "-->" not in line
            yield Line(number, line, Kind.COMMENT)
        elif mark := opens(line):
            fence = mark
            yield Line(number, line, Kind.CODE)
        elif line.lstrip().startswith("<!--") and "-->" not in line:
            comment = True
            yield Line(number, line, Kind.COMMENT)
        elif line.lstrip().startswith("#") and (found := _HEADING.match(_COMMENT.sub("", line))):
            yield Line(number, line, Kind.HEADING, len(found[1]), one_line(found[2]))
        else:
            yield Line(number, line, Kind.TEXT)


def edited(text: str, changed: Mapping[int, str], added: Mapping[int, Sequence[str]] | None = None) -> str:
    """A file's text with some lines changed, and lines put behind some; in its own line ends, every other byte kept."""
    mark = _MARK if text.startswith(_MARK) else ""
    pieces = _LINE_ENDS.split(text.removeprefix(_MARK))
    end = pieces[1] if len(pieces) > 1 else "\n"
    for number, line in changed.items():
        pieces[2 * number - 2] = line
    for number, lines in (added or {}).items():
        pieces[2 * number - 2] += "".join(end + line for line in lines)
    return mark + "".join(pieces)
