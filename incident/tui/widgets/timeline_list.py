"""The timeline's rows: time, a mark or word that says what it is, and the text."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from incident.core.event import Event
from incident.core.growing import GrowingTimeline
from incident.core.timeline import Category, Folded, Row, Tone, folded
from incident.tui.paint import Line, RuleLine, Span, wrap
from incident.tui.theme import AMBER, DIM, STRONG, TEXT, TONES
from incident.tui.widgets.lines import Block, Fixed, Lines

FULL_TIME = 10  # columns of a time with its seconds
NEWEST = 300  # events of a long incident that a list beside something else looks at
WINDOW = 1_000  # rows of a long timeline that are laid out at a time
_BEFORE, _BEHIND = "before", "behind"  # the keys of the lines that stand for the rows beyond the window
_FOLD = "fold:"  # begins the key of rows that stand as one
_MARKS = {"page": "▲", "ticket": "●", "done": "✓", "skipped": "–"}
_TEXT_IN_TONE = frozenset({Tone.PAGE, Tone.TICKET, Tone.QUIET, Tone.BAD, Tone.COMMAND})


@dataclass(frozen=True, slots=True)
class View:
    """Which rows are shown, and how."""

    words: str = ""  # that a row has to hold
    categories: frozenset[Category] = frozenset()  # empty: all
    fold: bool = False  # noise stands as one row

    @property
    def only(self) -> tuple[str, frozenset[Category]] | None:
        """What is let through, None for everything."""
        return (self.words, self.categories) if self.words or self.categories else None

    def shows(self, row: Row) -> bool:
        """Whether a row is wanted."""
        text = f"{row.line} {row.who}".lower()
        of_kind = not self.categories or row.category in self.categories
        return of_kind and all(word in text for word in self.words.lower().split())


ALL = View()


def place_text(view: View, row: str) -> str:
    """How a timeline is looked at, as a line that can be kept; "" for how every look begins."""
    if view == ALL and not row:
        return ""
    kinds = sorted(kind.value for kind in view.categories)
    return json.dumps({"words": view.words, "kinds": kinds, "fold": view.fold, "row": row})


def read_place(text: str) -> tuple[View, str]:
    """The inverse; what cannot be read is how every look begins."""
    try:
        kept = json.loads(text)
        kinds = frozenset(Category(kind) for kind in kept["kinds"])
        return View(str(kept["words"]), kinds, bool(kept["fold"])), str(kept["row"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ALL, ""


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
    """Rows under a cursor, or the last ones in view. Of a long timeline a window of rows is laid out."""

    def __init__(self, *, id: str, cursor: bool) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, cursor=cursor)
        self.follow = not cursor
        self.timeline = GrowingTimeline()
        self.rows: dict[str, Row] = {}
        self._begin: int | None = None  # the number of the window's first row; None: it ends with the newest one
        self._length = WINDOW
        self._unfolded: set[str] = set()  # keys of groups that were opened
        self._drawn_with: tuple[Collection[str], View, int] = ((), ALL, 0)

    def draw(self, events: tuple[Event, ...], unsaved: Collection[str] = (), view: View = ALL, unread: int = 0) -> None:
        """Paint the rows that are wanted; `unread` events before them are not in memory yet."""
        self.timeline.hear(events)
        self.timeline.look(view.only, view.shows if view.only else None)
        self._drawn_with = (unsaved, view, unread)
        number = self.timeline.number_of(self.selected)
        if number is not None and not self._first <= number < self._first + self._length:
            self._put_window(number)
        self._draw_window()

    def toggle_fold(self) -> bool:
        """Open the group under the cursor, or go on beyond the window; whether there was such a line."""
        if self.selected == _BEFORE:
            self._go_on(-WINDOW)
        elif self.selected == _BEHIND:
            self._go_on(WINDOW)
        elif self.selected.startswith(_FOLD):
            self._unfolded.add(self.selected)
            self._draw_window()
        else:
            return False
        return True

    def fold_all(self) -> None:
        """Close what was opened."""
        self._unfolded.clear()

    def select_at(self, at: datetime) -> None:
        """Put the cursor on the first row at a time or behind it, else on the last one."""
        self.select_number(self.timeline.number_at(at))

    def select_row(self, identity: str) -> None:
        """Put the cursor on a row, if it is shown in this view."""
        number = self.timeline.number_of(identity)
        if number is not None:
            self.select_number(number)

    def select_number(self, number: int) -> None:
        """Put the cursor on a row by its number, from 0; behind all of them it goes to the last one."""
        number = max(0, min(number, len(self.timeline) - 1))
        if not self._first <= number < self._first + self._length:
            self._put_window(number)
            self._draw_window()
        row = next(iter(self.timeline.rows(number, number + 1)), None)
        if row is not None:
            self.select(row.id if row.id in self.keys else self._nearest_key(row.at))

    @property
    def is_at_newest(self) -> bool:
        """Whether the cursor is on the last row of all."""
        return self._begin is None and bool(self.keys) and self.selected == self.keys[-1]

    def newest(self) -> None:
        """Go to the newest row."""
        self._begin, self._length = None, WINDOW
        self._draw_window()
        self.select(self.keys[-1] if self.keys else "")

    def action_move_to(self, place: int) -> None:
        """The first or the last row of all, wherever the window is."""
        if not self.has_cursor:
            super().action_move_to(place)
        elif place == 0:
            self.select_number(0)
            self.scroll_to(y=0, animate=False, immediate=True)
        else:
            self.newest()

    @property
    def _first(self) -> int:
        """The number of the window's first row."""
        last = max(0, len(self.timeline) - self._length)
        return last if self._begin is None else min(self._begin, last)

    def _put_window(self, number: int) -> None:
        """Have a row in the middle of the window; one that reaches the newest row stays with it."""
        begin = max(0, number - WINDOW // 2)
        self._begin, self._length = (begin if begin + WINDOW < len(self.timeline) else None), WINDOW

    def _go_on(self, by: int) -> None:
        """Show as many rows more, in one direction; the cursor goes to the first of them."""
        number = self._first - 1 if by < 0 else self._first + self._length
        if self._begin is not None:
            self._begin = max(0, self._begin + min(by, 0))
        self._length += WINDOW
        self._draw_window()
        self.select_number(number)

    def _draw_window(self) -> None:
        """Paint the window, with a line where a new day begins and one for what lies beyond on each side."""
        unsaved, view, unread = self._drawn_with
        total = len(self.timeline)
        first = self._first if self.has_cursor else max(0, total - NEWEST)
        shown = self.timeline.rows(first, first + self._length)
        blocks = self._beyond(_BEFORE, first, "rows before", unread)
        day: date | None = None
        self.rows = {row.id: row for row in shown}
        for item in folded(shown) if view.fold else shown:
            if item.at.date() != day and (day is not None or self.has_cursor):
                blocks.append(Fixed(Line([(f"{item.at:%Y-%m-%d}", DIM)])))
            day = item.at.date()
            blocks += self._blocks_of(item, unsaved)
        self.show([*blocks, *self._beyond(_BEHIND, total - first - len(shown), "rows behind")])

    def _beyond(self, key: str, count: int, words: str, unread: int = 0) -> list[Block]:
        """The line for rows that are not laid out, and for those that are still being read."""
        if not self.has_cursor:
            return []
        told: list[Block] = []
        if unread:
            told.append(Fixed(Line([(f"{' ' * FULL_TIME}{unread:,} rows are still being read…", AMBER)])))
        if count:
            line = Line([(f"{' ' * FULL_TIME}{count:,} {words}   enter shows more", DIM)])
            told.append(Fixed(line, key=key, selectable=True))
        return told

    def _nearest_key(self, at: datetime) -> str:
        """The key of the group that holds what happened at a time, else of the last row before it."""
        keys = [key for key in self.keys if (row := self.rows.get(key.removeprefix(_FOLD))) is None or row.at <= at]
        return keys[-1] if keys else ""

    def _blocks_of(self, item: Row | Folded, unsaved: Collection[str]) -> list[Block]:
        if isinstance(item, Folded):
            key = f"{_FOLD}{item.rows[0].id}"
            if key not in self._unfolded:
                words = f"{' ' * FULL_TIME}{item.line}   enter shows them"
                return [Fixed(Line([(words, DIM)]), key=key, selectable=self.has_cursor)]
            return [block for row in item.rows for block in self._blocks_of(row, unsaved)]
        return [_RowBlock(item, folded=not self.has_cursor, saved=item.id not in unsaved, selectable=self.has_cursor)]
