"""The header between `---` (YAML) or `+++` (TOML) lines: title, owner, alerts, inputs and review dates."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from incident.core.runbook.model import Input
from incident.core.text import one_line
from incident.errors import IncidentError

MAX_LINES = 200
_MAX_CHARACTERS = 16_384
_MAX_PATTERN = 200
_REPEATS_TWICE = re.compile(r"[*+}]\)?[^()]{0,20}\)[*+{]")
_EVERY = re.compile(r"(\d{1,4}) ?([dwy])(?:ays?|eeks?|ears?)?\Z", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "y": 365}
_TITLE = re.compile(r"title\s*[:=]\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Front:
    """What a front matter says; empty when there is none."""

    lines: int = 0  # lines it takes, both marks included
    title: str = ""
    owner: str = ""
    alerts: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    requires: tuple[str, ...] = ()  # programs
    reviewed: date | None = None
    review_every: int | None = None  # days


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
    odd: list[str] = []
    return Front(
        lines=end + 1,
        title=_word(data.get("title")),
        owner=_word(data.get("owner") or data.get("owner_slack")),
        alerts=_words(data.get("alerts")),
        inputs=_inputs(data.get("inputs"), odd),
        requires=_tools(data.get("requires"), odd),
        reviewed=_day(data.get("reviewed"), odd),
        review_every=_days(data.get("review_every"), odd),
        notices=tuple(f"front matter: {what}" for what in odd),
    )


def _inputs(value: object, odd: list[str]) -> tuple[Input, ...]:
    if value is None:
        return ()
    if not isinstance(value, dict):
        odd.append("`inputs` is not `name: {pattern: ..., from: ..., help: ...}`")
        return ()
    return tuple(_input(one_line(str(name), 100), declared, odd) for name, declared in list(value.items())[:100])


def _input(name: str, declared: object, odd: list[str]) -> Input:
    """An input; one whose pattern cannot be used falls back to the default charset, which allows less."""
    if not isinstance(declared, dict):
        odd.append(f"the input `{name}` is not `{{pattern: ..., from: ..., help: ...}}`")
        return Input(name)
    strange = [one_line(str(key), 60) for key in declared if key not in ("pattern", "from", "help")]
    odd += [f"the input `{name}` has a key `{key}`, which is not known" for key in strange]
    pattern = declared.get("pattern", "")
    if not isinstance(pattern, str) or len(pattern) > _MAX_PATTERN or not _compiles(pattern):
        odd.append(
            f"the pattern of the input `{name}` is not a regular expression of at most {_MAX_PATTERN} characters"
        )
        pattern = ""
    return Input(name, pattern, _word(declared.get("from")), _word(declared.get("help")))


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    # A repeated group that itself repeats can take for ever on a value that nearly fits.
    return not _REPEATS_TWICE.search(pattern)


def _tools(value: object, odd: list[str]) -> tuple[str, ...]:
    if value is None:
        return ()
    tools = value.get("tools") if isinstance(value, dict) else value
    if not isinstance(tools, list) or not all(isinstance(tool, str) for tool in tools):
        odd.append("`requires` is not `{tools: [name, ...]}`")
        return ()
    return _words(tools)


def _day(value: object, odd: list[str]) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(_word(value)[:10])
    except ValueError:
        odd.append(f"`reviewed: {_word(value)[:60]}` is not a day such as 2026-05-02")
        return None


def _days(value: object, odd: list[str]) -> int | None:
    if value is None:
        return None
    found = _EVERY.match(_word(value))
    if found is None or not int(found[1]):
        odd.append(f"`review_every: {_word(value)[:60]}` is not a span such as 90d, 12w or 1y")
        return None
    return int(found[1]) * _DAYS[found[2].lower()]


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
