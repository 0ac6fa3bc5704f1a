"""Golden signals as lines: value, trend, and the limit or the usual value that gives them a meaning."""

from __future__ import annotations

from collections.abc import Sequence

from incident.core.signals import Signal, amount, sparkline
from incident.tui.paint import Line, Span, column
from incident.tui.theme import AMBER, DIM, FAINT, PAGE, STRONG

TREND = 9  # bars


def meaning(signal: Signal) -> str:
    """What the value is measured against."""
    if signal.limit is not None:
        return f"limit {amount(signal.limit, signal.unit)}"
    return f"usual {amount(signal.usual, signal.unit)}" if signal.usual is not None else ""


def spans(signal: Signal, *, columns: bool) -> list[Span]:
    """One signal; in columns when several stand under each other."""
    name = column(signal.name, 11, DIM) if columns else (f"{signal.name} ", DIM)
    if signal.value is None:
        return [name, (signal.missing or "no value", FAINT)]
    unusual = signal.usual is not None and signal.value > 2 * signal.usual > 0
    style = PAGE if signal.beyond else AMBER if unusual else STRONG
    value = amount(signal.value, signal.unit)
    bars = sparkline(signal.trend, TREND)
    shown = column(value, 9, style, right=True) if columns else (value, style)
    trend = column(bars, TREND, style if signal.beyond or unusual else DIM) if columns else (bars, style)
    return [name, shown, (" ", DIM), trend, (" ", DIM), (meaning(signal), DIM)]


def lines(signals: Sequence[Signal]) -> list[Line]:
    """Every signal on its own line."""
    return [Line(spans(signal, columns=True)) for signal in signals]


def strip(signals: Sequence[Signal], most: int = 2) -> list[Span]:
    """The first signals that have a value, on one line."""
    shown: list[Span] = []
    for signal in [s for s in signals if s.value is not None][:most]:
        shown += [*spans(signal, columns=False), ("   ", DIM)]
    return shown
