"""A command's output on disk: its head and its true tail, bounded, whatever it prints."""

from __future__ import annotations

import contextlib
import os
from collections import deque

from incident.runner.beside import part_of
from incident.runner.layout import Layout
from incident.runner.lines import Lines
from incident.runner.wire import write_all

REMEMBERED = 1 << 20  # bytes of the beginning and of the end that stay in memory
_COPY = 1 << 20


class Store:
    """Takes the output of one command. `saved` bytes are on disk or were; `dropped` ones are not there, all in all.

    `trouble` is why nothing can be written just now, "" when it can.
    """

    def __init__(self, output: str, handle: int, layout: Layout) -> None:
        self.layout = layout
        self.saved = 0
        self.dropped = 0
        self.trouble = ""
        self._output = output
        self._file = handle
        self._part = -1  # the part that is open
        self._part_file = -1
        self._lost = 0  # bytes since something could be written
        self._gaps: deque[tuple[int, int, int]] = deque()  # where it is said, in how many bytes, how many are missing
        self._passed_said = 0  # bytes in which gaps are said that lie between head and tail
        self._passed = 0  # bytes missing in those
        self._first = bytearray()
        self._last: deque[bytes] = deque()
        self._remembered = 0  # bytes in `_last`
        self._beyond = 0  # bytes behind `_first`
        self._added = 0

    def take(self, data: bytes) -> None:
        """Save the next bytes; what cannot be saved is counted."""
        self._remember(data)
        if self._lost and data:
            said = f"\n… {self._lost} bytes could not be saved here: {self.trouble}\n".encode()
            if self._write(said) < len(said):
                self._lose(len(data))
                return
            self._lost, self.trouble = 0, ""
        self._lose(len(data) - self._write(data))

    def leave_out(self, count: int) -> None:
        """Say that so many bytes were left out here."""
        said = said_of_a_gap(count)
        self._gaps.append((self.saved, len(said), count))
        while self._gaps and sum(self._gaps[0][:2]) <= self.layout.oldest(self.saved):
            self._pass_by(*self._gaps.popleft())
        self.dropped += count
        self.take(said)

    def head_and_tail(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The first and the last lines, as they are shown."""
        lines = Lines()
        first, last = bytes(self._first), b"".join(self._last)
        lines.feed(first)
        if self._beyond > len(last):
            lines.skip()
        lines.feed(last)
        lines.end()
        return tuple(lines.head), tuple(lines.tail)

    def close_up(self) -> Layout:
        """Bring the tail into the file behind the head, and say there what was left out between them."""
        head, part = self.layout.head, self.layout.part
        if self._part < 0:
            self.layout = Layout(head, part, 0, 0)
            return self.layout
        tail = self.layout.oldest(self.saved)
        for place, length, count in self._gaps:
            if place < tail:
                self._pass_by(place, min(length, tail - place), count)
        between = tail - head - self._passed_said
        self.dropped += between
        try:
            joined = self._join(tail, between + self._passed)
        except OSError as full:
            self.trouble = full.strerror or str(full)
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, head)
            return self.layout
        self.layout = Layout(head, part, tail, joined)
        return self.layout

    def sync(self) -> None:
        """Have the system write what it still holds in memory."""
        try:
            os.fsync(self._file)
        except OSError as broken:
            self.trouble = broken.strerror or str(broken)

    @property
    def has_room(self) -> bool:
        """Whether `add` still saves anything."""
        return self._added < self.layout.part

    def add(self, data: bytes) -> None:
        """What processes that were left running still print, when the end was written down: as much as a part."""
        kept = data[: max(0, self.layout.part - self._added)]
        self._added += len(kept)
        try:
            write_all(self._file, kept)
        except OSError as full:
            self.trouble = full.strerror or str(full)

    def _remember(self, data: bytes) -> None:
        room = REMEMBERED - len(self._first)
        if room > 0:
            self._first += data[:room]
            data = data[room:]
        if not data:
            return
        self._beyond += len(data)
        self._last.append(data)
        self._remembered += len(data)
        while self._remembered - len(self._last[0]) >= REMEMBERED:
            self._remembered -= len(self._last.popleft())

    def _pass_by(self, place: int, said: int, count: int) -> None:
        if place >= self.layout.head:
            self._passed_said += said
            self._passed += count

    def _lose(self, count: int) -> None:
        self.dropped += count
        self._lost += count

    def _write(self, data: bytes) -> int:
        """Save as much as can be; the number of bytes. `trouble` says why it is not all."""
        done = 0
        try:
            while done < len(data):
                handle, room = self._place()
                count = os.write(handle, data[done : done + room])
                done += count
                self.saved += count
        except OSError as full:
            self.trouble = full.strerror or str(full)
        return done

    def _place(self) -> tuple[int, int]:
        """Where the next byte goes, and how many fit there. Raises OSError."""
        if self.saved < self.layout.head:
            return self._file, self.layout.head - self.saved
        number = self.layout.number(self.saved)
        if number != self._part:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            handle = os.open(part_of(self._output, number), flags, 0o600)
            if self._part_file >= 0:
                os.close(self._part_file)
            self._part, self._part_file = number, handle
            _unlink(part_of(self._output, number - 2))
        return self._part_file, self.layout.begin(number + 1) - self.saved

    def _join(self, tail: int, left_out: int) -> int:
        """Copy the kept parts behind the head; the place in the file where they begin. Raises OSError."""
        if left_out:
            write_all(self._file, said_of_a_gap(left_out))
        joined = os.fstat(self._file).st_size
        names = [part_of(self._output, n) for n in range(self.layout.number(tail), self._part + 1)]
        for name in names:
            part = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
            try:
                while block := os.read(part, _COPY):
                    write_all(self._file, block)
            finally:
                os.close(part)
        for name in names:
            _unlink(name)
        return joined


def _unlink(path: str) -> None:
    try:
        os.unlink(path)  # noqa: PTH108 - the supervisor starts without pathlib
    except OSError:
        return


def said_of_a_gap(count: int) -> bytes:
    """The line in the output where so many bytes are missing."""
    return f"\n… {count} bytes of the output are left out here\n".encode()
