"""The files that a check looks at, and what lies around each of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from incident.core.check.page import anchors_in
from incident.core.markdown import lines_in
from incident.core.text import hides_something
from incident.errors import RunbookError

RUNBOOK_SUFFIXES = (".md", ".markdown", ".mdx", ".md.erb")
MAX_BYTES = 4 * 1024 * 1024
_SPELLINGS = ("", ".md", ".erb", ".md.erb")


def files_under(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """The files with one of these suffixes, in order; hidden folders and links to folders are left out."""
    for around, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith(".") and name != "node_modules")
        for name in sorted(files):
            if name.lower().endswith(suffixes) and not hides_something(name):
                yield Path(around) / name


def bytes_of(file: Path) -> bytes:
    """A file's content. Raises RunbookError when it cannot be read, or is too large to be one of these."""
    try:
        if not file.is_file():
            raise RunbookError("this is not a regular file", at=str(file), hint="name a file or a folder")
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as failed:
        raise RunbookError(f"this cannot be read: {failed.strerror}", at=str(file), hint="check its rights") from None
    if len(data) > MAX_BYTES:
        raise RunbookError("this file is too large to be checked", at=str(file), hint="at most 4 MB are read")
    return data


class FilesAround:
    """The files around one runbook; what is read of a neighbour is kept in `known` for the next one."""

    def __init__(self, runbook: Path, known: dict[Path, frozenset[str] | None]) -> None:
        self._folder = runbook.parent
        self._known = known

    def holds(self, target: str) -> bool:
        """Whether there is a file or folder, perhaps in a spelling that a site generator allows."""
        return any((self._folder / f"{target}{more}").exists() for more in _SPELLINGS)

    def anchors(self, target: str) -> frozenset[str] | None:
        """The folded anchors of a Markdown file; None when it cannot be read."""
        file = (self._folder / target).resolve()
        if file not in self._known:
            try:
                lines = lines_in(bytes_of(file).decode("utf-8-sig", "replace"))
            except RunbookError:
                self._known[file] = None
            else:
                self._known[file] = anchors_in(lines)
        return self._known[file]
