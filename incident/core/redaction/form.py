"""What a form of secret is made of. Every quantifier has a bound, and a long run is never looked at twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

LONGEST = 16_384  # characters of one secret on a line
FRONT = 64  # characters in front of a name that are looked at
LOOKS = 10  # values on a line inside which the same form is looked for once more


@dataclass(frozen=True, slots=True)
class Form:
    """One form of secret: every group of its pattern is one when the `judge` says so.

    It is tried on a line that holds one of its `needs`. With a `front`, the pattern begins at one of the needs, and
    what stands before it ends in that; "" is anything.
    """

    kind: str
    needs: tuple[str, ...]  # in lower case
    pattern: str
    judge: Callable[[str], bool]
    front: str | None = None
    also: tuple[str, ...] = ("",)  # and one of these
    within: str = ""  # what the groups hold several secrets by: a pattern for these

    def places(self, line: str, lower: str) -> list[tuple[int, int]]:
        """Where its secrets stand in a line, which is given in lower case as well: start and end."""
        if not any(need in lower for need in self.also):
            return []
        if self.front is not None:
            return self._anchored(line, lower)
        return [place for found in compiled(self.pattern).finditer(line) for place in self._judged(found, line)]

    def _anchored(self, line: str, lower: str) -> list[tuple[int, int]]:
        pattern = compiled(self.pattern)
        front = compiled(rf"(?:{self.front})\Z") if self.front else None
        done, looks = 0, LOOKS
        places: list[tuple[int, int]] = []
        for at in sorted(at for need in self.needs for at in _all(lower, need)):
            if at < done or (front and not front.search(line[max(0, at - FRONT) : at])):
                continue
            if found := pattern.match(line, at):
                secret = self._judged(found, line)
                places += secret
                looks -= 1
                if secret or looks <= 0:
                    done = found.end()
        return places

    def _judged(self, found: re.Match[str], line: str) -> list[tuple[int, int]]:
        places = _groups(found)
        if self.within:
            inner = compiled(self.within)
            places = [
                place for start, end in places for pair in inner.finditer(line, start, end) for place in _groups(pair)
            ]
        return [(start, end) for start, end in places if self.judge(line[start:end])]


def _groups(found: re.Match[str]) -> list[tuple[int, int]]:
    """Where the groups lie; empty ones are none."""
    return [found.span(group) for group in range(1, found.re.groups + 1) if found[group]]


def _all(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled when the first line needs it: `incident note` has no time for all of them."""
    return re.compile(pattern, re.VERBOSE)


_MANY = f"{{1,{LONGEST}}}+"
_CONTROLS = r"\s\x00-\x20\x7f"
_QUOTED = rf"""(?:\\{{1,3}}["']([^"'\\\n]{_MANY})|\$?"((?:[^"\\\n]|\\[^\n]){_MANY})|\$?'([^'\n]{_MANY})"""
# A sign that closes or separates belongs to a value that goes on behind it.
_BARE = rf"""((?:[^{_CONTROLS}"'`<>\\|;&,)\]}}]
    |[|;&,)\]}}](?![{_CONTROLS}"'`\\<>;,)\]}}&|]|\Z|[\w.%-]{{1,40}}[=:])){_MANY}))"""
_WORD = rf"""((?:[^{_CONTROLS}"'`;|)&<>\\]|\\[^\n\s]|[;|)&<>](?![{_CONTROLS}"'`;|)&<>]|\Z)){_MANY}))"""

VALUE = f"{_QUOTED}|{_BARE}"  # quoted, or up to where a log, YAML or a URL goes on with something else
SHELL = f"{_QUOTED}|{_WORD}"  # quoted, or a word of a command line
IS = (
    r"(?:[ ]?:[ ]?(?:str|string|String|bytes)\b)?"
    r"""(?:\\{0,3}["'`]\]?)?(?:[ \t]{0,40}(?:=>|:=|={1,3}|!=|:|%3[Dd])[ \t]{0,40}|[ ]{1,40}\|[ ]{1,40})"""
    r"""(?:!!binary[ ])?(?:[bru]{1,2}(?=["']))?"""
)
FLAG = r"(?:[ ]{1,4}|[ ]{0,2}=[ ]{0,2})"
