"""The line at the top, and the line at the foot that says which keys matter here."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from incident.tui.paint import Line, Span, keys, rule, strip_of, width_of
from incident.tui.theme import BAND, DIM


class Band(Widget):
    """One line: parts from the left, of which the least important go first when there is no room, and a right end."""

    DEFAULT_CSS = f"Band {{ height: 1; dock: top; background: {BAND}; }}"

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[tuple[int, list[Span]]] = []
        self._right: list[Span] = []

    def show(self, parts: Sequence[tuple[int, list[Span]]], right: list[Span]) -> None:
        """`parts` are (importance, spans); 0 is never left out. `right` stays whole, or away where there is no room."""
        if (list(parts), right) != (self._parts, self._right):
            self._parts, self._right = list(parts), right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        width = self.size.width
        right = self._right if width_of(self._right) < width // 2 else []
        room = width - 4 - width_of(right)
        kept = list(self._parts)
        while len(kept) > 1 and sum(width_of(spans) + 2 for _, spans in kept) > room:
            least = max(kept, key=lambda part: part[0])
            if least[0] == 0:
                break
            kept.remove(least)
        left: list[Span] = [(" ", Style.null())]
        for _, spans in kept:
            left += [*spans, ("  ", Style.null())]
        return strip_of(Line(left, [*right, (" ", Style.null())]), width, self.rich_style)


class Foot(Widget):
    """A thin rule, and the keys that matter here."""

    DEFAULT_CSS = "Foot { height: 2; dock: bottom; }"

    def __init__(self) -> None:
        super().__init__()
        self._pairs: list[tuple[str, str]] = []

    def show(self, pairs: list[tuple[str, str]]) -> None:
        """These keys, as many as fit; the last one, help, is never the one left out."""
        if pairs != self._pairs:
            self._pairs = pairs
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The rule, then the keys."""
        width = self.size.width
        if y == 0:
            return strip_of(rule("").at(width), width, self.rich_style)
        pairs = list(self._pairs)
        while len(pairs) > 2 and width_of(keys(pairs)) + 3 > width:
            pairs.pop(-2)
        return strip_of(Line([("  ", DIM), *keys(pairs)]), width, self.rich_style)
