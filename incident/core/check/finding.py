"""A finding of the check, and the rule behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from incident.core.text import one_line


class Severity(StrEnum):
    """What a finding does to the exit code: errors and warnings are findings, info only when it is asked for."""

    ERROR = "error"  # it will hurt
    WARNING = "warning"  # it is likely to hurt
    INFO = "info"  # worth knowing


class About(StrEnum):
    """What a rule looks at."""

    RUNBOOK = "runbook"
    ALERT_RULES = "alert rules"
    CONFIG = "configuration"
    POST_MORTEM = "post-mortem"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that would hurt at 03:00, where it stands and what to do. Lines are counted from 1."""

    path: str
    line: int
    rule: str
    severity: Severity
    message: str
    hint: str
    allowed: str = ""  # the reason that its author gives for leaving it; it does not count then

    def as_json(self) -> dict[str, Any]:
        """The published shape of one entry of `incident check --format json`."""
        return {
            "path": self.path,
            "line": self.line,
            "rule": self.rule,
            "severity": self.severity.value,
            "message": self.message,
            "hint": self.hint,
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for. `bad` is a whole file in which it is found, `good` one in which it is not."""

    id: str
    about: About
    severity: Severity
    why: str
    bad: str
    good: str

    def found(self, path: str, line: int, message: str, hint: str, severity: Severity | None = None) -> Finding:
        """A finding of this rule; foreign text in the message is made inert."""
        return Finding(path, max(line, 1), self.id, severity or self.severity, one_line(message, 500), one_line(hint))
