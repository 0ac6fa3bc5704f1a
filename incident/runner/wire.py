"""What the console and a supervisor say to each other: an order first, then lines of a word and what belongs to it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

MARK = "RUN_BY_INCIDENT"  # the variable that every process of a run inherits
LONGEST_ORDER = 64 << 20  # bytes; the system takes far less as arguments and environment


class Sealed:
    """An order ready for a supervisor: everything is known, nothing has to be looked up."""

    __slots__ = (
        "argv", "carry", "directory", "environment", "layout", "mark", "outlives", "output", "patience", "program",
        "secrets",
    )  # fmt: skip

    def __init__(
        self,
        program: bytes,
        argv: Sequence[bytes],
        directory: bytes,
        environment: Sequence[bytes],
        output: bytes,
        *,
        mark: bytes,
        outlives: bool = True,
        carry: Sequence[bytes] = (),
        secrets: Sequence[bytes] = (),
        patience: tuple[float, float, float],
        layout: tuple[int, int],
    ) -> None:
        self.program = program
        self.argv = argv
        self.directory = directory
        self.environment = environment  # `NAME=value`
        self.output = output
        self.mark = mark  # the value of the variable that only this run's processes have
        self.outlives = outlives
        self.carry = carry
        self.secrets = secrets
        self.patience = patience
        self.layout = layout

    def packed(self) -> bytes:
        """As it goes over the channel."""
        single = [self.program, self.directory, self.output, self.mark, b"%d" % self.outlives]
        numbers = [b"%r" % number for number in (*self.patience, *self.layout)]
        return pack([single, self.argv, self.environment, self.carry, self.secrets, numbers])

    @classmethod
    def unpacked(cls, data: bytes) -> Sealed:
        """As it was sent."""
        single, argv, environment, carry, secrets, numbers = unpack(data)
        program, directory, output, mark, outlives = single
        term_after, kill_after, give_up_after = (float(number) for number in numbers[:3])
        return cls(
            program,
            argv,
            directory,
            environment,
            output,
            mark=mark,
            outlives=outlives == b"1",
            carry=carry,
            secrets=secrets,
            patience=(term_after, kill_after, give_up_after),
            layout=(int(numbers[3]), int(numbers[4])),
        )


def pack(groups: Iterable[Sequence[bytes]]) -> bytes:
    """Groups of byte strings as one: its own length in eight bytes, the lengths in a line, the strings."""
    kept = [list(group) for group in groups]
    lengths = b"|".join(b" ".join(b"%d" % len(one) for one in group) for group in kept)
    body = lengths + b"\n" + b"".join(one for group in kept for one in group)
    return len(body).to_bytes(8, "big") + body


def unpack(body: bytes) -> list[list[bytes]]:
    """The groups, from what stands behind the eight bytes of the length."""
    end = body.index(b"\n")
    groups, place = [], end + 1
    for lengths in body[:end].split(b"|"):
        group = []
        for length in lengths.split():
            group.append(body[place : place + int(length)])
            place += int(length)
        groups.append(group)
    return groups


def line(word: str, rest: str = "") -> bytes:
    """One thing that is said."""
    return f"{word} {rest}\n".encode("utf-8", "surrogatepass")


def heard(data: bytearray) -> list[tuple[str, str]]:
    """The whole lines in what was received; they are taken out of it."""
    end = data.rfind(b"\n") + 1
    text = bytes(data[:end]).decode("utf-8", "surrogatepass")
    del data[:end]
    found = []
    for one in text.split("\n")[:-1]:
        word, _, rest = one.partition(" ")
        found.append((word, rest))
    return found


def read_all(handle: int, count: int) -> bytes:
    """So many bytes, or those until the other end was closed. Raises OSError."""
    data = bytearray()
    while len(data) < count and (block := os.read(handle, min(1 << 16, count - len(data)))):
        data += block
    return bytes(data)


def write_all(handle: int, data: bytes) -> None:
    """Every byte of it. Raises OSError."""
    while data:
        data = data[os.write(handle, data) :]
