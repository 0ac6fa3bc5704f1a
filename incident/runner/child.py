"""Becoming the command: the last steps of a process that is about to be another program."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from incident.runner.wire import Sealed


def become(order: Sealed, said: int, mask: int, prepare: Callable[[], None]) -> None:
    """Be the order's program, when `prepare` has done what is special here; does not return.

    Why it failed goes to `said`, as a number of the system. `mask` is the file mode mask that the command gets.
    """
    try:
        prepare()
        for number in signal.valid_signals():
            if number not in (signal.SIGKILL, signal.SIGSTOP):
                try:
                    signal.signal(number, signal.SIG_DFL)
                except (OSError, ValueError):  # some are reserved for the C library
                    continue
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.umask(mask)
        os.chdir(order.directory)
        environment = dict(one.split(b"=", 1) for one in order.environment)
        os.execve(order.program, list(order.argv), environment)  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(said, b"%d" % (error.errno or 0))
    finally:
        os._exit(127)
