"""Secrets that go over several lines: key blocks, the data of Kubernetes secrets, `.netrc`, a name above its value.

A follower looks at the lines behind the one that began it, until it has seen the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from incident.core.redaction import values
from incident.core.redaction.form import VALUE, compiled
from incident.core.redaction.mask import Span

KEY_LINES = 200  # of a key block whose end is missing
OBJECT_LINES = 400  # of a Kubernetes object
NETRC_LINES = 3
KEY_KIND = "private key"
KEY_BEGINS = r"-----BEGIN[ ](?:[A-Z0-9]{1,12}[ ]){0,4}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----"

_KEY_LINE = rf"""^([^`]{{0,200}}?)({KEY_BEGINS})\\?[ \t"']{{0,8}}$"""
_PUTTY = re.compile(r"\s*Private-Lines: (\d{1,2})\s*\Z")
_KEY_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_KEY_HEAD = re.compile(
    r"[\s>+|\"']{0,20}(?:(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset|MessageID): .{0,200})?\Z"
)
_KEY_BODY = re.compile(r"(?:^|(?<=[\s>+|\"']))[A-Za-z0-9+/=]{1,200}+(?=[\"',\\nr]{0,4}\s{0,4}\Z)")
_KEY_WIDTH = 40  # characters of a line of base64 that is not the last one
_ONLY_A_KEY = re.compile(r"[\s>+|\"',\\-]*\Z")

_OBJECT = r"""^([ ]{0,40}(?:-[ ]{1,3})?)["']?
    (?:apiVersion["']?:[ ]{1,3}["']?v1|kind["']?:[ ]{1,3}["']?Secret)["']?,?\s{0,4}$"""
_FIELD = re.compile(r"([ ]{0,80})(?:(-) {1,3})?[\"']?([\w./-]{1,200})[\"']?:(?: {1,3}|\Z)[\"']?([^\"'\s,{]{0,16384}+)")
_PUBLIC = (".crt", ".cer", ".pub", "ca-bundle", "namespace")

_NAME_ABOVE = r"""^([ ]{0,60}(?:-[ ]{1,3})?)["']?(?:name|key|Name|Key|ParameterKey)["']?[ ]{0,3}[:=][ ]{0,3}["']?
    [\w.-]{0,60}(?i:passw(?:or)?d|_pass|_pwd|passphrase|token|secret|(?:api|access|private|secret|encryption|signing)_?key)
    (?:_[A-Z0-9]{1,20})?["']?,?\s{0,4}$"""
_VALUE_BELOW = rf"""^[ ]{{0,80}}["']?(?:value|Value|ParameterValue|default)["']?[ ]{{0,3}}[:=][ ]{{0,3}}{VALUE}"""
_SCALAR = r"""^([ ]{0,60})["']?[\w.-]{0,60}(?i:passw(?:or)?d|passphrase|token|secret|api[_-]?key)["']?
    :[ ]{1,3}[|>][+-]?\s{0,4}$"""
_SCALAR_LINE = re.compile(r" {1,80}(\S.{0,16384}+)\Z")
_MACHINE = re.compile(r"\s{0,20}machine\s{1,4}\S{1,200}(?:\s{1,4}login\s{1,4}\S{1,200})?\s{0,4}\Z")
_NETRC = re.compile(r"\s{0,20}(?:login\s{1,4}\S{1,200}\s{1,4})?password\s{1,4}(\S{1,500}+)\s{0,4}\Z")


class Follower(Protocol):
    """Looks at one line after another."""

    def line(self, line: str) -> list[Span] | None:
        """The secrets of the next line; None when this line and those behind it are none of its business."""
        ...


def begun(line: str) -> list[tuple[list[Span], Follower]]:
    """The followers that a line begins, and what is secret in the line itself."""
    return [found for begins in _BEGINS if (found := begins(line))]


def swallowed(line: str, spans: list[Span]) -> bool:
    """Whether a line is nothing but the inside of a key block, for which its first line stands already."""
    if not any(span.kind == INSIDE for span in spans):
        return False
    rest, place = "", 0
    for span in spans:
        rest, place = rest + line[place : span.start], span.end
    return bool(_ONLY_A_KEY.match(rest + line[place:]))


INSIDE = "-"  # the kind of what has its mask on an earlier line


class _KeyBlock:
    """The lines of a private key, up to its end marker."""

    def __init__(self, lines: int = KEY_LINES) -> None:
        self._left = lines
        self._body = False  # whether base64 was seen
        self._last = False  # whether its last, shorter line was seen

    def line(self, line: str) -> list[Span] | None:
        self._left -= 1
        if self._left < 0:
            return None
        if end := _KEY_END.search(line):
            self._left = 0
            return [Span(end.start(), end.end(), INSIDE)]
        if head := _KEY_HEAD.match(line):
            return None if head[0].strip() and self._body else [Span(0, len(line), INSIDE)]
        body = _KEY_BODY.search(line)
        if body is None or self._last:
            return None
        short = len(body[0]) < _KEY_WIDTH
        if short and not self._body:
            return None
        self._body, self._last = True, short
        return [Span(body.start(), body.end(), INSIDE)]


class _Object:
    """The data of a Kubernetes secret. kubectl writes it in front of the kind: then only base64 counts."""

    def __init__(self, indent: int, sure: bool) -> None:
        self._indent = indent
        self._sure = sure
        self._data = ""  # the name of the map that the lines belong to
        self._left = OBJECT_LINES

    def line(self, line: str) -> list[Span] | None:
        self._left -= 1
        if not line.strip(" },]\t"):
            return []
        field = _FIELD.match(line)
        indent = len(field[1]) if field else len(line) - len(line.lstrip(" "))
        if self._left < 0 or indent < self._indent or (field and field[2] and indent <= self._indent):
            return None
        if field is None:
            return []
        if indent == self._indent:
            self._data = field[3] if field[3] in ("data", "stringData") else ""
            if field[3] == "kind":
                self._sure = field[4] == "Secret"
                return [] if self._sure else None
            return []
        judge = values.certain if self._data == "stringData" and self._sure else values.encoded
        if not self._data or field[3].endswith(_PUBLIC) or not judge(field[4]):
            return []
        return [Span(field.start(4), field.end(4), "secret")]


class _Below:
    """The one line that holds the value for a name in the line above it."""

    def __init__(self, pattern: re.Pattern[str], judge: values.Judge, kind: str, lines: int = 1) -> None:
        self._pattern = pattern
        self._judge = judge
        self._kind = kind
        self._left = lines

    def line(self, line: str) -> list[Span] | None:
        if not line.strip():
            return []
        found = self._pattern.match(line)
        group = next((group for group in range(1, self._pattern.groups + 1) if found and found[group]), 0)
        self._left -= 1
        if found and group:
            return [Span(*found.span(group), self._kind)] if self._judge(found[group]) else None
        return [] if self._left > 0 else None


def _key(line: str) -> tuple[list[Span], Follower] | None:
    if found := compiled(_KEY_LINE).match(line):
        return [Span(found.start(2), found.end(2), KEY_KIND)], _KeyBlock()
    putty = _PUTTY.match(line)
    return ([], _KeyBlock(int(putty[1]))) if putty else None


def _object(line: str) -> tuple[list[Span], Follower] | None:
    found = compiled(_OBJECT).match(line)
    return ([], _Object(len(found[1]), "Secret" in line)) if found else None


def _name(line: str) -> tuple[list[Span], Follower] | None:
    if compiled(_NAME_ABOVE).match(line):
        return [], _Below(compiled(_VALUE_BELOW), values.password, "value")
    return None


def _scalar(line: str) -> tuple[list[Span], Follower] | None:
    if compiled(_SCALAR).match(line):
        return [], _Below(_SCALAR_LINE, values.password, "value")
    return None


def _machine(line: str) -> tuple[list[Span], Follower] | None:
    return ([], _Below(_NETRC, values.certain, "password", NETRC_LINES)) if _MACHINE.match(line) else None


_BEGINS: tuple[Callable[[str], tuple[list[Span], Follower] | None], ...] = (_key, _object, _name, _scalar, _machine)
