"""A real HTTP server in the test's own loop, as well-behaved or as hostile as a test needs it, and a real clock."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit


class WallClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Heard:
    """One request as it arrived."""

    target: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def params(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.target).query).items()}


Reply = Callable[[Heard, asyncio.StreamWriter], Awaitable[None]]


def raw(data: bytes) -> Reply:
    """These bytes, then the end."""

    async def reply(_: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return reply


def body(content: bytes, *, status: str = "200 OK", **headers: str) -> Reply:
    """A proper answer with this body; the connection stays."""

    async def reply(_: Heard, writer: asyncio.StreamWriter) -> None:
        named = {"content_type": "application/json", "content_length": str(len(content)), **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
        writer.write("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + content)
        await writer.drain()

    return reply


def value(data: Any) -> Reply:
    """A proper answer in JSON."""
    return body(json.dumps(data).encode())


def routes(by_path: dict[str, Reply]) -> Reply:
    """One reply per path, 404 for the rest."""

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        await by_path.get(heard.path, body(b"404 page not found\n", status="404 Not Found"))(heard, writer)

    return reply


async def silence(_: Heard, __: asyncio.StreamWriter) -> None:
    """Take the request and never answer."""
    await asyncio.Event().wait()


@dataclass
class Listener:
    """`async with Listener(reply) as server`: listens on a free loopback port and remembers what it heard."""

    reply: Reply
    tls: ssl.SSLContext | None = None
    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Listener:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; on the same port as before, if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        if self._server is None:
            return
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                heard = Heard(head[0].split(" ")[1], headers)
                self.heard.append(heard)
                await self.reply(heard, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
