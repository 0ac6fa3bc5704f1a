"""Where the next command of a line runs, and how words, flags and settings files are read there."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from incident.core.command import Target
from incident.core.text import one_line

_MAX_FILE = 4_000_000  # bytes of a tool's settings; a larger file is none


@dataclass(slots=True)
class Place:
    """The folder and the variables, and what the line itself has switched so far."""

    folder: Path | None  # None: nobody knows
    variables: dict[str, str]
    switched: dict[str, str | None] = field(default_factory=dict)  # by the line itself; None: to nobody knows what
    grouped: bool = False  # in a line with brackets, behind which a `cd` may not hold

    @property
    def home(self) -> Path:
        """The home folder, as the tools see it."""
        return Path(self.variables.get("HOME") or Path.home())

    def value(self, name: str) -> str:
        """A variable's value; "" when it is not set."""
        return self.variables.get(name, "")

    def expanded(self, word: str) -> str:
        """A word with the variables that are known."""
        return re.sub(r"\$\{?(\w+)\}?", lambda found: self.variables.get(found[1], found[0]), word)

    def path(self, text: str) -> Path | None:
        """A path as a program that runs here takes it; None when that depends on a folder that nobody knows."""
        path = Path(text)
        if path.is_absolute():
            return path
        return None if self.folder is None else self.folder / path


def moved(folder: Path | None, words: Sequence[str]) -> Path | None:
    """The folder after a `cd`, when its name says it all."""
    if folder is None or len(words) != 1 or re.match(r"[-~]", words[0]) or re.search(r"[$*?\[]", words[0]):
        return None
    return folder / words[0]


def flag(words: Sequence[str], *names: str) -> str:
    """The value that the last of these flags has, as `--flag value` or `--flag=value`; "" without one."""
    found = ""
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if word == "--":
            break
        if name in names:
            found = value if equals else "".join(words[at + 1 : at + 2])
    return found


def before_verb(words: Sequence[str], with_value: frozenset[str]) -> tuple[list[str], list[str]]:
    """The flags in front of a tool's verb, and the rest; `with_value` are the flags that take the next word."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "--":
        at += 2 if words[at] in with_value else 1
    return list(words[:at]), list(words[at:])


def named(name: str, origin: str) -> Target:
    """A target with this name; none without one."""
    return Target(one_line(name, 300), one_line(origin, 300)) if name else Target()


def text_of(path: Path) -> str:
    """A settings file's text; "" for what cannot be read, and for what is no regular file and might block."""
    try:
        if not path.is_file() or path.stat().st_size > _MAX_FILE:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return ""


def sections_of(path: Path) -> Mapping[str, Mapping[str, str]] | None:
    """The sections of an INI file, as Python's own tools read it; None for one that they refuse."""
    parser = configparser.RawConfigParser(default_section="\0")
    try:
        parser.read_string(text_of(path))
    except configparser.Error:
        return None
    return {name: dict(parser.items(name)) for name in parser.sections()}
