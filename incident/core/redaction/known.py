"""Secrets whose value is known, in every form in which a program may print them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

SHORTEST = 6  # characters of a value; a shorter one stands in every other line by chance
_LINES = re.compile(r"[\r\n]+")


class Known:
    """Finds the known values, the longest first. `forms` are their spellings as bytes."""

    def __init__(self, values: Iterable[str]) -> None:
        spelled = {form for value in values for form in _spellings(value) if len(form) >= SHORTEST}
        ordered = sorted(spelled, key=lambda form: (-len(form), form))
        self.forms = tuple(form.encode("utf-8", "surrogateescape") for form in ordered)
        self._pattern = re.compile("|".join(re.escape(form) for form in ordered)) if ordered else None

    def places(self, line: str) -> Iterator[tuple[int, int]]:
        """Where one stands in the line: start and end."""
        if self._pattern is not None:
            yield from (found.span() for found in self._pattern.finditer(line))


def _spellings(value: str) -> Iterator[str]:
    value = value.strip()
    if len(value) < SHORTEST:
        return
    for whole in {value, *_LINES.split(value)}:  # output comes by lines
        if len(whole := whole.strip()) >= SHORTEST:
            yield from _forms(whole)


def _forms(value: str) -> Iterator[str]:
    """The value as it is, in base64, in a URL and in JSON."""
    import json  # these three only when there is a value: `incident note` waits for them
    from base64 import b64encode, urlsafe_b64encode
    from urllib.parse import quote, quote_plus

    yield value
    raw = value.encode("utf-8", "surrogatepass")
    for offset in range(3):  # where it begins in the groups of three bytes, `user:` may stand before it
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(b"\0" * offset + raw).decode("ascii").rstrip("=")
            whole = (offset + len(raw)) * 8 // 6  # digits that depend on the value alone
            inner = encoded[-(-offset * 8 // 6) : whole]
            yield inner if offset else encoded
            yield inner
    for encoded in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), encoded)
    for ascii_only in (True, False):
        escaped = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")
    yield value.replace("'", "'\"'\"'")  # inside a shell's single quotes
    yield value.replace("'", "'\\''")
