"""The configuration: where it is found, what may stand in it, and errors that name the file, the line and the key."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs

from incident.core.alert import INFO_WORDS, PAGE_WORDS
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
    if named:
        config = read(Path(named).expanduser())
    else:
        config = next((read(place) for place in places() if place.is_file()), Config())
    return with_environment(config, environment)


def read(path: Path) -> Config:
    """One configuration file. Raises ConfigError."""
    from incident.core.strict_yaml import load  # costs tens of milliseconds, and most verbs run without a file

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("there is no such file", at=str(path), hint="check --config or INCIDENT_CONFIG") from None
    except (OSError, UnicodeDecodeError) as broken:
        raise ConfigError(f"this file cannot be read: {broken}", at=str(path)) from None
    document = load(text, str(path))
    if document.data is None:
        return Config(file=path)
    if not isinstance(document.data, dict):
        raise ConfigError(
            "a configuration is `key: value` lines",
            at=f"{path}:1",
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
        value = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(text.lower(), text)
    elif key == "poll":
        try:
            value = float(text)
        except ValueError:
            value = text
    elif key in ("alertmanager", "runbooks"):
        value = [part for part in text.split(os.pathsep if key == "runbooks" else ",") if part]
    try:
        return _read_key(key, value, Path.cwd() / "environment", where)
    except ConfigError as off:
        raise UsageError(off.what, at=variable, hint=off.hint) from None


def _read_key(key: str, value: Any, path: Path, at: Any) -> Any:
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, 1, 0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(KEYS)}"
        raise ConfigError(f"unknown key `{key}`", at=at(key), hint=hint)

    def wrong(shape: str = "") -> ConfigError:
        return ConfigError(f"`{key}` cannot be {_shown(value)}", at=at(key), hint=f"it is {shape or KEYS[key][0]}")

    match key:
        case "alertmanager":
            return tuple(_url(item, wrong) for item in _texts(value, wrong))
        case "prometheus":
            return _url(value, wrong)
        case "runbooks":
            return tuple(_folder(item, path) for item in _texts(value, wrong))
        case "state" | "postmortems":
            return _folder(_text(value, wrong), path)
        case "person":
            return _text(value, wrong)
        case "page" | "info":
            return frozenset(word.lower() for word in _texts(value, wrong))
        case "production":
            return tuple(_texts(value, wrong))
        case "read_only":
            if not isinstance(value, bool):
                raise wrong()
            return value
        case "poll":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 300:
                raise wrong()
            return float(value)
        case "runbook_map":
            if not isinstance(value, dict):
                raise wrong()
            return {name: _text(target, wrong) for name, target in value.items()}
        case "changes":
            return _feeds(value, at, wrong)
        case _:
            return _http(value, path, at, wrong)


def _shown(value: Any) -> str:
    return "empty" if value is None else repr(value)[:60]


def _text(value: Any, wrong: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise wrong()
    return str(value)


def _texts(value: Any, wrong: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [_text(item, wrong) for item in items]


def _url(value: Any, wrong: Any) -> str:
    text = _text(value, wrong)
    scheme, separator, rest = text.partition("://")
    if scheme not in ("http", "https") or not separator or not rest.strip("/"):
        raise wrong("a URL such as http://127.0.0.1:9093")
    return text


def _folder(text: str, path: Path) -> Path:
    """A path in the file is relative to the file."""
    folder = Path(text).expanduser()
    return folder if folder.is_absolute() else (path.parent / folder).resolve()


def _feeds(value: Any, at: Any, wrong: Any) -> tuple[Feed, ...]:
    if not isinstance(value, list):
        raise wrong()
    feeds = []
    for index, item in enumerate(value):
        argv = item.get("command") if isinstance(item, dict) else None
        if not isinstance(argv, list) or not argv or not all(isinstance(word, str | int) for word in argv):
            raise ConfigError(
                "a change feed needs a command",
                at=at("changes", index),
                hint="for example {name: deploys, command: [./deploys.sh, --json]}",
            )
        unknown = set(item) - {"name", "command"}
        if unknown:
            raise ConfigError(f"unknown key `{min(unknown)}` in a change feed", at=at("changes", index, min(unknown)))
        feeds.append(Feed(str(item.get("name") or Path(str(argv[0])).name), tuple(str(word) for word in argv)))
    return tuple(feeds)


def _http(value: Any, path: Path, at: Any, wrong: Any) -> Http:
    if not isinstance(value, dict):
        raise wrong()
    known: dict[str, Any] = {}
    for key, item in value.items():
        if key not in _HTTP_KEYS:
            near = difflib.get_close_matches(key, _HTTP_KEYS, 1, 0.5)
            literal = key in ("password", "bearer_token", "token")
            hint = "secrets go into a file with mode 0600" if literal else f"did you mean `{near[0]}`?" if near else ""
            raise ConfigError(f"unknown key `{key}` in http", at=at("http", key), hint=hint)
        if key == "headers":
            if not isinstance(item, dict):
                raise wrong()
            known[key] = {name: _text(text, wrong) for name, text in item.items()}
        else:
            text = _text(item, wrong)
            known[key] = str(_folder(text, path)) if key.endswith("_file") else text
    return Http(**known)
