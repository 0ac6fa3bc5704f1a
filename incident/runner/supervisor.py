"""One small process per command: it starts it, saves what it prints, stops it when asked, writes down how it ended.

It lives in a session of its own, so that the command and its output outlive the console. It imports little, because
a person waits for it: what takes long to load is loaded when the command runs already.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time

from incident.runner import child, result
from incident.runner.carry import Carrying
from incident.runner.family import Family, read
from incident.runner.started import Started
from incident.runner.wire import LONGEST_ORDER, MARK, Sealed, line, read_all

_ADOPT = 36  # PR_SET_CHILD_SUBREAPER
_PIPE = 1 << 18  # bytes that the command can print ahead


def main() -> None:
    """Do what the console's order says; the arguments are the handles of the channel, the door and the output."""
    channel, door, output = (int(handle) for handle in sys.argv[-3:])
    for handle in (channel, door, output):
        os.set_inheritable(handle, False)
    mask = _retire()
    order = _order(channel)
    if order is None:  # the console was gone before it had said what to do
        return
    adopter = os.getpid() if _adopts() else 0
    started = _start(order, channel, mask, adopter)
    if started is not None:
        # What takes long to load comes when the command runs already, but all of it at once: whatever becomes of the
        # program's files meanwhile, the end is seen.
        from incident.runner.watch import Watch

        Watch(order, started, channel, door, output).to_the_end()
    os._exit(0)  # nothing is left that has to be tidied up


def _retire() -> int:
    """Have nothing in common with whoever started this; the file mode mask that the command shall have."""
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):  # some are reserved for the C library
                continue
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    os.chdir("/")
    return os.umask(0o077)


def _adopts() -> bool:
    """Whether every orphan among the command's descendants becomes a child of this process. Linux alone can do that."""
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        return bool(ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def _order(channel: int) -> Sealed | None:
    length = int.from_bytes(read_all(channel, 8), "big")
    body = read_all(channel, length) if 0 < length <= LONGEST_ORDER else b""
    return Sealed.unpacked(body) if body and len(body) == length else None


def _start(order: Sealed, channel: int, mask: int, adopter: int) -> Started | None:
    """Make the command's process; None when there is none afterwards, and the console was told why."""
    carrying = _carrying(order)
    reading, writing = os.pipe()
    waits, gate = os.pipe()
    failed, fails = os.pipe()
    _widen(writing)
    try:
        process = os.fork()
    except OSError as full:
        os.write(channel, line("failed", str(full.errno or 0)))
        return None
    if process == 0:
        child.become(order, fails, mask, lambda: _stand_ready(waits, gate, writing, carrying))
    for handle in (waits, writing, fails):
        os.close(handle)
    if carrying is not None:
        carrying.let_go()
    family = Family(process, f"{MARK}={os.fsdecode(order.mark)}".encode(errors="surrogateescape"), adopter=adopter)
    _write_down(order, process)
    if reason := _let_go(channel, gate, failed):
        os.waitpid(process, 0)
        result.forget(os.fsdecode(order.output))
        with contextlib.suppress(OSError):  # nobody may be there any more
            os.write(channel, line("failed", reason))
        return None
    with contextlib.suppress(OSError):
        os.write(channel, line("started", f"{process} {order.layout[0]} {order.layout[1]}"))
    return Started(process, family, reading, carrying, time.monotonic(), adopts=bool(adopter))


def _write_down(order: Sealed, process: int) -> None:
    """Which processes this run is, for a console that finds neither of them."""
    first = read(process)
    secret = os.fsdecode(order.mark).rpartition(" ")[2]
    with contextlib.suppress(OSError):  # the command matters more; only less is known after a crash
        result.begun(
            os.fsdecode(order.output), result.Underway(process, first.began if first else 0, os.getpid(), secret)
        )


def _let_go(channel: int, gate: int, failed: int) -> str:
    """Let the child become the command, if the console is still there; the number of the reason why it did not."""
    gone = _gone(channel)
    if not gone:
        os.write(gate, b"go")
    os.close(gate)
    reason = read_all(failed, 16).decode("ascii")
    os.close(failed)
    return "0" if gone else reason


def _carrying(order: Sealed) -> Carrying | None:
    """What brings the variables back; None when none are wanted, or when that cannot be set up."""
    if not order.carry:
        return None
    environment = dict(one.split(b"=", 1) for one in order.environment)
    try:
        carrying = Carrying(order.carry, environment, os.path.dirname(order.output))  # noqa: PTH120 - the supervisor starts without pathlib
    except OSError:
        return None
    order.environment = [b"=".join(pair) for pair in {**environment, **carrying.environment}.items()]
    return carrying


def _stand_ready(waits: int, gate: int, writing: int, carrying: Carrying | None) -> None:
    """Be everything that the command will be but the program, and wait for the word. Raises EOFError without it."""
    os.close(gate)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for handle, number in ((nothing, 0), (writing, 1), (writing, 2)):
        os.dup2(handle, number)
    if carrying is not None:
        carrying.inherit()
    if not os.read(waits, 2):
        raise EOFError


def _gone(channel: int) -> bool:
    poller = select.poll()
    poller.register(channel, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in poller.poll(0))


def _widen(pipe: int) -> None:
    """Let the command print further ahead of what is saved, where the system can."""
    import fcntl

    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    except (OSError, AttributeError):
        return
