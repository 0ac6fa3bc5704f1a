"""The configuration: where it is found, what may stand in it, and errors that name the file, the line and the key."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from incident.core.alert import INFO_WORDS, PAGE_WORDS
from incident.core.text import one_line
from incident.errors import ConfigError, UsageError

# Every key, its shape for a reader, and what it does. The README's reference is held to this table by a test.
KEYS: dict[str, tuple[str, str]] = {
    "alertmanager": ("URL, or a list of URLs of one cluster", "where the alerts come from"),
    "prometheus": ("URL", "where the golden signals come from"),
    "runbooks": ("folder, or a list of folders", "where the Markdown runbooks are; default: ./runbooks when it exists"),
    "runbook_map": ("alert name: runbook path", "says which runbook belongs to an alert; wins over everything else"),
    "changes": ("list of {name, command: [argv]}", "programs that print recent changes as JSON lines"),
    "poll": ("seconds, 1 to 300", "the shortest pause between two looks at Alertmanager; default 5"),
    "page": ("list of words", "severity labels that mean a page"),
    "info": ("list of words", "severity labels that nobody has to act on"),
    "production": ("list of patterns such as prod-*", "targets whose name has to be typed before something changes"),
    "read_only": ("true or false", "no command that may change something can run"),
    "person": ("name", "who you are on the timeline; default: your login"),
    "state": ("folder", "where the timeline is kept; default: the system's state folder"),
    "postmortems": ("folder", "where exports go; default: ./postmortems"),
    "http": (
        "{ca_file, cert_file, key_file, bearer_token_file, username, password_file, headers}",
        "how to reach the servers; secrets stand in files of their own",
    ),
}  # fmt: skip
_HTTP_KEYS = ("ca_file", "cert_file", "key_file", "bearer_token_file", "username", "password_file", "headers")
_FEED_KEYS = ("name", "command")
_SECRET_KEY = re.compile(r"(?i)passw|token|secret|credential|authori[sz]ation|cookie|api[-_]?key")
_SECRETS = "secrets stand in files of their own with mode 0600: see http.bearer_token_file and http.password_file"
_SWITCHES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_ENVIRONMENT = {
    "INCIDENT_ALERTMANAGER": "alertmanager",
    "INCIDENT_PROMETHEUS": "prometheus",
    "INCIDENT_RUNBOOKS": "runbooks",
    "INCIDENT_PERSON": "person",
    "INCIDENT_STATE": "state",
    "INCIDENT_POSTMORTEMS": "postmortems",
    "INCIDENT_READ_ONLY": "read_only",
    "INCIDENT_POLL": "poll",
}


@dataclass(frozen=True, slots=True)
class Http:
    """How to reach the servers; secrets by reference only, paths are absolute."""

    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    bearer_token_file: str = ""
    username: str = ""
    password_file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feed:
    """A program that prints changes."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """What the tool was told, and by which file."""

    alertmanager: tuple[str, ...] = ()
    prometheus: str = ""
    runbooks: tuple[Path, ...] = ()
    runbook_map: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[Feed, ...] = ()
    poll: float = 5.0
    page: frozenset[str] = PAGE_WORDS
    info: frozenset[str] = INFO_WORDS
    production: tuple[str, ...] = ()
    read_only: bool = False
    person: str = ""
    state: Path = field(default_factory=lambda: Path(platformdirs.user_state_path("incident")))
    postmortems: Path = Path("postmortems")
    http: Http = Http()
    file: Path | None = None


def places() -> tuple[Path, ...]:
    """Where a configuration is looked for, in order. Never the working directory: its files may not be yours."""
    return (Path(platformdirs.user_config_path("incident")) / "config.yaml", Path("/etc/incident/config.yaml"))


def find(path: str | None, environment: Mapping[str, str]) -> Config:
    """The configuration from the named file, else INCIDENT_CONFIG, else the usual places; then the environment.

    Raises ConfigError with file, line and the nearest key; UsageError for the environment.
    """
    named = path or environment.get("INCIDENT_CONFIG", "")
    files = [_in_home(named)] if named else [place for place in places() if _stands(place)]
    return with_environment(read(files[0]) if files else Config(), environment)


def _in_home(named: str) -> Path:
    try:
        return Path(named).expanduser()
    except RuntimeError:
        raise ConfigError("nobody here has this home folder", at=named, hint="write the path in full") from None


def _stands(place: Path) -> bool:
    """Whether a file is there; one in a folder that may not be looked into is, so that it is not passed over."""
    try:
        return place.is_file()
    except OSError:
        return True


def read(path: Path) -> Config:
    """One configuration file. Raises ConfigError."""
    from incident.core.strict_yaml import load  # costs tens of milliseconds, and most verbs run without a file

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("there is no such file", at=str(path), hint="check --config or INCIDENT_CONFIG") from None
    except UnicodeDecodeError as broken:
        raise ConfigError(f"this file is not UTF-8 at byte {broken.start}", at=str(path), hint="save it so") from None
    except (OSError, ValueError) as broken:
        reason = broken.strerror if isinstance(broken, OSError) else broken
        raise ConfigError(f"this file cannot be read: {reason}", at=str(path), hint="check its permissions") from None
    document = load(text, str(path))
    if document.data is None:
        return Config(file=path)
    if not isinstance(document.data, dict):
        raise ConfigError(
            "a configuration is `key: value` lines",
            at=document.at(),
            hint="for example `alertmanager: http://127.0.0.1:9093`",
        )
    values = {key: _read_key(key, value, path, document.at) for key, value in document.data.items()}
    return replace(Config(file=path), **values)


def with_environment(config: Config, environment: Mapping[str, str]) -> Config:
    """The configuration with what INCIDENT_* variables say in the place of the file's."""
    values = {}
    for variable, key in _ENVIRONMENT.items():
        text = environment.get(variable, "")
        if text:
            values[key] = _from_text(key, text, variable)
    return replace(config, **values)


def _from_text(key: str, text: str, variable: str) -> Any:
    def where(*_: str | int) -> str:
        return variable

    value: Any = text
    if key == "read_only":
        value = _SWITCHES.get(text.strip().lower(), text)
    elif key == "poll":
        try:
            value = float(text)
        except ValueError:
            value = text
    elif key in ("alertmanager", "runbooks"):
        value = [part.strip() for part in text.split(os.pathsep if key == "runbooks" else ",") if part.strip()]
    try:
        return _read_key(key, value, None, where)
    except ConfigError as off:
        raise UsageError(off.what, at=variable, hint=off.hint) from None


@dataclass(frozen=True, slots=True)
class _Spot:
    """A value of the configuration and where it stands."""

    value: Any
    path: tuple[str | int, ...]
    at: Callable[..., str]
    file: Path | None  # None: an environment variable

    @property
    def where(self) -> str:
        """`file:line`, or the variable."""
        return self.at(*self.path)

    def inner(self, key: str | int, value: Any) -> _Spot:
        """A value inside this one."""
        return _Spot(value, (*self.path, key), self.at, self.file)

    def wrong(self, shape: str = "") -> ConfigError:
        """What is wrong with it. What may be a secret is not shown."""
        key = str(self.path[0])
        shown = "empty" if self.value is None else repr(self.value)
        if self.value is not None and (key == "http" or "@" in shown):
            shown = "what stands here"
        named = ".".join(str(part) for part in self.path if isinstance(part, str))
        return ConfigError(f"`{named}` cannot be {shown[:60]}", at=self.where, hint=f"it is {shape or KEYS[key][0]}")


def _read_key(key: str, value: Any, file: Path | None, at: Callable[..., str]) -> Any:
    spot = _Spot(value, (key,), at, file)
    if key not in KEYS:
        raise _unknown(spot, key, tuple(KEYS), "")
    match key:
        case "alertmanager":
            return tuple(_url(item) for item in _items(spot))
        case "prometheus":
            return _url(spot)
        case "runbooks":
            return tuple(_folder(item) for item in _items(spot))
        case "state" | "postmortems":
            return _folder(spot)
        case "person":
            return one_line(_text(spot))
        case "page" | "info":
            return frozenset(_text(word).strip().lower() for word in _items(spot))
        case "production":
            return tuple(_text(item) for item in _items(spot))
        case "read_only":
            if not isinstance(value, bool):
                raise spot.wrong()
            return value
        case "poll":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 300:
                raise spot.wrong()
            return float(value)
        case "runbook_map":
            return {name: _text(target) for name, target in _pairs(spot)}
        case "changes":
            return _feeds(spot)
        case _:
            return _http(spot)


def _unknown(spot: _Spot, key: str, known: tuple[str, ...], inside: str) -> ConfigError:
    near = difflib.get_close_matches(key, known, 1, 0.5)
    hint = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(known)}"
    if _SECRET_KEY.search(key):
        hint = _SECRETS
    return ConfigError(f"unknown key `{key}`{inside}", at=spot.where, hint=hint)


def _text(spot: _Spot) -> str:
    value = spot.value
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise spot.wrong()
    return str(value)


def _items(spot: _Spot) -> list[_Spot]:
    """The items of a list; a value alone is a list of one."""
    if not isinstance(spot.value, list):
        return [spot]
    return [spot.inner(index, item) for index, item in enumerate(spot.value)]


def _pairs(spot: _Spot) -> list[tuple[str, _Spot]]:
    if not isinstance(spot.value, dict):
        raise spot.wrong()
    return [(key, spot.inner(key, item)) for key, item in spot.value.items()]


def _url(spot: _Spot) -> str:
    text = _text(spot).strip()
    shape = "a URL such as http://127.0.0.1:9093"
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"\s", text):
        raise spot.wrong(shape)
    if parts.password and spot.file is not None:
        raise ConfigError("a password may not stand in the configuration", at=spot.where, hint=_SECRETS)
    return text


def _folder(spot: _Spot) -> Path:
    """A path in the file is relative to the file."""
    try:
        folder = Path(_text(spot)).expanduser()
        return folder if folder.is_absolute() else ((spot.file or Path()).parent / folder).resolve()
    except (OSError, RuntimeError, ValueError):
        raise spot.wrong("a path that can be reached from here") from None


def _feeds(spot: _Spot) -> tuple[Feed, ...]:
    if not isinstance(spot.value, list):
        raise spot.wrong()
    feeds = []
    for item in _items(spot):
        known = dict(_pairs(item)) if isinstance(item.value, dict) else {}
        for key, inner in known.items():
            if key not in _FEED_KEYS:
                raise _unknown(inner, key, _FEED_KEYS, " in a change feed")
        command = known.get("command")
        if command is None or not isinstance(command.value, list) or not command.value:
            raise ConfigError(
                "a change feed needs a command, as a list of words",
                at=(command or item).where,
                hint="for example {name: deploys, command: [./deploys.sh, --json]}",
            )
        argv = tuple(_text(word) for word in _items(command))
        feeds.append(Feed(_text(known["name"]) if "name" in known else Path(argv[0]).name, argv))
    return tuple(feeds)


def _http(spot: _Spot) -> Http:
    known: dict[str, Any] = {}
    for key, item in _pairs(spot):
        if key not in _HTTP_KEYS:
            raise _unknown(item, key, _HTTP_KEYS, " in http")
        if key == "headers":
            known[key] = {name: _header(name, text) for name, text in _pairs(item)}
        else:
            known[key] = str(_folder(item)) if key.endswith("_file") else _text(item)
    return Http(**known)


def _header(name: str, spot: _Spot) -> str:
    if _SECRET_KEY.search(name):
        raise ConfigError(f"the header `{name}` may not stand in the configuration", at=spot.where, hint=_SECRETS)
    return _text(spot)
