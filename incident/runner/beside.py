"""The files that lie beside a command's output: how it ended, the door to its supervisor, the parts of its tail."""

from __future__ import annotations

import os

_LONGEST_NAME = 60  # characters of a socket's name; the system takes about a hundred with the folder


def result_of(output: str) -> str:
    """The file that says how the run stands, or how it ended."""
    return f"{os.path.splitext(output)[0]}.result"  # noqa: PTH122 - the supervisor starts without pathlib


def door_of(output: str) -> str:
    """The socket at which the run's supervisor answers."""
    stem = os.path.splitext(output)[0]  # noqa: PTH122 - the supervisor starts without pathlib
    name = os.path.basename(stem)  # noqa: PTH119 - the supervisor starts without pathlib
    if len(os.fsencode(name)) > _LONGEST_NAME:
        import hashlib  # names this long do not come from this program

        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:24]
    return os.path.join(os.path.dirname(stem), f"{name}.door")  # noqa: PTH118, PTH120 - the supervisor starts without pathlib


def part_of(output: str, number: int) -> str:
    """One part of the output behind its head, counted from 0."""
    return f"{output}.part{number}"
