"""A Slack-compatible incoming webhook: one message, sent once, and what is surely known of it afterwards.

The address is the secret: it is asked for when something is sent, and no part behind the host is ever shown.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx

from incident import __version__
from incident.core.text import one_line
from incident.core.told import Outcome
from incident.core.updates import Delivery
from incident.errors import SourceError
from incident.sources.access import OPEN, Place, is_loopback, proxy_for, tls
from incident.sources.body import beginning
from incident.sources.failure import unreachable

PATIENCE = 10.0  # seconds for all of it, the last byte of the answer included
_SAID = 200  # characters of the other side's own words
_ANSWER = 2_048  # bytes of the answer that are read
_LEAVES = frozenset({"http11.send_request_headers.started", "http2.send_request_headers.started"})


class Webhook:
    """One webhook. `address` is asked for its URL; it may block, and raises SourceError."""

    def __init__(self, address: Callable[[], str], name: str = "", patience: float = PATIENCE) -> None:
        self._address = address
        self._name = name
        self._patience = patience
        self._host = ""

    @property
    def name(self) -> str:
        """`#inc-acme at hooks.slack.com`, as far as it is known."""
        return " at ".join(part for part in (self._name, self._host) if part) or "the webhook"

    async def look(self) -> str:
        """The name, once the address was asked for. Raises SourceError when it cannot be had or may not be used."""
        await asyncio.to_thread(self._place)
        return self.name

    async def send(self, body: str) -> Delivery:
        """Send these bytes once. Never raises, and never tries again."""
        try:
            place, url = await asyncio.to_thread(self._place)
        except SourceError as failed:
            return Delivery(Outcome.FAILED, _words(failed))
        sending = _Sending(place)
        try:
            async with asyncio.timeout(self._patience):
                return await sending.run(url, body)
        except TimeoutError:
            return sending.unanswered(f"no answer within {self._patience:g} s")
        except SourceError as failed:
            return sending.unanswered(_words(failed))

    def _place(self) -> tuple[Place, str]:
        """The host and the whole address. Raises SourceError, which does not repeat the address."""
        url = self._address()
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
            httpx.URL(url)
        except (ValueError, httpx.InvalidURL):
            raise SourceError("the webhook's address is no URL", hint="copy it once more") from None
        if not host or parts.username or parts.password or parts.scheme not in ("https", "http"):
            raise SourceError("the webhook's address is no plain https URL", hint="copy it once more")
        if parts.scheme == "http" and not is_loopback(host):
            raise SourceError("the webhook's address is not https", at=host, hint="everybody on the way could read it")
        shown = f"[{host}]" if ":" in host else host
        netloc = shown if port is None else f"{shown}:{port}"
        self._host = netloc
        return Place(f"{parts.scheme}://{netloc}", parts.scheme, host, netloc), url


class _Sending:
    """One request, and whether anything of it may have left this machine."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._left = False

    async def run(self, url: str, body: str) -> Delivery:
        """Ask, and judge the answer. Raises SourceError when there is none."""
        try:
            async with self._client() as client:
                request = client.build_request("POST", url, content=body.encode(), extensions={"trace": self._trace})
                response = await client.send(request, stream=True)
                try:
                    said = await beginning(response, _ANSWER)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise unreachable(error, self._place.url) from None
        return _judged(response, said, url)

    def unanswered(self, why: str) -> Delivery:
        """What is known without an answer: nothing left, so nothing arrived; else nobody knows."""
        if not self._left:
            return Delivery(Outcome.FAILED, why)
        return Delivery(Outcome.UNKNOWN, f"{why}; look in the channel before it is sent again")

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=tls(self._place, OPEN),
            proxy=proxy_for(self._place, OPEN),
            trust_env=False,  # the proxy is chosen above, and a .netrc has no say
            follow_redirects=False,
            timeout=httpx.Timeout(None),  # the deadline is over all of it
            event_hooks={"response": [_forget_where]},
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Accept-Encoding": "identity",
                "User-Agent": f"incident/{__version__}",
            },
        )

    async def _trace(self, name: str, _: dict[str, Any]) -> None:
        if name in _LEAVES:
            self._left = True


async def _forget_where(response: httpx.Response) -> None:
    """Where an answer sends us may repeat the secret, and httpx would read it: it is taken out first."""
    if response.is_redirect:
        response.headers.pop("location", None)


def _judged(response: httpx.Response, said: bytes, url: str) -> Delivery:
    """What an answer means. Only an `ok` counts as having arrived."""
    code = response.status_code
    words = _said(said, url)
    if code == 200 and (words.lower() == "ok" or _is_success(said)):
        return Delivery(Outcome.SENT)
    if 300 <= code < 400:
        return Delivery(Outcome.FAILED, f"it redirects ({code}), which is not followed; check the address")
    behind = f": {words}" if words else ""
    if 400 <= code < 500:
        return Delivery(Outcome.FAILED, f"it was refused ({code}){behind}")
    if code >= 500:
        return Delivery(Outcome.UNKNOWN, f"it answered {code}{behind}; look in the channel before it is sent again")
    return Delivery(Outcome.UNKNOWN, f"it answered {code} and did not say ok{behind}; look in the channel")


def _is_success(said: bytes) -> bool:
    """`{"ok": true}` or `{"success": true}`, as some that are compatible answer."""
    try:
        value = json.loads(said)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and (value.get("ok") is True or value.get("success") is True)


def _said(said: bytes, url: str) -> str:
    """The other side's words without the address, should it repeat it."""
    text = said.decode("utf-8", "replace")
    if text.lstrip().startswith("<"):
        return "a web page"
    for secret in (url, urlsplit(url).path, *(part for part in urlsplit(url).path.split("/") if len(part) > 6)):
        if len(secret) > 1:
            text = text.replace(secret, "***")
    return one_line(text, _SAID)


def _words(error: SourceError) -> str:
    place = f"{error.at}: " if error.at else ""
    return f"{place}{error.what}"
