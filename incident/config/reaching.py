"""How the servers are reached: certificates, and where the secrets are to be had from."""

from __future__ import annotations

import re
from typing import Any

from incident.config.model import Http, Secret
from incident.config.spot import ELSEWHERE, SECRET_NAME, Spot
from incident.errors import ConfigError

# The two with `_file` are a shorter way to write {file: PATH}.
_KEYS = (
    "ca_file", "cert_file", "key_file", "bearer_token", "bearer_token_file", "username", "password", "password_file",
    "headers", "config_file",
)  # fmt: skip
_CREDENTIALS = re.compile(r"(?i)(?:bearer|basic|token|digest|apikey)\s")


def http(spot: Spot) -> Http:
    """The part `http`. Raises ConfigError."""
    known: dict[str, Any] = {}
    for key, item in spot.pairs():
        if key not in _KEYS:
            raise item.unknown(key, _KEYS, " in http")
        match key:
            case "headers":
                known[key] = {name: _header(name, value) for name, value in item.pairs()}
            case "bearer_token" | "password":
                _once(key, known, item)
                known[key] = item.secret()
            case "bearer_token_file" | "password_file":
                _once(key.removesuffix("_file"), known, item)
                known[key.removesuffix("_file")] = Secret(file=str(item.place()))
            case "username":
                known[key] = item.text()
            case _:
                known[key] = str(item.place())
    if "config_file" in known and len(known) > 1:
        raise ConfigError(
            "`config_file` says everything by itself",
            at=spot.where,
            hint="take out the other keys of http, or this one",
        )
    return Http(**known)


def _once(key: str, known: dict[str, Any], item: Spot) -> None:
    if key in known:
        raise ConfigError(f"`http.{key}` is given twice", at=item.where, hint="keep one of the two")


def _header(name: str, spot: Spot) -> str | Secret:
    if isinstance(spot.value, dict):
        return spot.secret()
    text = spot.text()
    if SECRET_NAME.search(name) or _CREDENTIALS.match(text):
        raise ConfigError(
            f"the value of the header `{name}` may not stand in the configuration", at=spot.where, hint=ELSEWHERE
        )
    return text
