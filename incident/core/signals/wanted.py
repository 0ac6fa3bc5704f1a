"""A signal that a team asks for by its own query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT = "default"  # in the place of a service: for every service that has none of its own


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query in which `$labels.NAME` and `$service` stand for the alert's; the limit is in the query's own unit."""

    query: str
    unit: str = ""
    scale: float = 1.0  # from the query's own unit to the shown one
    limit: float | None = None
    floor: bool = False  # the limit is the lowest good value


def wanted_for(service: str, plans: Mapping[str, Mapping[str, Wanted]]) -> Mapping[str, Wanted]:
    """A service's own signals by name, and the default ones beside them."""
    return {**plans.get(DEFAULT, {}), **plans.get(service, {})}
