"""Where changes come from. A kind is registered as a function `make(feed, around) -> ChangeSource`."""

from incident.sources.registry import Registry

KINDS = Registry("incident.changes", "change feed")
