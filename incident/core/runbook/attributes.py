"""What an author adds to a code block or a step. Every attribute can only make a command safer, never less so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from incident.core.runbook.model import Attributes
from incident.core.text import one_line

KEYS = ("run", "confirm", "interactive", "background", "cwd", "name", "timeout", "undo", "verify", "check")
_SWITCHES = frozenset({"run", "confirm", "interactive", "background"})
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_NAME = re.compile(r"[A-Za-z0-9][\w.:-]{0,99}\Z")
_TOKEN = re.compile(
    r"""(?P<key>[A-Za-z_][\w.-]*)
    (?:\s*[=:]\s*(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>[^\s,{}"']+)))?
    (?=[\s,]|\Z)""",
    re.VERBOSE,
)
_BETWEEN = re.compile(r"[\s,]*")
MAX_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Written:
    """Attributes as they were read, and in words what was odd about them."""

    attributes: Attributes
    odd: tuple[str, ...] = ()


def of_fence(info: str) -> Written:
    """The attributes behind a fence's language: `{ name=drain confirm }`, JSON, or bare words."""
    language, _, behind = info.strip().partition(" ")
    if "{" in language:  # ```sh{run=false}
        language, brace, rest = language.partition("{")
        behind = f"{brace}{rest} {behind}"
    behind = behind.strip()
    if not behind or not language:
        return Written(Attributes())
    if behind.startswith("{"):
        return _braced(behind)
    written = _pairs(behind)
    # Other tools have words of their own here; what is no word of ours, nor nearly one, is theirs.
    if isinstance(written, str):
        ours = any(re.search(rf"\b{key}\b", behind) for key in KEYS)
        return _malformed(written) if ours else Written(Attributes())
    theirs = not any(key in KEYS or get_close_matches(key.lower(), KEYS, 1, 0.8) for key, _ in written)
    return Written(Attributes()) if theirs else _made(written)


def of_comment(text: str) -> Written:
    """The attributes of a step, from the words behind `incident:` in a comment."""
    text = text.strip()
    if text.startswith("{"):
        return _braced(text)
    written = _pairs(text)
    return _malformed(written) if isinstance(written, str) else _made(written)


def stricter(one: Attributes, other: Attributes) -> Attributes:
    """Both together: whatever either of them forbids or asks for."""
    return Attributes(
        run=one.run and other.run,
        confirm=max(one.confirm, other.confirm, key=("", "yes", "production").index),
        interactive=one.interactive or other.interactive,
        background=one.background or other.background,
        cwd=other.cwd or one.cwd,
        name=other.name or one.name,
        timeout=min((t for t in (one.timeout, other.timeout) if t is not None), default=None),
        undo=other.undo or one.undo,
        verify=other.verify or one.verify,
        check=other.check or one.check,
    )


def _braced(text: str) -> Written:
    """The JSON form, or pairs between braces."""
    if len(text) > MAX_CHARACTERS:
        return _malformed(f"they have {len(text):,} characters")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict):
        return _made([(str(key), _spelled(value)) for key, value in data.items()])
    if not text.endswith("}"):
        return _malformed("the brace stays open")
    if re.match(r"\{\s*\"", text):
        return _malformed("this is not valid JSON")
    written = _pairs(text[1:-1])
    return _malformed(written) if isinstance(written, str) else _made(written)


def _spelled(value: object) -> str | None:
    """A JSON value as the pairs would write it; None where no pair could."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _pairs(text: str) -> list[tuple[str, str | None]] | str:
    """The words and key=value pairs of a text, or what is wrong with it. A word alone stands for true."""
    if len(text) > MAX_CHARACTERS:
        return f"they have {len(text):,} characters"
    pairs: list[tuple[str, str | None]] = []
    at = _BETWEEN.match(text).end()  # type: ignore[union-attr]  # it matches nothing at least
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return f"`{one_line(text[at : at + 30], 30)}` is not `key=value`"
        value = token["double"]
        if value is not None:
            value = re.sub(r"\\(.)", r"\1", value)
        else:
            value = next((found for found in (token["single"], token["bare"]) if found is not None), "true")
        pairs.append((token["key"], value))
        at = _BETWEEN.match(text, token.end()).end()  # type: ignore[union-attr]  # as above
    return pairs


def _malformed(why: str) -> Written:
    return Written(Attributes(confirm="yes"), (f"its attributes cannot be read: {why}",))


def _made(pairs: Iterable[tuple[str, str | None]]) -> Written:
    attributes = Attributes()
    odd: list[str] = []
    seen: set[str] = set()
    for key, value in pairs:
        if key not in KEYS:
            near = get_close_matches(key.lower(), KEYS, 1, 0.6)
            odd.append(
                f"the attribute `{one_line(key, 60)}` is not known" + (f"; did you mean `{near[0]}`?" if near else "")
            )
            if near:  # a misspelt `confirm` must not let the command through
                attributes = stricter(attributes, Attributes(confirm="yes"))
            continue
        one = _one(key, value) if key not in seen else None
        seen.add(key)
        if one is None:
            shown = "" if value is None else f"={one_line(value, 60)}"
            odd.append(f"the attribute `{key}{shown}` cannot be read")
        attributes = stricter(attributes, one or Attributes(confirm="yes"))
    return Written(attributes, tuple(odd))


def _one(key: str, value: str | None) -> Attributes | None:
    """What one pair says; None when it cannot be read."""
    if value is None or not value.strip():
        return None
    if key in _SWITCHES:
        return _switch(key, value.lower())
    if key == "timeout":
        found = _DURATION.match(value)
        return Attributes(timeout=int(found[1]) * _SECONDS[found[2]]) if found and int(found[1]) else None
    if key == "cwd":
        return Attributes(cwd=value) if one_line(value, 1_000) == value else None
    return _named(key, value) if _NAME.match(value) else None


def _named(key: str, value: str) -> Attributes:
    if key == "name":
        return Attributes(name=value)
    if key == "check":
        return Attributes(check=value)
    return Attributes(undo=value) if key == "undo" else Attributes(verify=value)


def _switch(key: str, value: str) -> Attributes | None:
    if key == "confirm" and value == "production":
        return Attributes(confirm="production")
    if value not in _YES | _NO:
        return None
    if key == "run":
        return Attributes(run=value in _YES)
    if value in _NO:
        return Attributes()
    if key == "confirm":
        return Attributes(confirm="yes")
    return Attributes(interactive=key == "interactive", background=key == "background")


def dangling(attributes: Attributes, numbers: Sequence[str], names: Sequence[str]) -> str:
    """The first step or name that `undo` or `verify` points to and that is not there; "" when all are."""
    known = {*numbers, *names}
    return next((word for word in (attributes.undo, attributes.verify) if word and word not in known), "")
