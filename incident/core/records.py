"""What an incident keeps of its alerts, steps, commands and approvals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incident.core import facts
from incident.core.alert import Alert, Severity, severity_of
from incident.core.event import Writer
from incident.core.facts import Tick
from incident.core.when import Precision, run_time


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone's time, how exactly it is known, and who says so."""

    at: datetime
    precision: Precision
    source: str


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert of the incident, from firing to resolved."""

    fired: facts.AlertFired
    resolved_at: datetime | None = None
    began: Mark | None = None  # where a person corrected when it began to fire
    ended: Mark | None = None  # where a person corrected when it was resolved

    @property
    def start(self) -> Mark:
        """When it began to fire."""
        return self.began or Mark(self.fired.starts_at, Precision.SECOND, self.fired.source)

    @property
    def end(self) -> Mark | None:
        """When it was resolved, None while that is not known."""
        if self.resolved_at is None:
            return None
        return self.ended or Mark(self.resolved_at, Precision.SECOND, self.fired.source)

    @property
    def name(self) -> str:
        """The name to show, never empty."""
        return self.as_alert().title

    def as_alert(self) -> Alert:
        """The alert as it was when it joined, for matching and parameters when its source is gone."""
        known = {item.value for item in Severity}
        word = self.fired.severity
        return Alert(
            fingerprint=self.fired.fingerprint,
            name=self.fired.name,
            severity=Severity(word) if word in known else severity_of(word),
            starts_at=self.fired.starts_at,
            source=self.fired.source,
            labels=self.fired.labels,
            annotations=self.fired.annotations,
            expression=self.fired.expression,
        )


@dataclass(frozen=True, slots=True)
class TickRecord:
    """What became of a step, when, and by whom."""

    tick: Tick
    at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The way taken at a fork of the runbook."""

    branch: str
    condition: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter's value and where it came from."""

    value: str
    origin: str


REDACTED = "(redacted)"  # in the place of what nobody is to know any more


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """A command of the incident, from the intent to run it to its end."""

    started: facts.CommandStarted
    at: datetime
    writer: Writer
    finished: facts.CommandFinished | None = None
    ended_at: datetime | None = None
    failed: str = ""
    lost: str = ""
    verified: str = ""  # what a person found when its outcome was unknown
    attached: str = ""  # the step that it was counted to afterwards

    @property
    def step(self) -> str:
        """The step that it belongs to, "" for none."""
        return self.attached or self.started.step

    @property
    def open(self) -> bool:
        """Started, and nothing is known of its end."""
        return self.finished is None and not self.failed and not self.lost

    @property
    def outcome(self) -> str:
        """`exit 0, 4s`, `outcome unknown`, `did not start`, `running`: as far as it is known."""
        if self.failed:
            return "did not start"
        if self.lost == REDACTED:
            return "ended, redacted"
        if self.finished is None:
            return "outcome unknown" if self.lost else "running at the terminal" if self.started.terminal else "running"
        how = "stopped, " if self.finished.stopped else ""
        meaning = f" ({self.finished.meaning})" if self.finished.meaning else ""
        return f"{how}exit {self.finished.exit}{meaning}, {run_time(self.finished.seconds)}"


@dataclass(frozen=True, slots=True)
class Approval:
    """A command that waits, or waited, for a second person."""

    asked: facts.ApprovalAsked
    at: datetime
    requester: str
    person: str = ""  # who answered; "" as long as nobody has
    approved: bool = False
    reason: str = ""
    withdrawn: bool = False

    @property
    def answered(self) -> bool:
        """Somebody said yes or no."""
        return bool(self.person)

    @property
    def granted(self) -> bool:
        """A second person said yes, and it was not withdrawn before."""
        return self.approved and not self.withdrawn
