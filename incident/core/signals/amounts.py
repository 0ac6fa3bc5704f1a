"""A value for reading, and its course as a row of bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

_BARS = "▁▂▃▄▅▆▇█"
_SIZES = (("TB", 2.0**40), ("GB", 2.0**30), ("MB", 2.0**20), ("kB", 2.0**10))


def amount(value: float, unit: str) -> str:
    """A value for reading: `19.2 %`, `1.9 s`, `310/s`, `1.5 GB`, `41`. What is small keeps two telling digits."""
    if unit == "%":
        return f"{_digits(value, 1, 99.95)} %"
    if unit == "s":
        return f"{_digits(value * 1000, 0, 10)} ms" if abs(value) < 0.9995 else f"{value:.1f} s"
    if unit == "B":
        name, size = next((known for known in _SIZES if abs(value) >= known[1]), ("B", 1.0))
        return f"{_digits(value / size, 1, 99.95)} {name}"
    return f"{_digits(value, 0, 10)}{' ' if unit[:1].isalpha() else ''}{unit}"


def limit_of(value: float, unit: str) -> str:
    """A limit for reading: the same, but one that is whole stands without a fraction, as its author wrote it."""
    words = amount(value, unit)
    return words.replace(".0 ", " ", 1) if abs(value - round(value)) < 1e-9 else words


def _digits(value: float, places: int, whole_from: float) -> str:
    """Whole from a size on; below one two digits that are not zeros, however small; else so many places."""
    if abs(value) >= whole_from:
        return f"{value:.0f}"
    if places and abs(value) >= 0.995:
        return f"{value:.{places}f}"
    short = f"{value:.2g}"
    return f"{Decimal(short):f}" if "e" in short else short


def sparkline(values: Sequence[float], width: int) -> str:
    """The last `width` values as bars from their lowest to their highest; a flat line stays low, a gap is a blank."""
    shown = list(values)[max(0, len(values) - width) :]
    known = [value for value in shown if math.isfinite(value)]
    low = min(known, default=0.0)
    span = max(known, default=0.0) - low
    steep = 0 < span < math.inf
    return "".join(
        " " if not math.isfinite(value) else _BARS[min(7, int((value - low) / span * 8)) if steep else 0]
        for value in shown
    )
