"""Which of a scenario's commands an argument list is: token by token, never by running anything."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

_HOLE = re.compile(r"<([a-z_]+)>")
_SHELLS = frozenset({"bash", "sh", "dash", "zsh"})
_OPERATORS = frozenset("|&;<>()$`\n*?")


def simple(argv: Sequence[str]) -> tuple[str, ...]:
    """The argument list without the shell around one plain command, and with the program's bare name."""
    words = list(argv)
    if words and _bare(words[0]) in _SHELLS and "-c" in words[1:-1] and not _OPERATORS & set(words[-1]):
        try:
            words = shlex.split(words[-1])
        except ValueError:
            words = list(argv)
    return (_bare(words[0]), *words[1:]) if words else ()


def _bare(program: str) -> str:
    return program.rpartition("/")[2]


def captured(pattern: Sequence[str], argv: Sequence[str], known: Sequence[Sequence[str]] = ()) -> dict[str, str] | None:
    """What stands in a pattern's holes, or None when it does not match.

    `...` is any number of tokens. `<other>` is any value but those that the `known` patterns have in the same place;
    any other `<name>` is any value.
    """
    if not pattern:
        return {} if not argv else None
    if pattern[0] == "...":
        for taken in range(len(argv) + 1):
            rest = captured(pattern[1:], argv[taken:])
            if rest is not None:
                return rest
        return None
    if not argv:
        return None
    holes = _token(pattern[0], argv[0])
    if holes is None or ("other" in holes and any(other and other[0] == argv[0] for other in known)):
        return None
    beside = [other[1:] for other in known if other and _token(other[0], argv[0]) is not None]
    rest = captured(pattern[1:], argv[1:], beside)
    return None if rest is None else {**holes, **rest}


def _token(pattern: str, word: str) -> dict[str, str] | None:
    parts = _HOLE.split(pattern)
    holes = parts[1::2]
    expression = "(.+)".join(re.escape(part) for part in parts[::2])
    found = re.fullmatch(expression, word, re.DOTALL)
    return dict(zip(holes, found.groups(), strict=True)) if found else None
