"""A game day: the engine's parts when the outside is a drill, and the part of the facilitator.

Each name is loaded when it is asked for: listing the drills takes nothing from here but their records.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from incident.game.play import Game, Notice
    from incident.game.records import FOLDER, Run, last_log, runs
else:
    _HOMES = {"Game": "play", "Notice": "play", "FOLDER": "records", "Run": "records", "last_log": "records",
              "runs": "records"}  # fmt: skip

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = ["FOLDER", "Game", "Notice", "Run", "last_log", "runs"]
