"""Where each byte of an output lies: a head in the file itself, then parts, of which the last two are kept."""

from __future__ import annotations

HEAD = 32 << 20  # bytes
PART = 16 << 20  # bytes


class Layout:
    """Byte `n` of what was saved, for `n` below `head`, is byte `n` of the file; behind that it is in a part.

    When the command has ended, `joined` is the place in the file of byte `tail`, from which on all is in it again;
    -1 while, or because, the parts were not joined.
    """

    __slots__ = ("head", "joined", "part", "tail")

    def __init__(self, head: int = HEAD, part: int = PART, tail: int = 0, joined: int = -1) -> None:
        self.head = head
        self.part = part
        self.tail = tail
        self.joined = joined

    def number(self, place: int) -> int:
        """The part that holds a byte behind the head."""
        return (place - self.head) // self.part

    def begin(self, number: int) -> int:
        """The first byte of a part."""
        return self.head + number * self.part

    def oldest(self, saved: int) -> int:
        """The first byte behind the head that is kept, when `saved` bytes were."""
        return self.begin(max(0, self.number(max(self.head, saved - 1)) - 1))
