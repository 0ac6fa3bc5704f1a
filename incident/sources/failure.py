"""What went wrong with a request, in the words of someone who has to do something about it."""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Iterator, Sequence
from urllib.parse import urljoin, urlsplit

import httpx

from incident.core.text import one_line
from incident.errors import SourceError

_WORDS_LIMIT = 200  # characters of a server's own words


class RefusedError(SourceError):
    """The server is well and does not accept this one request; another request may succeed."""


def unreachable(error: Exception, at: str) -> SourceError:
    """A request that got no answer."""
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, socket.gaierror):
            return SourceError("the host name is not known", at=at, hint="check the name, the VPN and the DNS")
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLWantReadError | ssl.SSLWantWriteError):
            return _untrusted(cause, at)
        if isinstance(cause, ConnectionRefusedError):
            return SourceError("connection refused", at=at, hint="is it running, and is this its port?")
    if isinstance(error, httpx.ProxyError):
        return SourceError("the proxy refused", at=at, hint="check HTTPS_PROXY and NO_PROXY")
    if isinstance(error, httpx.RemoteProtocolError):
        words = one_line(str(error), _WORDS_LIMIT)
        return SourceError(f"no proper HTTP answer ({words})", at=at, hint="is this its port? http or https?")
    if isinstance(error, httpx.ConnectError):
        reason = next((os.strerror(c.errno) for c in chain if isinstance(c, OSError) and c.errno), "no connection")
        return SourceError(reason.lower(), at=at, hint="check the network and the VPN")
    # A server that misses a client certificate often just hangs up, after the handshake.
    hint = "it may want a client certificate: cert_file" if at.startswith("https:") else "it will be asked again"
    return SourceError("the connection broke off", at=at, hint=hint)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and everything behind it, the members of groups included."""
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        pending.extend(behind for behind in (one.__context__, one.__cause__) if behind is not None)
        if isinstance(one, BaseExceptionGroup):
            pending.extend(one.exceptions)


def _untrusted(error: ssl.SSLError, at: str) -> SourceError:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = one_line(error.verify_message, _WORDS_LIMIT)
        return SourceError(f"its certificate is not trusted: {reason}", at=at, hint="check ca_file, the name, the date")
    reason = one_line((error.reason or "no common ground").replace("_", " ").lower(), _WORDS_LIMIT)
    if "certificate required" in reason or "bad certificate" in reason or "handshake failure" in reason:
        return SourceError(f"TLS failed: {reason}", at=at, hint="it may want a client certificate: cert_file")
    return SourceError(f"TLS failed: {reason}", at=at, hint="does this port speak TLS 1.2 or later?")


def status_error(
    response: httpx.Response, body: bytes, at: str, *, kind: str, signed_in: bool, secrets: Sequence[str] = ()
) -> SourceError:
    """An answer that is not 200; `kind` is what the server should be, with its article."""
    code = response.status_code
    said = _words(body, secrets)
    if code == 401:
        what = "it does not accept the credentials (401)" if signed_in else "it wants credentials (401)"
        return SourceError(what, at=at, hint="check the token or the password; it is not tried again by itself")
    if code == 403:
        return SourceError("these credentials may not read this (403)", at=at, hint="ask for read access")
    if code == 404:
        return SourceError("not found (404)", at=at, hint=f"is this {kind}? a path prefix may be missing")
    if code in (429, 503):
        wait = response.headers.get("retry-after", "")
        asked = f", it asks to wait {wait} s" if wait.isdecimal() and len(wait) < 8 else ""
        return SourceError(f"it is busy ({code}){asked}{said}", at=at, hint="it will be asked again, less often")
    if code in (400, 422):
        return RefusedError(
            f"it does not accept the request ({code}){said}", at=at, hint=f"is this {kind}? http or https?"
        )
    return SourceError(f"it answered {code}{said}", at=at, hint="look at its own log")


def redirected(response: httpx.Response, at: str) -> SourceError:
    """An answer that sends us elsewhere. Nothing goes there: not the credentials, and not the question."""
    try:
        parts = urlsplit(urljoin(str(response.request.url), response.headers.get("location", "")))
        place = one_line(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", _WORDS_LIMIT)
    except ValueError:
        place = "an unreadable address"
    return SourceError(
        f"it redirects to {place} ({response.status_code}), which is not followed",
        at=at,
        hint="if that is the right place, configure it; if it is a login page, sign in or configure a token",
    )


def _words(body: bytes, secrets: Sequence[str]) -> str:
    """The server's own words as `: ...`, from any of the shapes its errors come in, or "" ."""
    text = body.decode("utf-8", "replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = "" if text.startswith("<") else text
    if isinstance(value, dict):
        value = value.get("error") or value.get("message") or ""
    if not isinstance(value, str):
        return ""
    for secret in secrets:
        value = value.replace(secret, "***")
    shown = one_line(value, _WORDS_LIMIT)
    return f": {shown}" if shown else ""
