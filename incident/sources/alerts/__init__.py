"""Where alerts come from."""

from incident.sources.registry import Registry

KINDS = Registry("incident.alerts", "alert source")
