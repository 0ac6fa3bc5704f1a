"""A program that prints what changed, one JSON object per line: the way in for whatever has no feed of its own."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import PurePath
from typing import Any

from incident.core.change import Change, ChangeKind
from incident.core.text import one_line
from incident.core.when import from_iso
from incident.errors import SourceError, UsageError
from incident.sources.body import BodyError, from_json

_OUTPUT_LIMIT = 4 * 2**20  # bytes; some 20,000 changes
_WORDS_LIMIT = 200  # characters of the program's own words
_HINT = 'print lines such as {"at": "2026-05-02T03:00:00Z", "version": "9f8e7d6"}'


class CommandFeed:
    """The changes that a program prints. It runs without a shell, without input, in a session of its own."""

    def __init__(self, argv: Sequence[str], name: str = "", timeout: float = 10.0) -> None:
        """`timeout` is in seconds, for the whole run. Raises UsageError when there is nothing to run."""
        if isinstance(argv, str) or not argv or not argv[0]:
            raise UsageError("a change feed without a program", hint="give the program and its arguments as a list")
        self._argv = tuple(argv)
        self._name = one_line(name) or one_line(PurePath(argv[0]).name)
        self._timeout = timeout

    @property
    def name(self) -> str:
        """The name on the screen."""
        return self._name

    async def fetch(self) -> tuple[Change, ...]:
        """The changes, in the order printed. Raises SourceError, with the line that is off."""
        return parse(await self._printed(), self._name)

    async def _printed(self) -> bytes:
        out, err = await _Pipe.open(), await _Pipe.open()
        try:
            process = await self._started(out, err)
            try:
                async with asyncio.timeout(self._timeout):
                    printed, said = await asyncio.gather(out.read(_OUTPUT_LIMIT), err.read(_OUTPUT_LIMIT))
                    code = await process.wait()
            except TimeoutError:
                raise self._error(f"it did not finish within {self._timeout:g} s") from None
            except _TooMuchError:
                raise self._error(f"it printed more than {_OUTPUT_LIMIT // 2**20} MB") from None
            finally:
                await _ended(process)
        finally:
            out.close()
            err.close()
        if code != 0:
            raise self._error(f"it ended with exit {code}{_last_words(said)}")
        return printed

    async def _started(self, out: _Pipe, err: _Pipe) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._argv, stdin=DEVNULL, stdout=out.inlet, stderr=err.inlet, start_new_session=True
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "its arguments cannot be passed on"
            raise self._error(f"it cannot be started: {reason}") from error
        finally:
            out.close_inlet()
            err.close_inlet()

    def _error(self, what: str) -> SourceError:
        return SourceError(what, at=one_line(" ".join(self._argv), 200), hint="run it by hand and look")


class _TooMuchError(Exception):
    """More output than agreed."""


class _Pipe:
    """A pipe of our own. asyncio's would wait for whoever inherited it, even after the program was killed."""

    def __init__(self, reader: asyncio.StreamReader, transport: asyncio.ReadTransport, inlet: int) -> None:
        self._reader = reader
        self._transport = transport
        self.inlet = inlet
        self._inlet_open = True

    @classmethod
    async def open(cls) -> _Pipe:
        outlet, inlet = os.pipe()
        reader = asyncio.StreamReader()
        file = os.fdopen(outlet, "rb", 0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), file
        )
        return cls(reader, transport, inlet)

    async def read(self, limit: int) -> bytes:
        """Everything up to the end. Raises _TooMuchError."""
        collected = bytearray()
        while piece := await self._reader.read(65_536):
            collected += piece
            if len(collected) > limit:
                raise _TooMuchError
        return bytes(collected)

    def close_inlet(self) -> None:
        if self._inlet_open:
            self._inlet_open = False
            os.close(self.inlet)

    def close(self) -> None:
        self.close_inlet()
        self._transport.close()


async def _ended(process: Process) -> None:
    """Leave nothing of it behind. It only reads, so nothing is lost by killing it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def parse(printed: bytes, source: str) -> tuple[Change, ...]:
    """The changes in a program's output. Raises SourceError with the number of the line that is off."""
    changes = []
    for index, line in enumerate(printed.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            changes.append(_change(from_json(line), source))
        except (BodyError, ValueError, OverflowError) as error:
            raise SourceError(one_line(str(error), _WORDS_LIMIT), at=f"{source}, line {index}", hint=_HINT) from None
    return tuple(changes)


def _change(value: Any, source: str) -> Change:
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    version = _text(value, "version")
    if not version:
        raise ValueError("it has no `version`")
    kind = _text(value, "kind") or ChangeKind.DEPLOY.value
    if kind not in {one.value for one in ChangeKind}:
        raise ValueError(f"`kind` is {kind!r}, not one of {', '.join(ChangeKind)}")
    return Change(
        at=_time(value),
        version=version,
        previous=_text(value, "previous"),
        kind=ChangeKind(kind),
        service=_text(value, "service"),
        by=_text(value, "by"),
        title=_text(value, "title"),
        link=_text(value, "link"),
        source=source,
    )


def _text(value: dict[str, Any], key: str) -> str:
    """A text, cleaned; a whole number is one too, for a SHA may be all digits."""
    text = value.get(key)
    if text is None:
        return ""
    if not isinstance(text, str | int) or isinstance(text, bool):
        raise ValueError(f"`{key}` is no text")
    return one_line(str(text))


def _time(value: dict[str, Any]) -> datetime:
    text = _text(value, "at")
    try:
        return from_iso(text)
    except (ValueError, OverflowError):
        raise ValueError(f"`at` is no ISO 8601 time with a zone: {text!r}") from None


def _last_words(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return f": {one_line(lines[-1], _WORDS_LIMIT)}" if lines else ""
