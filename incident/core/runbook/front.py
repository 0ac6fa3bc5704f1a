"""The header between `---` (YAML) or `+++` (TOML) lines: title, owner and the alerts the runbook is for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from incident.core.text import one_line
from incident.errors import IncidentError

MAX_LINES = 200
_MAX_CHARACTERS = 16_384
_TITLE = re.compile(r"title\s*[:=]\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Front:
    """What a front matter says; empty when there is none."""

    lines: int = 0  # lines it takes, both marks included
    title: str = ""
    owner: str = ""
    alerts: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def front_matter(lines: Sequence[str]) -> Front:
    """Read the front matter at the top of these lines; never raises."""
    mark = lines[0].rstrip() if lines else ""
    if mark not in ("---", "+++"):
        return Front()
    end = next((i for i, line in enumerate(lines[1:MAX_LINES], 1) if line.rstrip() == mark), 0)
    body = lines[1:end]
    if not end or (mark == "---" and not any(":" in line for line in body)):
        return Front()
    try:
        data = _data("\n".join(body), mark)
    except (IncidentError, ValueError, RecursionError) as broken:
        what = broken.what if isinstance(broken, IncidentError) else str(broken)
        where = f" ({broken.at})" if isinstance(broken, IncidentError) and broken.at else ""
        notice = f"the front matter could not be read{where}: {one_line(what, 200)}"
        return Front(lines=end + 1, title=_title_alone(body), notices=(notice,))
    return Front(
        lines=end + 1,
        title=_word(data.get("title")),
        owner=_word(data.get("owner") or data.get("owner_slack")),
        alerts=_words(data.get("alerts")),
    )


def _data(text: str, mark: str) -> Mapping[str, Any]:
    if len(text) > _MAX_CHARACTERS:
        raise ValueError(f"it has {len(text):,} characters")
    if mark == "+++":
        return tomllib.loads(text)
    from incident.core.strict_yaml import load  # yaml costs 60 ms that most commands need not pay

    # The blank line in front stands for the `---` line, so that a line number in an error is the file's.
    data = load("\n" + text, "line").data
    return data if isinstance(data, dict) else {}


def _title_alone(body: Sequence[str]) -> str:
    """The title of a front matter that is otherwise broken."""
    found = next((match for line in body if (match := _TITLE.match(line))), None)
    return one_line(found[1].strip().strip("\"'")) if found else ""


def _word(value: object) -> str:
    return one_line(str(value), 500) if isinstance(value, str | int | float) else ""


def _words(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(word for item in listed[:1000] if (word := _word(item)))
