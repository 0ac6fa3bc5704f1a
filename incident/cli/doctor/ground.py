"""The state folder and the journal in it: private, on a disk that keeps what it was told, and whole."""

from __future__ import annotations

import os
import stat
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from incident.cli.doctor.looks import Lines, Look
from incident.config import Config
from incident.core.doctor import Line, append_time, file_system, mount_of, ok, problem, room, sqlite, wal, warning

_ABOUT = "state"
_APPENDS = 5
_MOUNTS = Path("/proc/self/mountinfo")
_WAL_VERSION = 2  # what the two version bytes of a SQLite file's header are in WAL mode


def looks(config: Config) -> list[Look]:
    """Looks at the state folder and at the journal."""
    return [
        Look(_ABOUT, blocks=partial(folder, config.state)),
        Look("journal", blocks=partial(journal, config.state)),
    ]


def folder(place: Path, mounts: Path = _MOUNTS) -> Lines:
    """The folder: whose it is, who may look in, and the disk under it."""
    if not place.exists():
        return _to_come(place, mounts)
    if not place.is_dir():
        return [problem(_ABOUT, f"{place} is no folder", "name a folder: `state` in the configuration")]
    writable = os.access(place, os.W_OK | os.X_OK)
    hint = "nothing can be saved there: look at its permissions and its disk"
    first = ok(_ABOUT, f"{place}") if writable else problem(_ABOUT, f"{place} cannot be written to", hint)
    return [first, *_private(place), *_disk(place, mounts), *([_timed(place)] if writable else [])]


def _to_come(place: Path, mounts: Path) -> Lines:
    """A folder that the first incident will make; the nearest one above it is looked at."""
    above = next(parent for parent in place.absolute().parents if parent.exists())
    if not os.access(above, os.W_OK | os.X_OK):
        hint = "name another one: `state` in the configuration"
        return [problem(_ABOUT, f"{place} is not there, and cannot be made in {above}", hint)]
    return [ok(_ABOUT, f"{place} is not there yet; the first incident makes it"), *_disk(above, mounts)]


def _private(place: Path) -> Lines:
    """Whether others can look in."""
    own = place.stat()
    if own.st_uid != os.getuid():
        return [problem(_ABOUT, "it belongs to somebody else", "name one of your own: `state` in the configuration")]
    if own.st_mode & 0o077:
        mode = f"{stat.S_IMODE(own.st_mode):04o}"
        return [problem(_ABOUT, f"others may look into it (mode {mode})", f"chmod 700 {place}")]
    shared = [path for path in sorted(place.glob("journal.db*")) if path.stat().st_mode & 0o077]
    if shared:
        return [warning(_ABOUT, f"others may read {shared[0].name} where they can reach it", f"chmod 600 {shared[0]}")]
    return [ok(_ABOUT, "it is closed to others")]


def _disk(place: Path, mounts: Path) -> list[Line]:
    try:
        told = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        told = ""
    kind, point = mount_of(str(place.resolve()), told)
    free = os.statvfs(place)
    files = free.f_favail if free.f_files else None
    return [file_system(_ABOUT, kind, point), room(_ABOUT, free.f_bavail * free.f_frsize, files)]


def _timed(place: Path) -> Line:
    """How long it takes until a line is on disk, in the middle of some tries. The file has no name that stays."""
    spans = []
    with tempfile.TemporaryFile(dir=place) as file:
        for _ in range(_APPENDS):
            began = time.monotonic()
            file.write(b"x" * 200 + b"\n")
            file.flush()
            os.fsync(file.fileno())
            spans.append(time.monotonic() - began)
    return append_time(_ABOUT, statistics.median(spans))


def journal(place: Path) -> Lines:
    """The journal: every row, and the library that keeps it."""
    import sqlite3

    from incident.journal import open_journal

    library = sqlite("journal", sqlite3.sqlite_version_info)
    file = place / "journal.db"
    if not file.exists():
        return [ok("journal", "there is none yet"), library]
    opened = open_journal(place, read_only=True)
    try:
        report = opened.verify()
    finally:
        opened.close()
    told = f"{report.rows:,} events of {len(report.chains)} writers"
    if report.whole:
        lines = [ok("journal", f"{told}, whole")]
    else:
        first = report.problems[0]
        what = f"{told}, NOT whole: {len(report.problems)} problems, the first: {first.where}: {first.what}"
        lines = [problem("journal", what, "`incident journal verify` names them all; what is readable is still shown")]
    if report.kept:
        hint = "keep it until somebody has looked at it"
        lines.append(warning("journal", f"an earlier repair put aside {report.kept[-1]}", hint))
    if _is_in_wal(file):
        lines.append(wal("journal", str(file)))
    return [*lines, library]


def _is_in_wal(file: Path) -> bool:
    # Opened only behind SQLite's own use of the file: closing it lets go of this process's locks on it.
    with file.open("rb") as opened:
        header = opened.read(20)
    return header[18:20] == bytes([_WAL_VERSION, _WAL_VERSION])
