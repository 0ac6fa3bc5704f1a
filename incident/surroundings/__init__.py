"""Where commands run: as whom, in which folder, and what the tools that have an ambient target would act on."""

from incident.surroundings.here import RealSurroundings
from incident.surroundings.identity import host, login, started_at, this_process

__all__ = ["RealSurroundings", "host", "login", "started_at", "this_process"]
