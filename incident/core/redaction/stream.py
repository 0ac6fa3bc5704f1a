"""A stream of bytes without its secrets; every other byte passes as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from incident.core.redaction.colour import ESCAPE
from incident.core.redaction.known import Known
from incident.core.redaction.scanner import CONTEXT, Scanner, rest_from
from incident.core.redaction.search import suspicious

WINDOW = 65_536  # bytes of a line without an end that are looked at together
_ENDS = re.compile(rb"[\r\n]")
_LINES = re.compile(rb"[^\r\n]*[\r\n]")
_ESCAPES = re.compile(ESCAPE.replace("\\x9b", "\\xc2\\x9b").encode("ascii"))


class Filter:
    """Takes blocks of any size and gives whole lines, masked. `count` is how many secrets there were.

    A carriage return ends a line as well, so that progress is seen. A line without an end is given out piece by piece,
    before it has taken more than `WINDOW` bytes of memory.
    """

    def __init__(self, known: Iterable[str] | Known = ()) -> None:
        self._known = known if isinstance(known, Known) else Known(known)
        self._scanner = Scanner(self._known)
        self._held: list[bytes] = []  # the line that has not ended
        self._size = 0
        self._shown = 0  # characters of it that were given out

    @property
    def count(self) -> int:
        """How many secrets were masked."""
        return self._scanner.count

    def feed(self, block: bytes) -> bytes:
        """Take the next bytes; what can be given out."""
        last = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
        if not last and self._size + len(block) < WINDOW:
            self._hold(block)
            return b""
        made = [self._ended(block[:last])] if last else []
        self._hold(block[last:])
        made += self._too_long()
        return b"".join(made)

    def end(self) -> bytes:
        """There are no more bytes; the rest."""
        rest = self._rest()
        return self._line(rest) if rest else b""

    def _hold(self, block: bytes) -> None:
        if block:
            self._held.append(block)
            self._size += len(block)

    def _rest(self) -> bytes:
        rest = b"".join(self._held)
        self._held, self._size = [], 0
        return rest

    def _ended(self, block: bytes) -> bytes:
        """Whole lines, of which the first one was begun earlier."""
        if not self._size:
            return self._lines(block)
        first = _ENDS.search(block)
        cut = first.end() if first else len(block)
        self._hold(block[:cut])
        made = b"".join(self._too_long())
        return made + self._line(self._rest()) + self._lines(block[cut:])

    def _too_long(self) -> Iterator[bytes]:
        """What is given out of a line before its end is there: it may not depend on how the bytes arrive."""
        while self._size >= WINDOW:
            held = self._rest()
            text = _text(held[:WINDOW])
            if self._scanner.open or self._suspicious(held[:WINDOW]):
                made, until = self._scanner.part(text, self._shown)
            else:
                until = rest_from(text)
                made = text[self._shown : until]
            kept = max(0, until - CONTEXT)
            self._shown = until - kept
            self._hold(_bytes(text[kept:]) + held[WINDOW:])
            yield _bytes(made)

    def _line(self, line: bytes) -> bytes:
        """One line, or what is left of it."""
        shown, self._shown = self._shown, 0
        if not self._scanner.open and not self._suspicious(line):
            return _bytes(_text(line)[shown:]) if shown else line
        return _bytes(self._scanner.line(_text(line), shown))

    def _lines(self, block: bytes) -> bytes:
        """Whole lines. Those that cannot hold a secret are passed on together."""
        if b"\x1b" in block or b"\xc2\x9b" in block:
            return self._coloured(block)
        made: list[bytes] = []
        place = 0
        if self._scanner.open:
            place = self._follow(block, place, made)
        for suspect in suspicious(block, self._known.forms):
            if suspect < place:
                continue
            begin = max(block.rfind(b"\n", place, suspect), block.rfind(b"\r", place, suspect)) + 1 or place
            made.append(block[place:begin])
            place = self._follow(block, begin, made)
        made.append(block[place:])
        return b"".join(made) if len(made) > 1 else made[0]

    def _coloured(self, block: bytes) -> bytes:
        """The same where escapes may stand inside a word."""
        if not self._scanner.open and not self._suspicious(block):
            return block
        return b"".join(self._line(line[0]) for line in _LINES.finditer(block))

    def _follow(self, block: bytes, place: int, made: list[bytes]) -> int:
        """Mask the line that begins here, and those behind it that it says something about; where that ends."""
        while True:
            found = _ENDS.search(block, place)
            until = found.end() if found else len(block)
            made.append(_bytes(self._scanner.line(_text(block[place:until]))))
            place = until
            if not self._scanner.open or place == len(block):
                return place

    def _suspicious(self, block: bytes) -> bool:
        if suspicious(block, self._known.forms):
            return True
        coloured = b"\x1b" in block or b"\xc2\x9b" in block
        return coloured and bool(suspicious(_ESCAPES.sub(b"", block), self._known.forms))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
