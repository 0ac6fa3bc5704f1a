"""An alert as its source reports it, cleaned at the door."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# Labels that name who is affected and where, in the order in which teams mean them.
_SERVICE_LABELS = ("service", "service_name", "app", "application", "app_kubernetes_io_name", "job")
_PLACE_LABELS = (
    "endpoint", "path", "handler", "route", "queue", "topic", "pod", "container", "deployment", "device", "mountpoint",
    "host", "hostname", "node", "instance", "namespace", "cluster", "region", "environment",
)  # fmt: skip
_JOB_IN_EXPRESSION = re.compile(r"""\bjob\s*=\s*["']([^"']+)["']""")


class Severity(StrEnum):
    """Who has to act, and when: a page now, a ticket in working hours, information never."""

    PAGE = "page"
    TICKET = "ticket"
    INFO = "info"


PAGE_WORDS = frozenset(
    {"page", "critical", "crit", "emergency", "fatal", "p0", "p1", "sev0", "sev1", "1", "urgent", "disaster"}
)
INFO_WORDS = frozenset({"none", "info", "information", "informational", "notice", "debug", "ok"})


def severity_of(value: str, page: frozenset[str] = PAGE_WORDS, info: frozenset[str] = INFO_WORDS) -> Severity:
    """What a severity label means; a word nobody taught us is a ticket, so that it is seen."""
    word = value.strip().lower()
    if word in page:
        return Severity.PAGE
    return Severity.INFO if word in info else Severity.TICKET


class AlertState(StrEnum):
    """What the source says of a firing alert."""

    ACTIVE = "active"
    SILENCED = "silenced"
    INHIBITED = "inhibited"


@dataclass(frozen=True, slots=True)
class Alert:
    """One firing alert. Every text is clean; times are UTC."""

    fingerprint: str  # the source's identity of the label set
    name: str  # "" when the source gave none
    severity: Severity
    starts_at: datetime
    source: str  # the name of the source that reported it
    state: AlertState = AlertState.ACTIVE
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    expression: str = ""  # the rule's own query, when the source links to it

    @property
    def occurrence(self) -> str:
        """Identity of this firing: an alert that fires again keeps the fingerprint with a new start."""
        return f"{self.fingerprint}@{self.starts_at:%Y%m%dT%H%M%S}"

    @property
    def title(self) -> str:
        """The name to show, never empty."""
        return self.name or "(alert without a name)"

    @property
    def summary(self) -> str:
        """The one sentence that the rule's author wrote, or "" ."""
        for key in ("summary", "message", "description", "title"):
            if words := self.annotations.get(key, "").split():
                return " ".join(words)
        return ""

    @property
    def service(self) -> str:
        """The service the labels name, else the one job its expression selects, else "" ."""
        for label in _SERVICE_LABELS:
            if self.labels.get(label):
                return self.labels[label]
        jobs = set(_JOB_IN_EXPRESSION.findall(self.expression))
        return jobs.pop() if len(jobs) == 1 else ""

    @property
    def place(self) -> str:
        """The most telling label of where it fires, or "" ."""
        return next((self.labels[label] for label in _PLACE_LABELS if self.labels.get(label)), "")


_RANK = {Severity.PAGE: 0, Severity.TICKET: 1, Severity.INFO: 2}


def in_order(alerts: list[Alert]) -> list[Alert]:
    """Pages before tickets, the active before the muted, the newest first; stable for equal ones."""
    return sorted(
        alerts,
        key=lambda a: (a.state is not AlertState.ACTIVE, _RANK[a.severity], -a.starts_at.timestamp(), a.fingerprint),
    )
