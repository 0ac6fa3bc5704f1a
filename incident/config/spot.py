"""A value of the configuration and where it stands: read as what it has to be, or refused with file, line and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from incident.config.model import KEYS, Secret
from incident.errors import ConfigError

SECRET_NAME = re.compile(r"(?i)passw|token|secret|credential|auth|cookie|session|(?:api|access|private)[-_]?key")
ELSEWHERE = (
    "secrets stand elsewhere: write {env: NAME}, {file: PATH} with mode 0600 or {command: [argv]} "
    "for http.bearer_token, http.password or a value in http.headers"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_ONE_OF = "one of {env: NAME}, {file: PATH}, {command: [argv]}"
_LONG_NAME = 20  # characters; who is named so in a URL is a token


@dataclass(frozen=True, slots=True)
class Spot:
    """A value of the configuration and where it stands. Every reading raises ConfigError."""

    value: Any
    path: tuple[str | int, ...]
    at: Callable[..., str]
    file: Path | None  # None: an environment variable

    @property
    def where(self) -> str:
        """`file:line`, or the variable."""
        return self.at(*self.path)

    def inner(self, key: str | int, value: Any) -> Spot:
        """A value inside this one."""
        return Spot(value, (*self.path, key), self.at, self.file)

    def wrong(self, shape: str = "") -> ConfigError:
        """What is wrong with it. What may be a secret is not shown."""
        key = str(self.path[0])
        shown = "empty" if self.value is None else repr(self.value)
        if self.value is not None and (key in ("http", "updates") or "@" in shown):
            shown = "what stands here"
        named = ".".join(str(part) for part in self.path if isinstance(part, str))
        return ConfigError(f"`{named}` cannot be {shown[:60]}", at=self.where, hint=f"it is {shape or KEYS[key][0]}")

    def unknown(self, key: str, known: Sequence[str], inside: str = "") -> ConfigError:
        """A key that does not exist, with the nearest one that does."""
        near = difflib.get_close_matches(key, known, 1, 0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(known)}"
        if SECRET_NAME.search(key):
            hint = ELSEWHERE
        return ConfigError(f"unknown key `{key}`{inside}", at=self.where, hint=hint)

    def text(self) -> str:
        """A word or more; a whole number is text, too."""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int) or not str(self.value).strip():
            raise self.wrong()
        return str(self.value)

    def items(self) -> list[Spot]:
        """The items of a list; a value alone is a list of one."""
        if not isinstance(self.value, list):
            return [self]
        return [self.inner(index, item) for index, item in enumerate(self.value)]

    def pairs(self) -> list[tuple[str, Spot]]:
        """The keys of a mapping, with their values."""
        if not isinstance(self.value, dict):
            raise self.wrong()
        return [(key, self.inner(key, item)) for key, item in self.value.items()]

    def url(self) -> str:
        """An http or https address; in a file, one without a password."""
        text = self.text().strip()
        shape = "a URL such as http://127.0.0.1:9093"
        try:
            parts = urlsplit(text)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or re.search(r"\s", text):
            raise self.wrong(shape)
        if self.file is not None and (parts.password or len(parts.username or "") >= _LONG_NAME):
            raise ConfigError("a password may not stand in the configuration", at=self.where, hint=ELSEWHERE)
        return text

    def place(self) -> Path:
        """A full path; in a file, a relative one is relative to the file."""
        try:
            place = Path(self.text()).expanduser()
            return place if place.is_absolute() else ((self.file or Path()).parent / place).resolve()
        except (OSError, RuntimeError, ValueError):
            raise self.wrong("a path that can be reached from here") from None

    def secret(self) -> Secret:
        """Where a secret is to be had from; one that stands here itself is refused."""
        named = ".".join(str(part) for part in self.path if isinstance(part, str))
        if not isinstance(self.value, dict) and self.value is not None:
            raise ConfigError(f"`{named}` may not hold the secret itself", at=self.where, hint=ELSEWHERE)
        known = self.pairs()
        for key, item in known:
            if key not in Secret.__slots__:
                # The key is not repeated: {hunter2} is a key in YAML.
                raise ConfigError(f"`{named}` has a key that is not known", at=item.where, hint=f"it is {_ONE_OF}")
        if len(known) != 1:
            raise self.wrong(_ONE_OF)
        [(key, item)] = known
        match key:
            case "env":
                if not isinstance(item.value, str) or not _VARIABLE.fullmatch(item.value):
                    raise item.wrong("the name of an environment variable")
                return Secret(env=item.value)
            case "file":
                return Secret(file=str(item.place()))
            case _:
                if not isinstance(item.value, list) or not item.value:
                    raise item.wrong("a list of words, such as [vault, read, -field=token, secret/incident]")
                return Secret(command=tuple(word.text() for word in item.items()))
