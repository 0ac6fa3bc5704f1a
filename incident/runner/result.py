"""How a run stands, in a file beside its output: which processes it is, then how it ended. For a later console."""

from __future__ import annotations

import json
import os

from incident.runner.beside import result_of
from incident.runner.layout import Layout
from incident.runner.wire import write_all

_LARGEST = 4 << 20  # bytes that are read of such a file


class Underway:
    """A run that was begun: its process, when that began, its supervisor, and the secret part of its mark."""

    __slots__ = ("began", "mark", "process", "supervisor")

    def __init__(self, process: int, began: int, supervisor: int, mark: str) -> None:
        self.process = process
        self.began = began
        self.supervisor = supervisor
        self.mark = mark


class Result:
    """How a run ended. `exit` is negative for a signal; `size` and `dropped` are bytes."""

    __slots__ = ("dropped", "exit", "head", "layout", "left", "saved", "seconds", "size", "stopped", "tail")

    def __init__(
        self,
        exit: int,  # noqa: A002 - the name that the word has everywhere here
        seconds: float,
        size: int,
        saved: int,
        dropped: int,
        head: tuple[str, ...],
        tail: tuple[str, ...],
        stopped: bool,
        left: tuple[int, ...],
        layout: Layout,
    ) -> None:
        self.exit = exit
        self.seconds = seconds
        self.size = size  # as the command printed them
        self.saved = saved  # as they are counted in the layout
        self.dropped = dropped
        self.head = head
        self.tail = tail
        self.stopped = stopped
        self.left = left
        self.layout = layout

    def as_text(self) -> str:
        """One line of JSON."""
        layout = self.layout
        return json.dumps(
            {
                "state": "ended",
                "exit": self.exit,
                "seconds": self.seconds,
                "size": self.size,
                "saved": self.saved,
                "dropped": self.dropped,
                "head": self.head,
                "tail": self.tail,
                "stopped": self.stopped,
                "left": self.left,
                "layout": [layout.head, layout.part, layout.tail, layout.joined],
            }
        )


def parse(text: str) -> Result | Underway:
    """What `as_text` wrote, or a run that was begun. Raises ValueError."""
    try:
        body = json.loads(text)
        if body["state"] != "ended":
            return Underway(int(body["process"]), int(body["began"]), int(body["supervisor"]), str(body["mark"]))
        return Result(
            exit=int(body["exit"]),
            seconds=float(body["seconds"]),
            size=int(body["size"]),
            saved=int(body["saved"]),
            dropped=int(body["dropped"]),
            head=tuple(str(line) for line in body["head"]),
            tail=tuple(str(line) for line in body["tail"]),
            stopped=bool(body["stopped"]),
            left=tuple(int(pid) for pid in body["left"]),
            layout=Layout(*(int(number) for number in body["layout"])),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as odd:
        raise ValueError(f"not how a run ended: {odd}") from None


def begun(output: str, run: Underway) -> None:
    """Write down which processes a run is, before its command is let go. Raises OSError."""
    body = {"state": "begun", "process": run.process, "began": run.began}
    _replace(output, json.dumps({**body, "supervisor": run.supervisor, "mark": run.mark}), durable=False)


def ended(output: str, result: Result) -> None:
    """Write down how a run ended; it is on disk when this returns. Raises OSError."""
    _replace(output, result.as_text(), durable=True)


def read(output: str) -> Result | Underway | None:
    """How a run stands; None when nothing that can be read says so."""
    try:
        with open(result_of(output), "rb") as file:  # noqa: PTH123 - the supervisor starts without pathlib
            return parse(file.read(_LARGEST).decode("utf-8"))
    except (OSError, ValueError):
        return None


def forget(output: str) -> None:
    """Nothing was run."""
    try:
        os.unlink(result_of(output))  # noqa: PTH108 - the supervisor starts without pathlib
    except OSError:
        return


def _replace(output: str, text: str, *, durable: bool) -> None:
    path = result_of(output)
    beside = f"{path}.new"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(handle, text.encode("utf-8", "surrogatepass"))
        if durable:
            os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(beside, path)  # noqa: PTH105 - the supervisor starts without pathlib
    if durable:
        folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_CLOEXEC)  # noqa: PTH120 - the supervisor starts without pathlib
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
