"""The list of alerts. Looking again never moves the row under the cursor: what is new waits to be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from incident.core.alert import Alert, AlertState, Severity
from incident.core.when import age
from incident.tui.paint import Line, RuleLine, Span, column
from incident.tui.theme import AMBER, DIM, FAINT, LINK, PAGE, STRONG, TEXT
from incident.tui.widgets.lines import Block, Fixed, Lines

_MARKS = {
    Severity.PAGE: ("▲ PAGE", PAGE),
    Severity.TICKET: ("● ticket", AMBER),
    Severity.INFO: ("· info", DIM),
}
WIDE = 100  # columns from which service and note have columns of their own


@dataclass(frozen=True, slots=True)
class Row:
    """What the list shows of one alert."""

    alert: Alert
    runbook: str = ""  # name of the matched runbook
    note: str = ""
    gone: bool = False  # no longer reported


class Rows(Mapping[str, Row]):
    """Alerts as rows, by occurrence. A row is made when it is looked at: of a thousand, a screenful is."""

    def __init__(self, alerts: Mapping[str, Alert], make: Callable[[Alert], Row]) -> None:
        self._alerts = alerts
        self._make = make
        self._made: dict[str, Row] = {}

    def __getitem__(self, key: str) -> Row:
        """The row of an alert."""
        if key not in self._made:
            self._made[key] = self._make(self._alerts[key])
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        """The occurrences, in order."""
        return iter(self._alerts)

    def __contains__(self, key: object) -> bool:
        """Whether it fires."""
        return key in self._alerts

    def __len__(self) -> int:
        """How many fire."""
        return len(self._alerts)


class _AlertBlock(Block):
    height = 1

    def __init__(self, key: str, row_of: Callable[[str], Row], now: Callable[[], datetime]) -> None:
        self.key = key
        self._row_of = row_of
        self._now = now

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        return [Line(_cells(self._row_of(self.key), self._now(), width))]


def _cells(row: Row, now: datetime, width: int) -> list[Span]:
    alert = row.alert
    quiet = row.gone or alert.state is not AlertState.ACTIVE
    mark, style = _MARKS[alert.severity]
    if row.gone:
        mark, style = "✓ over", DIM
    name_style = DIM if quiet else STRONG if alert.severity is Severity.PAGE else TEXT
    aged = age(now - alert.starts_at)
    names, places, runbooks = _widths(width)
    cells = [
        column(mark, 8, DIM if quiet else style),
        column(aged, 6, DIM, right=True),
        ("  ", DIM),
        column(alert.title, names, name_style),
        ("  ", DIM),
    ]
    if width >= WIDE:
        cells += [column(alert.service, 10, DIM if quiet else TEXT), ("  ", DIM), column(alert.place, places, DIM)]
    else:
        cells.append(column(alert.place or alert.service, places, DIM))
    cells += [("  ", DIM), column(row.runbook or "none", runbooks, LINK if row.runbook and not quiet else FAINT)]
    if width >= WIDE:
        cells += [("  ", DIM), (row.note, DIM)]
    return cells


def _widths(width: int) -> tuple[int, int, int]:
    """Columns for the name, the place and the runbook."""
    if width >= WIDE:
        spare = width - 8 - 6 - 2 - 2 - 10 - 2 - 2 - 2
        name = min(40, max(24, spare * 32 // 100))
        place = min(30, max(14, spare * 20 // 100))
        return name, place, min(24, max(16, spare * 20 // 100))
    spare = max(24, width - 8 - 6 - 2 - 2 - 2)
    name = spare * 45 // 100
    place = spare * 25 // 100
    return name, place, spare - name - place


def _heads(width: int) -> list[Span]:
    names, places, runbooks = _widths(width)
    cells = [
        column("SEV", 8, DIM),
        column("AGE", 6, DIM, right=True),
        ("  ", DIM),
        column("ALERT", names, DIM),
        ("  ", DIM),
    ]
    if width >= WIDE:
        cells += [column("SERVICE", 10, DIM), ("  ", DIM)]
    cells += [column("WHERE", places, DIM), ("  ", DIM), column("RUNBOOK", runbooks, DIM)]
    return [*cells, ("  ", DIM), ("NOTE", DIM)] if width >= WIDE else cells


class _Heads(Block):
    height = 1
    selectable = False

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        return [Line(_heads(width))]


class AlertList(Lines):
    """Alerts under a cursor; new ones are counted below until they are asked for."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="alerts")
        self._now = now
        self._order: list[str] = []  # occurrences as they stand on the screen
        self._rows: Mapping[str, Row] = {}  # what fires, as last seen
        self._gone: dict[str, Row] = {}  # what stands on the screen and no longer fires
        self._waiting: list[str] = []
        self.words = ""

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._row_of(self.selected) if self.selected else None

    @property
    def waiting(self) -> int:
        """New alerts that are not in the list yet."""
        return len(self._waiting)

    def seen(self, rows: Mapping[str, Row]) -> None:
        """What fires now, in order. Rows that are gone stay, dimmed, until what is new is asked for."""
        if all(key in self._gone for key in self._order):
            self._order, self._gone = list(rows), {}
        for key in self._order:
            if key in rows:
                self._gone.pop(key, None)
            elif key not in self._gone:
                last = self._rows[key]
                self._gone[key] = Row(last.alert, last.runbook, "no longer firing", gone=True)
        standing = set(self._order)
        self._waiting = [key for key in rows if key not in standing]
        self._rows = rows
        self._paint()

    def show_new(self) -> None:
        """Put everything that fires into the list, in order; the cursor stays on its alert."""
        self._order, self._gone, self._waiting = list(self._rows), {}, []
        self._paint()

    def filter(self, words: str) -> None:
        """Show only the rows that hold every word."""
        self.words = words
        self._paint()

    def _row_of(self, key: str) -> Row:
        return self._gone[key] if key in self._gone else self._rows[key]

    def _paint(self) -> None:
        wanted = self.words.lower().split()
        shown = self._order
        if wanted:
            shown = [key for key in shown if all(word in _text_of(self._row_of(key)) for word in wanted)]
        blocks: list[Block] = [_Heads(), *(_AlertBlock(key, self._row_of, self._now) for key in shown)]
        if self._waiting:
            pages = sum(self._rows[key].alert.severity is Severity.PAGE for key in self._waiting)
            news = _news(len(self._waiting), pages)
            blocks.append(Fixed(Line([(f"— {news} — press .", PAGE if pages else AMBER)])))
        if wanted:
            blocks.append(
                Fixed(Line([(f"— {len(shown)} of {len(self._order)} hold “{self.words}” — / changes it", DIM)]))
            )
        self.show(blocks)


def _text_of(row: Row) -> str:
    alert = row.alert
    values = " ".join(f"{key}={value}" for key, value in alert.labels.items())
    return f"{alert.title} {alert.severity} {alert.service} {alert.place} {row.runbook} {row.note} {values}".lower()


def _news(new: int, pages: int) -> str:
    """`2 new pages`, `3 new, 1 of them a page`."""
    if pages == new:
        return f"{new} new page{'' if new == 1 else 's'}"
    return f"{new} new" + (f", {pages} of them {'a page' if pages == 1 else 'pages'}" if pages else "")
