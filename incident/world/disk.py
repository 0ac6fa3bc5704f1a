"""What this machine keeps beside the timeline: half-typed lines, what commands printed, and the exports."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from urllib.parse import quote

from incident.config import Config
from incident.core.ports import Exporter, Paper
from incident.core.postmortem.manner import Audience, Manner
from incident.core.text import plain
from incident.errors import IncidentError


class Drawer:
    """The desk as files in one folder that only their owner can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def left(self, name: str) -> str:
        """What lies there under a name."""
        try:
            return plain(self._place(name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return ""

    def leave(self, name: str, text: str) -> None:
        """Leave something there. A file is replaced whole, so that a crash leaves the old or the new one."""
        place = self._place(name)
        with contextlib.suppress(OSError):
            if not text:
                place.unlink(missing_ok=True)
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = place.with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            fresh.replace(place)

    def _place(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe='')}.txt"


class Exporters(Mapping[str, Callable[[], Exporter]]):
    """The formats by name. What is installed is looked up when it is asked for: no start has to wait for it."""

    def __getitem__(self, name: str) -> Callable[[], Exporter]:
        """What loads the exporter."""
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in alphabetical order."""
        return iter(self._known)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known)

    @cached_property
    def _known(self) -> dict[str, Callable[[], Exporter]]:
        from incident.exports import registry

        return {name: partial(registry.exporter, name) for name in registry.names()}


def paper() -> Paper:
    """The exported documents on disk."""
    from incident.exports.file import Files

    return Files()


def manner(config: Config, *, public: bool = False, written: str = "") -> Manner:
    """How this team's post-mortems are written. Raises ExportError when its template cannot be read."""
    from incident.exports.file import template

    return Manner(
        Audience.PUBLIC if public else Audience.INTERNAL,
        config.postmortem.headings,
        template(config.postmortem.template),
        written,
    )


def publish(path: str, text: str) -> tuple[str, ...]:
    """Write an export; what a person wrote in a draft that is there already is kept. Raises ExportError."""
    from incident.exports.file import save, save_markdown
    from incident.exports.ics import remind

    place = Path(path)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as broken:
        raise IncidentError(f"the folder cannot be made: {broken.strerror}", at=str(place.parent)) from None
    if place.suffix == ".md":
        kept = tuple(save_markdown(place, text))
        with contextlib.suppress(IncidentError):  # the document is what counts; a front matter may be half edited
            remind(place, datetime.now(UTC))
        return kept
    save(place, text)
    return ()


def output_file(state: Path, incident: str, run: str) -> str:
    """The file for a command's output, in a folder that only its owner can read."""
    folder = state / "output" / incident
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return str(folder / f"{run}.log")


_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z", re.ASCII)


def erase_output(state: Path, incident: str, run: str) -> bool:
    """Take what a command printed off the disk for good; whether there was anything. Raises OSError.

    An order to do so may come from another machine: a name that leads elsewhere is none of ours.
    """
    from incident.runner.erasing import erase

    owner, _, name = run.rpartition("/")
    if owner != incident or not _PLAIN_NAME.match(incident) or not _PLAIN_NAME.match(name):
        return False
    return erase(str(state / "output" / incident / f"{name}.log"))


def crash_file(config: Config) -> Path:
    """Where a failure of the program itself is written down."""
    return config.state / f"crash-{os.getpid()}.txt"
