"""Every process that a command started, however it tried to leave: found again, and signalled."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    session: int
    began: int  # clock ticks since the machine started
    dead: bool  # it has ended and only waits to be asked how


class Family:
    """The command's own process, its session, whoever carries the command's mark, their descendants.

    `leader` is the command's process and `mark` the bytes of a variable that only this run's processes have. Whoever
    was once seen to belong to it still does. Where there is no /proc, the family is the process group.
    """

    def __init__(self, leader: int, mark: bytes, proc: Path = Path("/proc")) -> None:
        self._leader = leader
        self._mark = mark
        self._proc = proc
        first = self._read(str(leader))
        self._began = first.began if first else 0
        self._by_proc = first is not None
        self._known: dict[int, int] = {}  # when it began, by process; a number alone may come back as another one

    def members(self) -> tuple[int, ...]:
        """The processes of it that live. Reads all of /proc; belongs on a thread."""
        if not self._by_proc:
            return self._group()
        younger = {p.pid: p for entry in self._entries() if (p := self._read(entry)) and p.began >= self._began}
        found = {
            pid
            for pid, process in younger.items()
            if process.session == self._leader or self._known.get(pid) == process.began or self._marked(pid)
        }
        grown = True
        while grown:
            children = {pid for pid, process in younger.items() if process.parent in found} - found
            found |= children
            grown = bool(children)
        self._known = {pid: younger[pid].began for pid in found}
        return tuple(sorted(pid for pid in found if not younger[pid].dead))

    def interrupt(self) -> None:
        """What ctrl+c at a terminal does: INT to the group in the foreground. One that is stopped is woken for it."""
        self._to_group(signal.SIGINT)
        self._to_group(signal.SIGCONT)

    def send(self, number: signal.Signals) -> None:
        """Signal every member; one that is stopped is woken, so that it can act on it."""
        if not self._by_proc:
            self._to_group(number)
            self._to_group(signal.SIGCONT)
            return
        for pid in self.members():
            for each in (number, signal.SIGCONT):
                try:
                    os.kill(pid, each)
                except (ProcessLookupError, PermissionError):
                    break

    def _to_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._leader, number)
        except (ProcessLookupError, PermissionError):
            return

    def _group(self) -> tuple[int, ...]:
        try:
            os.killpg(self._leader, 0)
        except (ProcessLookupError, PermissionError):
            return ()
        return (self._leader,)

    def _entries(self) -> list[str]:
        try:
            return [entry.name for entry in self._proc.iterdir() if entry.name.isdigit()]
        except OSError:
            return []

    def _read(self, entry: str) -> _Process | None:
        try:
            text = (self._proc / entry / "stat").read_bytes()
        except OSError:
            return None
        # pid (name) state ppid pgrp session ... starttime; the name may hold blanks and brackets.
        values = text.rpartition(b")")[2].split()
        return _Process(int(entry), int(values[1]), int(values[3]), int(values[19]), values[0] in (b"Z", b"X"))

    def _marked(self, pid: int) -> bool:
        try:
            return self._mark in (self._proc / str(pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            return False
