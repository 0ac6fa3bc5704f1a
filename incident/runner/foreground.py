"""The short time between the console and a command that gets its terminal: come to the foreground, become it."""

from __future__ import annotations

import os
import signal
import sys

from incident.runner import child
from incident.runner.wire import Sealed, read_all


def main() -> None:
    """Become the order's program; the arguments are the handles of the order, of the bad news, and of the terminal."""
    ordered, said, terminal = (int(handle) for handle in sys.argv[-3:])
    for handle in (ordered, said, terminal):
        os.set_inheritable(handle, False)

    def prepare() -> None:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # it is not in the foreground yet, and wants to be
        os.tcsetpgrp(terminal, os.getpgrp())

    mask = os.umask(0)
    body = read_all(ordered, int.from_bytes(read_all(ordered, 8), "big"))
    child.become(Sealed.unpacked(body), said, mask, prepare)
