"""A command's output as it grows on disk, read into lines; a flood is jumped over, its size is not."""

from __future__ import annotations

import asyncio
import os

from incident.runner.beside import part_of
from incident.runner.layout import Layout
from incident.runner.lines import Lines

_BLOCK = 65_536  # bytes read at once; between two blocks the event loop has its turn
_WINDOW = 16 * _BLOCK  # bytes behind which the reader gives up on reading everything and jumps ahead


class Following:
    """Reads one output from its beginning. `lines` is where what was read goes."""

    def __init__(self, output: str) -> None:
        self.lines = Lines()
        self.layout = Layout()
        self._output = output
        self._place = 0  # bytes read, or jumped over
        self._files: dict[str, int] = {}

    async def catch_up(self, saved: int) -> None:
        """Read what there is now: `saved` bytes."""
        try:
            if saved - self._place > _WINDOW:
                if self._place == 0:
                    self._take(saved)
                self._jump(saved - _WINDOW)
            while self._take(saved):  # noqa: ASYNC110 - it gives the loop its turn, it does not wait
                await asyncio.sleep(0)
        except OSError as error:
            self.lines.feed(f"\n(the output cannot be read: {error.strerror})\n".encode())

    def close(self) -> None:
        """Let go of the files."""
        for handle in self._files.values():
            os.close(handle)
        self._files.clear()

    def _jump(self, place: int) -> None:
        self.lines.skip()
        self._place = place

    def _take(self, saved: int) -> bool:
        """Read one block of what lies before `saved`; whether there was one. Raises OSError."""
        layout = self.layout
        if layout.head <= self._place < max(layout.tail, layout.oldest(saved)):
            self._jump(max(layout.tail, layout.oldest(saved)))
        count = min(_BLOCK, saved - self._place)
        if self._place < layout.head:
            count = min(count, layout.head - self._place)
            block = self._read(self._output, count, self._place)
        elif layout.joined >= 0:
            block = self._read(self._output, count, layout.joined + self._place - layout.tail)
        else:
            number = layout.number(self._place)
            count = min(count, layout.begin(number + 1) - self._place)
            block = self._read_part(number, count, self._place - layout.begin(number))
        self._place += len(block)
        self.lines.feed(block)
        return bool(block)

    def _read(self, path: str, count: int, place: int) -> bytes:
        if count <= 0:
            return b""
        if path not in self._files:
            self._files[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return os.pread(self._files[path], count, place)

    def _read_part(self, number: int, count: int, place: int) -> bytes:
        """Out of one part; nothing when it is gone, as the next news will tell."""
        for path in [path for path in self._files if path not in (self._output, part_of(self._output, number))]:
            os.close(self._files.pop(path))
        try:
            return self._read(part_of(self._output, number), count, place)
        except FileNotFoundError:
            return b""
