"""Where a configuration is found, and what the environment says in its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs

from incident.config.keys import read_key
from incident.config.model import Config
from incident.errors import ConfigError, UsageError

_SWITCHES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_SWITCH = "it is true or false"
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
    values: dict[str, Any] = {}
    for key, value in document.data.items():
        values |= read_key(key, value, path, document.at)
    return replace(Config(file=path), **values)


def with_environment(config: Config, environment: Mapping[str, str]) -> Config:
    """The configuration with what INCIDENT_* variables say in the place of the file's."""
    values: dict[str, Any] = {}
    for variable, key in _ENVIRONMENT.items():
        text = environment.get(variable, "")
        if text:
            values |= _from_text(key, text, variable)
    return replace(config, **values)


def _from_text(key: str, text: str, variable: str) -> dict[str, Any]:
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
        return read_key(key, value, None, where)
    except ConfigError as off:
        raise UsageError(off.what, at=variable, hint=_SWITCH if key == "read_only" else off.hint) from None
