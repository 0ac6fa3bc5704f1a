"""One HTTP server, asked in JSON: a deadline for all of it, a limit on every size, plain words for every failure."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from incident import __version__
from incident.core.ports import Clock
from incident.errors import SourceError, UsageError
from incident.sources.access import OPEN, Access, Place, authorization, place_of, proxy_for, tls
from incident.sources.body import BodyError, TooLargeError, beginning, decoded, whole
from incident.sources.failure import redirected, status_error, unreachable

ANSWER_LIMIT = 64 * 2**20  # bytes after unpacking; 60,000 ordinary alerts
_ERROR_LIMIT = 4_096  # bytes of an error's own words
_KEPT = 45.0  # seconds that an idle connection is kept: less than the usual proxies keep it


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON value and what its headers told."""

    data: Any
    offset: float | None  # seconds that the server's clock is ahead of ours, to about a second


class Server:
    """One server behind one kept client. `kind` is what it should be, with its article: `an Alertmanager`."""

    def __init__(
        self, url: str, *, kind: str, clock: Clock, access: Access = OPEN, answer_limit: int = ANSWER_LIMIT
    ) -> None:
        """Make no connection yet. Raises UsageError when the URL cannot be used."""
        self.place, user, password = place_of(url)
        self._access = _with_url_credentials(access, user, password, self.place)
        self._kind = kind
        self._clock = clock
        self._limit = answer_limit
        self._client: httpx.AsyncClient | None = None

    async def get_json(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """The JSON behind a path. Raises SourceError, RefusedError among them."""
        return await self.ask_json("GET", path, params)

    async def ask_json(
        self, method: str, path: str, params: Mapping[str, str] | None = None, sent: Mapping[str, Any] | None = None
    ) -> Answer:
        """The JSON that answers a request, asked once; `sent` goes along as JSON. Raises SourceError."""
        at = f"{self.place.url}{path}"
        body, offset = await self._asked(method, at, dict(params or {}), sent)
        try:
            return Answer(await decoded(body), offset)
        except BodyError as broken:
            raise SourceError(
                str(broken), at=at, hint=f"is this {self._kind}? a proxy or a login page may answer in its place"
            ) from None

    async def aclose(self) -> None:
        """Let go of the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _asked(
        self, method: str, at: str, params: dict[str, str], sent: Mapping[str, Any] | None
    ) -> tuple[bytes, float | None]:
        seconds = self._access.timeout
        end = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(end):
                response = await self._begun(method, at, params, sent)
        except TimeoutError:
            hint = "it is down, overloaded, or a firewall swallows the request"
            raise SourceError(f"no answer within {seconds:g} s", at=at, hint=hint) from None
        offset = self._offset(response)
        try:
            async with asyncio.timeout_at(end):
                return await self._finished(response, at), offset
        except TimeoutError:
            hint = "it is overloaded or the link is slow; a longer timeout may help"
            raise SourceError(f"the answer was not complete after {seconds:g} s", at=at, hint=hint) from None
        finally:
            await response.aclose()

    async def _begun(
        self, method: str, at: str, params: dict[str, str], sent: Mapping[str, Any] | None
    ) -> httpx.Response:
        """Send, and return when the headers of the answer are there."""
        headers = await asyncio.to_thread(authorization, self._access)
        client = self._kept_client()
        try:
            request = client.build_request(method, at, params=params, headers=headers, json=sent)
            return await client.send(request, stream=True, auth=None)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise unreachable(error, at) from error

    async def _finished(self, response: httpx.Response, at: str) -> bytes:
        try:
            if response.status_code in (200, 201):
                return await whole(response, self._limit)
            said = await beginning(response, _ERROR_LIMIT)
        except TooLargeError as broken:
            raise SourceError(str(broken), at=at, hint="narrow what is asked for") from None
        except BodyError as broken:
            raise SourceError(str(broken), at=at, hint="a proxy in between may be at fault") from None
        except httpx.HTTPError as error:
            raise unreachable(error, at) from error
        sent = response.request.headers.get("authorization", "").split()
        raise status_error(
            response,
            said,
            at,
            kind=self._kind,
            signed_in=self._access.has_credentials,
            secrets=(*self._access.secrets, *sent[1:]),  # a server may echo them
        )

    def _kept_client(self) -> httpx.AsyncClient:
        if self._client is None:
            try:
                self._client = httpx.AsyncClient(
                    verify=tls(self.place, self._access),
                    proxy=proxy_for(self.place, self._access),
                    trust_env=False,  # the proxy is chosen above, and a .netrc has no say
                    timeout=httpx.Timeout(None),  # the deadline is over the whole request: a slow drip trips no other
                    event_hooks={"response": [_refuse_redirect]},
                    limits=httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=_KEPT),
                    headers={
                        "Accept": "application/json",
                        "Accept-Encoding": "gzip",
                        "User-Agent": f"incident/{__version__}",
                    },
                )
            except (ValueError, ImportError, httpx.InvalidURL) as error:
                raise SourceError(
                    "the proxy in the environment cannot be used", at=self.place.url, hint="check HTTPS_PROXY"
                ) from error
        return self._client

    def _offset(self, response: httpx.Response) -> float | None:
        try:
            theirs = parsedate_to_datetime(response.headers["date"])
            return (theirs - self._clock.now()).total_seconds() + 0.5  # the header drops the fraction
        except (KeyError, ValueError, TypeError, OverflowError):
            return None


async def _refuse_redirect(response: httpx.Response) -> None:
    """Stop before httpx reads the address: it would carry our headers there, and an odd address breaks it."""
    if response.is_redirect:
        raise redirected(response, at=str(response.request.url.copy_with(query=None)))


def _with_url_credentials(access: Access, user: str, password: str, place: Place) -> Access:
    if not (user or password):
        return access
    if access.token or access.token_file or access.user or access.password:
        raise UsageError("credentials are in the URL and beside it", at=place.url, hint="take them out of the URL")
    return replace(access, user=user, password=password)
