"""How a source is reached and let in: its address, credentials, certificates. No secret is ever shown."""

from __future__ import annotations

import base64
import ipaddress
import math
import re
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import httpx

from incident.core.text import visible
from incident.errors import SourceError, UsageError
from incident.sources.secrets import private_file

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_HARMLESS_HEADERS = frozenset({"accept", "x-scope-orgid"})

Late = Callable[[], str]  # asks for a secret when it is needed; blocks, raises SourceError


@dataclass(frozen=True, slots=True)
class Access:
    """Credentials, certificates and patience for one source. Raises UsageError when they contradict each other."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str = field(default="", repr=False)  # sent as a bearer token
    token_file: str = ""  # the same, from a file with mode 0600, read again for every request
    token_from: Late | None = field(default=None, repr=False)  # the same, asked for before every request
    user: str = ""
    password: str = field(default="", repr=False)
    password_from: Late | None = field(default=None, repr=False)
    headers_from: Mapping[str, Late] = field(default_factory=dict, repr=False)
    ca_file: str = ""  # trusted instead of the system's authorities
    cert_file: str = ""  # the client's certificate
    key_file: str = ""  # its key, when it is not in the same file
    timeout: float = 10.0  # seconds for a whole request, the last byte of the answer included
    used: set[str] = field(default_factory=set, repr=False, compare=False)  # secrets that were asked for

    def __post_init__(self) -> None:
        """Refuse what could only fail later, or fail strangely."""
        if sum(self._ways) > 1:
            raise UsageError(
                "more than one of token, token file and user is given", hint="keep the one that the server expects"
            )
        if self.key_file and not self.cert_file:
            raise UsageError("a client key without its certificate", at=self.key_file, hint="give the certificate too")
        if not (math.isfinite(self.timeout) and self.timeout > 0):
            raise UsageError(f"a timeout of {self.timeout} s", hint="give seconds above 0, for example 10")
        if self.token and not _TOKEN.fullmatch(self.token):
            raise UsageError("the token has a blank or a character that no token has", hint="copy it once more")
        for name, value in (*self.headers.items(), *((name, "x") for name in self.headers_from)):
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise UsageError(
                    f"the header `{visible(name)}` cannot be sent", hint="use plain ASCII, without line ends"
                )

    @property
    def _ways(self) -> tuple[bool, ...]:
        """The ways to be let in that are given; a server takes one."""
        basic = bool(self.user or self.password or self.password_from)
        return bool(self.token), bool(self.token_file), self.token_from is not None, basic

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value, longest first, for keeping them out of what is shown."""
        own = [value for name, value in self.headers.items() if name.lower() not in _HARMLESS_HEADERS]
        return tuple(sorted(filter(None, [self.token, self.password, *own, *self.used]), key=len, reverse=True))

    @property
    def has_credentials(self) -> bool:
        """Whether a request carries something that a stranger must not read."""
        return any(self._ways) or bool(self.secrets or self.headers_from)


OPEN = Access()


@dataclass(frozen=True, slots=True)
class Place:
    """A server's address, without credentials."""

    url: str  # scheme://host[:port][/prefix], no slash at the end
    scheme: str
    host: str
    netloc: str  # host[:port]


def place_of(url: str) -> tuple[Place, str, str]:
    """An address as a person wrote it: the place, and user and password if they were in it. Raises UsageError."""
    text = url.strip()
    shown = visible(re.sub(r"//[^/@]*@", "//", text).partition("?")[0])
    try:
        parts = urlsplit(text)
        port = parts.port
        httpx.URL(text)
    except (ValueError, httpx.InvalidURL):
        raise UsageError("this is no URL", at=shown, hint="write it as http://host:9093") from None
    if re.search(r"[\s\x00-\x20\x7f]", text) or parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("this is no http or https URL", at=shown, hint="write it as http://host:9093")
    if parts.query:
        raise UsageError("the URL has a query", at=shown, hint="leave out the question mark and what follows")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port is None else f"{host}:{port}"
    # A fragment is where a browser was inside the page (`/#/alerts`); the server never sees it.
    place = Place(f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}", parts.scheme, parts.hostname, netloc)
    return place, unquote(parts.username or ""), unquote(parts.password or "")


def authorization(access: Access) -> dict[str, str]:
    """The headers of one request. Blocks on files and programs; raises SourceError when a secret cannot be had."""
    headers = dict(access.headers)
    for name, late in access.headers_from.items():
        headers[name] = _asked_for(late, access)
        if not _HEADER_VALUE.fullmatch(headers[name]):
            raise SourceError(f"the value of the header `{name}` cannot be sent", hint="it has to be plain ASCII")
    if token := _token(access):
        headers["Authorization"] = f"Bearer {token}"
    elif access.user or access.password or access.password_from:
        password = _asked_for(access.password_from, access) if access.password_from else access.password
        pair = base64.b64encode(f"{access.user}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    return headers


def _token(access: Access) -> str:
    """The bearer token; "" when there is none."""
    token, what = access.token, "the token's source"
    if access.token_file:
        token, what = private_file(access.token_file, "the token's file"), "the token's file"
    elif access.token_from:
        token = _asked_for(access.token_from, access)
    elif not token:
        return ""
    if not _TOKEN.fullmatch(token):
        raise SourceError(f"{what} does not hold one token", at=access.token_file, hint="one line, nothing else")
    return token


def _asked_for(late: Late, access: Access) -> str:
    """A secret that is only had now; it is remembered for keeping it out of what is shown."""
    value = late()
    access.used.add(value)
    return value


def tls(place: Place, access: Access) -> ssl.SSLContext:
    """Whom to trust and how to prove who we are. Raises SourceError when a file cannot be used."""
    if place.scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody; never used, and cheap to make
    file = access.ca_file
    try:
        if file:
            context = ssl.create_default_context(cafile=file)
        else:
            context = httpx.create_ssl_context()
            context.load_default_certs()  # a company's own authority is in the system's store
        if access.cert_file:
            file = access.cert_file
            # Without a password function OpenSSL would ask on the terminal, under the screen.
            context.load_cert_chain(access.cert_file, access.key_file or None, password=lambda: "")
    except OSError as error:  # ssl.SSLError is one
        reason = "it holds no usable certificate or key" if isinstance(error, ssl.SSLError) else error.strerror
        raise SourceError(f"the certificate cannot be used: {reason}", at=file, hint="check the path") from error
    return context


def proxy_for(place: Place, access: Access) -> str | None:
    """The proxy that the environment names for this place. Raises SourceError when it would see credentials."""
    if is_loopback(place.host) or urllib.request.proxy_bypass(place.netloc):
        return None
    named = urllib.request.getproxies()
    proxy = named.get(place.scheme) or named.get("all")
    if not proxy:
        return None
    if place.scheme == "http" and access.has_credentials:
        raise SourceError(
            f"{place.scheme.upper()}_PROXY would read the credentials of a plain http request",
            at=place.url,
            hint=f"use https, or add {place.host} to NO_PROXY",
        )
    return proxy if "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
