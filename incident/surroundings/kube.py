"""The context and the namespace that kubectl and its relatives act on, as they read them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from incident.core.command import Target
from incident.errors import IncidentError
from incident.surroundings.place import Place, flag, named, text_of

_CURRENT = re.compile(
    r"^current-context:[ \t]*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s\"'#][^\n]*?))[ \t]*(?:#.*)?$", re.MULTILINE
)
_CONTEXT_FLAGS = ("--context", "--kube-context", "--kubecontext")
_ALL = ("-A", "--all-namespaces")
_CONTEXT, _NAMESPACE = "kube context", "kube namespace"


@dataclass(slots=True)
class _Settings:
    """What the kubeconfigs say together."""

    current: str = ""
    origin: str = ""  # the file that says so
    namespaces: dict[str, str] = field(default_factory=dict)  # by context
    whole: bool = True  # every file could be read to the end


def kube_target(tool: str, words: Sequence[str], place: Place) -> Target:
    """`prod-eu / checkout`; the context alone where the namespace is not certain."""
    _follow(tool, words, place)
    for switch in (_CONTEXT, _NAMESPACE):
        if place.switched.get(switch, "") is None:
            return Target()
    for name in ("--server", "--cluster"):
        if value := flag(words, name):
            return named(" / ".join(filter(None, (value, _asked(words)))), f"the command's {name}")
    settings = _settings(words, place)
    if settings is None:
        return Target()
    context, origin = _context(tool, words, place, settings)
    if not context:
        return Target()
    return named(" / ".join(filter(None, (context, _namespace(tool, words, place, settings, context)))), origin)


def kubectx(_: str, words: Sequence[str], place: Place) -> Target:
    """Follow a switch of the context for the rest of the line."""
    if words:
        place.switched[_CONTEXT] = None if words[0].startswith("-") else words[0]
    return Target()


def kubens(_: str, words: Sequence[str], place: Place) -> Target:
    """Follow a switch of the namespace for the rest of the line."""
    if words:
        place.switched[_NAMESPACE] = None if words[0].startswith("-") else words[0]
    return Target()


def _follow(tool: str, words: Sequence[str], place: Place) -> None:
    """Remember what this command itself switches."""
    if "use-context" in words[:-1]:
        place.switched[_CONTEXT] = words[words.index("use-context") + 1]
        place.switched.pop(_NAMESPACE, None)
    elif "set-context" in words or (tool == "oc" and words[:1] in (["project"], ["login"]) and len(words) > 1):
        simple = "--current" in words and flag(words, "--namespace")
        place.switched[_NAMESPACE] = simple or None


def _context(tool: str, words: Sequence[str], place: Place, settings: _Settings) -> tuple[str, str]:
    """The context's name, and from where it is known."""
    for name in _CONTEXT_FLAGS:
        if value := flag(words, name):
            return value, f"the command's {name}"
    if switched := place.switched.get(_CONTEXT):
        return switched, "the command's use-context"
    if tool == "helm" and place.value("HELM_KUBECONTEXT"):
        return place.value("HELM_KUBECONTEXT"), "HELM_KUBECONTEXT"
    return settings.current, settings.origin


def _namespace(tool: str, words: Sequence[str], place: Place, settings: _Settings, context: str) -> str:
    """The namespace; "" where it is not certain."""
    if asked := _asked(words):
        return asked
    if tool == "helm" and place.value("HELM_NAMESPACE"):
        return place.value("HELM_NAMESPACE")
    if switched := place.switched.get(_NAMESPACE):
        return switched
    if any(_may_name_one(word) for word in _own(words)):
        return ""
    if tool in ("flux", "velero", "istioctl", "linkerd", "cilium"):
        return ""  # each has a namespace of its own that it falls back to
    return settings.namespaces.get(context, "")


def _asked(words: Sequence[str]) -> str:
    """The namespace that the command names itself."""
    own = _own(words)
    if any(name in own or f"{name}=true" in own for name in _ALL):
        return "all namespaces"
    value = flag(own, "-n", "--namespace")
    attached = [word[2:].removeprefix("=") for word in own if re.match(r"-n[^=]", word)]
    return value or (attached[-1] if attached else "")


def _own(words: Sequence[str]) -> Sequence[str]:
    """The words for the tool itself; those behind `--` belong to another program."""
    return words[: words.index("--")] if "--" in words else words


def _may_name_one(word: str) -> bool:
    """Whether short flags written together may hold a namespace: `-itn checkout`."""
    return re.fullmatch(r"-[a-zA-Z]*n[\w=-]*", word) is not None and not word.startswith("-o")


def _settings(words: Sequence[str], place: Place) -> _Settings | None:
    """What the kubeconfigs say; None when one of their paths depends on a folder that nobody knows."""
    asked = flag(words, "--kubeconfig")
    listed = [asked] if asked else [path for path in place.value("KUBECONFIG").split(os.pathsep) if path]
    paths = [place.path(path) for path in listed] or [place.home / ".kube" / "config"]
    settings = _Settings()
    for path in paths:
        if path is None:
            return None
        _add(settings, path)
    return settings


def _add(settings: _Settings, path: Path) -> None:
    """One more kubeconfig: of what several files say, the first one counts."""
    text = text_of(path)
    data = _mapping(text)
    if data is None:
        # It may hold anchors and more that is not read here; its first-level current-context is still certain.
        settings.whole = False
        found = _CURRENT.search(text)
        current = (found[1] or found[2] or found[3] or "") if found else ""
    else:
        current = _word(data.get("current-context"))
        for context, namespace in _contexts(data):
            if settings.whole:  # an unread file in front of it may say otherwise
                settings.namespaces.setdefault(context, namespace)
    if current and not settings.current:
        settings.current, settings.origin = current, str(path)


def _mapping(text: str) -> Mapping[str, Any] | None:
    from incident.core.strict_yaml import load  # costs tens of milliseconds, and most commands are of other tools

    try:
        data = load(text, "kubeconfig").data
    except (IncidentError, RecursionError, ValueError):
        return None
    return data if isinstance(data, dict) else {} if data is None else None


def _contexts(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    listed = data.get("contexts")
    known = []
    for item in listed if isinstance(listed, list) else ():
        inner = item.get("context") if isinstance(item, dict) else None
        if isinstance(inner, dict):
            known.append((_word(item.get("name")), _word(inner.get("namespace")) or "default"))
    return known


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
