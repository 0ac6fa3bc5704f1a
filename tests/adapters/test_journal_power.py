"""The power fails at any system call of a real writer: whatever the disk then holds, nothing acknowledged is lost.

A writer runs under strace. Its writes are replayed on paper: a file's bytes and a folder's names are certain once they
were synced, and until then the disk may hold all, none or any of them, or half of the last one.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import incident
from incident.journal import open_journal

ROOT = Path(incident.__file__).parents[1]
WRITER = Path(__file__).with_name("journal_writer.py")
CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename,link"
_CALL = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (\S+)")
_HANDLE = re.compile(r"\d+<((?:\\x[0-9a-f]{2}|[^>])*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')

traced = pytest.mark.skipif(
    shutil.which("strace") is None
    or subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True).returncode != 0,
    reason="strace cannot be used here",
)

Change = Callable[[bytearray], None]


@dataclass(slots=True)
class Disk:
    """What is certainly on disk, and what may be."""

    certain: dict[str, bytearray] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)  # files whose names are certain
    waiting: list[tuple[str, Change, Change]] = field(default_factory=list)  # file, whole change, half of it
    acknowledged: int = 0

    def sync(self, file: str) -> None:
        for name, change, _ in self.waiting:
            if name == file:
                change(self.certain[name])
        self.waiting = [entry for entry in self.waiting if entry[0] != file]

    def after_power_loss(self, which: Callable[[int], int], names: bool) -> dict[str, bytes]:
        """The files: `which` says of each waiting change whether none (0), half (1) or all (2) of it arrived."""
        files = {name: bytearray(data) for name, data in self.certain.items()}
        for number, (name, change, half) in enumerate(self.waiting):
            (lambda data: None, half, change)[which(number)](files[name])
        return {name: bytes(data) for name, data in files.items() if names or name in self.named}


def put(at: int, data: bytes) -> Change:
    def change(file: bytearray) -> None:
        if len(file) < at:
            file.extend(bytes(at - len(file)))
        file[at : at + len(data)] = data

    return change


def cut(size: int) -> Change:
    def change(file: bytearray) -> None:
        del file[size:]

    return change


def plain(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def moments(trace: str, folder: Path) -> Iterator[Disk]:
    """The disk after every call that the writer made."""
    disk = Disk()
    for line in trace.splitlines():
        found = _CALL.match(line)
        if not found or found[3].startswith("-1"):
            continue
        call, arguments = found[1], found[2]
        handle = _HANDLE.match(arguments)
        place = Path(os.fsdecode(plain(handle[1]))) if handle else Path()
        text = _TEXT.search(arguments)
        data = plain(text[1]) if text else b""
        numbers = [int(number) for number in re.findall(r"(?<=, )\d+(?=,|$)", arguments)]
        if call == "write":
            disk.acknowledged += arguments.startswith("1<") and data.startswith(b"1-")
        elif call == "openat":
            opened = Path(os.fsdecode(data))
            if opened.parent == folder and "O_CREAT" in arguments:
                disk.certain.setdefault(opened.name, bytearray())
        elif place == folder:
            disk.named = set(disk.certain)
        elif place.parent == folder:
            name = place.name
            if call == "pwrite64":
                whole, half = put(numbers[-1], data), put(numbers[-1], data[: len(data) // 2])
                disk.waiting.append((name, whole, half))
            elif call == "ftruncate":
                disk.waiting.append((name, cut(numbers[-1]), cut(numbers[-1])))
            else:
                disk.sync(name)
        else:
            continue
        yield disk


def states(disk: Disk, chance: random.Random) -> Iterator[dict[str, bytes]]:
    last = len(disk.waiting) - 1
    yield disk.after_power_loss(lambda _: 2, names=True)
    yield disk.after_power_loss(lambda _: 0, names=False)
    if disk.waiting:
        yield disk.after_power_loss(lambda number: 1 if number == last else 2, names=True)
        yield disk.after_power_loss(lambda number: 2 if number == last else 0, names=True)
        yield disk.after_power_loss(lambda number: 0 if number == last else 2, names=True)
        yield disk.after_power_loss(lambda _: chance.choice((0, 1, 2)), names=True)


def traced_writer(folder: Path, manner: str) -> str:
    folder.mkdir(mode=0o700)
    trace = folder.with_suffix(".trace")
    strace = ("strace", "-qq", "-y", "-xx", "-s", "100000", "-o", str(trace), "-e", f"trace={CALLS}")
    subprocess.run(
        [*strace, sys.executable, str(WRITER), str(folder), "1", manner, "4"],
        input=b"\n",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return trace.read_text()


@traced
@pytest.mark.fault(2, 3)
@pytest.mark.parametrize(("manner", "loses"), [("honest", False), ("careless", True)])
def test_a_power_loss_at_any_moment_loses_nothing_that_was_acknowledged(
    tmp_path: Path, manner: str, loses: bool
) -> None:
    trace = traced_writer(tmp_path / "journal", manner)
    chance = random.Random(20260502)
    lost = seen = most = 0
    for disk in moments(trace, tmp_path / "journal"):
        for state in states(disk, chance):
            seen += 1
            again = tmp_path / "again"
            again.mkdir(mode=0o700)
            for name, data in state.items():
                (again / name).write_bytes(data)
            lost += not {f"1-{number:06d}" for number in range(1, disk.acknowledged + 1)} <= there_again(again)
            most = max(most, disk.acknowledged)
            shutil.rmtree(again)
    assert most == 4
    assert seen > 200
    assert bool(lost) is loses


def there_again(folder: Path) -> set[str]:
    """The events in a journal that is whole; none for any other."""
    journal = open_journal(folder, rehearsal=True)
    events, _ = journal.after(0)
    whole = journal.verify().whole and not journal.notices
    journal.close()
    return {event.id for event in events} if whole else set()
