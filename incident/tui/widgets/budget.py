"""An error budget as lines: what is left, how fast it goes, what this incident took, go or no go, and the queries."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from incident.core.budget.burn import Alarm
from incident.core.budget.figures import times
from incident.core.budget.slo import Slo
from incident.core.budget.spans import promql
from incident.core.budget.spending import Spending
from incident.core.budget.standing import Standing
from incident.core.budget.verdict import Go, Risk, Verdict, verdict_on
from incident.core.budget.words import alarm_words, allowance, left_words, pace_words, promise, rows, spending_words
from incident.core.signals import sparkline
from incident.tui.paint import Line, RuleLine, Span, rule, wrap_spans
from incident.tui.theme import AMBER, DIM, FAINT, GOOD, LINK, PAGE, RED, STRONG, TEXT
from incident.tui.widgets.lines import Block

NAMES = 10  # columns for what a row is about
BAR = 24  # cells of the bar
_GO = {Go.GO: GOOD, Go.GUARDRAIL: AMBER, Go.NO_GO: RED, Go.UNKNOWN: AMBER}
_ALARM = {Alarm.PAGE: PAGE, Alarm.TICKET: AMBER, Alarm.NONE: DIM, Alarm.UNKNOWN: AMBER}
_LAST = ("to go", "counted", "data", "careful", "note")  # rows that say what the numbers rest on


class BudgetBlock(Block):
    """One objective. `found` is None until there is an answer, and `trouble` says why there is none of now."""

    def __init__(self, slo: Slo, found: Standing | None, trouble: str, spent: Spending | None) -> None:
        self.key = slo.title
        self._slo = slo
        self._found = found
        self._trouble = trouble
        self._spent = spent

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        """Everything known of it."""
        drawn: list[Line | RuleLine] = [rule(self._slo.title, promise(self._slo), style=STRONG)]
        if self._trouble:
            drawn += _row("asked", [(self._trouble, AMBER)], width)
        if self._found is None:
            words = "" if self._trouble else "asking…"
            return [*drawn, *_row("budget", [(allowance(self._slo, None), DIM)], width),
                    *(_row("left", [(words, DIM)], width) if words else []), Line()]  # fmt: skip
        found = self._found
        return [
            *drawn,
            *self._numbers(found, width),
            *self._verdicts(found, width),
            *self._ground(found, width),
            Line(),
        ]

    def _numbers(self, found: Standing, width: int) -> list[Line]:
        style = _style_of(found)
        left = [*_bar(found.left, style), (left_words(found), style)]
        if found.failed is not None:
            left.append((f" · {found.failed:,.0f} requests failed", DIM))
        drawn = _row("left", left, width)
        drawn += _row("pace", [(pace_words(found), style if found.empty_in is not None else TEXT)], width)
        drawn += _row("alarm", [(alarm_words(found), _ALARM[found.alarm])], width)
        if self._spent is not None:
            drawn += _row("incident", [(spending_words(self._spent), TEXT)], width)
        return drawn

    def _verdicts(self, found: Standing, width: int) -> list[Line]:
        """Go or no go for each risk; risks with the same answer stand together."""
        told: dict[Verdict, list[Risk]] = {}
        for risk in Risk:
            told.setdefault(verdict_on(found, risk), []).append(risk)
        drawn = []
        for number, (verdict, risks) in enumerate(told.items()):
            words: list[Span] = [(f"{', '.join(risks)}: ", DIM), (verdict.go.value, _GO[verdict.go])]
            drawn += _row("" if number else "a change", [*words, (f" - {verdict.why}", TEXT)], width)
        return drawn

    def _ground(self, found: Standing, width: int) -> list[Line]:
        """What the numbers are made of, and what they rest on."""
        drawn = _row("budget", [(allowance(self._slo, found.asked), DIM)], width)
        drawn += _row("burn", _burns(found), width)
        if found.days:
            bars = sparkline(found.days, len(found.days))
            drawn += _row("spent", [(bars, TEXT), (" over the window, the oldest first", DIM)], width)
        told = dict(rows(found))
        for name in _LAST:
            if name in told:
                drawn += _row(name, [(told[name], DIM)], width)
        return drawn


class QueryBlock(Block):
    """One query, to be copied."""

    def __init__(self, slo: Slo, number: int, what: str, query: str) -> None:
        self.key = f"{slo.title} {number}"
        self.query = query
        self._what = what

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        """What it gives, and the query."""
        shown = wrap_spans([(" ".join(self.query.split()), LINK)], max(10, width - 2))
        return [Line([(self._what, DIM)]), *(Line([("  ", DIM), *spans]) for spans in shown), Line()]


def blocks(slo: Slo, found: Standing | None, trouble: str, spent: Spending | None) -> list[Block]:
    """One objective and its queries."""
    queries = [*(found.queries if found else ()), *(spent.queries if spent else ())]
    asked = [QueryBlock(slo, number, what, query) for number, (what, query) in enumerate(dict(queries).items())]
    return [BudgetBlock(slo, found, trouble, spent), *asked]


def _style_of(found: Standing) -> Style:
    if found.left is None:
        return AMBER
    if found.left <= 0 or found.alarm is Alarm.PAGE:
        return PAGE
    return AMBER if found.empty_in is not None or found.left < 0.1 else GOOD


def _bar(left: float | None, style: Style) -> list[Span]:
    if left is None:
        return []
    full = round(min(1.0, max(0.0, left)) * BAR)
    return [("█" * full, style), ("░" * (BAR - full), FAINT), ("  ", DIM)]


def _burns(found: Standing) -> list[Span]:
    spans: list[Span] = []
    for at, burn in sorted(found.burns.items()):
        rate = "?" if burn.rate is None else times(burn.rate)
        few = "~" if burn.few(found.slo.budget) else ""  # one request more or less would change it by far
        spans += [(" · " if spans else "", DIM), (f"{promql(at)} ", DIM)]
        spans.append((f"{few}{rate}", STRONG if (burn.rate or 0) > 1 else TEXT))
    return spans or [("not known", AMBER)]


def _row(name: str, spans: Sequence[Span], width: int) -> list[Line]:
    """A row with its name in a column of its own; what is longer goes on below."""
    wrapped = wrap_spans(spans, max(10, width - NAMES))
    head: Span = (f"{name:<{NAMES}}", DIM)
    return [Line([head if not number else (" " * NAMES, DIM), *part]) for number, part in enumerate(wrapped)]
