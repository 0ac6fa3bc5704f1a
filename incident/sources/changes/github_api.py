"""GitHub asked in JSON: over its API, or through the `gh` program, which has a login of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import httpx

from incident import __version__
from incident.config import Feed
from incident.core.when import minute
from incident.errors import SourceError
from incident.sources.access import Access, authorization, place_of, proxy_for, tls
from incident.sources.body import BodyError, beginning, decoded, from_json, whole
from incident.sources.changes.around import Around
from incident.sources.changes.program import failure, printed
from incident.sources.failure import redirected, status_error, unreachable
from incident.sources.secrets import value_of

PUBLIC = "github.com"
_LIMIT = 16 * 2**20  # bytes of an answer
_ERROR_LIMIT = 4_096  # bytes of an error's own words
_HOPS = 2  # redirects to another path of the same server: a repository that was renamed
_VERSION = "2022-11-28"  # of the API
_ACCEPT = "application/vnd.github+json"
_ASKED_OFTEN = 60.0  # seconds between two looks with a login; what did not change costs nothing of the limit
_ASKED_SELDOM = 300.0  # without: a stranger has 60 requests in an hour


class Talk(Protocol):
    """A way to ask GitHub."""

    pause: float  # seconds between two looks

    async def get(self, path: str, params: Mapping[str, str]) -> Any:
        """The JSON behind a path. Raises SourceError."""
        ...

    async def hang_up(self) -> None:
        """Let go of the connection."""
        ...


def talk_to(feed: Feed, around: Around) -> Talk:
    """With the token that the configuration names, else through `gh` where it is installed, else as a stranger."""
    url = str(feed.options.get("url", ""))
    if feed.token is None and shutil.which("gh", path=around.environment.get("PATH")):
        return Gh(_host(url), around)
    token = partial(value_of, feed.token, around.environment) if feed.token else None
    ca_file = str(feed.options.get("ca_file", ""))
    return Api(_api(url), Access(token_from=token, ca_file=ca_file, timeout=around.patience), around)


class Api:
    """GitHub's own API. What it said is kept with its ETag, so that what did not change is not sent again."""

    def __init__(self, url: str, access: Access, around: Around) -> None:
        self._place, _, _ = place_of(url)
        self._access = access
        self._clock = around.clock
        self._known: dict[str, tuple[str, Any]] = {}  # ETag and answer, by address
        self._wait_until: datetime | None = None
        self._client: httpx.AsyncClient | None = None
        self.pause = _ASKED_OFTEN if access.has_credentials else _ASKED_SELDOM

    async def get(self, path: str, params: Mapping[str, str]) -> Any:
        """The JSON behind a path. Raises SourceError; while the limit is used up nothing is asked."""
        if self._wait_until is not None and self._clock.now() < self._wait_until:
            raise self._spent(self._wait_until)
        at = f"{self._place.url}{path}"
        try:
            async with asyncio.timeout(self._access.timeout):
                return await self._got(f"{at}?{urlencode(params)}" if params else at, at)
        except TimeoutError:
            what = f"no complete answer within {self._access.timeout:g} s"
            raise SourceError(what, at=at, hint="GitHub is slow or a firewall swallows the request") from None
        except httpx.HTTPError as error:
            raise unreachable(error, at) from error

    async def hang_up(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _got(self, address: str, at: str) -> Any:
        etag, known = self._known.get(address, ("", None))
        response = await self._sent(address, {"If-None-Match": etag} if etag else {}, at)
        try:
            self._mind_the_limit(response)
            if response.status_code == 304 and etag:
                return known
            if response.status_code != 200:
                raise await self._refused(response, at)
            data = await decoded(await whole(response, _LIMIT))
        except BodyError as broken:
            raise SourceError(
                str(broken), at=at, hint="is this a GitHub API? a proxy may answer in its place"
            ) from None
        finally:
            await response.aclose()
        if tag := response.headers.get("etag", ""):
            self._known[address] = (tag, data)
        return data

    async def _sent(self, address: str, more: dict[str, str], at: str) -> httpx.Response:
        """The beginning of an answer, behind redirects within the server."""
        headers = {**await asyncio.to_thread(authorization, self._access), **more}
        for _ in range(_HOPS + 1):
            client = self._kept_client()
            try:
                request = client.build_request("GET", address, headers=headers)
                response = await client.send(request, stream=True, auth=None)
            except (httpx.InvalidURL, UnicodeError) as error:
                raise SourceError("its address cannot be used", at=at) from error
            if response.status_code not in (301, 302, 307, 308):
                return response
            await response.aclose()
            address = self._inside(response, at)
        raise SourceError("it redirects again and again", at=at, hint="look at the repository's name")

    def _inside(self, response: httpx.Response, at: str) -> str:
        """Where a redirect leads, if that is on the same server: a token goes nowhere else. Raises SourceError."""
        try:
            target = response.request.url.join(response.headers.get("location", ""))
        except httpx.InvalidURL:
            raise redirected(response, at) from None
        ours = response.request.url
        if (target.scheme, target.host, target.port) != (ours.scheme, ours.host, ours.port):
            raise redirected(response, at)
        return str(target)

    def _mind_the_limit(self, response: httpx.Response) -> None:
        """Ask nothing more before the time that GitHub names, once it says that the limit is used up."""
        headers, now = response.headers, self._clock.now()
        retry, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
        self._wait_until = None
        if response.status_code in (403, 429) and retry.isdecimal() and len(retry) < 6:
            self._wait_until = datetime.fromtimestamp(now.timestamp() + int(retry), UTC)
        elif headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal() and len(reset) < 12:
            self._wait_until = datetime.fromtimestamp(int(reset), UTC)
        if self._wait_until is not None and response.status_code in (403, 429):
            raise self._spent(self._wait_until)

    def _spent(self, until: datetime) -> SourceError:
        hint = "it is asked again then" if self._access.has_credentials else "a token has a far higher limit"
        return SourceError(f"GitHub's limit is used up until {minute(until)} UTC", at=self._place.url, hint=hint)

    async def _refused(self, response: httpx.Response, at: str) -> SourceError:
        said = await beginning(response, _ERROR_LIMIT)
        if response.status_code == 404:
            hint = "check the name; a private repository looks so to whoever may not read it: does the token?"
            return SourceError("not found (404)", at=at, hint=hint)
        return status_error(response, said, at, kind="a GitHub API", signed_in=self._access.has_credentials,
                            secrets=self._access.secrets)  # fmt: skip

    def _kept_client(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=tls(self._place, self._access),
                proxy=proxy_for(self._place, self._access),
                trust_env=False,  # the proxy is chosen above, and a .netrc has no say
                timeout=httpx.Timeout(None),  # the deadline is over the whole request
                limits=httpx.Limits(max_connections=2),
                headers={
                    "Accept": _ACCEPT,
                    "Accept-Encoding": "gzip",
                    "User-Agent": f"incident/{__version__}",
                    "X-GitHub-Api-Version": _VERSION,
                },
            )
        return self._client


class Gh:
    """The `gh` program, which asks with its own login; it only reads."""

    pause = _ASKED_OFTEN

    def __init__(self, host: str, around: Around) -> None:
        self._host = host
        self._around = around

    async def get(self, path: str, params: Mapping[str, str]) -> Any:
        """The JSON behind a path. Raises SourceError."""
        argv = ("gh", "api", "--hostname", self._host, "--method", "GET", "-H", f"Accept: {_ACCEPT}",
                "-H", f"X-GitHub-Api-Version: {_VERSION}", f"{path.lstrip('/')}?{urlencode(params)}")  # fmt: skip
        quiet = {**self._around.environment, "GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1"}
        ended = await printed(argv, self._around.patience, environment=quiet, limit=_LIMIT)
        if ended.exit == 4:
            raise failure(argv, "gh is not signed in", f"gh auth login --hostname {self._host}, or configure a token")
        if ended.exit != 0:
            raise failure(argv, f"gh ended with exit {ended.exit}{ended.last_words}")
        try:
            return from_json(ended.out)
        except BodyError as broken:
            raise failure(argv, str(broken)) from None

    async def hang_up(self) -> None:
        """Nothing is kept."""


def _api(url: str) -> str:
    """The address of the API for the address that people see: GitHub's own, an enterprise's server, its cloud."""
    if not url:
        return f"https://api.{PUBLIC}"
    parts = urlsplit(url.rstrip("/"))
    host = parts.hostname or ""
    if host == PUBLIC or (host.endswith(".ghe.com") and not host.startswith("api.")):
        return f"https://api.{host}"
    own_api = parts.path or host.startswith("api.")
    return url.rstrip("/") if own_api else f"{url.rstrip('/')}/api/v3"


def _host(url: str) -> str:
    """The host that `gh` knows a server by."""
    host = urlsplit(url).hostname or PUBLIC
    return host.removeprefix("api.") if host.endswith((".github.com", ".ghe.com")) else host
