"""What a benchmark found: figures, what each is compared with, and how they are printed."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `ratio` is to the same run's figure that is named by `to`."""

    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    to: str = ""
    goal: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The figures of one benchmark."""

    title: str
    figures: tuple[Figure, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)

    def as_text(self) -> str:
        """For people: one line per figure."""
        return "\n".join([self.title, *(_line(figure) for figure in self.figures)])


def median(name: str, values: Sequence[float], unit: str = "ms", **more: Any) -> Figure:
    """The median of several runs, with the lowest and the highest."""
    return Figure(name, statistics.median(values), unit, min(values), max(values), **more)


def share(values: Iterable[float], part: float) -> float:
    """The value below which a part of them lies."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * part))]


def _line(figure: Figure) -> str:
    spread = f"({figure.low:,.0f} to {figure.high:,.0f})" if figure.low is not None and figure.high is not None else ""
    ratio = f"{figure.ratio:.2f} x {figure.to}" if figure.ratio is not None else ""
    goal = f"goal {figure.goal}: {'met' if figure.met else 'NOT met'}" if figure.goal else ""
    return f"  {figure.name:<44}{figure.value:>9.1f} {figure.unit:<4}{spread:<18}{ratio:<22}{goal}".rstrip()
