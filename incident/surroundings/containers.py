"""The daemon that docker talks to, and the workspace that terraform acts on."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from incident.core.command import Target
from incident.surroundings.git import bare_address
from incident.surroundings.place import Place, before_verb, flag, moved, named, text_of

_DOCKER_WITH_VALUE = frozenset(
    {"-H", "--host", "-c", "--context", "--config", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey", "-f",
     "--file", "-p", "--project-name"}
)  # fmt: skip
_ATTACHED = re.compile(r"-[Hc][^=]")  # `-Htcp://host`, which is one word
_CONTEXT, _WORKSPACE = "docker context", "terraform workspace"


def docker_target(_: str, words: Sequence[str], place: Place) -> Target:
    """`docker context prod / prod-1`, or the host that it was pointed at."""
    apart = [part for word in words for part in ((word[:2], word[2:]) if _ATTACHED.match(word) else (word,))]
    front, rest = before_verb(apart, _DOCKER_WITH_VALUE)
    if rest[:2] == ["context", "use"] and len(rest) == 3:
        place.switched[_CONTEXT] = rest[2]
        return Target()
    if host := flag(front, "-H", "--host"):
        return named(f"docker host {bare_address(host)}", "the command's --host")
    settings = _docker_folder(front, place)
    if settings is None:
        return Target()
    if context := flag(front, "-c", "--context"):
        return _docker_context(context, "the command's --context", settings)
    if host := place.value("DOCKER_HOST"):
        return named(f"docker host {bare_address(host)}", "DOCKER_HOST")
    for context, origin in (
        (place.value("DOCKER_CONTEXT"), "DOCKER_CONTEXT"),
        (place.switched.get(_CONTEXT) or "", "the line's context use"),
        (_text(_json(settings / "config.json").get("currentContext")), str(settings / "config.json")),
    ):
        if context:
            return _docker_context(context, origin, settings)
    return Target("docker context default", "nothing else is set")


def terraform_target(_: str, words: Sequence[str], place: Place) -> Target:
    """`terraform workspace prod`; none where terraform was not set up."""
    rest = [word for word in words if not word.startswith("-")]
    if rest[:1] == ["workspace"] and rest[1:2] in (["select"], ["new"]) and len(rest) > 2:
        place.switched[_WORKSPACE] = rest[2]
    folder = place.folder
    if changed := flag(words[:1], "-chdir"):
        folder = moved(folder, [changed])
    own = Path(place.value("TF_DATA_DIR") or ".terraform")
    if folder is None or not (folder / own).is_dir():
        return Target()
    for workspace, origin in (
        (place.value("TF_WORKSPACE"), "TF_WORKSPACE"),
        (place.switched.get(_WORKSPACE) or "", "the line's workspace select"),
        (text_of(folder / own / "environment").strip(), str(folder / own / "environment")),
    ):
        if workspace:
            return named(f"terraform workspace {workspace}", origin)
    return Target("terraform workspace default", f"{own} names no other")


def _docker_folder(front: Sequence[str], place: Place) -> Path | None:
    own = flag(front, "--config") or place.value("DOCKER_CONFIG")
    return place.path(own) if own else place.home / ".docker"


def _docker_context(name: str, origin: str, settings: Path) -> Target:
    """The context, with the daemon's address where that is on disk."""
    place = settings / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"
    endpoints = _json(place).get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    host = _text(docker.get("Host")) if isinstance(docker, dict) else ""
    return named(" / ".join(filter(None, (f"docker context {name}", bare_address(host)))), origin)


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(text_of(path))
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
