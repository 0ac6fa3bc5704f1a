"""What was run, how it ended, and who agreed to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from incident.core.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class CommandStarted(Fact):
    """A command is about to run: on disk before the process exists."""

    kind: ClassVar[str] = "command.started"
    run: str  # identity of this run
    text: str  # the command as shown, byte for byte
    argv: tuple[str, ...]
    directory: str
    output: str  # the file that takes its output
    step: str = ""
    step_text: str = ""
    effect: str = "unknown"
    target: str = ""
    origin: str = ""  # runbook file and line, or "typed by hand"
    shell: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    expected: str = ""  # how long the runbook says its step takes, `5 min`
    terminal: bool = False  # it had the real terminal; what it printed there is not known
    environment: tuple[str, ...] = ()  # names of the variables that it got from earlier commands of the incident
    approval: str = ""  # the request that a second person approved


@dataclass(frozen=True, slots=True)
class CommandFinished(Fact):
    """A command ended and was seen to end. `exit` is negative for a signal."""

    kind: ClassVar[str] = "command.finished"
    run: str
    exit: int
    seconds: float
    stopped: bool = False  # a person stopped it
    size: int = 0  # bytes of output
    head: tuple[str, ...] = ()  # its first lines
    tail: tuple[str, ...] = ()  # its last lines, when there were more
    meaning: str = ""  # the exit status in words
    left: tuple[str, ...] = ()  # the numbers of processes that it started and left running
    dropped: int = 0  # bytes out of the middle of its output that were not kept


@dataclass(frozen=True, slots=True)
class CommandFailed(Fact):
    """A started command never became a process; nothing ran."""

    kind: ClassVar[str] = "command.failed"
    run: str
    reason: str


@dataclass(frozen=True, slots=True)
class CommandLost(Fact):
    """A command was started and not seen to finish: its outcome is unknown."""

    kind: ClassVar[str] = "command.outcome_unknown"
    run: str
    reason: str


@dataclass(frozen=True, slots=True)
class CommandVerified(Fact):
    """A person looked at what became of a command whose outcome was unknown; it may be run again."""

    kind: ClassVar[str] = "command.verified"
    run: str
    text: str  # what was found


@dataclass(frozen=True, slots=True)
class CommandAttached(Fact):
    """A command that was typed by hand belongs to this step."""

    kind: ClassVar[str] = "command.attached"
    run: str
    step: str
    step_text: str


@dataclass(frozen=True, slots=True)
class ApprovalAsked(Fact):
    """A command waits for a second person: everything that its preflight showed."""

    kind: ClassVar[str] = "approval.asked"
    request: str  # identity of the request
    text: str
    argv: tuple[str, ...]
    directory: str
    who: str  # user@host that it would run as
    target: str
    target_origin: str = ""
    effect: str = "unknown"
    tier: str = ""
    origin: str = ""
    step_text: str = ""
    shell: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalAnswered(Fact):
    """A person said yes or no to a request; a requester's own yes counts for nothing."""

    kind: ClassVar[str] = "approval.answered"
    request: str
    person: str
    approved: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalWithdrawn(Fact):
    """Nobody waits for this request any more."""

    kind: ClassVar[str] = "approval.withdrawn"
    request: str
