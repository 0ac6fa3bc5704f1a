"""The lifeboat: where events go, on another disk, while the journal cannot take them.

One file per process, of lines framed by their length and hash: what was torn by a full disk or a crash is told from
what is whole. Nothing in here counts as saved; whoever opens the journal next moves it in.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from incident.journal.folder import sync

LINES = ".lines"
_FILES = 1_000  # of one process in one place
_LARGEST = 256 * 1024 * 1024  # bytes; a file that is larger than this is none of ours


def usual_places() -> tuple[Path, ...]:
    """Where a lifeboat may lie: this person's runtime folder, then the folders for temporary files."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    named = [Path(runtime)] if runtime.startswith("/") else []
    return tuple(dict.fromkeys((*named, Path(tempfile.gettempdir()), Path("/var/tmp"))))  # noqa: S108 - guarded below


@dataclass(slots=True)
class Boat:
    """An open file with framed lines; `size` bytes of it are whole and synced."""

    path: Path
    handle: int
    size: int = 0

    @property
    def there(self) -> bool:
        """Whether the file still stands at its path."""
        try:
            found, mine = self.path.lstat(), os.fstat(self.handle)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (mine.st_dev, mine.st_ino)

    def write(self, lines: bytes) -> None:
        """Add lines and sync them, all or none. Raises OSError."""
        # Half a line that an earlier failure left would otherwise be glued to the first of these.
        os.ftruncate(self.handle, self.size)
        os.lseek(self.handle, self.size, os.SEEK_SET)
        rest = memoryview(lines)
        while rest:
            rest = rest[os.write(self.handle, rest) :]
        os.fsync(self.handle)
        self.size += len(lines)
        if not self.there:
            raise FileNotFoundError(f"{self.path} was taken away")

    def read(self) -> tuple[list[str], int]:
        """The texts of the lines that are whole, and how many other lines there are. Raises OSError."""
        with os.fdopen(os.dup(self.handle), "rb") as file:
            file.seek(0)
            data = file.read(_LARGEST)
        found = [_unframed(line) for line in data.split(b"\n") if line]
        whole = [text for text in found if text is not None]
        return whole, len(found) - len(whole)

    def remove(self) -> None:
        """Remove the file. Raises OSError."""
        if self.there:
            self.path.unlink()
            sync(self.path.parent)
        self.close()

    def close(self) -> None:
        """Let go of the file, and of the lock that says that its owner lives."""
        with contextlib.suppress(OSError):
            os.close(self.handle)


class Lifeboat:
    """The files that hold what one journal could not take, in the first of several places that can be used."""

    def __init__(self, journal: Path, places: Sequence[Path]) -> None:
        self._journal = journal
        self._places = places
        self._name = hashlib.sha256(os.fsencode(journal.absolute())).hexdigest()[:16]
        self._boats: list[Boat] = []
        self._kept: dict[str, str] = {}  # what is in them, by id of the event

    @property
    def where(self) -> str:
        """The file, or the files, that hold what was kept; "" when there is none."""
        return " and ".join(str(boat.path) for boat in self._boats)

    def keep(self, texts: Mapping[str, str]) -> None:
        """Put texts, by id, on disk; those that are there already stay as they are. Raises OSError."""
        if not all(boat.there for boat in self._boats):  # somebody cleared the folder away
            self._let_go()
        waiting = {key: text for key, text in texts.items() if self._kept.get(key) != text}
        if not waiting:
            return
        lines = b"".join(_framed(text) for text in waiting.values())
        failure: OSError | None = None
        for boat in self._usable():
            try:
                boat.write(lines)
            except OSError as error:
                failure = error
                if boat not in self._boats:
                    boat.remove()
            else:
                if boat not in self._boats:
                    self._boats.append(boat)
                self._kept.update(waiting)
                return
        raise failure or OSError("no folder can be used")

    def clear(self) -> None:
        """Remove what this process kept: the journal has it."""
        for boat in self._boats:
            with contextlib.suppress(OSError):  # moved in a second time it changes nothing
                boat.remove()
        self._let_go()

    def left(self) -> Iterator[Boat]:
        """What processes that are gone have left behind; each is to be closed or removed by whoever asks."""
        mine = {boat.path for boat in self._boats}
        for path in self.files(LINES):
            if path not in mine and (boat := _abandoned(path)) is not None:
                yield boat

    def files(self, suffix: str) -> list[Path]:
        """The files of this journal, of whichever process, in the folders that can be trusted."""
        found: list[Path] = []
        for place in self._places:
            folder = _folder_in(place)
            with contextlib.suppress(OSError):
                _refuse_foreign(folder)
                found += sorted(folder.glob(f"{self._name}-*{suffix}"))
        return found

    def close(self) -> None:
        """Let go of the files; what is in them stays for the next process."""
        self._let_go()

    def _usable(self) -> Iterator[Boat]:
        yield from self._boats[::-1]
        for place in self._ranked():
            with contextlib.suppress(OSError):
                folder = _folder_in(place)
                with contextlib.suppress(FileExistsError):
                    folder.mkdir(mode=0o700)
                _refuse_foreign(folder)
                yield _new_boat(folder, self._name)

    def _ranked(self) -> list[Path]:
        """The places, those on another disk than the journal's first."""
        home = _disk_of(self._journal.parent)
        return sorted(self._places, key=lambda place: _disk_of(place) == home)

    def _let_go(self) -> None:
        for boat in self._boats:
            boat.close()
        self._boats.clear()
        self._kept.clear()


def _framed(text: str) -> bytes:
    data = text.encode("ascii")
    return b"%d %s %s\n" % (len(data), hashlib.sha256(data).hexdigest()[:16].encode(), data)


def _unframed(line: bytes) -> str | None:
    """The text of a line, None when it is not whole."""
    size, _, rest = line.partition(b" ")
    digest, _, data = rest.partition(b" ")
    if size != b"%d" % len(data) or digest != hashlib.sha256(data).hexdigest()[:16].encode():
        return None
    return data.decode("ascii", "replace")


def _folder_in(place: Path) -> Path:
    return place / f"incident-{os.geteuid()}"


def _refuse_foreign(folder: Path) -> None:
    """In a place that is open to everybody, only a real folder of this person alone is trusted. Raises OSError."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this person's alone")


def _new_boat(folder: Path, name: str) -> Boat:
    """A new file, locked as long as this process lives. Raises OSError."""
    for number in range(_FILES):
        path = folder / f"{name}-{os.getpid()}-{number}{LINES}"
        with contextlib.suppress(FileExistsError):
            boat = Boat(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
            with contextlib.suppress(OSError):  # without locks it may be moved in early, which changes nothing
                fcntl.flock(boat.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            sync(folder)
            return boat
    raise FileExistsError(f"too many files in {folder}")


def _abandoned(path: Path) -> Boat | None:
    """A file whose process is gone; None for one that is in use, is not ours or is no file."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    boat = Boat(path, handle)
    try:
        found = os.fstat(handle)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        usable = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and boat.there
    except BlockingIOError:
        usable = False
    except OSError:  # a disk without locks
        usable = True
    if not usable:
        boat.close()
        return None
    return boat


def _disk_of(folder: Path) -> int | None:
    while True:
        try:
            return folder.stat().st_dev
        except OSError:
            if folder.parent == folder:
                return None
            folder = folder.parent
