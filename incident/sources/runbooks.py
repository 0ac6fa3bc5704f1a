"""The folders with runbooks. Nothing outside them is ever read, whatever a link or an alert says."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import incident
from incident.core.markdown import lines_in
from incident.core.ports import Listed, RunbookFile
from incident.core.runbook.outline import outline
from incident.core.text import hides_something, one_line
from incident.errors import RunbookError

MAX_BYTES = 4 * 1024 * 1024  # of one runbook; a larger file is not opened
MAX_FILES = 20_000  # listed under all roots
_SCANNED = 524_288  # bytes looked through for headings
_SUFFIXES = (".md", ".markdown", ".mdx", ".md.erb")


def shipped() -> Path:
    """The folder of the runbooks that come with the program."""
    package = Path(incident.__file__).resolve().parent
    installed = package / "shipped_runbooks"
    return installed if installed.is_dir() else package.parent / "runbooks"


@dataclass(frozen=True, slots=True)
class _Seen:
    changed: int  # nanoseconds
    size: int
    listed: Listed


class Folders:
    """The runbooks under some folders; earlier folders come first. A folder that is missing is empty."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(dict.fromkeys(root.expanduser().resolve() for root in roots))
        self._seen: dict[Path, _Seen] = {}

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders, as full paths."""
        return self._roots

    def listing(self) -> tuple[Listed, ...]:
        """Every Markdown file under the roots, with its headings; unchanged files are not read again."""
        seen: dict[Path, _Seen] = {}
        for root in self._roots:
            for file in _markdown_files(root):
                if file not in seen and len(seen) < MAX_FILES and (known := self._look_at(file, root)):
                    seen[file] = known
        self._seen = seen
        return tuple(known.listed for known in seen.values())

    def read(self, path: str) -> RunbookFile:
        """One runbook, by its path under a root, a full path inside one, or its bare name. Raises RunbookError."""
        shown = one_line(path, 300)
        if not path or "\0" in path or hides_something(path):
            raise RunbookError("this is no file name", at=shown, hint="give the path of a Markdown file")
        if ".." in Path(path).parts:
            raise RunbookError("this path leads out of the runbook folders", at=shown, hint=self._hint())
        for root, file in self._places(path):
            if file.is_symlink() or file.exists():
                return _read(file, root)
        raise RunbookError("there is no such runbook", at=shown, hint=self._hint())

    def _places(self, path: str) -> Iterator[tuple[Path, Path]]:
        """Where a runbook of this path or name may be, in order."""
        if Path(path).is_absolute():
            inside = [root for root in self._roots if _inside(Path(path), root)]
            if not inside:
                raise RunbookError("this file is in none of the runbook folders", at=one_line(path), hint=self._hint())
            yield inside[0], Path(path)
            return
        for root in self._roots:
            yield root, root / path
        if "/" not in path and "." not in path:
            named = [listed for listed in self.listing() if Path(listed.path).name.partition(".")[0] == path]
            if len(named) > 1:
                several = ", ".join(listed.path for listed in named[:5])
                raise RunbookError("several runbooks have this name", at=path, hint=f"give the path of one: {several}")
            for listed in named:
                yield Path(listed.root), Path(listed.root) / listed.path

    def _hint(self) -> str:
        folders = ", ".join(str(root) for root in self._roots) or "none"
        return f"runbooks are read from: {folders}"

    def _look_at(self, file: Path, root: Path) -> _Seen | None:
        try:
            facts = file.stat()
            known = self._seen.get(file)
            if known and (known.changed, known.size, known.listed.root) == (
                facts.st_mtime_ns,
                facts.st_size,
                str(root),
            ):
                return known
            data = _bytes(file, root, _SCANNED, whole=False)
        except (OSError, RunbookError):
            return None
        own = outline(lines_in(data.decode("utf-8-sig", "replace")))
        titled = ((1, own.title),) if own.title else ()
        path = file.relative_to(root).as_posix()
        listed = Listed(path, str(root), (*titled, *own.headings), own.alerts, own.rows)
        return _Seen(facts.st_mtime_ns, facts.st_size, listed)


def _markdown_files(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith(".") and name != "node_modules")
        for name in sorted(files):
            # A name with hidden characters cannot be shown as it is, so it is not offered.
            if name.lower().endswith(_SUFFIXES) and not hides_something(name):
                yield Path(folder) / name


def _inside(file: Path, root: Path) -> bool:
    return file.is_relative_to(root) or file.resolve().is_relative_to(root)


def _read(file: Path, root: Path) -> RunbookFile:
    data = _bytes(file, root, MAX_BYTES, whole=True)
    resolved = file if file.is_relative_to(root) else file.resolve()
    path = resolved.relative_to(root).as_posix()
    return RunbookFile(path, str(root), data, hashlib.sha256(data).hexdigest())


def _bytes(file: Path, root: Path, limit: int, *, whole: bool) -> bytes:
    """At most `limit` bytes of a regular file inside the root; a larger one is cut, or with `whole` refused."""
    shown = one_line(str(file), 300)
    try:
        real = file.resolve(strict=True)
        if not real.is_relative_to(root):
            raise RunbookError("this is a link out of the runbook folder", at=shown, hint=f"copy the file into {root}")
        if not stat.S_ISREG(real.stat().st_mode):
            raise RunbookError("this is not a regular file", at=shown, hint="give the path of a Markdown file")
        # Without NONBLOCK, opening a FIFO would wait for its writer for ever.
        handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, RuntimeError) as failed:
        reason = getattr(failed, "strerror", None) or "its links lead in a circle"
        raise RunbookError(
            f"the runbook cannot be opened: {reason}", at=shown, hint="check the file and its rights"
        ) from None
    try:
        length = os.fstat(handle).st_size
        if whole and length > limit:
            size = f"{length / 1_048_576:.1f} MB"
            raise RunbookError(f"this file is too large for a runbook: {size}", at=shown, hint="at most 4 MB are read")
        with os.fdopen(handle, "rb", closefd=False) as opened:
            return opened.read(limit)
    except OSError as failed:
        raise RunbookError(f"the runbook cannot be read: {failed.strerror}", at=shown, hint="try again") from None
    finally:
        os.close(handle)
