"""YAML from files that may be wrong or hostile: plain data with line numbers, and nothing that surprises.

Refused with the line: aliases, anchors and merge keys (a few hundred bytes of them can hang a loader), tags, keys that
occur twice, a second document, deep or huge ones. A plain scalar is a number, true, false or null only when it is
written as such; `no`, `on`, `12:30` and `007` stay the text they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from incident.errors import ConfigError, IncidentError

MAX_DEPTH = 32
MAX_NODES = 50_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"(0|-?[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]+([eE][-+]?[0-9]{1,2})?\Z")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile("\r\n?|[\n\x85\u2028\u2029]")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document's data (dicts, lists, str, int, float, bool, None) and where each of its values stands."""

    data: Any
    name: str
    lines: dict[Path, int] = field(default_factory=dict)

    def at(self, *path: str | int) -> str:
        """`file:line` of a value, or of the nearest one around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return f"{self.name}:{self.lines[path[:end]]}"
        return self.name


def load(text: str, name: str, error: type[IncidentError] = ConfigError) -> Document:
    """Read one document; an empty one is None. Raises `error` with `name:line`."""
    text = text.removeprefix("\ufeff")
    if odd := _NOT_TEXT.search(text):
        line = len(_LINE_BREAK.findall(text, 0, odd.start())) + 1
        raise error(f"the character U+{ord(odd[0]):04X} is not read", at=f"{name}:{line}", hint="take it out")
    try:
        _refuse_tricks(text, name, error)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as broken:
        raise _invalid(broken, text, name, error) from None
    lines: dict[Path, int] = {}
    data = None if root is None else _value(root, (), lines, name, error)
    return Document(data, name, lines)


def _invalid(broken: yaml.MarkedYAMLError, text: str, name: str, error: type[IncidentError]) -> IncidentError:
    mark: Any = broken.problem_mark or broken.context_mark  # a loader always knows one of them
    number = mark.line
    line = "".join(_LINE_BREAK.split(text)[number : number + 1])
    tabbed = "\t" in line[: len(line) - len(line.lstrip())]
    return error(
        f"this is not valid YAML: {broken.problem or broken.context}",
        at=f"{name}:{number + 1}",
        hint="indent with blanks, not tabs" if tabbed else "check indentation, quotes and colons",
    )


def _refuse_tricks(text: str, name: str, error: type[IncidentError]) -> None:
    depth = documents = 0
    event: Any  # the stubs know neither marks that are always there nor the tags
    for nodes, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        line = event.start_mark.line + 1
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise error("a second document begins here", at=f"{name}:{line}", hint="keep one; `---` begins another")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise error("aliases and anchors are not read", at=f"{name}:{line}", hint="write the value out")
        if getattr(event, "tag", None):
            raise error(f"the tag {event.tag} is not read", at=f"{name}:{line}", hint="write a plain value")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise error("this document is too deep or too large", at=f"{name}:{line}", hint="split it or flatten it")


def _value(node: Any, path: Path, lines: dict[Path, int], name: str, error: type[IncidentError]) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), lines, name, error) for index, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(node)
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise error("a key has to be a word", at=f"{name}:{line}", hint="write `key: value` lines")
        key = str(key_node.value)
        if key == "<<" and not key_node.style:
            raise error("merge keys are not read", at=f"{name}:{line}", hint="write the values out")
        if key in data:
            raise error(f"the key `{key}` stands here twice", at=f"{name}:{line}", hint="keep one of them")
        data[key] = _value(value_node, (*path, key), lines, name, error)
        lines[(*path, key)] = line
    return data


def _scalar(node: Any) -> Any:
    text = str(node.value)
    if node.style:  # quoted, or a block: text, whatever it looks like
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) else text
