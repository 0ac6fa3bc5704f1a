"""The one place where things happen: it watches, matches, runs and records. No screen, no HTTP."""

from incident.engine.engine import Engine
from incident.engine.log import Log
from incident.engine.parts import Parts, Settings

__all__ = ["Engine", "Log", "Parts", "Settings"]
