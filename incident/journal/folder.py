"""The journal's folder: private to its owner, with a gate that keeps a repair and everybody else apart."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from incident.errors import JournalError

ELSEWHERE = "choose a folder on another disk for the state, for example with XDG_STATE_HOME"

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
_RETRY = 0.02  # seconds between two tries at the gate


class ReadOnlyDiskError(JournalError):
    """The folder cannot be made because its disk is read-only."""


def make_private(folder: Path) -> None:
    """Make the folder when there is none, and close it to others. Raises JournalError, ReadOnlyDiskError."""
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # another process may be doing the same
            sync(folder.parent)
        if folder.stat().st_mode & stat.S_ISVTX:
            raise JournalError(
                "this folder is shared by everybody on this machine", at=str(folder), hint="choose one of your own"
            )
        tighten(folder, 0o700)
    except OSError as error:
        raise _unusable(folder, error) from None


def look_at(folder: Path) -> None:
    """That there is such a folder, or could be one: an empty answer must not stand for one that cannot be had.

    Raises JournalError.
    """
    try:
        folder.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(folder, error) from None


def _unusable(folder: Path, error: OSError) -> JournalError:
    kind = ReadOnlyDiskError if error.errno == errno.EROFS else JournalError
    return kind(
        f"the journal's folder cannot be used: {error.strerror}",
        at=str(folder),
        hint="choose another folder for the state, for example with XDG_STATE_HOME",
    )


def make_file(path: Path) -> None:
    """Make an empty private file when there is none, and close one that there is to others. Raises OSError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        sync(path.parent)
    except FileExistsError:
        tighten(path, 0o600)


def tighten(path: Path, mode: int) -> None:
    """Take away what others may do. Raises JournalError when that has no effect, OSError when it is not allowed."""
    # By path and never by opening: closing the journal anywhere in this process would let go of SQLite's locks.
    if path.stat().st_mode & 0o077:
        path.chmod(mode)
        if path.stat().st_mode & 0o077:
            raise JournalError(
                "others can read the journal, and this disk knows no permissions",
                at=str(path),
                hint=ELSEWHERE,
            )


def sync(folder: Path) -> None:
    """Put the folder's list of names on disk, where the disk can be asked to."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def knows_locks(path: Path) -> bool:
    """Whether the disk of this file knows the locks that SQLite uses; SQLite takes some refusals for a busy file."""
    try:
        with path.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _NO_LOCKS
    return True


class Gate:
    """A lock beside the journal: everybody who uses the file holds it together, a repair holds it alone.

    SQLite's own locks belong to the file's inode, and a repair puts another inode in its place.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        self._patience = patience  # seconds
        self._handle: int | None = None
        self.lockless = False  # this disk knows no locks, so nobody is kept out

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Use the journal beside others. Raises JournalError after the patience."""
        with self._held(fcntl.LOCK_SH):
            yield

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Use the journal while nobody else does. Raises JournalError after the patience."""
        with self._held(fcntl.LOCK_EX):
            yield

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @contextlib.contextmanager
    def _held(self, how: int) -> Iterator[None]:
        handle = self._opened()
        if handle is None or not self._locked(handle, how):
            if how == fcntl.LOCK_EX:
                raise JournalError("its lock file cannot be made or locked", at=str(self._path), hint=ELSEWHERE)
            yield
            return
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)

    def _locked(self, handle: int, how: int) -> bool:
        """Take the lock; False on a disk that knows none. Raises JournalError after the patience."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                fcntl.flock(handle, how | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise JournalError(
                        f"another process has held the journal for {self._patience:g} s",
                        at=str(self._path),
                        hint="it is tried again; look for an `incident` that hangs",
                    ) from None
                time.sleep(_RETRY)
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
                self.lockless = True
                return False

    def _opened(self) -> int | None:
        if self._handle is None:
            # Without the file there is no gate: on a disk that cannot take one nobody can repair anything either.
            with contextlib.suppress(OSError):
                self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._handle
