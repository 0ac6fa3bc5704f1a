"""The published JSON Schema of a post-mortem's front matter."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


def text() -> str:
    """The schema as it is shipped."""
    return files("incident.exports").joinpath("postmortem.schema.json").read_text(encoding="utf-8")


@cache
def schema() -> dict[str, Any]:
    """The schema as data."""
    known: dict[str, Any] = json.loads(text())
    return known
