"""Who runs this, on which machine, as which process."""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path

from incident.core.text import one_line


def started_at(process: int) -> str:
    """When a process began, as the system counts it; "" where that cannot be read or it is gone."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]  # a zombie has ended


def this_process() -> str:
    """This process as a writer of events: its number and when it began, for numbers are used again."""
    return f"{os.getpid()}-{started_at(os.getpid())}"


def login() -> str:
    """The login of whoever runs this."""
    try:
        return one_line(getpass.getuser()) or "unknown"
    except (KeyError, OSError):
        return f"uid{os.getuid()}"


def host() -> str:
    """This machine's name."""
    return one_line(socket.gethostname()) or "localhost"
