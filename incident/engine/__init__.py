"""The one place where things happen: it watches, matches, runs and records. No screen, no HTTP.

Each name is loaded when it is asked for: `incident note` takes nothing from here but the log.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from incident.engine.engine import Engine
    from incident.engine.log import Log
    from incident.engine.parts import Parts, Settings
else:
    _HOMES = {"Engine": "engine", "Log": "log", "Parts": "parts", "Settings": "parts"}

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = ["Engine", "Log", "Parts", "Settings"]
