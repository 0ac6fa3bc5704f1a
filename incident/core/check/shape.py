"""Data held against a JSON Schema: the part of the language that the published schemas are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]
Fault = tuple[Path, str]

# A schema with a word that is not here would be read as if it said less than it does.
KNOWN = frozenset(
    {"$schema", "$id", "$ref", "$defs", "title", "description", "type", "required", "properties",
     "additionalProperties",
     "items", "const", "enum", "anyOf", "pattern", "minLength", "minimum"}
)  # fmt: skip
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def faults(data: Any, schema: Mapping[str, Any]) -> list[Fault]:
    """Where the data is not as the schema has it, and how. Raises ValueError for other schemas."""
    return list(_faults(data, schema, schema, ()))


def _faults(data: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    if beyond := set(schema) - KNOWN:
        raise ValueError(f"the schema says {', '.join(sorted(beyond))}")
    if "$ref" in schema:
        yield from _faults(data, root["$defs"][str(schema["$ref"]).rpartition("/")[2]], root, path)
        return
    if "anyOf" in schema:
        ways = [list(_faults(data, way, root, path)) for way in schema["anyOf"]]
        if all(ways):
            yield path, f"{_shown(data)} is neither {' nor '.join(_wanted(way) for way in schema['anyOf'])}"
        return
    wrong = _wrong(data, schema)
    if wrong:
        yield path, wrong
    elif isinstance(data, dict):
        yield from _in_object(data, schema, root, path)
    elif isinstance(data, list):
        for place, item in enumerate(data):
            yield from _faults(item, schema.get("items", {}), root, (*path, place))


def _in_object(
    data: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], path: Path
) -> Iterator[Fault]:
    known = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in data:
            yield path, f"the key `{key}` is missing"
    for key, value in data.items():
        if key in known:
            yield from _faults(value, known[key], root, (*path, key))
        elif schema.get("additionalProperties") is False:
            yield (*path, key), f"`{key}` is none of {', '.join(known)}"


def _wrong(data: Any, schema: Mapping[str, Any]) -> str:
    """What is wrong with a value itself, "" for nothing."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is_a(data, kind) for kind in kinds):
        return f"{_shown(data)} is no {' and no '.join(kinds)}"
    if "const" in schema and data != schema["const"]:
        return f"{_shown(data)} is not `{schema['const']}`"
    if "enum" in schema and data not in schema["enum"]:
        return f"{_shown(data)} is none of {', '.join(map(str, schema['enum']))}"
    if isinstance(data, str):
        if len(data) < schema.get("minLength", 0):
            return "nothing stands here"
        if "pattern" in schema and not re.search(schema["pattern"], data):
            return f"{_shown(data)} is not written as it has to be"
    if _is_a(data, "number") and data < schema.get("minimum", data):
        return f"{_shown(data)} is less than {schema['minimum']}"
    return ""


def _is_a(data: Any, kind: str) -> bool:
    if isinstance(data, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(data, float):
        return data.is_integer()
    return isinstance(data, _KINDS[kind])


def _wanted(schema: Mapping[str, Any]) -> str:
    return f"`{schema['const']}`" if "const" in schema else f"a {schema.get('type', 'value')}"


def _shown(data: Any) -> str:
    return "nothing" if data is None else f"`{str(data)[:60]}`"
