"""The timeline's rows: time, a mark or word that says what it is, and the text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from incident.core.event import Event
from incident.core.timeline import Row, Tone, in_order, row_of, stamp
from incident.tui.paint import Line, RuleLine, Span, wrap
from incident.tui.theme import AMBER, DIM, STRONG, TEXT, TONES
from incident.tui.widgets.lines import Block, Fixed, Lines

FULL_TIME = 10  # columns of a time with its seconds
_MARKS = {"page": "▲", "ticket": "●", "done": "✓", "skipped": "–"}
_TEXT_IN_TONE = frozenset({Tone.PAGE, Tone.TICKET, Tone.QUIET, Tone.BAD, Tone.COMMAND})


class _RowBlock(Block):
    def __init__(self, row: Row, *, folded: bool, saved: bool, selectable: bool) -> None:
        self.key = row.id
        self.selectable = selectable
        self.height = 1 if folded else 0
        self._row = row
        self._saved = saved

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        row = self._row
        spans = words(row)
        unsaved: list[Span] = [] if self._saved else [("not saved ", AMBER)]
        if self.height:
            return [Line([(f"{row.time:<5} ", DIM), *spans], unsaved)]
        tone = TONES[row.tone]
        wrapped = wrap(row.line, max(12, width - FULL_TIME - len(row.who) - 3))
        first = Line(
            [(f"{stamp(row.at, row.precision):<{FULL_TIME}}", DIM), (wrapped[0], tone)], [*unsaved, (row.who, DIM)]
        )
        return [first, *(Line([(" " * FULL_TIME, DIM), (more, tone)]) for more in wrapped[1:])]


def words(row: Row) -> list[Span]:
    """A row's lead and text, in its tone."""
    tone = TONES[row.tone]
    text = tone if row.tone in _TEXT_IN_TONE else STRONG if row.tone is Tone.MILESTONE else TEXT
    return [(_MARKS.get(row.lead, row.lead), tone), (" ", TEXT), (" ".join(row.text.split()), text)]


class TimelineList(Lines):
    """Rows under a cursor, or the last ones in view."""

    def __init__(self, *, id: str, cursor: bool) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, cursor=cursor)
        self.follow = not cursor
        self.rows: dict[str, Row] = {}

    def draw(self, events: Sequence[Event], unsaved: Collection[str] = (), words: str = "") -> None:
        """Paint the rows that hold every word, with a line where a new day begins."""
        wanted = words.lower().split()
        blocks: list[Block] = []
        day: date | None = None
        self.rows = {}
        for event in in_order(events):
            row = row_of(event)
            if wanted and not all(word in f"{row.line} {row.who}".lower() for word in wanted):
                continue
            if row.at.date() != day and (day is not None or self.has_cursor):
                blocks.append(Fixed(Line([(f"{row.at:%Y-%m-%d}", DIM)])))
            day = row.at.date()
            self.rows[row.id] = row
            blocks.append(
                _RowBlock(row, folded=not self.has_cursor, saved=event.id not in unsaved, selectable=self.has_cursor)
            )
        self.show(blocks)
