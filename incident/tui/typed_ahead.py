"""Keys that come faster than a sheet opens: they wait for it, and reach nothing that stood there before.

Over a slow line keys arrive in bunches. Of `n` and a line of text, the line must end up in the note's sheet: on the
screen below, its letters would tick steps, open places and be gone.
"""

from __future__ import annotations

import asyncio
from collections import deque

from textual import events
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.screen import ModalScreen

from incident.tui.program import Program

TURNS = 3  # of the event loop until what a key began, such as a sheet, is on its way
LOOK_AGAIN = 0.01  # seconds
PATIENCE = 0.5  # seconds after which the next key goes on whatever became of the one before


class TypedAhead(Program[str]):
    """An application that handles one key at a time, to the end of what it opens."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead: deque[events.Key | events.Paste] = deque()
        self._underway: events.Event | None = None
        self._since = 0.0

    async def on_event(self, event: events.Event) -> None:
        """Hold what is typed while the key before is still being handled."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._underway is not None:
            self._ahead.append(event)
        else:
            await self._handle(event)

    async def _handle(self, event: events.Key | events.Paste) -> None:
        self._underway, self._since = event, self._now()
        node: MessagePump = self.focused or self.screen
        await super().on_event(event)
        self._follow(event, node)
        self.set_timer(PATIENCE, lambda: self._go_on(event))

    def _follow(self, event: events.Event, node: MessagePump | None) -> None:
        """Go the way that a key bubbles, behind it; at its end everything that is bound to it was done."""
        if isinstance(node, DOMNode) and node is not self:
            node.call_later(self._follow, event, node.parent)
        else:
            self.call_later(self._settle, event)

    async def _settle(self, event: events.Event) -> None:
        """Wait until a sheet that the key opened can be typed into."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        screen = self.screen
        opening = isinstance(screen, ModalScreen) and screen.focused is None
        if opening and self._ahead and self._now() - self._since < PATIENCE:
            self.set_timer(LOOK_AGAIN, lambda: self.call_later(self._settle, event))
        else:
            self._go_on(event)

    def _go_on(self, event: events.Event) -> None:
        """Handle the next key, once after each."""
        if self._underway is event:
            self._underway = following = self._ahead.popleft() if self._ahead else None
            if following is not None:
                self.call_later(self._handle, following)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
