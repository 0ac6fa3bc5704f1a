"""What a check has to be told about the world outside the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from incident.core.alert import INFO_WORDS, PAGE_WORDS
from incident.core.check.page import Neighbours
from incident.core.ports import Listed
from incident.core.runbook import Runbook


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of the world around one runbook."""

    today: date  # UTC
    neighbours: Neighbours
    complaint: Callable[[str], str]  # what a shell says about a text it cannot read; "" when it can
    missing: Callable[[str], bool] | None = None  # whether a program is not on this machine; None: nobody asked
    led_to: bool | None = None  # whether an alert rule leads here; None: no rules were given


@dataclass(frozen=True, slots=True)
class Library:
    """The runbooks that alerts may lead to, and what severity words mean here."""

    listing: tuple[Listed, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)  # the configuration's runbook_map
    runbook: Callable[[str, str], Runbook | None] = lambda root, path: None
    homes: frozenset[str] = frozenset()  # the web addresses under which some link leads to a runbook here
    page: frozenset[str] = PAGE_WORDS
    info: frozenset[str] = INFO_WORDS
