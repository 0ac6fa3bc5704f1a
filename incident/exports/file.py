"""Put an export on disk: whole or not at all, and never over what a person wrote."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from incident.core.postmortem.blocks import merge
from incident.errors import ExportError

MACHINE_MADE = "incident.postmortem/"  # near the beginning of every export that a later one may replace


def save_markdown(path: Path, text: str) -> list[str]:
    """Write a draft, or bring the one that is there up to date; the names of the blocks that stayed as they were.

    Every line that a person wrote is kept. Raises ExportError; the file is then as it was before.
    """
    old = read_text(path)
    if old is None or not text.startswith("---\n"):
        save(path, text)
        return []
    merged, kept = merge(old, text)
    if merged != old:
        replace_whole(path, merged, instead_of=old)
    return kept


def save(path: Path, text: str) -> None:
    """Write an export that nobody edits, over nothing or over an earlier one of its kind.

    Raises ExportError when anything else stands there, or nothing can be written; the file is then as it was before.
    """
    old = read_text(path)
    if old == text:
        return
    if old is not None and (old.startswith("---") or MACHINE_MADE not in old[:500]):
        raise ExportError(
            "the file that is there may hold what a person wrote",
            at=str(path),
            hint="nothing was replaced; move it away, or choose another place with -o",
        )
    replace_whole(path, text, instead_of=old)


def replace_whole(path: Path, text: str, instead_of: str | None) -> None:
    """Put a file in its place in one step, if what is there is still what was read."""
    target = path.resolve()
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        _write(draft, text, mode=None if instead_of is None else target.stat().st_mode & 0o777)
        if read_text(path) != instead_of:
            raise ExportError(
                "the file changed while it was being written", at=str(path), hint="nothing was replaced; export again"
            )
        draft.replace(target)
        _sync_folder(target.parent)
    except OSError as failed:
        raise ExportError(
            f"the export cannot be written: {failed.strerror or failed}",
            at=str(path),
            hint="what was there before is still there; free space, or choose another place with -o",
        ) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _write(draft: Path, text: str, mode: int | None) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(text.encode("utf-8", "backslashreplace"))
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_text(path: Path) -> str | None:
    """What the file holds, line ends as they are; None when there is no such file."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ExportError(
            "the file that is there is not UTF-8 text", at=str(path), hint="choose another place with -o"
        ) from None
    except OSError as failed:
        raise ExportError(
            f"the file that is there cannot be read: {failed.strerror or failed}",
            at=str(path),
            hint="choose another place with -o",
        ) from None


class Files:
    """The documents as the paper that people edit."""

    def read(self, path: str) -> str | None:
        """What stands there; None when there is nothing. Raises ExportError."""
        return read_text(Path(path))

    def replace(self, path: str, text: str, instead_of: str | None) -> None:
        """Put a text in the place of what was read, whole or not at all. Raises ExportError, also when it changed."""
        place = Path(path)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as broken:
            raise ExportError(f"the folder cannot be made: {broken.strerror}", at=str(place.parent)) from None
        replace_whole(place, text, instead_of=instead_of)


def template(path: Path | None) -> str:
    """A team's own template; "" for none. Raises ExportError when it cannot be read."""
    if path is None:
        return ""
    text = read_text(path)
    if text is None:
        raise ExportError(
            "the template is not there", at=str(path), hint="postmortem.template in the configuration names it"
        )
    return text
