"""The post-mortem draft: what the log can say by itself; judgement is left to people.

Each name is loaded when it is asked for: whoever only says how a document is to look builds none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from incident.core.postmortem.draft import build, default_name, is_drill
    from incident.core.postmortem.everybody import names, people
    from incident.core.postmortem.manner import HEADINGS, Audience, Manner
    from incident.core.postmortem.model import SCHEMA, PostMortem
    from incident.core.postmortem.writing import write
else:
    _HOMES = {
        "build": "draft", "default_name": "draft", "is_drill": "draft", "Manner": "manner", "HEADINGS": "manner",
        "SCHEMA": "model", "Audience": "manner", "PostMortem": "model", "names": "everybody", "people": "everybody",
        "write": "writing",
    }  # fmt: skip

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "HEADINGS",
    "SCHEMA",
    "Audience",
    "Manner",
    "PostMortem",
    "build",
    "default_name",
    "is_drill",
    "names",
    "people",
    "write",
]
