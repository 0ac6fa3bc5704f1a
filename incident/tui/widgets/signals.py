"""Golden signals as lines: value, trend, and the limit or the usual value that gives them a meaning."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from incident.core.signals import Signal, amount, sparkline
from incident.core.signals.words import beside, is_unusual
from incident.tui.paint import Line, Span, column
from incident.tui.theme import AMBER, DIM, FAINT, PAGE, STRONG

TREND = 9  # bars
NAME, VALUE = 11, 9  # columns


def style_of(signal: Signal) -> Style:
    """Loud by exception: beyond its limit, or far from what is usual."""
    if signal.stale:
        return DIM
    return PAGE if signal.beyond else AMBER if is_unusual(signal) else STRONG


def spans(signal: Signal, *, columns: bool) -> list[Span]:
    """One signal; in columns when several stand under each other."""
    name = column(signal.name, NAME, DIM) if columns else (f"{signal.name} ", DIM)
    if signal.value is None:
        return [name, (signal.missing or "no value", FAINT)]
    style = style_of(signal)
    value = amount(signal.value, signal.unit)
    bars = sparkline(signal.trend, TREND)
    shown = column(value, VALUE, style, right=True) if columns else (value, style)
    trend = column(bars, TREND, DIM if style == STRONG else style) if columns else (bars, style)
    return [name, shown, (" ", DIM), trend, (" ", DIM), (beside(signal), style if signal.beyond else DIM)]


def lines(signals: Sequence[Signal]) -> list[Line]:
    """The signals that matter on lines of their own; how old they are where their source is gone."""
    shown = [Line(spans(signal, columns=True)) for signal in signals if not signal.minor]
    stale = next((signal.stale for signal in signals if signal.stale), "")
    return [*shown, *([Line([column("", NAME, DIM), (stale, AMBER)])] if stale else [])]


def strip(signals: Sequence[Signal], most: int = 2) -> list[Span]:
    """The first signals that have a value, on one line."""
    shown: list[Span] = []
    for signal in [s for s in signals if s.value is not None][:most]:
        shown += [*spans(signal, columns=False), (f" {signal.stale}" if signal.stale else "", AMBER), ("   ", DIM)]
    return shown
