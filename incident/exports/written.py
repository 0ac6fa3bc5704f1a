"""The post-mortems that are there: read back, and written back with one change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from incident.errors import ExportError, IncidentError
from incident.exports.file import read_text, replace_whole

MOST = 20_000  # files that are looked at; a folder with more is not one of post-mortems
_LARGEST = 4 * 2**20  # bytes of one document


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it stands on disk."""

    path: Path
    text: str


def documents(folder: Path) -> Iterator[Written | IncidentError]:
    """Every Markdown file below a folder, by name; an error in the place of one that cannot be read."""
    for number, path in enumerate(sorted(folder.rglob("*.md"))):
        if number == MOST:
            yield ExportError(f"only the first {MOST:,} files are looked at", at=str(folder))
            return
        if path.is_file() and not path.name.startswith("."):
            try:
                yield document(path)
            except IncidentError as unread:
                yield unread


def document(path: Path) -> Written:
    """One document. Raises ExportError when it is not there or not text."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ExportError(f"it is larger than {_LARGEST // 2**20} MB", at=str(path), hint="it is no post-mortem")
    except OSError as failed:
        raise ExportError(f"it cannot be read: {failed.strerror}", at=str(path)) from None
    text = read_text(path)
    if text is None:
        raise ExportError("it is not there any more", at=str(path))
    return Written(path, text)


def write_back(was: Written, text: str) -> None:
    """Put the changed text in its place. Raises ExportError when the file changed meanwhile, and leaves it so."""
    if text != was.text:
        replace_whole(was.path, text, instead_of=was.text)
