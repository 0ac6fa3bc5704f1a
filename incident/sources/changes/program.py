"""Running a program that only reads: without a shell, without input, in a session of its own, ended with its family."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from incident.core.text import one_line
from incident.errors import SourceError

LIMIT = 4 * 2**20  # bytes of output; some 20,000 changes
_WORDS_LIMIT = 200  # characters of the program's own words


@dataclass(frozen=True, slots=True)
class Printed:
    """What a program printed, and how it ended."""

    out: bytes
    err: bytes
    exit: int

    @property
    def last_words(self) -> str:
        """`: ` and the last line that it complained with, "" for none."""
        lines = self.err.decode("utf-8", "replace").strip().splitlines()
        return f": {one_line(lines[-1], _WORDS_LIMIT)}" if lines else ""


async def printed(
    argv: Sequence[str],
    timeout: float,  # noqa: ASYNC109 - it is part of what is said when it is over
    *,
    directory: str | None = None,
    environment: Mapping[str, str] | None = None,
    limit: int = LIMIT,
) -> Printed:
    """Run it to its end, at most `timeout` seconds. Raises SourceError when it cannot start, hangs, or floods."""
    out, err = await _Pipe.open(), await _Pipe.open()
    try:
        process = await _started(argv, out, err, directory, environment)
        try:
            async with asyncio.timeout(timeout):
                said, complained = await asyncio.gather(out.read(limit), err.read(limit))
                code = await process.wait()
        except TimeoutError:
            raise failure(argv, f"it did not finish within {timeout:g} s") from None
        except _TooMuchError:
            raise failure(argv, f"it printed more than {limit // 2**20} MB") from None
        finally:
            await _ended(process)
    finally:
        out.close()
        err.close()
    return Printed(said, complained, code)


def failure(argv: Sequence[str], what: str, hint: str = "run it by hand and look") -> SourceError:
    """What went wrong with a program."""
    return SourceError(what, at=one_line(" ".join(argv), 200), hint=hint)


async def _started(
    argv: Sequence[str], out: _Pipe, err: _Pipe, directory: str | None, environment: Mapping[str, str] | None
) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            *argv, stdin=DEVNULL, stdout=out.inlet, stderr=err.inlet, start_new_session=True,
            cwd=directory, env=environment,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its arguments cannot be passed on"
        raise failure(argv, f"it cannot be started: {reason}") from error
    finally:
        out.close_inlet()
        err.close_inlet()


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
