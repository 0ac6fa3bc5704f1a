"""A Prometheus `http_config` file, as amtool takes it with `--http.config.file`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from incident.core.strict_yaml import Document, load
from incident.errors import ConfigError, IncidentError, UsageError
from incident.sources.access import Access
from incident.sources.secrets import private_file

_LIMIT = 100_000  # characters; more is no such file
_PARTS = {
    "": ("basic_auth", "authorization", "bearer_token", "bearer_token_file", "tls_config", "http_headers",
         "follow_redirects", "enable_http2", "proxy_from_environment"),
    "basic_auth": ("username", "username_file", "password", "password_file"),
    "authorization": ("type", "credentials", "credentials_file"),
    "tls_config": ("ca_file", "cert_file", "key_file", "insecure_skip_verify", "min_version", "max_version"),
}  # fmt: skip
_NOT_READ = {
    "oauth2": "let a program fetch the token: http.bearer_token: {command: [argv]}",
    "proxy_url": "set HTTPS_PROXY in its place",
    "no_proxy": "set NO_PROXY in its place",
    "proxy_connect_header": "no proxy that wants one is supported",
    "server_name": "use the name that the certificate is for in the URL",
    "ca": "put it into a file: ca_file",
    "cert": "put it into a file: cert_file",
    "key": "put it into a file: key_file",
}
_SECRET = frozenset({"password", "credentials", "bearer_token"})


def access_in(path: str) -> Access:
    """What the file says, in this tool's terms. Raises ConfigError for what is off or would be ignored."""
    return _File(path).access()


def secrets_in(path: str) -> Iterator[str]:
    """The secret values that the file says or names. Raises ConfigError, SourceError."""
    file = _File(path)
    access = file.access()
    yield from file.secrets
    if access.token_file:
        yield private_file(access.token_file)
    if access.password_from:
        yield access.password_from()


class _File:
    """One such file, while it is read."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        if self._path.exists() and not self._path.is_file():
            raise ConfigError("the http_config is no regular file", at=path, hint="check http.config_file")
        try:
            text = self._path.read_text(encoding="utf-8")[:_LIMIT]
        except (OSError, UnicodeDecodeError) as broken:
            reason = broken.strerror if isinstance(broken, OSError) else "it is not UTF-8"
            raise ConfigError(
                f"the http_config cannot be read: {reason}", at=path, hint="check http.config_file"
            ) from None
        self._document: Document = load(text, path)
        self.secrets: list[str] = []  # those that stand in the file itself, or were read on the way
        self._data = self._part("")

    def access(self) -> Access:
        basic, headers = self._part("basic_auth"), self._headers()
        token, token_file, scheme = self._token()
        tls = self._part("tls_config")
        if tls.get("insecure_skip_verify"):
            raise self._error("certificates are always verified", "name the authority in ca_file", "tls_config")
        user = self._text(basic, "basic_auth", "username") or self._held(basic, "basic_auth", "username_file")
        password_file = self._file(basic, "basic_auth", "password_file")
        try:
            return Access(
                headers={**headers, **({"Authorization": f"{scheme} {token}"} if scheme else {})},
                token="" if scheme else token,
                token_file=token_file,
                user=user,
                password=self._text(basic, "basic_auth", "password"),
                password_from=(lambda: private_file(password_file, "the password's file")) if password_file else None,
                ca_file=self._file(tls, "tls_config", "ca_file"),
                cert_file=self._file(tls, "tls_config", "cert_file"),
                key_file=self._file(tls, "tls_config", "key_file"),
            )
        except UsageError as off:
            raise ConfigError(
                f"this http_config cannot be used: {off.what}", at=str(self._path), hint=off.hint
            ) from None

    def _token(self) -> tuple[str, str, str]:
        """The token, or the file with it; and the scheme, when it is not Bearer."""
        own = self._part("authorization")
        scheme = self._text(own, "authorization", "type") or "Bearer"
        token = self._text(own, "authorization", "credentials") or self._text(self._data, "", "bearer_token")
        file = self._file(own, "authorization", "credentials_file") or self._file(self._data, "", "bearer_token_file")
        if not re.fullmatch(r"[A-Za-z][\w-]*", scheme):
            raise self._error("this is no type of credentials", "for example Bearer", "authorization", "type")
        if scheme.lower() == "bearer":
            return token, file, ""
        return token or self._kept(private_file(file)), "", scheme

    def _headers(self) -> dict[str, str]:
        """`http_headers`, as far as each has one value."""
        headers: dict[str, str] = {}
        listed = self._data.get("http_headers") or {}
        if not isinstance(listed, dict):
            raise self._error(
                "`http_headers` is not {NAME: {values: [...]}}", "see Prometheus' own reference", "http_headers"
            )
        for name, said in listed.items():
            known = said if isinstance(said, dict) else {}
            values = [*_list(known.get("values")), *_list(known.get("secrets"))]
            files = _list(known.get("files"))
            if len(values) + len(files) != 1 or set(known) - {"values", "secrets", "files"}:
                raise self._error(f"the header `{name}` does not have one value", "give it one", "http_headers", name)
            if known.get("secrets"):
                self._is_private("http_headers", name)
                self._kept(values[0])
            headers[name] = values[0] if values else self._kept(private_file(str(self._path.parent / files[0])))
        return headers

    def _part(self, name: str) -> dict[str, Any]:
        """One mapping of the file; {} when it is not there. Keys that would be ignored are refused."""
        data = self._data.get(name) if name else self._document.data
        where = (name,) if name else ()
        if data is None:
            return {}
        if not isinstance(data, dict):
            raise self._error(f"{f'`{name}`' if name else 'an http_config'} is `key: value` lines", "", *where)
        for key in data:
            if key not in _PARTS[name]:
                hint = _NOT_READ.get(key, f"read are: {', '.join(_PARTS[name])}")
                raise self._error(f"`{key}` is not read", hint, *where, key)
        return data

    def _text(self, part: dict[str, Any], name: str, key: str) -> str:
        value = part.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self._error(f"`{key}` is not one word", "write it in quotes", *filter(None, (name, key)))
        if key in _SECRET:
            self._is_private(*filter(None, (name, key)))
            self.secrets.append(str(value))
        return str(value)

    def _file(self, part: dict[str, Any], name: str, key: str) -> str:
        """A path; a relative one is relative to the file."""
        path = self._text(part, name, key)
        return str(self._path.parent / path) if path else ""

    def _held(self, part: dict[str, Any], name: str, key: str) -> str:
        """What a file that the part names holds."""
        path = self._file(part, name, key)
        try:
            return Path(path).read_text(encoding="utf-8").strip() if path else ""
        except (OSError, UnicodeDecodeError):
            raise self._error(f"the file in `{key}` cannot be read", "check its path", name, key) from None

    def _kept(self, secret: str) -> str:
        self.secrets.append(secret)
        return secret

    def _is_private(self, *where: str) -> None:
        """A file with a secret in it is its owner's alone. Raises ConfigError."""
        if self._path.stat().st_mode & 0o077:
            raise self._error("others can read this file, and a secret stands in it", f"chmod 600 {self._path}", *where)

    def _error(self, what: str, hint: str, *where: str) -> IncidentError:
        return ConfigError(what, at=self._document.at(*where), hint=hint)


def _list(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
