"""A line without its colours, which would split a secret, and where each of its characters stands in the line."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

# Only what a terminal does not show goes: the address in a hyperlink stays, for it may hold a secret.
ESCAPE = r"(?:\x1b\[|\x9b)[0-?]{0,64}+[ -/]{0,8}+[@-~]?|\x1b[ -/]{0,8}+[0-~]?"
_ESCAPES = re.compile(ESCAPE)


@dataclass(frozen=True, slots=True)
class Bare:
    """The bare text of a line, and the escapes that were in it."""

    line: str
    text: str
    _at: tuple[int, ...] = ()  # in the text, where an escape stood in front of
    _cut: tuple[int, ...] = ()  # how much was cut up to there

    def raw(self, place: int) -> int:
        """Where the character at a place of the text stands in the line."""
        passed = bisect_right(self._at, place)
        return place + (self._cut[passed - 1] if passed else 0)

    def raw_end(self, place: int) -> int:
        """Where what ends at a place of the text ends in the line."""
        return self.raw(place - 1) + 1

    def escapes(self, start: int, end: int) -> str:
        """The escapes in a stretch of the line: masking it may not leave a colour on."""
        return "".join(_ESCAPES.findall(self.line[start:end])) if self._at else ""


def bare(line: str) -> Bare:
    """A line's bare text."""
    if "\x1b" not in line and "\x9b" not in line:
        return Bare(line, line)
    found = [escape.span() for escape in _ESCAPES.finditer(line)]
    cut = tuple(accumulate(end - start for start, end in found))
    at = tuple(start - before for (start, _), before in zip(found, (0, *cut), strict=False))
    return Bare(line, _ESCAPES.sub("", line), at, cut)
