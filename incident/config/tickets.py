"""The key `tickets`: which tracker gets the tickets of action items."""

from __future__ import annotations

import re
from typing import Any

from incident.config.model import Tickets
from incident.config.spot import Spot
from incident.errors import ConfigError

KINDS = ("github", "gitlab", "gitea", "jira")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+\Z")
_KEY = re.compile(r"[A-Z][A-Z0-9_]+\Z")
_BESIDE = {
    "github": (),
    "gitlab": ("url", "token"),
    "gitea": ("url", "token"),
    "jira": ("url", "token", "user", "type"),
}
_EXAMPLE = "for example {github: acme/shop}, or {jira: SHOP, url: https://acme.example, token: {env: JIRA_TOKEN}}"


def tickets(spot: Spot) -> Tickets:
    """The tracker. Raises ConfigError."""
    known = dict(spot.pairs())
    kinds = [kind for kind in KINDS if kind in known]
    if len(kinds) != 1:
        raise ConfigError(f"`tickets` is one of {', '.join(KINDS)}", at=spot.where, hint=_EXAMPLE)
    kind = kinds[0]
    for key, item in known.items():
        if key != kind and key not in _BESIDE[kind]:
            raise item.unknown(key, _BESIDE[kind], f" beside `{kind}`")
    if kind != "github" and not ("url" in known and "token" in known):
        raise ConfigError(f"`{kind}` needs a url and a token", at=spot.where, hint=_EXAMPLE)
    more: dict[str, Any] = {}
    for key, item in known.items():
        match key:
            case "url":
                more["url"] = item.url()
            case "token":
                more["token"] = item.secret()
            case "user" | "type":
                more[key] = item.text()
    return Tickets(kind, _project(kind, known[kind]), **more)


def _project(kind: str, spot: Spot) -> str:
    text = spot.text()
    numbered = kind == "gitlab" and text.isdecimal()
    if not numbered and not (_KEY if kind == "jira" else _REPOSITORY).match(text):
        raise spot.wrong("a project's key such as SHOP" if kind == "jira" else "a repository such as acme/shop")
    return text
