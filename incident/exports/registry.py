"""The formats by name, as the installed packages register them; listing them imports none."""

from __future__ import annotations

import difflib
from importlib.metadata import EntryPoint, entry_points

from incident.core.ports import Exporter
from incident.errors import ExportError

GROUP = "incident.exports"


def names() -> tuple[str, ...]:
    """The formats that can be asked for, in alphabetical order."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def exporter(name: str) -> Exporter:
    """The exporter of a format. Raises ExportError when there is none, two that differ, or one that does not load."""
    found = {entry.value: entry for entry in entry_points(group=GROUP, name=name)}
    if not found:
        known = names()
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known) or 'none; install the package'}"
        raise ExportError(f"there is no export format `{name}`", hint=hint)
    if len(found) > 1:
        raise ExportError(
            f"two packages offer the export format `{name}`",
            at=" and ".join(sorted(found)),
            hint="uninstall one of them",
        )
    return _loaded(next(iter(found.values())))


def _loaded(entry: EntryPoint) -> Exporter:
    try:
        loaded: Exporter = entry.load()
    except (ImportError, AttributeError) as broken:
        raise ExportError(
            f"the export format `{entry.name}` cannot be loaded: {broken}",
            at=entry.value,
            hint="reinstall the package that offers it",
        ) from None
    return loaded
