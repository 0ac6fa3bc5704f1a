"""A command under a supervisor, as a console sees it; and one that has ended already."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from incident.core.ports import Batch, Ending
from incident.errors import RunError
from incident.runner import result, wire
from incident.runner.channel import Channel
from incident.runner.following import Following
from incident.runner.layout import Layout
from incident.runner.lines import shown
from incident.runner.lost import lost

Words = Sequence[tuple[str, str]]


class LocalRunning:
    """A command that is running here. `process` is its number; `heard` is what its supervisor said first."""

    def __init__(self, run: str, output: str, channel: Channel, heard: Words) -> None:
        self.process = 0
        self._run = run
        self._output = output
        self._channel = channel
        self._following = Following(output)
        self._size = 0
        self._saved = 0
        self._unfinished = ""
        self._trouble = ""
        self._said = ""  # about the output, behind what was read of it
        self._rung: tuple[str, str, float] = ("", "", 0.0)  # name, the next one, when that is due
        self._survivors: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._variables: dict[str, str] = {}
        self._result: result.Result | None = None
        self._news = asyncio.Event()
        self._drained = False
        self._take_in(heard)
        self._listening = asyncio.create_task(self._listen())
        self._listening.add_done_callback(lambda _: self._close())

    @property
    def rung(self) -> str:
        """Where on the stop ladder it is, such as `INT sent, TERM in 5 s`; "" when nobody stops it."""
        name, following, due = self._rung
        if not name or self._result is not None:
            return ""
        if not following:
            return f"{name} sent"
        return f"{name} sent, {following} in {max(0, math.ceil(due - time.monotonic()))} s"

    async def batches(self) -> AsyncIterator[Batch]:
        """Its output as it comes; ends when the process has ended and all output was handed on. For one reader."""
        told = (0, "")
        while True:
            await self._news.wait()
            self._news.clear()
            drained, lines = self._drained, self._following.lines
            if lines or (self._size, self._unfinished) != told:
                told = (self._size, self._unfinished)
                yield Batch(lines.take(), *told)
            if drained:
                return

    async def wait(self) -> Ending:
        """Its end; when it is being stopped, after all it started was stopped too. Raises RunError when it was lost."""
        return await asyncio.shield(self._listening)

    async def stop(self) -> None:
        """Climb the stop ladder; returns when the process and all it started have ended.

        Raises RunError with the processes that could not be stopped.
        """
        if self._survivors.done():
            self._survivors = asyncio.get_running_loop().create_future()
        given_up = self._survivors
        await self._channel.say(wire.line("stop"))
        either: list[asyncio.Future[Any]] = [self._listening, given_up]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if given_up.done():
            left = ", ".join(f"process {pid}" for pid in given_up.result().split())
            raise RunError("some processes could not be stopped", at=left, hint="see `ps`")

    async def leave(self) -> None:
        """Let it go on after this console, even if its order did not say so."""
        await self._channel.say(wire.line("leave"))

    async def _listen(self) -> Ending:
        try:
            await self._catch_up()
            while self._result is None:
                words = await self._channel.hear()
                if not words:
                    return await self._without_a_supervisor()
                self._take_in(words)
                await self._catch_up()
            return ending_of(self._result, self._variables)
        finally:
            self._following.lines.end()
            self._unfinished = ""
            self._drained = True
            self._news.set()

    async def _without_a_supervisor(self) -> Ending:
        """It may have written down the end before it was gone. Raises RunError."""
        known = await asyncio.to_thread(result.read, self._output)
        if not isinstance(known, result.Result):
            raise await lost(self._run, self._output)
        self._ended(known)
        await self._catch_up()
        return ending_of(known, self._variables)

    def _take_in(self, words: Words) -> None:
        for word, rest in words:
            match word:
                case "started":
                    process, head, part = (int(number) for number in rest.split())
                    self.process = process
                    if self._result is None:
                        self._following.layout = Layout(head, part)
                case "size":
                    self._size, self._saved = (int(number) for number in rest.split())
                case "unfinished":
                    self._unfinished = shown(rest)
                case "trouble" if rest != self._trouble:
                    self._trouble = rest
                    self._said = f"\n(the output cannot be saved: {rest})\n"
                case "rung":
                    name, patience, following = rest.split(" ")
                    self._rung = (name, following, time.monotonic() + float(patience))
                case "survivors":
                    self._rung = ("", "", 0.0)
                    if not self._survivors.done():
                        self._survivors.set_result(rest)
                case "variables":
                    self._variables = dict(json.loads(rest))
                case "ended":
                    known = result.parse(rest)
                    if isinstance(known, result.Result):
                        self._ended(known)

    def _ended(self, known: result.Result) -> None:
        self._result = known
        self._following.layout = known.layout
        self._size, self._saved = known.size, known.saved

    async def _catch_up(self) -> None:
        await self._following.catch_up(self._saved)
        if self._said:
            self._following.lines.feed(self._said.encode())
            self._said = ""
        self._news.set()

    def _close(self) -> None:
        self._channel.close()
        self._following.close()


class EndedRun:
    """A run of the past."""

    rung = ""

    def __init__(self, output: str, known: result.Result) -> None:
        self._output = output
        self._known = known

    async def batches(self) -> AsyncIterator[Batch]:
        """Its output as far as it is kept."""
        following = Following(self._output)
        following.layout = self._known.layout
        try:
            await following.catch_up(self._known.saved)
        finally:
            following.close()
        following.lines.end()
        yield Batch(following.lines.take(), self._known.size)

    async def wait(self) -> Ending:
        """Its end. What it set is not known any more."""
        return ending_of(self._known, {})

    async def stop(self) -> None:
        """It has ended."""

    async def leave(self) -> None:
        """It has ended."""


def ending_of(known: result.Result, variables: Mapping[str, str]) -> Ending:
    """The end as the engine knows it."""
    return Ending(
        exit=known.exit,
        seconds=known.seconds,
        size=known.size,
        head=known.head,
        tail=known.tail,
        stopped=known.stopped,
        left=known.left,
        dropped=known.dropped,
        variables=variables,
    )
