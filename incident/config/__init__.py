"""The configuration: where it is found, what may stand in it, and errors that name the file, the line and the key."""

from incident.config.find import find, places, read, with_environment
from incident.config.model import KEYS, Config, Escalate, Feed, Http, Secret, Updates

__all__ = [
    "KEYS",
    "Config",
    "Escalate",
    "Feed",
    "Http",
    "Secret",
    "Updates",
    "find",
    "places",
    "read",
    "with_environment",
]
