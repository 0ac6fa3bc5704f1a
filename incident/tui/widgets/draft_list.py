"""A post-mortem draft as lines: headings, TODOs and what the check found stand out; computed parts stand back."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from incident.core.check.finding import Finding, Severity
from incident.core.postmortem.blocks import Stretch, stretches
from incident.core.text import plain
from incident.tui.paint import Line, RuleLine, wrap
from incident.tui.theme import AMBER, DIM, FAINT, KEY, STRONG, TEXT
from incident.tui.widgets.lines import Block, Lines

_BY_HAND = "(the part below was edited by hand: exports leave it as it is)"


class _DraftLine(Block):
    def __init__(self, number: int, text: str, findings: Sequence[Finding]) -> None:
        self.key = f"line:{number}"
        self.text = text
        self.findings = findings
        self.stamp = (text, tuple(findings))

    @property
    def asks(self) -> bool:
        """Whether somebody has to do something here."""
        return "TODO" in self.text or any(found.severity is not Severity.INFO for found in self.findings)

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        indent = " " * min(12, len(self.text) - len(self.text.lstrip(" ")))
        pieces = wrap(self.text, max(10, width - len(indent)))
        drawn: list[Line | RuleLine] = [Line([(indent + piece, self._style())]) for piece in pieces]
        for found in self.findings:
            mark, style = ("▲ ", AMBER) if found.severity is not Severity.INFO else ("· ", DIM)
            for at, piece in enumerate(wrap(f"{found.message}: {found.hint} ({found.rule})", max(10, width - 4))):
                drawn.append(Line([("  ", style), (mark if not at else "  ", style), (piece, style)]))
        return drawn

    def _style(self) -> Style:
        text = self.text
        if text.startswith(("<!--", "# Computed")) or text in ("---", _BY_HAND):
            return FAINT
        if text.startswith(("# ", "## ")):
            return STRONG
        if text.startswith("### "):
            return KEY
        return AMBER if "TODO" in text else TEXT


class DraftList(Lines):
    """The draft under a cursor that goes from line to line."""

    def draw(self, text: str, findings: Sequence[Finding]) -> None:
        """Lay out a draft with what was found in it. The marks of computed parts are not shown."""
        by_line: dict[int, list[Finding]] = {}
        for found in findings:
            by_line.setdefault(found.line - 1, []).append(found)
        lines: list[_DraftLine] = []
        at = 0
        for stretch in stretches(text):
            hidden = _marks(stretch)
            for place, line in enumerate(stretch.lines, at):
                if place - at not in hidden:
                    lines.append(_DraftLine(place, plain(line.rstrip("\r\n")), by_line.get(place, ())))
                elif place == at and not stretch.untouched:
                    lines.append(_DraftLine(place, _BY_HAND, ()))
            at += len(stretch.lines)
        first = not self.keys
        self.show(lines)
        if first:
            self.select(_title(lines))
            self.call_after_refresh(self._to_top)

    @property
    def line(self) -> int:
        """The line under the cursor, from 0."""
        return int(self.selected.partition(":")[2] or 0)

    @property
    def text(self) -> str:
        """What the line under the cursor says."""
        block = self.block(self.selected)
        return block.text if isinstance(block, _DraftLine) else ""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was found in the line under the cursor."""
        block = self.block(self.selected)
        return block.findings if isinstance(block, _DraftLine) else ()

    def jump(self, by: int) -> bool:
        """To the next line that asks for something, or the one before; False when there is none."""
        keys = self.keys
        here = keys.index(self.selected) if self.selected in keys else 0
        path = keys[here + 1 :] if by > 0 else list(reversed(keys[:here]))
        target = next((key for key in path if isinstance(one := self.block(key), _DraftLine) and one.asks), "")
        if target:
            self.select(target)
        return bool(target)

    def _to_top(self) -> None:
        """The line under the cursor as the first one on the screen."""
        self.scroll_to(y=self.top_of(self.selected), animate=False, immediate=True)


def _marks(stretch: Stretch) -> frozenset[int]:
    """Which lines of a computed part are its marks, and the blank ones that keep them apart from the text."""
    if not stretch.name:
        return frozenset()
    last = len(stretch.lines) - 1
    blank = {place for place in (1, last - 1) if not stretch.lines[place].strip()}
    return frozenset({0, last, *blank})


def _title(lines: Sequence[_DraftLine]) -> str:
    """The key of the first heading behind the front matter, where a reader begins."""
    ends = [place for place, line in enumerate(lines) if line.text == "---"]
    after = ends[1] if len(ends) > 1 else 0
    return next((line.key for line in lines[after:] if line.text.startswith("# ")), "line:0")
