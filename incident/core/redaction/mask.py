"""What stands in a secret's place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MASK = "[redacted]"
MASKED = re.compile(r"\[redacted(?:: [a-z ]{1,30})?\]")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A secret's place in a line, and of which kind it is; "" is one whose value is known."""

    start: int
    end: int
    kind: str = ""

    @property
    def mask(self) -> str:
        """What is read in its place."""
        return f"[redacted: {self.kind}]" if self.kind else MASK

    def within(self, begin: int, end: int) -> Span | None:
        """The part of it in a stretch, counted from there; None when it lies elsewhere."""
        if self.start >= end or self.end <= begin:
            return None
        return Span(max(self.start, begin) - begin, min(self.end, end) - begin, self.kind)


def put(spans: Iterable[Span], text: str) -> tuple[str, int]:
    """The text with masks in these places, which are in their order, and how many there are."""
    made, place, count = [], 0, 0
    for span in spans:
        made += [text[place : span.start], span.mask]
        place, count = span.end, count + 1
    return "".join([*made, text[place:]]), count


def merged(spans: Iterable[Span], line: str) -> list[Span]:
    """The places in their order; those that touch become one, and what is masked already is not masked again."""
    found: list[Span] = []
    taken = [(mask.start(), mask.end()) for mask in MASKED.finditer(line)] if MASK[:-1] in line else []
    for span in sorted(spans):
        if any(span.start < end and start < span.end for start, end in taken):
            continue
        if found and span.start < found[-1].end:
            last = found[-1]
            found[-1] = Span(last.start, max(last.end, span.end), last.kind)
        else:
            found.append(span)
    return found
