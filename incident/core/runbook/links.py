"""What an alert's annotations and labels point to: links taken apart, and refused where they lead out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from incident.core.text import hides_something, one_line

_KEYS = re.compile(
    r"(?:runbook|playbook|sop|rundoc)(?:url|link|path|uri|file|page|doc)?\Z|(?:url|link)(?:runbook|playbook)\Z"
)
_NOTHING = frozenset({"", "todo", "tbd", "none", "n/a", "na", "null", "-", "?", "fixme", "false"})
_FORGE_VIEW = frozenset({"blob", "tree", "raw", "blame", "edit", "src", "browse", "wiki"})
_TEMPLATE = re.compile(r"\{\{|\}\}|\$\{|<no value>")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
MAX_LINK = 2_000


@dataclass(frozen=True, slots=True)
class Link:
    """A link's path in segments, without what a forge's web page adds around a repository's own path."""

    segments: tuple[str, ...] = ()
    anchor: str = ""
    host: str = ""  # "" for a path
    repository: str = ""  # on a forge, the repository's name
    absolute: str = ""  # the path as written, when it is a full one
    refused: str = ""  # why it is not followed, in words


def shown(value: str) -> str:
    """A link as a person may read it: short, and without the user and password in it."""
    return one_line(re.sub(r"//[^/@\s]{0,200}@", "//", value[:MAX_LINK]), 120)


def links_of(labels: Mapping[str, str], annotations: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The runbook links as (where, value): annotations before labels, in their own order."""
    for where, texts in (("annotation", annotations), ("label", labels)):
        for key, value in texts.items():
            if not _KEYS.match(re.sub(r"[^a-z]", "", key.lower())):
                continue
            if value.strip().lower() not in _NOTHING:
                yield f"{where} {one_line(key, 60)}", value.strip()


def link_in(value: str, mapping: Mapping[str, str]) -> Link:
    """Take a link apart; `mapping` may give a beginning of links its place under the roots."""
    if len(value) > MAX_LINK or hides_something(value):
        return Link(refused="the link to the runbook is too long or holds hidden characters")
    if _TEMPLATE.search(value):
        return Link(refused=f"the link {shown(value)} is a template that nobody filled in")
    for beginning in sorted(mapping, key=len, reverse=True):
        if _SCHEME.match(beginning) and value.startswith(beginning):
            rest = value[len(beginning) :].lstrip("/")
            value = f"{mapping[beginning].rstrip('/')}/{rest}".lstrip("/")
            break
    try:
        parts = urlsplit(value)
    except ValueError:
        return Link(refused=f"the link {shown(value)} cannot be read")
    if parts.scheme in ("http", "https"):
        return _web(parts.netloc, parts.path, parts.fragment)
    if _SCHEME.match(value) or value.startswith("//"):
        return Link(refused=f"the link {shown(value)} is not followed: only https links and paths are")
    path, _, anchor = value.partition("#")
    return _with_segments(unquote(path), anchor, absolute=path if path.startswith("/") else "")


def _web(host: str, path: str, fragment: str) -> Link:
    segments = [unquote(segment) for segment in path.split("/") if segment]
    if ".." in segments:
        return Link(refused="the link to the runbook leads out of its folder")
    view = next((i for i, segment in enumerate(segments) if segment in _FORGE_VIEW and i >= 2), None)
    if view is None:
        return Link(tuple(segments), unquote(fragment), host)
    repository = segments[1] if segments[view - 1] == "-" or view == 2 else segments[view - 1]
    if segments[view - 1] == "-":
        repository = segments[view - 2]
    inner = segments[view + 1 :] if segments[view] == "wiki" else segments[view + 2 :]
    return Link(tuple(inner), unquote(fragment), host, repository)


def _with_segments(path: str, anchor: str, absolute: str) -> Link:
    segments = tuple(segment for segment in path.split("/") if segment not in ("", "."))
    if ".." in segments:
        return Link(refused=f"the link {shown(path)} leads out of the runbook folders")
    return Link(segments, unquote(anchor), absolute=absolute)
