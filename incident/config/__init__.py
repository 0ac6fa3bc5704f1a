"""The configuration: where it is found, what may stand in it, and errors that name the file, the line and the key."""

from incident.config.find import find, places, read, with_environment
from incident.config.model import KEYS, Config, Feed, Http, Secret

__all__ = ["KEYS", "Config", "Feed", "Http", "Secret", "find", "places", "read", "with_environment"]
