"""Output as bytes becomes lines as people read them: whole characters, inert, not too long, the last state shown."""

from __future__ import annotations

import codecs
from collections import deque

from incident.core.text import plain

LONGEST = 4_000  # characters of a line
BURST = 2_000  # lines handed on at once
KEPT = 20  # first and last lines kept for the timeline
LEFT_OUT = "… some lines are not shown here; the output file has them all"


class Lines:
    """Takes blocks of bytes and gives the lines that they end; at most `BURST`, the last ones, at a time."""

    def __init__(self) -> None:
        self.head: list[str] = []  # the first lines
        self.tail: deque[str] = deque(maxlen=KEPT)  # the last ones, of those that are not in the head
        self._ready: deque[str] = deque(maxlen=BURST)
        self._left_out = False  # before everything in `_ready`
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""  # the line that has not ended
        self._over = 0  # characters of it that are not kept
        self._lost = False  # what comes belongs to a line whose beginning was left out
        self._head_open = True

    def feed(self, block: bytes) -> None:
        """Take the next bytes."""
        self._take(self._decoder.decode(block))

    def skip(self) -> None:
        """Bytes are left out here; what follows begins somewhere in a line."""
        self._end_line()
        self._decoder.reset()
        self._lost = True
        self._head_open = False
        if not self._ready or self._ready[-1] != LEFT_OUT:
            self._ready.append(LEFT_OUT)

    def end(self) -> None:
        """There are no more bytes: a last line without an end is a line too."""
        self._take(self._decoder.decode(b"", final=True))
        self._end_line()

    def take(self) -> tuple[str, ...]:
        """The lines since this was last asked."""
        lines = (LEFT_OUT, *self._ready) if self._left_out else tuple(self._ready)
        self._ready.clear()
        self._left_out = False
        return lines

    def __bool__(self) -> bool:
        """Whether there are lines to take."""
        return bool(self._ready)

    def _take(self, text: str) -> None:
        if self._lost:
            text = self._behind_the_loss(text)
        # Splitting off only what can be shown keeps the cost of a flood of short lines down.
        parts = text.split("\n") if self._head_open else text.rsplit("\n", BURST)
        _, too_many, last = parts[0].rpartition("\n")
        if too_many:
            self._rest, self._over, self._left_out = "", 0, True
            self._ready.clear()
        self._extend(last)
        if len(parts) > 1:
            line = self._finished()
            self._put([line, *(shown(part) for part in parts[1:-1])])
            self._extend(parts[-1])

    def _behind_the_loss(self, text: str) -> str:
        ends = [place for place in (text.find("\n"), text.find("\r")) if place >= 0]
        if not ends:
            return ""
        self._lost = False
        return text[min(ends) + 1 :].removeprefix("\n" if text[min(ends)] == "\r" else "")

    def _extend(self, text: str) -> None:
        """Add to the line that has not ended; of what a carriage return overwrites nothing is kept."""
        joined = self._rest + text
        ended = joined.rstrip("\r")
        begin = ended.rfind("\r") + 1
        if begin:
            self._over = 0
        state = ended[begin:]
        self._over += max(0, len(state) - LONGEST)
        self._rest = state[:LONGEST] + ("\r" if len(ended) < len(joined) else "")

    def _finished(self) -> str:
        line = shown(self._rest, self._over)
        self._rest, self._over = "", 0
        return line

    def _end_line(self) -> None:
        if self._rest or self._over:
            self._put([self._finished()])

    def _put(self, lines: list[str]) -> None:
        if len(self._ready) + len(lines) > BURST:
            self._left_out = True
        self._ready.extend(lines)
        if self._head_open:
            room = KEPT - len(self.head)
            self.head.extend(lines[:room])
            self._head_open = len(self.head) < KEPT
            lines = lines[room:]
        self.tail.extend(lines[-KEPT:])


def shown(raw: str, over: int = 0) -> str:
    """A raw line as it is shown: its last state, inert; beyond `LONGEST` characters it says how many more there are.

    `over` are those that are not even in `raw` any more.
    """
    state = raw.rstrip("\r")
    state = state[state.rfind("\r") + 1 :]
    over += max(0, len(state) - LONGEST)
    state = state[:LONGEST]
    if not (state.isascii() and state.isprintable()):
        state = plain(state).replace("\n", " ")
    return f"{state}… ({over} more characters)" if over else state
