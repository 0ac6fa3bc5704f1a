"""A value of an SLO file and where it stands: read as what it has to be, or refused with file, line and key."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from incident.core.budget.slo import LEAST, MOST, counting, has_place, objective_of, widened, with_place
from incident.core.budget.spans import seconds_in
from incident.core.strict_yaml import Document, Path
from incident.core.text import one_line, plain
from incident.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Node:
    """One value. Every reading raises ConfigError."""

    document: Document
    value: Any
    path: Path = ()

    @property
    def where(self) -> str:
        """`file:line`."""
        return self.document.at(*self.path)

    @property
    def name(self) -> str:
        """Its key, for a message."""
        return next((one_line(part, 60) for part in reversed(self.path) if isinstance(part, str)), "this file")

    def wrong(self, what: str, hint: str) -> ConfigError:
        """What is wrong here, and what to do."""
        return ConfigError(what, at=self.where, hint=hint)

    def get(self, *keys: str) -> Node | None:
        """What stands under the first of these keys that is there."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"`{self.name}` is no mapping", "write `key: value` lines")
        for key in keys:
            if self.value.get(key) is not None:
                return Node(self.document, self.value[key], (*self.path, key))
        return None

    def need(self, *keys: str) -> Node:
        """The same for what has to be there."""
        found = self.get(*keys)
        if found is None:
            raise self.wrong(f"`{self.name}` has no `{keys[0]}`", f"add `{keys[0]}:`")
        return found

    def only(self, *known: str) -> Node:
        """Refuse any other key, with the nearest one that is known."""
        self.get()
        for key in self.value:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1, 0.5)
                hint = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(known)}"
                at = Node(self.document, None, (*self.path, key))
                raise at.wrong(f"unknown key `{one_line(key, 60)}` in `{self.name}`", hint)
        return self

    def items(self) -> Iterator[Node]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.wrong(f"`{self.name}` is no list", "write `- ` in front of each item")
        for index, item in enumerate(self.value):
            yield Node(self.document, item, (*self.path, index))

    def text(self) -> str:
        """One line of words."""
        if isinstance(self.value, bool | dict | list) or not str(self.value).strip():
            raise self.wrong(f"`{self.name}` is no text", "write it as one line")
        return one_line(str(self.value))

    def number(self) -> float:
        """A number, also one in quotes."""
        try:
            return float(self.text().removesuffix("%"))
        except ValueError:
            raise self.wrong(f"`{self.name}` is no number", "write it as 99.9") from None

    def objective(self) -> float:
        """The share of good requests that is promised."""
        share = objective_of(self.number())
        if share is None:
            raise self.wrong(f"`{self.name}` is no objective", "at least 50 and below 100: at 100 nothing may fail")
        return share

    def window(self) -> float:
        """The seconds of an SLO's window."""
        seconds = seconds_in(self.text())
        if seconds is None or not LEAST <= seconds <= MOST:
            raise self.wrong(f"`{self.name}` is no window that is read here", "write it in hours, days or weeks: 28d")
        return seconds

    def slice(self) -> float:
        """The seconds of a slice of time."""
        seconds = seconds_in(self.text())
        if not seconds:
            raise self.wrong(f"`{self.name}` is no length of time", "write it as 5m")
        return seconds

    def query(self) -> str:
        """A query as it is written, the window's place as `$window`."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong(f"`{self.name}` is no query", "write it in PromQL")
        return with_place(plain(self.value))

    def counter(self) -> str:
        """A query that counts over `$window`, made of a bare counter or of rates over a fixed range where need be."""
        query = self.query()
        made = query if has_place(query) else counting(query) or widened(query)
        if not made:
            raise self.wrong(f"`{self.name}` has no place for the window", "write [$window] where its range goes")
        return made
