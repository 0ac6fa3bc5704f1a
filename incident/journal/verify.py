"""Whether the timeline on disk is whole, and where it is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from incident.journal.row import Row


@dataclass(frozen=True, slots=True)
class Chain:
    """One writer's rows: how many, the last number, and the hash that stands for all of them."""

    node: str
    rows: int
    seq: int
    sha: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written. `where` is a row, or the file."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a look at every row found."""

    path: str
    rows: int = 0
    chains: tuple[Chain, ...] = ()
    problems: tuple[Problem, ...] = ()
    kept: tuple[str, ...] = ()  # damaged files that earlier repairs put aside

    @property
    def whole(self) -> bool:
        """Nothing is missing and nothing was changed, as far as the rows can tell."""
        return not self.problems


class Walk:
    """Goes over the rows by position and keeps what it finds."""

    def __init__(self) -> None:
        self.rows = 0
        self.problems: list[Problem] = []
        self._chains: dict[str, Chain] = {}

    @property
    def chains(self) -> tuple[Chain, ...]:
        """The writers' chains so far, by name."""
        return tuple(self._chains[node] for node in sorted(self._chains))

    def over(self, rows: Iterable[Row]) -> None:
        """Look at some more rows."""
        for row in rows:
            self.rows += 1
            self._look(row)

    def _look(self, row: Row) -> None:
        before = self._chains.get(row.node) or Chain(row.node, 0, 0, "")
        follows = row.seq == before.seq + 1
        if not row.intact:
            self._found(row, "was changed after it was written")
            if not follows:  # its place in the chain is as doubtful as the rest of it
                return
        elif not follows:
            self._found(row, _gap(before.seq, row.seq))
        elif row.prev != before.sha:
            self._found(row, "does not continue the row before it")
        else:
            self._told(row)
        self._chains[row.node] = Chain(row.node, before.rows + 1, row.seq, row.sha)

    def _told(self, row: Row) -> None:
        try:
            row.event()
        except (ValueError, KeyError, TypeError) as error:
            self._found(row, f"cannot be read: {error}")

    def _found(self, row: Row, what: str) -> None:
        self.problems.append(Problem(row.where, what))


def _gap(last: int, seq: int) -> str:
    if seq <= last:
        return f"comes after {last} of the same writer"
    first, end = last + 1, seq - 1
    return f"{first} before it is missing" if first == end else f"{first} to {end} before it are missing"
