"""The ballast: some room on the journal's disk that is held back, to be given up when the disk is full."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

SIZE = 256 * 1024  # bytes, enough for hundreds of events
_ENOUGH = 64  # times its size have to be free before room is taken for it


class Ballast:
    """A file beside the journal that holds nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> None:
        """Make the file when there is none and there is plenty of room. A failure is no matter."""
        with contextlib.suppress(OSError):
            if self._path.exists():
                return
            room = os.statvfs(self._path.parent)
            if room.f_bavail * room.f_frsize < _ENOUGH * SIZE:
                return
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, os.urandom(SIZE))  # a disk that compresses would keep no room for zeros
            finally:
                os.close(handle)

    def drop(self) -> bool:
        """Give the room up; False when there is none to give."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
