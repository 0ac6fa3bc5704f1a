"""What changed, the newest first, each with its distance to the trouble and its rank; and all that is known of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from incident.core.change import Change, Outcome
from incident.core.change_rank import Ranked, Trouble, number
from incident.core.text import shorten
from incident.core.when import clock, minute
from incident.tui.paint import Line, RuleLine, Span, column, rule, wrap
from incident.tui.theme import AMBER, DIM, FAINT, LINK, RED, STRONG, TEXT
from incident.tui.widgets.lines import Block, Fixed, Lines

WIDE = 100  # columns from which service and person have columns of their own
_OUTCOMES = {Outcome.DONE: "", Outcome.FAILED: "failed", Outcome.RUNNING: "not over"}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What the list shows of one change. `place` counts from 1 among the changes that have a rank; 0: it has none."""

    change: Change
    rank: Ranked | None = None
    place: int = 0
    recorded: bool = False  # it is on the incident's timeline

    @property
    def words(self) -> str:
        """Everything that a filter may look for."""
        one = self.change
        return f"{one.name} {one.previous} {one.service} {one.by} {one.title} {one.source} {one.outcome}".lower()


class _RowBlock(Block):
    height = 1

    def __init__(self, row: ChangeRow, trouble: Trouble) -> None:
        self.key = row.change.key
        self.row = row
        self._trouble = trouble

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        return [Line(_cells(self.row, self._trouble, width))]


class _Heads(Block):
    height = 1
    selectable = False

    def __init__(self, said: str) -> None:
        self._said = said

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        what, service, by = _widths(width)
        heads = [
            ("", 2),
            ("UTC", 5),
            (f"TO {self._said.removeprefix('the ').upper()}", 13),
            ("RANK", 4),
            ("CHANGE", what),
        ]
        heads += [("SERVICE", service), ("BY", by)] if width >= WIDE else []
        spans: list[Span] = []
        for text, wide in heads:
            spans += [column(text, wide, DIM), ("  " if wide > 2 else "", DIM)]
        return [Line([*spans, ("TITLE", DIM)])]


def _widths(width: int) -> tuple[int, int, int]:
    """Columns for what changed, the service and the person."""
    return (30, 12, 12) if width >= WIDE else (20, 0, 0)


def _cells(row: ChangeRow, trouble: Trouble, width: int) -> list[Span]:
    one, rank = row.change, row.rank
    likely = rank is not None and rank.likely
    what, service, by = _widths(width)
    was = f" was {one.previous}" if one.previous and width >= WIDE else ""
    strong = STRONG if likely else TEXT if rank is not None else DIM
    cells: list[Span] = [
        column("✓" if row.recorded else "", 2, DIM),
        column(minute(one.at) if one.dated else "?", 5, DIM),
        ("  ", DIM),
        column(trouble.gap(one) if one.dated else "not known", 13, AMBER if likely else DIM),
        ("  ", DIM),
        column(number(rank.score) if rank is not None else "–", 4, AMBER if likely else FAINT),
        ("  ", DIM),
        column(f"{one.name}{was}", what, strong),
        ("  ", DIM),
    ]
    if width >= WIDE:
        cells += [column(one.service, service, strong), ("  ", DIM), column(one.by, by, DIM), ("  ", DIM)]
    if outcome := _OUTCOMES[one.outcome]:
        cells += [(outcome, RED), (" ", DIM)]
    return [*cells, (one.title, DIM)]


class ChangeList(Lines):
    """Changes under a cursor."""

    def __init__(self) -> None:
        super().__init__(id="changes")
        self.words = ""
        self._rows: dict[str, ChangeRow] = {}

    @property
    def row(self) -> ChangeRow | None:
        """The row under the cursor."""
        return self._rows.get(self.selected)

    def draw(self, rows: Iterable[ChangeRow], trouble: Trouble, words: str, below: Sequence[Line]) -> None:
        """These rows, a line where another day begins, and what there is to say of the feeds."""
        self.words = words
        known = list(rows)
        wanted = [row for row in known if all(word in row.words for word in words.lower().split())]
        self._rows = {row.change.key: row for row in wanted}
        blocks: list[Block] = [_Heads(trouble.said)] if wanted else []
        day: date | None = trouble.start.date()
        for row in wanted:
            if row.change.dated and row.change.at.date() != day:
                day = row.change.at.date()
                blocks.append(Fixed(Line([(f"  {day:%Y-%m-%d}", DIM)])))
            blocks.append(_RowBlock(row, trouble))
        if words:
            blocks.append(Fixed(Line([(f"— {len(wanted)} of {len(known)} hold “{words}” — / changes it", DIM)])))
        if below:
            blocks.append(Fixed(Line(), *below))
        self.show(blocks)

    def next_where(self, wanted: Callable[[ChangeRow], bool]) -> bool:
        """To the next row that is wanted, around the end if need be; False when there is none."""
        keys = list(self._rows)
        at = keys.index(self.selected) if self.selected in self._rows else -1
        target = next((key for key in (*keys[at + 1 :], *keys[: at + 1]) if wanted(self._rows[key])), "")
        if target:
            self.select(target)
        return bool(target)


def detail(row: ChangeRow, trouble: Trouble, width: int, count: int, titles: int = 2) -> list[Line | RuleLine]:
    """Everything that is known of a change, with its rank's arithmetic; its title in at most so many lines."""
    one, rank = row.change, row.rank
    place = f"rank {row.place} of {count}" if row.place else "it has no rank"
    drawn: list[Line | RuleLine] = [rule(one.name, place)]
    drawn += [Line([(text, TEXT)]) for text in wrap(one.title, width)[:titles] if text]
    path = [(one.previous or "?", TEXT), (" → ", DIM), (one.version or "?", STRONG)]
    whose = [(f"   of {one.service}", TEXT)] if one.service else [("   service not named", DIM)]
    who = [(f"   by {one.by}", DIM)] if one.by else []
    drawn.append(Line([("from → to  ", DIM), *path, *whose, *who]))
    drawn.append(Line([("when       ", DIM), (when(one), TEXT), (f"   {trouble.distance(one)}", AMBER)]))
    sums = rank.arithmetic if rank is not None else _why_no_rank(one, trouble)
    wrapped = wrap(sums, max(20, width - 11))
    drawn += [Line([("rank       " if not at else " " * 11, DIM), (text, TEXT)]) for at, text in enumerate(wrapped)]
    told = [(f"told by {one.source}", DIM)] if one.source else []
    link = [("   ", DIM), (shorten(one.link, max(10, width - 30)), LINK)] if one.link else [("   no link", FAINT)]
    drawn.append(Line([("source     ", DIM), *told, *link]))
    return drawn


def when(change: Change) -> str:
    """`2026-05-02 02:50:12 to 02:55:56 UTC, failed`."""
    if not change.dated:
        return f"seen {change.at:%Y-%m-%d} {clock(change.at)} UTC; it happened some time before"
    began = f"{clock(change.began)} to " if change.began is not None and change.began < change.at else ""
    outcome = f", {_OUTCOMES[change.outcome]}" if _OUTCOMES[change.outcome] else ""
    return f"{change.at:%Y-%m-%d} {began}{clock(change.at)} UTC{outcome}"


def _why_no_rank(change: Change, trouble: Trouble) -> str:
    if not change.dated:
        return "none: without a time nothing can be said about how near it was"
    return f"none: it began after {trouble.said}"
