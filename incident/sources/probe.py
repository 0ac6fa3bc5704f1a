"""One look at a server: does it answer, how fast, which version, what time it has, when its certificate ends."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from incident.core.ports import Clock
from incident.core.text import one_line
from incident.errors import SourceError
from incident.sources.access import Access, Place, place_of, proxy_for, tls
from incident.sources.failure import unreachable
from incident.sources.http import Server


@dataclass(frozen=True, slots=True)
class Seen:
    """What a server showed."""

    url: str  # without credentials
    seconds: float  # for one answer, with a new connection
    version: str = ""
    offset: float | None = None  # seconds that its clock is ahead of this machine's


async def alertmanager(url: str, *, clock: Clock, access: Access) -> Seen:
    """Look at an Alertmanager. Raises SourceError, UsageError."""
    server = Server(url, kind="an Alertmanager", clock=clock, access=access)
    try:
        began = clock.monotonic()
        answer = await server.get_json("/api/v2/status")
        took = clock.monotonic() - began
        version = _inside(answer.data, "versionInfo", "version")
        return Seen(server.place.url, took, version, answer.offset)
    finally:
        await server.aclose()


async def prometheus(url: str, *, clock: Clock, access: Access) -> Seen:
    """Look at a Prometheus, or what speaks its query API. Raises SourceError, UsageError."""
    server = Server(url, kind="a Prometheus", clock=clock, access=access)
    try:
        began = clock.monotonic()
        answer = await server.get_json("/api/v1/query", {"query": "vector(1)"})
        took = clock.monotonic() - began
        if _inside(answer.data, "status") != "success":
            at = f"{server.place.url}/api/v1/query"
            raise SourceError("its answer is not that of a query", at=at, hint="is this a Prometheus?")
        version = ""
        with suppress(SourceError):  # what only speaks the query API need not have it
            version = _inside((await server.get_json("/api/v1/status/buildinfo")).data, "data", "version")
        return Seen(server.place.url, took, version, answer.offset)
    finally:
        await server.aclose()


async def certificate_end(url: str, access: Access) -> float | None:
    """When the server's certificate ends, in Unix seconds; it was verified. None without TLS, or behind a proxy.

    Raises SourceError, UsageError.
    """
    place, _, _ = place_of(url)
    if place.scheme != "https" or proxy_for(place, access):
        return None
    try:
        async with asyncio.timeout(access.timeout):
            _, writer = await asyncio.open_connection(place.host, _port(place), ssl=tls(place, access))
    except TimeoutError:
        raise SourceError(
            f"no TLS connection within {access.timeout:g} s", at=place.url, hint="it is overloaded"
        ) from None
    except OSError as error:
        raise unreachable(error, place.url) from error
    try:
        held: ssl.SSLObject = writer.get_extra_info("ssl_object")
        known: Any = held.getpeercert() or {}
        return float(ssl.cert_time_to_seconds(known["notAfter"]))
    finally:
        writer.transport.abort()  # nothing was sent, so nothing has to be said at the end


def place_and_credentials(url: str, access: Access) -> tuple[Place, bool]:
    """A server's place, and whether a request to it carries credentials. Raises UsageError."""
    place, user, password = place_of(url)
    return place, bool(user or password) or access.has_credentials


def _port(place: Place) -> int:
    return urlsplit(place.url).port or 443


def _inside(data: Any, *keys: str) -> str:
    """A text deep inside an answer; "" when it is not there."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return one_line(data, 60) if isinstance(data, str) else ""
