"""For a person to decide: every secret of a text by line and kind, and what is only as random as one."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from incident.core.redaction import values
from incident.core.redaction.blocks import INSIDE
from incident.core.redaction.colour import bare
from incident.core.redaction.known import Known
from incident.core.redaction.scanner import Scanner

_RUN = re.compile(r"[A-Za-z0-9+/_=-]{24,200}+")
_LINE_END = re.compile(r"\r\n|[\r\n]")
_BITS = 4.2  # of randomness per character; words have about three


@dataclass(frozen=True, slots=True)
class Suspect:
    """A secret, or what may be one: the line from 1, where in its bare text, and the kind; never the secret itself."""

    line: int
    start: int
    end: int
    kind: str
    sure: bool


def findings(text: str, known: Iterable[str] = ()) -> Iterator[Suspect]:
    """Every secret of a text, and with `sure` off what no form tells but looks drawn at random."""
    return findings_by_line(enumerate(_LINE_END.split(text), 1), known)


def findings_by_line(lines: Iterable[tuple[int, str]], known: Iterable[str] = ()) -> Iterator[Suspect]:
    """The same for lines with their numbers and without their ends."""
    scanner = Scanner(Known(known))
    for number, line in lines:
        words = bare(line).text
        spans = scanner.spans(words)
        for span in spans:
            if span.kind != INSIDE:
                yield Suspect(number, span.start, span.end, span.kind or "known secret", True)
        for run in _RUN.finditer(words):
            inside = any(span.start < run.end() and run.start() < span.end for span in spans)
            if not inside and values.random(run[0]) and _bits(run[0]) >= _BITS:
                yield Suspect(number, run.start(), run.end(), "random text", False)


def _bits(text: str) -> float:
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
