"""What a command prints, on its way to the disk: counted, cleared of secrets, saved, its last line watched."""

from __future__ import annotations

import re
from collections.abc import Sequence

from incident.core.redaction import Filter
from incident.runner.backlog import Backlog
from incident.runner.layout import Layout
from incident.runner.store import Store

_QUIET = 0.1  # seconds without output after which an unfinished line is shown
_LINE = 4_000  # bytes of it
_LONGEST_SECRET = 4_096  # bytes
# Behind a gap these may belong to a key whose beginning is not there.
_OF_A_KEY = re.compile(rb"[A-Za-z0-9+/=]{16,}\s*\Z|-----END ")


class Intake:
    """Takes what one command prints. `secrets` are values that are masked whatever they look like."""

    def __init__(self, output: str, handle: int, layout: Layout, secrets: Sequence[str]) -> None:
        self._secrets = secrets
        self._filter = Filter(secrets)
        self._after = Filter(secrets)  # for what comes behind the command's end
        self._store = Store(output, handle, layout)
        self._backlog = Backlog(layout.head)
        self._line = b""  # behind the last line end
        self._overwritten = False  # a carriage return was in it
        self._last = 0.0  # when something came
        self._looked = True  # nothing came since the unfinished line was looked at in quiet

    @property
    def size(self) -> int:
        """Bytes that the command printed."""
        return self._backlog.size

    @property
    def saved(self) -> int:
        """Bytes in the layout, without the secrets."""
        return self._store.saved

    @property
    def dropped(self) -> int:
        """Bytes that are not on disk: out of the middle, or because nothing could be written."""
        return self._store.dropped

    @property
    def layout(self) -> Layout:
        """Where what was saved lies."""
        return self._store.layout

    @property
    def trouble(self) -> str:
        """Why nothing can be saved just now."""
        return self._store.trouble

    @property
    def full(self) -> bool:
        """Whether the command has to wait until some of it is saved."""
        return self._backlog.full

    def take(self, block: bytes, now: float) -> None:
        """The next bytes."""
        self._backlog.put(block, now)
        end = block.rfind(b"\n") + 1
        line = block[end:] if end else self._line + block
        if end:
            self._overwritten = False
        if b"\r" in line:  # what a carriage return overwrote is not shown; one at the end overwrites nothing yet
            line = line[line.rstrip(b"\r").rfind(b"\r") + 1 :]
            self._overwritten = True
        self._line = line[-_LINE:]
        self._last, self._looked = now, False

    def work_in(self, now: float) -> float | None:
        """Seconds until `work` has something to do; None when all is saved."""
        return self._backlog.wait(now)

    def work(self, now: float) -> bool:
        """Save some of what came; whether there was any."""
        if self._backlog.wait(now) != 0:
            return False
        self._save(*self._backlog.take(now))
        return True

    def quiet_in(self, now: float) -> float | None:
        """Seconds until the last line is worth looking at, though it has not ended."""
        return None if self._looked else max(0.0, self._last + _QUIET - now)

    def unfinished(self, now: float) -> str | None:
        """The last line as far as it is there, "" when it has ended or is still being printed; None for no news.

        A line that is overwritten again and again, such as a progress bar, does not have to come to rest.
        """
        if self._looked:
            return None
        quiet = now >= self._last + _QUIET
        self._looked = quiet
        if not self._line or not (quiet or self._overwritten):
            return ""
        return self._cleared(self._line).decode("utf-8", "replace").replace("\n", " ")

    def add(self, block: bytes) -> None:
        """What processes that were left running print behind the command's end."""
        if self._store.has_room:
            self._store.add(self._after.feed(block))

    def add_the_rest(self) -> None:
        """None of them can print any more."""
        self._store.add(self._after.end())

    def close_up(self) -> None:
        """There is no more."""
        while (following := self._backlog.take_at_the_end())[1]:
            self._save(*following)
        self._store.take(self._filter.end())
        self._store.close_up()

    def head_and_tail(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The first and the last lines."""
        return self._store.head_and_tail()

    def sync(self) -> None:
        """Have the system write what it still holds in memory."""
        self._store.sync()

    def _save(self, gap: int, block: bytes) -> None:
        if gap:
            self._store.take(self._filter.end())
            self._filter = Filter(self._secrets)
            begin = behind_a_gap(block)
            self._store.leave_out(gap + begin)
            block = block[begin:]
        self._store.take(self._filter.feed(block))

    def _cleared(self, block: bytes) -> bytes:
        cleared = Filter(self._secrets)
        return cleared.feed(block) + cleared.end()


def behind_a_gap(block: bytes) -> int:
    """Where a block may be read again of which the beginning is not there: behind what may be a part of a secret."""
    place = block.find(b"\n") + 1
    if not place:
        return min(_LONGEST_SECRET, len(block))
    while place < len(block):
        end = block.find(b"\n", place) + 1 or len(block)
        if not _OF_A_KEY.match(block[place:end]):
            break
        place = end
    return place
