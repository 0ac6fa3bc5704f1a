"""A mapping out of a scenario's YAML, read key by key; what is off is said with file and line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from incident.core.strict_yaml import Document, Path
from incident.core.text import plain
from incident.drills.model import Scalar
from incident.errors import DrillError

_TIME = re.compile(r"-?(?:\d+(?:\.\d+)?[smhd])+\Z")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str) -> float | None:
    """`90s`, `-6m`, `1h30m` in seconds; None when it is no such time."""
    if not _TIME.match(text):
        return None
    size = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    return -size if text.startswith("-") else size


def nearest(word: str, known: Iterable[str]) -> str:
    """The hint for a word that nobody knows."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, 1)
    return f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(names) or 'nothing'}"


class Fields:
    """One mapping of the document. Text comes out clean; every reader takes a default for a key that is not there."""

    def __init__(self, document: Document, *path: str | int) -> None:
        self._document = document
        self._path: Path = path
        value: Any = document.data
        for part in path:
            value = value[part]
        if not isinstance(value, dict):
            raise DrillError("here have to stand keys with values", at=document.at(*path))
        self._values: dict[str, Any] = value

    def only(self, *known: str) -> Fields:
        """Itself, when it has no other keys than these."""
        for key in self._values:
            if key not in known:
                raise DrillError(f"unknown key `{key}`", at=self.at(key), hint=nearest(key, known))
        return self

    def at(self, *path: str | int) -> str:
        """`file:line` of a key of this mapping."""
        return self._document.at(*self._path, *path)

    def wrong(self, what: str, *path: str | int, hint: str = "") -> DrillError:
        """The error for a key of this mapping."""
        return DrillError(what, at=self.at(*path), hint=hint)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._values

    @property
    def keys(self) -> tuple[str, ...]:
        """Its keys, in the order in which they are written."""
        return tuple(self._values)

    def text(self, key: str, default: str | None = None) -> str:
        """Text, or a number as it is written."""
        if key not in self._values and default is not None:
            return default
        return self._text(self._needed(key), key)

    def number(self, key: str, default: float | None = None) -> float:
        """A number."""
        if key not in self._values and default is not None:
            return default
        value = self._needed(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(f"`{key}` has to be a number", key)
        return float(value)

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        value = self.number(key, default)
        if value != int(value):
            raise self.wrong(f"`{key}` has to be a whole number", key)
        return int(value)

    def seconds(self, key: str, default: float | None = None) -> float:
        """A time such as `90s` or `-6m`, in seconds."""
        if key not in self._values and default is not None:
            return default
        value = seconds_of(str(self._needed(key)))
        if value is None:
            raise self.wrong(f"`{key}` has to be a time", key, hint="write 30s, 5m, 1h30m, or -6m for before the start")
        return value

    def flag(self, key: str) -> bool:
        """true or false; false when it is not there."""
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(f"`{key}` has to be true or false", key)
        return value

    def scalars(self, key: str) -> dict[str, Scalar]:
        """A mapping of plain values; empty when it is not there."""
        if key not in self._values:
            return {}
        inner = self.within(key)
        for name, value in inner._values.items():
            if isinstance(value, dict | list):
                raise inner.wrong(f"`{name}` has to be one value", name)
        return {name: plain(value) if isinstance(value, str) else value for name, value in inner._values.items()}

    def texts(self, key: str) -> dict[str, str]:
        """A mapping of texts; empty when it is not there."""
        if key not in self._values:
            return {}
        inner = self.within(key)
        return {name: inner.text(name) for name in inner.keys}

    def lines(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when it is not there."""
        return tuple(self._text(value, key, index) for index, value in enumerate(self._list(key)))

    def within(self, key: str) -> Fields:
        """The mapping under a key."""
        self._needed(key)
        return Fields(self._document, *self._path, key)

    def each(self, key: str) -> Iterator[Fields]:
        """The mappings of a list; none when it is not there."""
        for index in range(len(self._list(key))):
            yield Fields(self._document, *self._path, key, index)

    def either(self, key: str, *known: str) -> Iterator[Fields | tuple[str, str]]:
        """The entries of a list, each a mapping with these keys, or a text with its `file:line`."""
        for index, value in enumerate(self._list(key)):
            if isinstance(value, dict):
                yield Fields(self._document, *self._path, key, index).only(*known)
            else:
                yield self._text(value, key, index), self.at(key, index)

    def _list(self, key: str) -> list[Any]:
        value = self._values.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(f"`{key}` has to be a list", key)
        return value

    def _needed(self, key: str) -> Any:
        if key not in self._values:
            raise self.wrong(f"`{key}` is missing")
        return self._values[key]

    def _text(self, value: Any, *path: str | int) -> str:
        if value is None or isinstance(value, dict | list | bool):
            raise self.wrong(f"`{path[0]}` has to be text", *path, hint="put it in quotes")
        return plain(str(value))
