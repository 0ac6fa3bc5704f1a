"""The body of an answer: bounded while it is unpacked, and JSON without its traps."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx

_PIECE = 262_144  # bytes unpacked at a time; a few kilobytes of a gzip bomb unpack to many megabytes
_THREAD_FROM = 131_072  # bytes; decoding less than this is over before a screen would notice


class BodyError(Exception):
    """A body that cannot be used; the message says why, in plain words."""


class TooLargeError(BodyError):
    """A body longer than agreed."""


async def whole(response: httpx.Response, limit: int) -> bytes:
    """The unpacked body. Raises BodyError, TooLargeError above `limit` bytes, and what httpx raises."""
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise TooLargeError(f"its answer is larger than {_size(limit)}")
    body = bytearray()
    async for piece in _unpacked(response):
        body += piece
        if len(body) > limit:
            raise TooLargeError(f"its answer is larger than {_size(limit)}")
    return bytes(body)


async def beginning(response: httpx.Response, size: int) -> bytes:
    """The first `size` bytes of the unpacked body, or what there is of it."""
    body = bytearray()
    try:
        async for piece in _unpacked(response):
            body += piece
            if len(body) >= size:
                break
    except BodyError:
        pass  # it only explains an error that is known already
    return bytes(body[:size])


async def _unpacked(response: httpx.Response) -> AsyncIterator[bytes]:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        async for piece in response.aiter_raw():
            yield piece
        return
    if encoding not in ("gzip", "x-gzip"):
        raise BodyError("its answer is packed in a way that was not asked for")
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        async for piece in response.aiter_raw():
            left = piece
            while left:
                yield unpack.decompress(left, _PIECE)
                left = unpack.unconsumed_tail
                await asyncio.sleep(0)  # unpacking needs no network, and must not hold up the screen
        yield unpack.flush()
    except zlib.error:
        raise BodyError("its answer is no proper gzip") from None
    if not unpack.eof:
        raise BodyError("its answer ends too early")


async def decoded(body: bytes) -> Any:
    """The JSON value of a body. Raises BodyError."""
    if len(body) < _THREAD_FROM:
        return from_json(body)
    return await asyncio.to_thread(from_json, body)


def from_json(body: bytes) -> Any:
    """JSON as the standard has it: no NaN, no key twice, no endless nesting. Raises BodyError."""
    text = body.decode("utf-8-sig", "replace")  # one odd byte must not hide every alert
    if text[:64].lstrip()[:1] == "<":
        raise BodyError("it answered with a web page instead of JSON")
    if not text.strip():
        raise BodyError("its answer is empty")
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)
    except RecursionError:
        raise BodyError("its JSON is nested too deeply") from None
    except ValueError as error:
        raise BodyError(f"its JSON is broken: {_short(str(error))}") from None


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("the same key is there twice")
    return values


def _size(size: int) -> str:
    return f"{size / 2**20:.0f} MB" if size >= 2**20 else f"{size / 2**10:.0f} kB"
