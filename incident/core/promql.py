"""PromQL as text: its tokens, its quotes, a label's value put in without becoming anything else, shorter windows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from incident.errors import UsageError

LONGEST = 10_000  # characters; a longer expression is shown whole, not taken apart

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)
    | (?P<compare>==|!=|>=|<=|>(?!=)|<(?!=))
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<word>[A-Za-z_:][A-Za-z0-9_:.]*)
    | (?P<number>\d[\w.]*(?:(?<=[eE])[-+]\d+)?)
    | (?P<arithmetic>[-+*/%^])
    | (?P<unfinished>["'`])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_PLACE = re.compile(r"\$labels\.([A-Za-z_][A-Za-z0-9_]*)|\$(service)\b")
_MATCHER = re.compile(r"[{,]\s*[A-Za-z_][A-Za-z0-9_]*\s*(=~|!~|!=|=)\s*\Z")
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+\Z")
_PART = re.compile(r"(\d+)(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_HINT = 'write it in a matcher, such as {job="$labels.job"}'


class Token(NamedTuple):
    """A piece of an expression, and how many brackets are open around it."""

    kind: str
    text: str
    start: int
    depth: int


def scan(text: str) -> Iterator[re.Match[str]]:
    """The pieces of an expression as they come, white space among them; `lastgroup` names the kind."""
    return _TOKEN.finditer(text)


def tokens(text: str) -> list[Token]:
    """The tokens with how deep in brackets they are; none at all when the brackets or quotes do not match."""
    if len(text) > LONGEST:
        return []
    found: list[Token] = []
    opened: list[str] = []
    for one in _TOKEN.finditer(text):
        kind = one.lastgroup or ""
        if kind == "unfinished":
            return []
        if kind == "close" and (not opened or opened.pop() != _PAIRS[one[0]]):
            return []
        if not one[0].isspace():
            found.append(Token(kind, one[0], one.start(), len(opened)))
        if kind == "open":
            opened.append(one[0])
    return [] if opened else found


def quoted(value: str) -> str:
    """A text as a string literal."""
    return json.dumps(value, ensure_ascii=False)


def literal(value: str) -> str:
    """A text as a regular expression that matches this text and nothing else."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", value)


def places(template: str) -> frozenset[str]:
    """The labels that a query with `$labels.NAME` or `$service` needs. Raises UsageError where one may not stand."""
    return frozenset(name for _, _, name in _gaps(template))


def filled(template: str, values: Mapping[str, str]) -> str:
    """The query with its labels' values put in: each stays inside its matcher. Raises UsageError for a missing one."""
    text, last = "", 0
    for start, end, name in _gaps(template):
        if not values.get(name):
            raise UsageError(f"the alert has no label {name}")
        quote, value = _literal_at(template, start)
        inside = literal(values[name]) if value.endswith("~") else values[name]
        text += template[last:start] + _escaped(inside, quote)
        last = end
    return text + template[last:]


def sharpened(query: str, seconds: float) -> str:
    """The query with its ranges cut to so many seconds where they are longer; a subquery stays as it is."""
    found = tokens(query)
    text, last = "", 0
    for before, one, after in zip(found, found[1:], found[2:], strict=False):
        alone = before.text == "[" and after.text == "]"
        if alone and _DURATION.match(one.text) and seconds_of(one.text) > seconds:
            text += f"{query[last : one.start]}{max(1, round(seconds))}s"
            last = one.start + len(one.text)
    return text + query[last:]


def seconds_of(duration: str) -> float:
    """`1h30m` in seconds."""
    return sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(duration))


def _gaps(template: str) -> Iterator[tuple[int, int, str]]:
    """Where a label's value goes, and which. Raises UsageError where it could become something else than a value."""
    if template and not tokens(template):
        raise UsageError("its brackets or quotes do not match, or it is too long")
    for place in _PLACE.finditer(template):
        quote, operator = _literal_at(template, place.start())
        if not operator:
            raise UsageError(f"{place[0]} stands where no label's value can stand", hint=_HINT)
        if quote == "`":
            raise UsageError(f"{place[0]} stands in raw quotes, in which nothing can be escaped", hint=_HINT)
        yield place.start(), place.end(), place[1] or place[2]


def _literal_at(template: str, position: int) -> tuple[str, str]:
    """The quote of the literal around a position, and the operator of the matcher that it belongs to, or "" ."""
    for one in _TOKEN.finditer(template):
        if one.lastgroup == "string" and one.start() < position < one.end():
            before = _MATCHER.search(template[: one.start()])
            return one[0][0], before[1] if before else ""
    return "", ""


def _escaped(value: str, quote: str) -> str:
    """A value as it stands between such quotes."""
    inside = quoted(value)[1:-1]
    return inside if quote == '"' else inside.replace('\\"', '"').replace("'", "\\'")
