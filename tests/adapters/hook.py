"""A real webhook on loopback: remembers every message, and answers, drops, delays or redirects as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
SECRET = "/services/T0001/B0001/q7Jz5canary9Xw"


def says(status: str, body: bytes, *more: str) -> Answer:
    """One proper answer, and the connection stays."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        head = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *more, "", ""]
        writer.write("\r\n".join(head).encode() + body)
        await writer.drain()

    return answer


def raw(data: bytes) -> Answer:
    """These bytes, then the end."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return answer


async def silence(_: asyncio.StreamWriter) -> None:
    """Take the message and never answer."""
    await asyncio.Event().wait()


OK = says("200 OK", b"ok")


@dataclass
class Hook:
    """`async with Hook(answer) as hook`: `hook.url` is the whole address, the secret included."""

    answer: Answer = OK
    before: Callable[[], None] = lambda: None  # called when a message is there, before it is answered
    bodies: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{SECRET}"

    async def __aenter__(self) -> Hook:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next((line for line in head.lower().split("\r\n") if line.startswith("content-length:")), ":0")
                self.heads.append(head)
                self.bodies.append((await reader.readexactly(int(length.partition(":")[2]))).decode())
                self.before()
                await self.answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
