"""What `incident doctor` makes of what it saw: well, worth a warning, or a problem, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from incident.core.text import one_line

CLOCK = 2.0  # seconds that a server's clock may differ from this one
SMALLEST = (80, 24)  # columns and lines for which every screen is made

_FEW_DAYS, _SOME_DAYS = 7, 30  # of a certificate
_LITTLE_ROOM, _SOME_ROOM = 64 * 2**20, 512 * 2**20  # bytes
_SLOW_APPEND = 0.2  # seconds; a tick that takes longer is felt
_SLOW_ANSWER = 3.0  # seconds
_WAL_BUG = ((3, 7, 0), (3, 51, 3))  # from, and before
_WIDTH = 13  # of the column that says what a line is about
_LOCAL = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "reiserfs", "bcachefs", "apfs", "hfs"}
)
_IN_MEMORY = frozenset({"tmpfs", "ramfs", "devtmpfs", "rootfs"})
_NETWORK = re.compile(
    r"nfs|cifs|smb|afs|ceph|gluster|lustre|9p|gfs|ocfs|gpfs|beegfs|fuse\.(?:sshfs|s3|goofys|gcs|rclone)"
)
_AROUND = (("tmux", "TMUX"), ("screen", "STY"), ("ssh", "SSH_CONNECTION"))
_DUMB = ("", "dumb", "unknown")
_OCTAL = re.compile(r"\\([0-7]{3})")


class Verdict(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    verdict: Verdict
    about: str
    what: str
    hint: str = ""  # what to do

    def as_json(self) -> dict[str, str]:
        """The published shape of `incident doctor --json`."""
        return {"verdict": self.verdict.value, "about": self.about, "what": self.what, "hint": self.hint}


def ok(about: str, what: str) -> Line:
    """Something that is as it should be."""
    return Line(Verdict.OK, about, what)


def warning(about: str, what: str, hint: str) -> Line:
    """Something that may hurt."""
    return Line(Verdict.WARNING, about, what, hint)


def problem(about: str, what: str, hint: str) -> Line:
    """Something that will hurt."""
    return Line(Verdict.PROBLEM, about, what, hint)


def judged(about: str, bad: bool, worse: bool, what: str, hint: str) -> Line:
    """A problem, a warning, or neither."""
    return problem(about, what, hint) if worse else warning(about, what, hint) if bad else ok(about, what)


def answered(about: str, url: str, seconds: float, version: str) -> Line:
    """A server that answered."""
    told = f", version {one_line(version, 40)}" if version else ", which does not tell its version"
    what = f"{url} answered in {_time(seconds)}{told}"
    return judged(about, seconds > _SLOW_ANSWER, False, what, "it is slow: look at it, or at the way there")


def clock(about: str, offset: float | None) -> Line:
    """A server's clock beside this machine's; `offset` is in seconds, positive when the server's is ahead."""
    if offset is None:
        return ok(about, "it does not tell the time, so the clocks could not be compared")
    if abs(offset) <= CLOCK:
        return ok(about, f"its clock is within {CLOCK:g} s of this machine's")
    way = "ahead of" if offset > 0 else "behind"
    hint = "see which of the two is wrong, and start its time service; the timeline never moves times by itself"
    return warning(about, f"its clock is {abs(offset):,.0f} s {way} this machine's", hint)


def certificate(about: str, days: float, trusted_by: str) -> Line:
    """A certificate that was verified, and how long it is still good for."""
    what = f"TLS is verified by {trusted_by}; the certificate ends in {max(0, int(days))} days"
    return judged(about, days < _SOME_DAYS, days < _FEW_DAYS, what, "have it renewed before it ends in the night")


def in_the_clear(about: str, *, local: bool, credentials: bool) -> Line:
    """A server that is asked without TLS."""
    if local:
        return ok(about, "it is on this machine, and asked without TLS")
    if credentials:
        return problem(about, "it is sent credentials without TLS, for everybody on the way to read", "use https")
    return ok(about, "it is asked without TLS, and without credentials")


def mount_of(path: str, mountinfo: str) -> tuple[str, str]:
    """The file system's type and mount point for a full path, from Linux' /proc/self/mountinfo; "" when not told."""
    best = ("", "")
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        if "-" not in fields[6:-1]:
            continue
        point = _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best[1]):  # of several at one place, the last lies on top
            best = (fields[fields.index("-", 6) + 1], point)
    return best


def file_system(about: str, kind: str, point: str) -> Line:
    """What the timeline lies on."""
    if not kind:
        return ok(about, "this system does not tell what kind of disk it is on")
    where = f"it is on {one_line(kind, 40)} at {one_line(point, 100)}"
    elsewhere = "name a folder on a local disk: `state` in the configuration"
    if kind in _LOCAL:
        return ok(about, where)
    if kind in _IN_MEMORY:
        return problem(about, f"{where}, which is memory: it is gone after a restart", elsewhere)
    if _NETWORK.match(kind):
        return warning(about, f"{where}, a network disk, on which locks and syncs may not hold", elsewhere)
    if kind == "overlay":
        return warning(about, f"{where}: it may go when the container goes", "mount a volume for it")
    return warning(about, f"{where}, of which nothing is known here", elsewhere)


def room(about: str, free: int, files: int | None) -> Line:
    """The room on the disk: bytes, and how many files may still be made, None where that has no limit."""
    if files == 0:
        return problem(about, "no further file can be made on its disk", "delete what is not needed")
    what = f"{_size(free)} are free on its disk"
    return judged(about, free < _SOME_ROOM, free < _LITTLE_ROOM, what, "make room: output and timeline are kept there")


def append_time(about: str, seconds: float) -> Line:
    """How long a synced write takes: every tick waits for one."""
    what = f"a synced append takes {_time(seconds)}"
    return judged(
        about, seconds > _SLOW_APPEND, False, what, "the disk is slow or busy; every tick and note waits for it"
    )


def sqlite(about: str, version: tuple[int, ...]) -> Line:
    """The library that keeps the journal. The journal never uses WAL, so its WAL-reset bug is only named."""
    name = ".".join(str(number) for number in version)
    if _WAL_BUG[0] <= version < _WAL_BUG[1]:
        note = "it has the WAL-reset bug (3.7.0 to 3.51.2), which cannot strike: the journal is never in WAL mode"
        return ok(about, f"SQLite {name}; {note}")
    return ok(about, f"SQLite {name}")


def wal(about: str, path: str) -> Line:
    """A journal that something else has switched to WAL."""
    hint = f"close what uses it, then: sqlite3 {path} 'PRAGMA journal_mode=TRUNCATE'"
    return problem(about, "something has put the journal into WAL mode, which can corrupt it with this SQLite", hint)


def terminal(variables: Mapping[str, str], size: tuple[int, int] | None, encoding: str) -> Iterator[Line]:
    """The terminal: `size` in columns and lines, None when this is none."""
    about, term = "terminal", one_line(variables.get("TERM", ""), 40)
    if size is None:
        yield ok(about, "this is no terminal, so it could not be looked at")
    else:
        yield _kind(variables, term)
        narrow = size[0] < SMALLEST[0] or size[1] < SMALLEST[1]
        hint = f"make it at least {SMALLEST[0]}x{SMALLEST[1]}, or some of a screen is cut off"
        yield judged(about, narrow, False, f"it has {size[0]}x{size[1]} characters", hint)
    if re.sub(r"[-_]", "", encoding.lower()) == "utf8":
        yield ok(about, "it is written to in UTF-8")
    else:
        hint = "set LANG to a UTF-8 locale, for example C.UTF-8"
        yield warning(about, f"it is written to in {one_line(encoding, 40) or 'an unknown encoding'}", hint)


def _kind(variables: Mapping[str, str], term: str) -> Line:
    inside = [name for name, mark in _AROUND if variables.get(mark)]
    around = f", inside {' and '.join(inside)}" if inside else ""
    if term in _DUMB:
        hint = "set TERM to what the terminal is, for example xterm-256color"
        return warning("terminal", f"nothing can be drawn when TERM is {term or 'not set'}", hint)
    return ok("terminal", f"TERM is {term}, {_colours(variables, term)}{around}")


def _colours(variables: Mapping[str, str], term: str) -> str:
    if variables.get("NO_COLOR"):
        return "no colours (NO_COLOR is set)"
    if variables.get("COLORTERM") in ("truecolor", "24bit") or term.endswith("-direct"):
        return "16 million colours"
    return "256 colours" if "256" in term else "16 colours or fewer"


def summary(lines: Sequence[Line]) -> str:
    """`2 problems, 1 warning, 14 ok`."""
    counts = {verdict: sum(line.verdict is verdict for line in lines) for verdict in Verdict}
    bad = [
        f"{counts[verdict]} {verdict.value}{'' if counts[verdict] == 1 else 's'}"
        for verdict in (Verdict.PROBLEM, Verdict.WARNING)
        if counts[verdict]
    ]
    return ", ".join([*bad, f"{counts[Verdict.OK]} ok"])


def text_lines(lines: Sequence[Line]) -> Iterator[str]:
    """The lines as a person reads them; what to do stands below what is wrong."""
    for line in lines:
        yield f"{line.verdict.value:<9}{line.about:<{_WIDTH}} {line.what}"
        if line.hint and line.verdict is not Verdict.OK:
            yield f"{'':<{9 + _WIDTH}} -> {line.hint}"


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.{0 if seconds >= 0.01 else 1}f} ms"


def _size(size: int) -> str:
    return f"{size / 2**30:,.1f} GB" if size >= 2**30 else f"{size / 2**20:,.0f} MB"
