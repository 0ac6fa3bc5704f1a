"""Computed blocks in a document that people edit: replaced by a later export only while nobody touched them.

A block stands between two marker lines. The opening one carries a hash of what was computed, so that an edit shows.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_OPEN = re.compile(r"(?:<!-- incident:([a-z-]+) ([0-9a-f]{12}) -->|# incident:([a-z-]+) ([0-9a-f]{12}))[ \t]*\r?\n?\Z")
_CLOSE = re.compile(r"(?:<!-- /incident:([a-z-]+) -->|# /incident:([a-z-]+))[ \t]*\r?\n?\Z")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of a document, with their ends: a block with its markers, or ("") what stands between blocks."""

    name: str
    lines: tuple[str, ...]
    digest: str = ""

    @property
    def untouched(self) -> bool:
        """Whether it still is what was computed, letter for letter; line ends of another system are no edit."""
        return bool(self.name) and _digest(self.lines[1:-1]) == self.digest


def marked(name: str, lines: Sequence[str], *, yaml: bool = False) -> list[str]:
    """A block's lines between its markers; `yaml` for the front matter, where a comment looks different."""
    opening, closing = f"incident:{name} {_digest(lines)}", f"/incident:{name}"
    if yaml:
        return [f"# {opening}", *lines, f"# {closing}"]
    return [f"<!-- {opening} -->", *lines, f"<!-- {closing} -->"]


def merge(old: str, new: str) -> tuple[str, list[str]]:
    """The old document with its untouched blocks brought up to date, and the names of the blocks that were not.

    Kept as they are: every line outside a block, every block that a person edited, copied or took a marker from, and a
    block's absence.
    """
    fresh = {part.name: part for part in stretches(new) if part.name}
    parts = stretches(old)
    copies = Counter(part.name for part in parts)
    merged: list[str] = []
    kept = set(fresh)
    for part in parts:
        if part.name in fresh and part.untouched and copies[part.name] == 1:
            merged += _with_ends(fresh[part.name].lines, part.lines)
            kept.discard(part.name)
        else:
            merged += part.lines
    return "".join(merged), sorted(kept)


def stretches(text: str) -> list[Stretch]:
    """The document in blocks and what is between them; a marker without its partner is a line like any other."""
    found: list[Stretch] = []
    loose: list[str] = []
    lines = lines_of(text)
    at = 0
    while at < len(lines):
        opened = _OPEN.match(lines[at])
        end = _closing(lines, at, opened[1] or opened[3]) if opened else None
        if opened is None or end is None:
            loose.append(lines[at])
            at += 1
            continue
        if loose:
            found.append(Stretch("", tuple(loose)))
            loose = []
        found.append(Stretch(opened[1] or opened[3], tuple(lines[at : end + 1]), opened[2] or opened[4]))
        at = end + 1
    return [*found, Stretch("", tuple(loose))] if loose else found


def lines_of(text: str) -> list[str]:
    """The lines with their ends. Only a line feed ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


def _closing(lines: Sequence[str], at: int, name: str) -> int | None:
    """Where the block that begins at `at` is closed; None when another marker comes first."""
    for place in range(at + 1, len(lines)):
        if closed := _CLOSE.match(lines[place]):
            return place if (closed[1] or closed[2]) == name else None
        if _OPEN.match(lines[place]):
            return None
    return None


def _with_ends(fresh: Sequence[str], old: Sequence[str]) -> list[str]:
    """The fresh lines with the old block's line ends; its last line keeps its own."""
    end = "\r\n" if old[0].endswith("\r\n") else "\n"
    bare = [line.rstrip("\r\n") for line in fresh]
    last = old[-1][len(old[-1].rstrip("\r\n")) :]
    return [*(line + end for line in bare[:-1]), bare[-1] + last]


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256(
        "\n".join(line.rstrip("\r\n") for line in lines).encode("utf-8", "surrogatepass")
    ).hexdigest()[:12]
