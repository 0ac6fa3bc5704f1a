"""Whether the timeline on disk is whole, and where it is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from incident.journal.believing import Believer, Problem
from incident.journal.row import Row


@dataclass(frozen=True, slots=True)
class Chain:
    """One writer's rows: how many, the last number, and the hash that stands for all of them."""

    node: str
    rows: int
    seq: int
    sha: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a look at every row found."""

    path: str
    rows: int = 0
    chains: tuple[Chain, ...] = ()
    problems: tuple[Problem, ...] = ()
    kept: tuple[str, ...] = ()  # damaged files that earlier repairs put aside
    redacted: int = 0  # rows of which a tombstone is left

    @property
    def whole(self) -> bool:
        """Nothing is missing and nothing was changed, as far as the rows can tell."""
        return not self.problems


class Walk:
    """Goes over the rows by position and keeps what it finds.

    Of a writer in `imported` another journal handed over rows, in whatever order and perhaps not all: of these, only
    rows that stand next to one another in their chain are held against each other.
    """

    def __init__(self, believer: Believer, imported: Collection[str]) -> None:
        self.rows = 0
        self.redacted = 0
        self.problems: list[Problem] = []
        self._believer = believer
        self._chains: dict[str, Chain] = {}
        self._links: dict[str, dict[int, tuple[str, str, str]]] = {node: {} for node in imported}

    @property
    def chains(self) -> tuple[Chain, ...]:
        """The writers' chains so far, by name."""
        return tuple(self._chains[node] for node in sorted(self._chains))

    def over(self, rows: Iterable[Row]) -> None:
        """Look at some more rows."""
        for row in rows:
            self.rows += 1
            self.redacted += row.redacted
            if row.node in self._links:
                self._link(row)
            else:
                self._look(row)

    def finish(self) -> None:
        """Look at what could only be judged when every row was seen."""
        for links in self._links.values():
            for seq, (where, prev, _) in sorted(links.items()):
                if seq - 1 in links and links[seq - 1][2] != prev:
                    self.problems.append(Problem(where, "does not continue the row before it"))

    def _link(self, row: Row) -> None:
        if not row.intact:
            self._found(row, "was changed after it was written")
            return
        self._told(row)
        self._links[row.node][row.seq] = (row.where, row.prev, row.sha)
        before = self._chains.get(row.node) or Chain(row.node, 0, 0, "")
        last = (row.seq, row.sha) if row.seq > before.seq else (before.seq, before.sha)
        self._chains[row.node] = Chain(row.node, before.rows + 1, *last)

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
            self._believer.event(row)
        except ValueError as doubt:
            self._found(row, str(doubt))

    def _found(self, row: Row, what: str) -> None:
        self.problems.append(Problem(row.where, what))


def _gap(last: int, seq: int) -> str:
    if seq <= last:
        return f"comes after {last} of the same writer"
    first, end = last + 1, seq - 1
    return f"{first} before it is missing" if first == end else f"{first} to {end} before it are missing"
