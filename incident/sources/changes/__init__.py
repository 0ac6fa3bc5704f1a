"""Where changes come from."""

from incident.sources.registry import Registry

KINDS = Registry("incident.changes", "change feed")
