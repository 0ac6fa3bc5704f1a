"""What a command printed and nobody has looked through yet; of a flood only the newest is kept."""

from __future__ import annotations

from collections import deque

_MOST = 1 << 20  # bytes
_SAMPLE = _MOST // 4  # bytes that are taken out of a flood at a time, for whoever looks at the screen
_EVERY = 0.25  # seconds
_CALM = 0.05  # seconds after which a flood is over


class Backlog:
    """Blocks in their order. The first `head` bytes are never left out: the command has to wait for them.

    Looking through what is printed for secrets takes longer than printing it. Behind the head, where most of a flood
    will be left out anyway, it is left out before it is looked through. `size` is what was put in, in bytes.
    """

    def __init__(self, head: int) -> None:
        self.size = 0
        self._head = head
        self._blocks: deque[bytes] = deque()
        self._held = 0
        self._gap = 0  # bytes left out in front of what is held
        self._flood = False
        self._due = 0.0
        self._last = 0.0  # when something was put

    @property
    def full(self) -> bool:
        """Whether something has to be taken before more can be put."""
        return self._held >= _MOST and self.size - self._held < self._head

    def put(self, block: bytes, now: float) -> None:
        """Add what was printed."""
        self._last = now
        self._blocks.append(block)
        self._held += len(block)
        self.size += len(block)
        if self._held > _MOST and self.size - self._held >= self._head:
            self._flood = True
            self._leave_out(_MOST // 2)

    def wait(self, now: float) -> float | None:
        """Seconds until there is something to take; None when there is nothing."""
        if not self._blocks:
            return None
        return max(0.0, self._due - now) if self._flood else 0.0

    def take(self, now: float) -> tuple[int, bytes]:
        """How many bytes were left out, and the block that follows them."""
        if self._flood:
            if now < self._last + _CALM:
                self._leave_out(_SAMPLE)
            self._flood, self._due = False, now + _EVERY
        return self.take_at_the_end()

    def take_at_the_end(self) -> tuple[int, bytes]:
        """The same when nothing follows, so that nothing has to be left out; an empty block when nothing is left."""
        gap, self._gap = self._gap, 0
        block = self._blocks.popleft() if self._blocks else b""
        self._held -= len(block)
        return gap, block

    def _leave_out(self, kept: int) -> None:
        while self._held > kept:
            block = self._blocks.popleft()
            self._held -= len(block)
            self._gap += len(block)
