"""A supervisor's watch over one running command, from its first byte to the end that is written down."""

from __future__ import annotations

import array
import fcntl
import json
import math
import os
import select
import signal
import termios
import time

from incident.runner import result
from incident.runner.beside import door_of
from incident.runner.intake import Intake
from incident.runner.ladder import Ladder
from incident.runner.layout import Layout
from incident.runner.peers import Peers
from incident.runner.started import Started
from incident.runner.wire import Sealed, line

_NEWS = 0.05  # seconds between two times that the consoles are told how much there is
_SETTLE = 0.2  # seconds that a child may outlive its command without being called left over
_UNREACHED = 0.5  # seconds to wait for the end of the output when nobody is known who could still print
_AGAIN = 2.0  # seconds until the end is written again that could not be written
_BLOCK = 65_536  # bytes read at once
_BLOCKS = 32


class Watch:
    """One command and the consoles that want to know of it."""

    def __init__(self, order: Sealed, started: Started, channel: int, door: int, output: int) -> None:
        self._output = os.fsdecode(order.output)
        self._outlives = order.outlives
        self._started = started
        self._family = started.family
        self._poller = select.poll()
        self._wake = self._wake_at_ends()
        self._listens = True  # the command does not have to wait
        self._reading = started.reading  # -1 when nobody can print any more
        os.set_blocking(self._reading, False)
        self._exit: int | None = None
        self._ended_at = 0.0
        self._alone = False  # every descendant has ended
        self._stopped = False
        self._rung = b""
        self._shown = ""  # the unfinished line that the consoles have
        self._dirty = False
        self._news_due = 0.0
        self._result: result.Result | None = None
        self._on_disk = False
        self._write_again = 0.0
        self._ladder = Ladder(started.family, order.patience, self._all_gone, self._climbed)
        self._peers = Peers(self._poller, self._obey, self._greeting)
        for handle in (self._reading, *((started.carrying.reading,) if started.carrying else ())):
            self._poller.register(handle, select.POLLIN)
        self._intake = Intake(self._output, output, Layout(*order.layout), [os.fsdecode(s) for s in order.secrets])
        self._peers.open_door(door, door_of(self._output))
        self._peers.add(channel)

    def to_the_end(self) -> None:
        """Return when the command has ended, that is written down, and nobody prints or waits any more."""
        while not self._done():
            self._turn()
        self._peers.close_door()

    def _turn(self) -> None:
        """Wait for the next thing to happen, and for everything that is due."""
        wait = self._wait(time.monotonic())
        for handle, event in self._poller.poll(None if wait is None else math.ceil(wait * 1000)):
            if handle == self._reading:
                self._read_some()
            elif handle == self._wake:
                os.read(self._wake, 4096)
                self._reap()
            elif not self._peers.ready(handle, event):
                self._hear_variables(handle)
        now = time.monotonic()
        if self._result is None:
            self._save_some(now)
            if not self._peers and not self._outlives:
                self._stop()
            self._ladder.look(now)
            if self._ladder.survivors:
                self._give_up()
            self._tell_news(now)
            if self._is_over(now):
                self._end()
        elif not self._on_disk and now >= self._write_again:
            self._write_down(now)

    def _wait(self, now: float) -> float | None:
        """Seconds until something is due; None when nothing is."""
        due = []
        if self._result is not None:
            return None if self._on_disk else max(0.0, self._write_again - now)
        if self._dirty:
            due.append(self._news_due - now)
        if (work := self._intake.work_in(now)) is not None:
            due.append(work)
        if (quiet := self._intake.quiet_in(now)) is not None and not self._dirty:
            due.append(quiet)
        if (climb := self._ladder.wait(now)) is not None:
            due.append(climb)
        elif self._exit is not None:
            due.append(self._over_at - now)
        return max(0.0, min(due)) if due else None

    def _done(self) -> bool:
        if self._result is None or self._peers.waiting:
            return False
        return self._reading < 0 and (self._on_disk or self._peers.delivered)

    def _wake_at_ends(self) -> int:
        """A handle that can be read when a child has ended."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        self._poller.register(reading, select.POLLIN)
        os.write(writing, b"!")  # it may have ended before anybody listened
        return reading

    def _read_some(self) -> None:
        """Take what there is, but not for so long that the consoles are not heard."""
        for _ in range(_BLOCKS):
            if self._intake.full or not self._read():
                return

    def _read(self) -> bool:
        """Take one block of output; whether there was one."""
        try:
            block = os.read(self._reading, _BLOCK)
        except BlockingIOError:
            return False
        if not block:
            self._listens = False
            self._poller.unregister(self._reading)
            os.close(self._reading)
            self._reading = -1
            if self._result is not None:
                self._intake.add_the_rest()
        elif self._result is not None:
            self._intake.add(block)
        else:
            self._intake.take(block, time.monotonic())
            self._dirty = True
        return bool(block)

    def _hear_variables(self, handle: int) -> None:
        carrying = self._started.carrying
        if carrying is not None and handle == carrying.reading and not carrying.listen():
            self._poller.unregister(handle)

    def _reap(self) -> None:
        """Ask every child that ended how, and take in what the command had printed until then."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._alone = True
                return
            if pid == 0:
                return
            if pid == self._started.process:
                self._exit = os.waitstatus_to_exitcode(status)
                self._ended_at = time.monotonic()
                self._read_what_is_there()

    def _read_what_is_there(self) -> None:
        """Not more: somebody who was left running may print without end."""
        until = self._intake.size + (waiting_bytes(self._reading) if self._reading >= 0 else 0)
        while self._reading >= 0 and self._intake.size < until:
            self._read()

    def _save_some(self, now: float) -> None:
        if self._intake.work(now):
            self._dirty = True
        listens = self._reading >= 0 and not self._intake.full
        if listens != self._listens:
            self._poller.modify(self._reading, select.POLLIN if listens else 0)
            self._listens = listens

    def _all_gone(self) -> bool:
        self._reap()
        return self._exit is not None and self._nobody_left

    def _is_over(self, now: float) -> bool:
        if self._exit is None or self._ladder.climbing:
            return False
        return now >= self._over_at or (self._nobody_left and self._reading < 0)

    @property
    def _over_at(self) -> float:
        """When to wait no longer for whoever may still print."""
        return self._ended_at + (_UNREACHED if self._nobody_left else _SETTLE)

    @property
    def _nobody_left(self) -> bool:
        return self._alone if self._started.adopts else not self._family.members()

    def _obey(self, word: str) -> None:
        if word == "leave":
            self._outlives = True
        elif word == "stop" and self._result is None:
            self._stop()

    def _stop(self) -> None:
        if not self._ladder.climbing and not self._all_gone():
            self._stopped = True
            self._ladder.begin(time.monotonic())

    def _climbed(self, rung: str) -> None:
        self._rung = line("rung", rung)
        self._peers.tell(self._rung)

    def _give_up(self) -> None:
        self._peers.tell(line("survivors", " ".join(str(pid) for pid in self._ladder.survivors)))
        self._ladder.survivors = ()
        if not self._peers and not self._outlives and self._exit is None:
            self._outlives = True  # no signal reaches it; its end is written down when it comes

    def _greeting(self) -> bytes:
        """All that a console has to know that comes now."""
        layout = self._intake.layout
        said = line("started", f"{self._started.process} {layout.head} {layout.part}") + self._size() + self._rung
        if self._shown:
            said += line("unfinished", self._shown)
        return said + self._last_words() if self._result is not None else said

    def _size(self) -> bytes:
        trouble = line("trouble", self._intake.trouble) if self._intake.trouble else b""
        return line("size", f"{self._intake.size} {self._intake.saved}") + trouble

    def _tell_news(self, now: float) -> None:
        if self._dirty and now >= self._news_due:
            self._peers.tell(self._size(), certain=False)
            self._dirty, self._news_due = False, now + _NEWS
        elif self._intake.quiet_in(now) != 0:
            return
        shown = self._intake.unfinished(now)
        if shown is not None and shown != self._shown:
            self._shown = shown
            self._peers.tell(line("unfinished", shown), certain=False)

    def _end(self) -> None:
        """Write down how it ended, and tell."""
        left = () if self._nobody_left else self._family.members()
        if self._started.carrying is not None:
            self._started.carrying.listen()
        taken = self._intake
        taken.close_up()
        if self._reading >= 0:
            self._poller.modify(self._reading, select.POLLIN)
        head, tail = taken.head_and_tail()
        self._result = result.Result(
            exit=self._exit or 0,
            seconds=self._ended_at - self._started.began,
            size=taken.size,
            saved=taken.saved,
            dropped=taken.dropped,
            head=head,
            tail=tail,
            stopped=self._stopped,
            left=left,
            layout=taken.layout,
        )
        self._write_down(time.monotonic())
        self._peers.tell(self._size() + self._last_words(), final=True)
        taken.sync()

    def _last_words(self) -> bytes:
        carrying = self._started.carrying
        values = line("variables", json.dumps(carrying.values())) if carrying is not None else b""
        return values + (line("ended", self._result.as_text()) if self._result is not None else b"")

    def _write_down(self, now: float) -> None:
        if self._result is None:
            return
        try:
            result.ended(self._output, self._result)
        except FileNotFoundError:  # somebody cleared its folder away, and with it the place to look
            pass
        except OSError:
            self._write_again = now + _AGAIN
            return
        self._on_disk = True
        self._peers.close_door()


def waiting_bytes(pipe: int) -> int:
    """How many bytes lie in a pipe."""
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]
