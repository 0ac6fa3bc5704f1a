"""Secrets that stand in a file as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from incident.core.redaction import findings_by_line

_LONGEST = 4_000  # characters of a line
_KEY_BODY = re.compile(r"\s*[A-Za-z0-9+/=]{40,200}")
_HEAD_ALONE = re.compile(r"-----BEGIN [A-Z0-9 ]{1,60}-----\Z")


def secrets_in(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The line, from 1, and the kind of every secret; the secret itself is not repeated. One per line.

    The head of a private key with no key below it is how a text speaks of one.
    """
    told = 0
    for one in findings_by_line((number, line[:_LONGEST]) for number, line in enumerate(lines, 1)):
        below = lines[one.line] if one.line < len(lines) else ""
        speaks = _HEAD_ALONE.match(lines[one.line - 1][one.start : one.end]) and not _KEY_BODY.match(below)
        if one.sure and one.line != told and not speaks:
            told = one.line
            yield one.line, f"{'an' if one.kind[0] in 'aeiou' else 'a'} {one.kind}"
