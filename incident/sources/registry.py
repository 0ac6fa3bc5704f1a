"""The kinds of source there are: the built-in ones are registered exactly as a third party's."""

from __future__ import annotations

import difflib
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from incident.core.text import one_line
from incident.errors import UsageError


class Registry:
    """The kinds that installed packages offer under one entry point group. Listing them imports none."""

    def __init__(self, group: str, noun: str) -> None:
        self._group = group
        self._noun = noun

    def names(self) -> tuple[str, ...]:
        """Every kind's name, sorted."""
        return tuple(sorted(entry_points(group=self._group).names))

    def load(self, name: str) -> Any:
        """The class behind a name. Raises UsageError when there is none, or two, or it cannot be imported."""
        entry = self._entry(name)
        try:
            return entry.load()
        except (ImportError, AttributeError) as error:
            raise UsageError(
                f"the {self._noun} `{name}` cannot be loaded: {one_line(str(error))}",
                at=entry.value,
                hint="reinstall the package that offers it",
            ) from error

    def _entry(self, name: str) -> EntryPoint:
        found = tuple(entry_points(group=self._group, name=name))
        if not found:
            known = self.names()
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known) or 'none'}"
            raise UsageError(f"there is no {self._noun} `{name}`", hint=hint)
        if len({entry.value for entry in found}) > 1:
            places = " and ".join(sorted(entry.value for entry in found))
            raise UsageError(f"two packages offer the {self._noun} `{name}`", at=places, hint="uninstall one of them")
        return found[0]
