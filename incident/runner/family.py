"""Every process that a command started, however it tried to leave: found again, and signalled."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

PROC = "/proc"


class Process:
    """What the system says about a process."""

    __slots__ = ("began", "dead", "parent", "pid", "session")

    def __init__(self, pid: int, parent: int, session: int, began: int, *, dead: bool) -> None:
        self.pid = pid
        self.parent = parent
        self.session = session
        self.began = began  # clock ticks since the machine started
        self.dead = dead  # it has ended and only waits to be asked how


class Family:
    """The command's own process, its session, whoever carries the command's mark, their descendants.

    `leader` is the command's process and `mark` the bytes of a variable that only this run's processes have. Whoever
    was once seen to belong to it still does. `adopter` is the process whose every other child belongs to it as well.
    `began` is when the leader began, for one that may have ended and left its number to another. Where there is no
    /proc, the family is the process group.
    """

    def __init__(self, leader: int, mark: bytes, proc: str = PROC, *, adopter: int = 0, began: int = 0) -> None:
        self._leader = leader
        self._mark = mark
        self._proc = proc
        self._adopter = adopter
        first = read(leader, proc)
        self._by_proc = read(os.getpid(), proc) is not None
        self._began = began or (first.began if first else 0)
        self._is_leader = first is not None and first.began == self._began
        self._known: dict[int, int] = {}  # when it began, by process; a number alone may come back as another one

    def members(self) -> tuple[int, ...]:
        """The processes of it that live. Reads all of /proc."""
        if not self._by_proc:
            return self._group()
        younger = {p.pid: p for pid in self._numbers() if (p := read(pid, self._proc)) and p.began >= self._began}
        found = {pid for pid, process in younger.items() if self._belongs(process)}
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

    def _belongs(self, process: Process) -> bool:
        return (
            (self._is_leader and process.session == self._leader)
            or (self._adopter != 0 and process.parent == self._adopter)
            or self._known.get(process.pid) == process.began
            or self._marked(process.pid)
        )

    def _to_group(self, number: signal.Signals) -> None:
        _quietly(lambda: os.killpg(self._leader, number))

    def _group(self) -> tuple[int, ...]:
        return (self._leader,) if _quietly(lambda: os.killpg(self._leader, 0)) else ()

    def _numbers(self) -> list[int]:
        try:
            return [int(name) for name in os.listdir(self._proc) if name.isdigit()]  # noqa: PTH208 - the supervisor starts without pathlib
        except OSError:
            return []

    def _marked(self, pid: int) -> bool:
        try:
            with open(f"{self._proc}/{pid}/environ", "rb", buffering=0) as file:  # noqa: PTH123 - the supervisor starts without pathlib
                return self._mark in file.readall().split(b"\0")
        except OSError:
            return False


def read(pid: int, proc: str = PROC) -> Process | None:
    """What the system says about a process; None when there is none, or nowhere to ask."""
    try:
        with open(f"{proc}/{pid}/stat", "rb", buffering=0) as file:  # noqa: PTH123 - no pathlib in a supervisor
            text = file.readall()
    except OSError:
        return None
    # pid (name) state ppid pgrp session ... starttime; the name may hold blanks and brackets.
    values = text.rpartition(b")")[2].split()
    return Process(pid, int(values[1]), int(values[3]), int(values[19]), dead=values[0] in (b"Z", b"X"))


def _quietly(signalling: Callable[[], None]) -> bool:
    try:
        signalling()
    except (ProcessLookupError, PermissionError):
        return False
    return True
