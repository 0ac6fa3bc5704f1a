"""A list of blocks of lines that renders only what is visible, with a cursor that stays on its thing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from incident.tui.paint import Line, RuleLine, segments_of, spans_in
from incident.tui.theme import CHOSEN, KEY

BAR = "▌"
_CHOSEN = Style.parse(f"on {CHOSEN}")
Drawn = tuple[Line | RuleLine | None, bool, int]  # what a line shows, whether it is chosen, and in how many columns


class Block:
    """Some lines that belong together. `height` is known without painting where that is cheap."""

    key = ""  # identity; the cursor stays on it
    selectable = True
    height = 0  # 0: ask `lines`
    stamp: object = None  # what the lines depend on besides the width; equal ones are laid out once

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        """What to paint at a width, without the two columns of margin."""
        raise NotImplementedError


class Fixed(Block):
    """Lines that are ready, for what cannot be selected."""

    def __init__(self, *ready: Line | RuleLine, key: str = "", selectable: bool = False) -> None:
        self.key = key
        self.selectable = selectable
        self.ready = ready or (Line(),)
        self.height = len(self.ready)

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        """The lines as given."""
        return self.ready


class Lines(ScrollView, can_focus=True):
    """Blocks under a cursor. The cursor holds a block's key, never its position."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("g,home", "move_to(0)", show=False),
        Binding("G,end", "move_to(-1)", show=False),
        Binding("pagedown,ctrl+f", "move_page(1)", show=False),
        Binding("pageup,ctrl+b", "move_page(-1)", show=False),
    ]
    DEFAULT_CSS = """
    Lines {
        height: 1fr; overflow-x: hidden;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; scrollbar-gutter: stable;
    }
    """

    class OnBlock(Message):
        """Something about one block."""

        def __init__(self, lines: Lines, key: str) -> None:
            super().__init__()
            self.lines = lines
            self.key = key

        @property
        def control(self) -> Lines:
            """The list."""
            return self.lines

    class Moved(OnBlock):
        """The cursor went to another block."""

    class Chosen(OnBlock):
        """A block was clicked while it was selected."""

    def __init__(self, *, id: str | None = None, cursor: bool = True) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.has_cursor = cursor
        self.selected = ""  # the key under the cursor
        self.follow = False  # keep the last line in view
        self._blocks: list[Block] = []
        self._offsets: list[int] = [0]  # first line of each block, and the total
        self._places: dict[str, int] = {}  # block by key
        self._width = 0
        self._painted: dict[int, Sequence[Line | RuleLine]] = {}
        self._kept: dict[str, tuple[object, int, Sequence[Line | RuleLine]]] = {}  # laid out, by key
        self._drawn: dict[int, Drawn] = {}  # by line of the visible part
        self._ground = Style.null()

    # -- content ------------------------------------------------------------------------------------------------

    def show(self, blocks: Iterable[Block]) -> None:
        """Put other blocks in place. The cursor stays on its key, and its line where it is on the screen."""
        above = self._line_on_screen()
        index = self._places.get(self.selected, 0)
        self._blocks = list(blocks)
        self._places = {block.key: at for at, block in enumerate(self._blocks) if block.selectable}
        if self.selected not in self._places:
            self.selected = self._nearest(index)
        self._measure()
        if self.follow:
            self.scroll_end(animate=False, immediate=True)
        elif above is not None and self.selected:
            self.scroll_to(y=self.top_of(self.selected) - above, animate=False, immediate=True)
        self._repaint_changed()

    def look_again(self) -> None:
        """Lay out again what shows the time, such as ages, and repaint the lines that came out different."""
        self._painted = {at: lines for at, lines in self._painted.items() if not self._blocks[at].height}
        self._repaint_changed()

    def block(self, key: str) -> Block | None:
        """The block with this key."""
        return self._blocks[self._places[key]] if key in self._places else None

    @property
    def keys(self) -> list[str]:
        """The selectable blocks' keys, in order."""
        return list(self._places)

    def select(self, key: str) -> None:
        """Put the cursor on a key, and bring it into view."""
        if key not in self._places:
            return
        if key != self.selected:
            before, self.selected = self.selected, key
            self._repaint(before)
            self._repaint(key)
            self.post_message(self.Moved(self, key))
        self.bring_into_view(key)

    def bring_into_view(self, key: str) -> None:
        """Scroll as little as needed to show a block, with a line of context."""
        top, height = self.top_of(key), self._height(self._places[key])
        room = self.size.height
        at = self.scroll_offset.y
        if top - 1 < at:
            self.scroll_to(y=max(0, top - 1), animate=False, immediate=True)
        elif top + height + 1 > at + room:
            self.scroll_to(y=top + height + 1 - room, animate=False, immediate=True)

    # -- keys and mouse -----------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """One block on, or one line on where nothing can be selected."""
        if not self._places or not self.has_cursor:
            self.scroll_relative(y=by, animate=False, immediate=True)
            return
        keys = self.keys
        at = keys.index(self.selected) if self.selected in self._places else 0
        self.select(keys[max(0, min(len(keys) - 1, at + by))])

    def action_move_to(self, place: int) -> None:
        """The first or the last block."""
        if self._places and self.has_cursor:
            self.select(self.keys[place])
        if place == 0 or not self.has_cursor:
            self.scroll_to(y=0 if place == 0 else self.max_scroll_y, animate=False, immediate=True)

    def action_move_page(self, by: int) -> None:
        """One screenful on."""
        if not self._places or not self.has_cursor:
            self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False, immediate=True)
            return
        self.action_move(by * max(1, self.size.height - 2))

    def on_click(self, event: events.Click) -> None:
        """The first click selects, the next one on the same block does."""
        at = bisect_right(self._offsets, event.y + self.scroll_offset.y) - 1
        if not 0 <= at < len(self._blocks) or not self._blocks[at].selectable:
            return
        key = self._blocks[at].key
        if key == self.selected:
            self.post_message(self.Chosen(self, key))
        else:
            self.select(key)

    def on_resize(self, event: events.Resize) -> None:
        """Another width is another layout; another height shows more or less around the cursor."""
        if self._inner() != self._width:
            self._measure()
        if self.follow:
            self.scroll_end(animate=False, immediate=True)
        elif self.selected in self._places and self.has_cursor:
            if self.top_of(self.selected) + self._height(self._places[self.selected]) < self.size.height:
                self.scroll_to(y=0, animate=False, immediate=True)
            else:
                self.bring_into_view(self.selected)

    # -- painting -----------------------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part; the ground is the same for all of them, and it is slow to find out."""
        self._ground = self.rich_style
        if self._width != self._inner():  # the first layout came before the size was known
            self._measure()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the visible part."""
        width = self.size.width
        painted, chosen, _ = self._drawn[y] = self._line_at(y)
        if painted is None or width < 4:
            return Strip.blank(width, self._ground)
        drawn = painted.at(self._width) if isinstance(painted, RuleLine) else painted
        ground = self._ground + _CHOSEN if chosen else self._ground
        edge = (f"{BAR} ", KEY) if chosen else ("  ", Style.null())
        rest = max(0, width - 2 - self._width)
        spans = [edge, *spans_in(drawn, self._width), (" " * rest, Style.null())]
        return Strip(segments_of(spans, ground), 2 + self._width + rest)

    # -- inside -------------------------------------------------------------------------------------------------

    def _line_at(self, y: int) -> Drawn:
        """What stands in a line of the visible part."""
        line = y + self.scroll_offset.y
        if not self._blocks or line >= self._offsets[-1]:
            return None, False, self._width
        at = bisect_right(self._offsets, line) - 1
        block = self._blocks[at]
        if at not in self._painted:
            self._painted[at] = self._laid_out(block)
        chosen = self.has_cursor and block.selectable and block.key == self.selected
        return self._painted[at][line - self._offsets[at]], chosen, self._width

    def _repaint_changed(self) -> None:
        """Repaint the lines that differ from what was drawn there: over a slow link every line counts."""
        width, height = self.size
        regions = [Region(0, y, width, 1) for y in range(height) if self._drawn.get(y) != self._line_at(y)]
        if regions:
            self.refresh(*regions)

    def _inner(self) -> int:
        """Columns for text: two of margin on the left, one on the right."""
        return max(1, self.scrollable_content_region.width - 3)

    def _measure(self) -> None:
        self._width = self._inner()
        self._painted.clear()
        heights = []
        for at, block in enumerate(self._blocks):
            if not block.height:
                self._painted[at] = self._laid_out(block)
            heights.append(block.height or len(self._painted[at]))
        self._offsets = [0, *accumulate(heights)]
        self.virtual_size = Size(self.scrollable_content_region.width, self._offsets[-1])

    def _laid_out(self, block: Block) -> Sequence[Line | RuleLine]:
        """A block's lines; those of a block that says what they depend on are kept until that changes."""
        if block.stamp is None:
            return block.lines(self._width)
        kept = self._kept.get(block.key)
        if kept is None or kept[:2] != (block.stamp, self._width):
            kept = (block.stamp, self._width, block.lines(self._width))
            self._kept[block.key] = kept
        return kept[2]

    def top_of(self, key: str) -> int:
        """The first line of a block."""
        return self._offsets[self._places[key]]

    def _height(self, at: int) -> int:
        return self._offsets[at + 1] - self._offsets[at]

    def _line_on_screen(self) -> int | None:
        if self.selected not in self._places:
            return None
        above = self.top_of(self.selected) - self.scroll_offset.y
        return above if 0 <= above < self.size.height else None

    def _nearest(self, index: int) -> str:
        """The first selectable block at or behind a place, else the last one before it."""
        after = next((block.key for block in self._blocks[index:] if block.selectable), "")
        return after or next((block.key for block in reversed(self._blocks[:index]) if block.selectable), "")

    def _repaint(self, key: str) -> None:
        if key in self._places:
            at = self._places[key]
            self._painted.pop(at, None)
            self.refresh(Region(0, self.top_of(key) - self.scroll_offset.y, self.size.width, self._height(at)))
