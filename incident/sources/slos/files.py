"""Which objectives stand in a file or a folder. What cannot be read is named and does not hide the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from incident.core.budget.slo import Promises, Slo
from incident.errors import ConfigError, IncidentError
from incident.sources.checked_files import bytes_of, files_under
from incident.sources.rule_files import documents
from incident.sources.slos import openslo, pyrra, sloth
from incident.sources.slos.node import Node

SUFFIXES = (".yml", ".yaml", ".rules")
_UNKNOWN = "there is no objective of Sloth, Pyrra or OpenSLO in this file"


def read_files(places: Iterable[Path]) -> Promises:
    """Every objective in these files and folders."""
    tops: list[Node] = []
    named: set[str] = set()  # files that were named themselves: an objective is expected in each
    problems: list[ConfigError] = []
    for place in places:
        try:
            files = list(files_under(place, SUFFIXES)) if place.is_dir() else [place]
            named |= set() if place.is_dir() else {str(place)}
            if not files:
                raise ConfigError("there is no YAML file in this folder", at=str(place), hint="check `slo_files`")
            for file in files:
                tops += _tops(bytes_of(file).decode("utf-8-sig", "replace"), str(file))
        except IncidentError as off:
            problems.append(ConfigError(off.what, at=off.at, hint=off.hint))
    found = _read(tops)
    told = {one.origin.rpartition(":")[0] for one in found.slos} | {one.at.rpartition(":")[0] for one in found.problems}
    told |= {problem.at.rpartition(":")[0] or problem.at for problem in problems} | {one.at for one in problems}
    told |= {top.document.name for top in tops if openslo.is_indicator(top)}
    problems += [ConfigError(_UNKNOWN, at=name, hint="check `slo_files`") for name in sorted(named - told)]
    return Promises(found.slos, (*problems, *found.problems))


def read_text(text: str, name: str) -> Promises:
    """Every objective in one text."""
    try:
        return _read(_tops(text, name))
    except ConfigError as off:
        return Promises(problems=(off,))


def _tops(text: str, name: str) -> list[Node]:
    found = []
    for document in documents(text, name, ConfigError):
        data = document.data
        if isinstance(data, dict) and data.get("kind") == "List" and isinstance(data.get("items"), list):
            nodes = list(Node(document, data).need("items").items())
        else:
            nodes = list(Node(document, data).items()) if isinstance(data, list) else [Node(document, data)]
        found += [node for node in nodes if isinstance(node.value, dict)]
    return found


def _read(tops: list[Node]) -> Promises:
    indicators = {_name(top): top for top in tops if openslo.is_indicator(top)}
    slos: list[Slo] = []
    problems: list[ConfigError] = []
    for top in tops:
        try:
            for one in _in(top, indicators):
                if isinstance(one, ConfigError):
                    problems.append(one)
                elif any(one.title == known.title for known in slos):
                    what = f"the objective {one.title} stands here a second time"
                    problems.append(ConfigError(what, at=one.origin, hint="rename it, or leave one of the files out"))
                else:
                    slos.append(one)
        except ConfigError as off:
            problems.append(off)
    return Promises(tuple(slos), tuple(problems))


def _in(top: Node, indicators: Mapping[str, Node]) -> Iterator[Slo | ConfigError]:
    if sloth.is_own(top):
        return sloth.slos(top)
    if pyrra.is_own(top):
        return pyrra.slos(top)
    if openslo.is_own(top):
        return openslo.slos(top, indicators)
    return sloth.recorded(top) if sloth.is_recorded(top) else iter(())


def _name(top: Node) -> str:
    metadata = top.value.get("metadata")
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
