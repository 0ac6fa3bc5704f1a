"""A program that prints what changed, one JSON object per line: the way in for whatever has no feed of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

from incident.config import Feed
from incident.core.change import Change, ChangeKind, Outcome
from incident.core.text import one_line
from incident.core.when import from_iso
from incident.errors import SourceError, UsageError
from incident.sources.body import BodyError, from_json
from incident.sources.changes.around import Around
from incident.sources.changes.program import failure, printed

_WORDS_LIMIT = 200  # characters of what is off
_HINT = 'print lines such as {"at": "2026-05-02T03:00:00Z", "version": "9f8e7d6"}'


def make(feed: Feed, around: Around) -> CommandFeed:
    """The feed as it is configured. Raises UsageError."""
    return CommandFeed(feed.command, feed.name, around.patience, feed.service)


class CommandFeed:
    """The changes that a program prints. It runs without a shell, without input, in a session of its own."""

    def __init__(self, argv: Sequence[str], name: str = "", timeout: float = 10.0, service: str = "") -> None:
        """`timeout` is in seconds, for the whole run. Raises UsageError when there is nothing to run."""
        if isinstance(argv, str) or not argv or not argv[0]:
            raise UsageError("a change feed without a program", hint="give the program and its arguments as a list")
        self._argv = tuple(argv)
        self._name = one_line(name) or one_line(PurePath(argv[0]).name)
        self._timeout = timeout
        self._service = service

    @property
    def name(self) -> str:
        """The name on the screen."""
        return self._name

    async def fetch(self) -> tuple[Change, ...]:
        """The changes, in the order printed. Raises SourceError, with the line that is off."""
        ended = await printed(self._argv, self._timeout)
        if ended.exit != 0:
            raise failure(self._argv, f"it ended with exit {ended.exit}{ended.last_words}")
        return parse(ended.out, self._name, self._service)


def parse(told: bytes, source: str, service: str = "") -> tuple[Change, ...]:
    """The changes in a program's output. Raises SourceError with the number of the line that is off.

    `service` is whose they are where a line does not say it.
    """
    changes = []
    for index, line in enumerate(told.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            changes.append(_change(from_json(line), source, service))
        except (BodyError, ValueError, OverflowError) as error:
            raise SourceError(one_line(str(error), _WORDS_LIMIT), at=f"{source}, line {index}", hint=_HINT) from None
    return tuple(changes)


def _change(value: Any, source: str, service: str) -> Change:
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    version = _text(value, "version")
    if not version:
        raise ValueError("it has no `version`")
    return Change(
        at=_time(value, "at"),
        version=version,
        previous=_text(value, "previous"),
        kind=ChangeKind(_one_of(value, "kind", ChangeKind.DEPLOY)),
        service=_text(value, "service") or service,
        by=_text(value, "by"),
        title=_text(value, "title"),
        link=_text(value, "link"),
        source=source,
        began=_time(value, "began") if value.get("began") is not None else None,
        outcome=Outcome(_one_of(value, "outcome", Outcome.DONE)),
    )


def _one_of(value: dict[str, Any], key: str, usual: ChangeKind | Outcome) -> str:
    word, known = _text(value, key) or usual.value, [one.value for one in type(usual)]
    if word not in known:
        raise ValueError(f"`{key}` is {word!r}, not one of {', '.join(known)}")
    return word


def _text(value: dict[str, Any], key: str) -> str:
    """A text, cleaned; a whole number is one too, for a SHA may be all digits."""
    text = value.get(key)
    if text is None:
        return ""
    if not isinstance(text, str | int) or isinstance(text, bool):
        raise ValueError(f"`{key}` is no text")
    return one_line(str(text))


def _time(value: dict[str, Any], key: str) -> datetime:
    text = _text(value, key)
    try:
        return from_iso(text)
    except (ValueError, OverflowError):
        raise ValueError(f"`{key}` is no ISO 8601 time with a zone: {text!r}") from None
