"""Foreign text as Markdown that is only ever text: no link, no HTML, no heading, no table cell comes out of it."""

from __future__ import annotations

import re

from incident.core.postmortem.model import Words
from incident.core.text import one_line, visible

# Anywhere in a line these begin or end something. An underscore between letters does not.
_ACTIVE = re.compile(r"[\\`*\[\]<|~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|(?:(?<=\s)|\A)#")
_AFTER_NUMBER = re.compile(r"\A(\d{1,9})([.)])(?=\s|\Z)")
# Addresses that some readers turn into links by themselves; inside a code span none does.
_ADDRESSES = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,30}://|\bwww\.|\bmailto:)\S+|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]+", re.IGNORECASE
)


def text(foreign: str, *, cell: bool = False) -> str:
    """One line of prose; addresses become code. `cell` is for a table, where a pipe means more."""
    line = one_line(foreign)
    shown: list[str] = []
    end = 0
    for hit in _ADDRESSES.finditer(line):
        shown += [_escaped(line[end : hit.start()], first=end == 0), code(hit[0], cell=cell)]
        end = hit.end()
    shown.append(_escaped(line[end:], first=end == 0))
    return "".join(shown)


def _escaped(part: str, *, first: bool) -> str:
    safe = _ACTIVE.sub(lambda hit: "\\" + hit[0], part)
    if not first:
        return safe
    safe = _AFTER_NUMBER.sub(r"\1\\\2", safe)
    return "\\" + safe if safe[:1] in {"-", "+", ">", "="} else safe


def code(foreign: str, *, cell: bool = False) -> str:
    """A code span on one line, with every character as it is; what cannot be seen is spelled out. "" for nothing."""
    line = visible(" ".join(foreign.split()))
    if not line:
        return ""
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    span = f"{fence}{pad}{line}{pad}{fence}"
    return span.replace("|", "\\|") if cell else span


def fence(foreign: str, language: str, indent: str = "") -> list[str]:
    """A code block of several lines, each behind `indent`; nothing in it can end it."""
    body = visible(foreign)
    marks = "`" * max(3, _longest_run(body) + 1)
    return [f"{indent}{line}".rstrip() for line in (f"{marks}{language}", *body.split("\n"), marks)]


def words(pieces: Words, *, cell: bool = False) -> str:
    """Prose and code side by side."""
    return "".join(code(p.text, cell=cell) if p.code else _between(p.text, cell=cell) for p in pieces)


def _between(foreign: str, *, cell: bool) -> str:
    """Prose next to code keeps the blanks at its ends."""
    lead = " " if foreign[:1].isspace() else ""
    trail = " " if foreign[-1:].isspace() and foreign.strip() else ""
    return f"{lead}{text(foreign, cell=cell)}{trail}"


def _longest_run(line: str) -> int:
    return max((len(run) for run in re.findall("`+", line)), default=0)
