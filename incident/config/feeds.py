"""The key `changes`: where changes are told, one feed after the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from incident.config.model import Feed
from incident.config.spot import Spot
from incident.core.change import ChangeKind
from incident.core.text import one_line
from incident.errors import ConfigError

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+\Z")
_REF = re.compile(r"[\w./@{}*?\[\]-]+\Z")
_WORD = re.compile(r"[\w. /-]+\Z")
_ANY = ("name", "service")
# Per kind of feed: what else may stand beside it.
_KEYS = {
    "command": (),
    "github": ("environment", "workflow", "branch", "token", "url", "ca_file"),
    "git": ("branch", "tags", "change"),
    "terraform": ("program", "var_files"),
    "feed": ("token", "with"),  # a kind that another package offers
}
_EXAMPLE = "for example {name: deploys, command: [./deploys.sh, --json]}; `incident help feeds` shows more"


def feeds(spot: Spot) -> tuple[Feed, ...]:
    """Every feed; two of one name are told apart by a number. Raises ConfigError."""
    if not isinstance(spot.value, list):
        raise spot.wrong()
    found: list[Feed] = []
    for item in spot.items():
        feed, count = _feed(item), 1
        taken, name = {one.name for one in found}, feed.name
        while name in taken:
            count += 1
            name = f"{feed.name} {count}"
        found.append(Feed(name, feed.command, feed.kind, feed.service, feed.token, feed.options))
    return tuple(found)


def _feed(item: Spot) -> Feed:
    known = dict(item.pairs()) if isinstance(item.value, dict) else {}
    kinds = [kind for kind in _KEYS if kind in known]
    allowed = (*_ANY, *(kinds[:1] or _KEYS), *(_KEYS[kinds[0]] if kinds else ()))
    for key, inner in known.items():
        if key not in allowed:
            if key in _KEYS:
                raise ConfigError(
                    f"a change feed is one of `{kinds[0]}` and `{key}`", at=inner.where, hint="make them two feeds"
                )
            raise inner.unknown(key, allowed, " in a change feed")
    if not kinds:
        others = ", ".join(kind for kind in _KEYS if kind not in ("command", "feed"))
        raise ConfigError(f"a change feed needs a command, or one of {others}", at=item.where, hint=_EXAMPLE)
    name = one_line(known["name"].text()) if "name" in known else ""
    service = one_line(known["service"].text()) if "service" in known else ""
    token = known["token"].secret() if "token" in known else None
    reader: Callable[[dict[str, Spot]], tuple[str, str, dict[str, Any]]] = _READERS[kinds[0]]
    kind, called, options = reader(known)
    return Feed(name or called, options.pop("command", ()), kind, service, token, options)


def _command(known: dict[str, Spot]) -> tuple[str, str, dict[str, Any]]:
    command = known["command"]
    if not isinstance(command.value, list) or not command.value:
        raise ConfigError("a change feed needs a command, as a list of words", at=command.where, hint=_EXAMPLE)
    argv = tuple(word.text() for word in command.items())
    return "command", Path(argv[0]).name, {"command": argv}


def _github(known: dict[str, Spot]) -> tuple[str, str, dict[str, Any]]:
    repository = _matching(known["github"], _REPOSITORY, "OWNER/REPOSITORY, such as acme/shop")
    if "environment" in known and "workflow" in known:
        where = known["workflow"].where
        raise ConfigError(
            "a change feed tells of an environment's deployments or of a workflow's runs", at=where,
            hint="make them two feeds",
        )  # fmt: skip
    options: dict[str, Any] = {"repository": repository}
    options |= {key: _matching(known[key], _WORD, "a name") for key in ("environment", "workflow") if key in known}
    if "branch" in known:
        options["branch"] = _ref(known["branch"])
    if "url" in known:
        options["url"] = known["url"].url()
    if "ca_file" in known:
        options["ca_file"] = str(known["ca_file"].place())
    return "github", repository, options


def _git(known: dict[str, Spot]) -> tuple[str, str, dict[str, Any]]:
    folder = known["git"].place()
    options: dict[str, Any] = {key: _ref(known[key]) for key in ("branch", "tags") if key in known}
    if len(options) > 1:
        raise ConfigError(
            "a change feed tells of a branch or of tags", at=known["tags"].where, hint="make them two feeds"
        )
    if "change" in known:
        options["change"] = _matching(
            known["change"], re.compile(f"(?:{'|'.join(ChangeKind)})\\Z"), " or ".join(ChangeKind)
        )
    return "git", folder.name or str(folder), {"folder": str(folder), **options}


def _terraform(known: dict[str, Spot]) -> tuple[str, str, dict[str, Any]]:
    folder = known["terraform"].place()
    options: dict[str, Any] = {"folder": str(folder)}
    if "program" in known:
        options["program"] = known["program"].text()
    if "var_files" in known:
        options["var_files"] = tuple(str(item.place()) for item in known["var_files"].items())
    return "terraform", f"drift of {folder.name or folder}", options


def _offered(known: dict[str, Spot]) -> tuple[str, str, dict[str, Any]]:
    """A feed of another package: what it needs to know is its own business."""
    kind = one_line(known["feed"].text())
    options = dict(known["with"].pairs()) if "with" in known else {}
    return kind, kind, {key: _plain_value(item) for key, item in options.items()}


def _plain_value(item: Spot) -> str | tuple[str, ...]:
    return tuple(part.text() for part in item.items()) if isinstance(item.value, list) else item.text()


def _ref(item: Spot) -> str:
    """A branch or a pattern of tags. What begins with a dash would be an option of git."""
    return _matching(item, _REF, "a branch or a tag, such as origin/main or v*")


def _matching(item: Spot, shape: re.Pattern[str], words: str) -> str:
    text = item.text().strip()
    if not shape.match(text) or text.startswith("-"):
        raise item.wrong(words)
    return text


_READERS = {"command": _command, "github": _github, "git": _git, "terraform": _terraform, "feed": _offered}
