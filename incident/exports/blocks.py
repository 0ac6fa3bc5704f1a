"""Computed blocks in a document that people edit: replaced by a later export only while nobody touched them.

A block stands between two marker lines. The opening one carries a hash of what was computed, so that an edit shows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_OPEN = re.compile(r"(?:<!-- incident:([a-z-]+) ([0-9a-f]{12}) -->|# incident:([a-z-]+) ([0-9a-f]{12}))\s*\Z")
_CLOSE = re.compile(r"(?:<!-- /incident:([a-z-]+) -->|# /incident:([a-z-]+))\s*\Z")


def marked(name: str, lines: Sequence[str], *, yaml: bool = False) -> list[str]:
    """A block's lines between its markers; `yaml` for the front matter, where a comment looks different."""
    opening, closing = f"incident:{name} {_digest(lines)}", f"/incident:{name}"
    if yaml:
        return [f"# {opening}", *lines, f"# {closing}"]
    return [f"<!-- {opening} -->", *lines, f"<!-- {closing} -->"]


def merge(old: str, new: str) -> tuple[str, list[str]]:
    """The old document with its untouched blocks brought up to date, and the names of the blocks that were not.

    Kept as they are: every line outside a block, every block that a person edited, and a block's absence. When the
    markers no longer pair up, nothing is replaced.
    """
    fresh = {part.name: part for part in _parts(new) or () if part.name}
    parts = _parts(old)
    if parts is None:
        return old, sorted(fresh)
    merged: list[str] = []
    kept = set(fresh)
    for part in parts:
        if part.name in fresh and part.untouched:
            end = "\r\n" if part.lines[0].endswith("\r\n") else "\n"
            merged += [line.rstrip("\r\n") + end for line in fresh[part.name].lines]
            kept.discard(part.name)
        else:
            merged += part.lines
    return "".join(merged), sorted(kept)


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of lines: a block with its markers, or ("") what stands between blocks."""

    name: str
    lines: tuple[str, ...]
    digest: str = ""

    @property
    def untouched(self) -> bool:
        return _digest(self.lines[1:-1]) == self.digest


def _parts(text: str) -> list[_Part] | None:
    """The document in parts; None when the markers do not pair up or a name stands twice."""
    parts: list[_Part] = []
    lines = iter(text.splitlines(keepends=True))
    loose: list[str] = []
    for line in lines:
        opened = _OPEN.match(line)
        if _CLOSE.match(line):
            return None
        if not opened:
            loose.append(line)
            continue
        name, digest = opened[1] or opened[3], opened[2] or opened[4]
        body = _body(name, lines)
        if body is None or any(part.name == name for part in parts):
            return None
        parts += [_Part("", tuple(loose)), _Part(name, (line, *body), digest)]
        loose = []
    return [*parts, _Part("", tuple(loose))]


def _body(name: str, lines: Iterator[str]) -> list[str] | None:
    """The lines up to and with the closing marker; None when another marker or the end comes first."""
    body: list[str] = []
    for line in lines:
        body.append(line)
        if closed := _CLOSE.match(line):
            return body if (closed[1] or closed[2]) == name else None
        if _OPEN.match(line):
            return None
    return None


def _digest(lines: Sequence[str]) -> str:
    """Over the lines without the blanks at their ends, which editors trim."""
    return hashlib.sha256("\n".join(line.rstrip() for line in lines).encode()).hexdigest()[:12]
