"""Taking what a command printed off the disk for good: its output, the parts of its tail, how it ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from incident.runner.beside import result_of

_ZEROS = b"\0" * (1 << 20)


def erase(output: str) -> bool:
    """Overwrite and remove every file of a run; whether there was one. Raises OSError; then some are still there."""
    found = list(_files_of(Path(output)))
    for path in found:
        _overwrite(path)
        path.unlink(missing_ok=True)
    if found:
        folder = os.open(Path(output).parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return bool(found)


def _files_of(output: Path) -> Iterator[Path]:
    result = Path(result_of(str(output)))
    known = (output, result, result.with_name(f"{result.name}.new"))
    yield from (path for path in known if path.is_file() and not path.is_symlink())
    if output.parent.is_dir():
        yield from sorted(
            path
            for path in output.parent.iterdir()
            if path.name.startswith(f"{output.name}.part") and path.name.rpartition(".part")[2].isdigit()
        )


def _overwrite(path: Path) -> None:
    """Zeros in the place of every byte, on disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        left = os.fstat(handle).st_size
        while left > 0:
            left -= os.write(handle, _ZEROS[: min(left, len(_ZEROS))])
        os.fsync(handle)
    finally:
        os.close(handle)
