"""The timeline's rows: time, a mark or word that says what it is, and the text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from incident.core.event import Event
from incident.core.timeline import Category, Folded, Row, Tone, folded, rows
from incident.tui.paint import Line, RuleLine, Span, wrap
from incident.tui.theme import AMBER, DIM, STRONG, TEXT, TONES
from incident.tui.widgets.lines import Block, Fixed, Lines

FULL_TIME = 10  # columns of a time with its seconds
NEWEST = 300  # events of a long incident that a list beside something else looks at
_FOLD = "fold:"  # begins the key of rows that stand as one
_MARKS = {"page": "▲", "ticket": "●", "done": "✓", "skipped": "–"}
_TEXT_IN_TONE = frozenset({Tone.PAGE, Tone.TICKET, Tone.QUIET, Tone.BAD, Tone.COMMAND})


@dataclass(frozen=True, slots=True)
class View:
    """Which rows are shown, and how."""

    words: str = ""  # that a row has to hold
    categories: frozenset[Category] = frozenset()  # empty: all
    fold: bool = False  # noise stands as one row

    def shows(self, row: Row) -> bool:
        """Whether a row is wanted."""
        text = f"{row.line} {row.who}".lower()
        of_kind = not self.categories or row.category in self.categories
        return of_kind and all(word in text for word in self.words.lower().split())


ALL = View()


class _RowBlock(Block):
    def __init__(self, row: Row, *, folded: bool, saved: bool, selectable: bool) -> None:
        self.key = row.id
        self.selectable = selectable
        self.height = 1 if folded else 0
        self.stamp = (row, saved)
        self._row = row
        self._saved = saved

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        row = self._row
        spans = words(row)
        unsaved: list[Span] = [] if self._saved else [("not saved ", AMBER)]
        if self.height:
            return [Line([(f"{row.time:<5} ", DIM), *spans], unsaved)]
        tone = TONES[row.tone]
        time = max(FULL_TIME, len(row.stamp) + 1)
        wrapped = wrap(row.line, max(12, width - time - len(row.who) - 3))
        first = Line([(f"{row.stamp:<{time}}", DIM), (wrapped[0], tone)], [*unsaved, (row.who, DIM)])
        more = [Line([(" " * time, DIM), (text, tone)]) for text in wrapped[1:]]
        was = [Line([(" " * time, DIM), (f"was {row.was}", DIM)])] if row.corrected else []
        return [first, *more, *was]


def words(row: Row) -> list[Span]:
    """A row's lead and text, in its tone."""
    tone = TONES[row.tone]
    text = tone if row.tone in _TEXT_IN_TONE else STRONG if row.tone is Tone.MILESTONE else TEXT
    mark: list[Span] = [(" (corrected)", DIM)] if row.corrected else []
    return [(_MARKS.get(row.lead, row.lead), tone), (" ", TEXT), (" ".join(row.text.split()), text), *mark]


class TimelineList(Lines):
    """Rows under a cursor, or the last ones in view."""

    def __init__(self, *, id: str, cursor: bool) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, cursor=cursor)
        self.follow = not cursor
        self.rows: dict[str, Row] = {}
        self._unfolded: set[str] = set()  # keys of groups that were opened

    def draw(self, events: Sequence[Event], unsaved: Collection[str] = (), view: View = ALL) -> None:
        """Paint the rows that are wanted, with a line where a new day begins."""
        known = events if self.has_cursor else events[-NEWEST:]
        wanted = [row for row in rows(known) if view.shows(row)]
        blocks: list[Block] = []
        day: date | None = None
        self.rows = {row.id: row for row in wanted}
        for item in folded(wanted) if view.fold else wanted:
            if item.at.date() != day and (day is not None or self.has_cursor):
                blocks.append(Fixed(Line([(f"{item.at:%Y-%m-%d}", DIM)])))
            day = item.at.date()
            blocks += self._blocks_of(item, unsaved)
        self.show(blocks)

    def toggle_fold(self) -> bool:
        """Open the group under the cursor; whether there was one."""
        if not self.selected.startswith(_FOLD):
            return False
        self._unfolded.add(self.selected)
        return True

    def fold_all(self) -> None:
        """Close what was opened."""
        self._unfolded.clear()

    def select_at(self, at: datetime) -> None:
        """Put the cursor on the first row at a time or behind it, else on the last one."""
        later = next((row.id for row in self.rows.values() if row.at >= at and row.id in self.keys), "")
        self.select(later or (self.keys[-1] if self.keys else ""))

    def _blocks_of(self, item: Row | Folded, unsaved: Collection[str]) -> list[Block]:
        if isinstance(item, Folded):
            key = f"{_FOLD}{item.rows[0].id}"
            if key not in self._unfolded:
                words = f"{' ' * FULL_TIME}{item.line}   enter shows them"
                return [Fixed(Line([(words, DIM)]), key=key, selectable=self.has_cursor)]
            return [block for row in item.rows for block in self._blocks_of(row, unsaved)]
        return [_RowBlock(item, folded=not self.has_cursor, saved=item.id not in unsaved, selectable=self.has_cursor)]
