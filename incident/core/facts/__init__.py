"""What can happen in an incident, as typed facts."""

from __future__ import annotations

from incident.core.facts.alerts import (
    Acknowledged,
    AlertFired,
    AlertResolved,
    ChangeSeen,
    Measured,
    SignalSeen,
    SourceBack,
    SourceLost,
)
from incident.core.facts.commands import (
    ApprovalAnswered,
    ApprovalAsked,
    ApprovalWithdrawn,
    CommandAttached,
    CommandFailed,
    CommandFinished,
    CommandLost,
    CommandStarted,
    CommandVerified,
)
from incident.core.facts.drills import (
    DrillBegun,
    DrillDebriefed,
    HotWashAnswered,
)
from incident.core.facts.fact import (
    Fact,
    Unrecognised,
)
from incident.core.facts.people import (
    Exported,
    HandedOver,
    Imported,
    IncidentClosed,
    IncidentOpened,
    IncidentReopened,
    Joined,
    LinkAdded,
    Milestone,
    MilestoneSet,
    Remark,
    Remarked,
    SeveritySet,
)
from incident.core.facts.record import (
    ClockChecked,
    ClockStepped,
    Corrected,
    Paused,
    Redacted,
    Tombstone,
)
from incident.core.facts.runbook import (
    BranchChosen,
    BranchUnchosen,
    ParameterSet,
    RunbookOpened,
    StepTicked,
    StepUnticked,
    Tick,
)
from incident.core.facts.telling import (
    EscalationDue,
    EscalationTold,
    UpdateBegun,
    UpdateFailed,
    UpdateLost,
    UpdateSent,
)

__all__ = [
    "KINDS",
    "Acknowledged",
    "AlertFired",
    "AlertResolved",
    "ApprovalAnswered",
    "ApprovalAsked",
    "ApprovalWithdrawn",
    "BranchChosen",
    "BranchUnchosen",
    "ChangeSeen",
    "ClockChecked",
    "ClockStepped",
    "CommandAttached",
    "CommandFailed",
    "CommandFinished",
    "CommandLost",
    "CommandStarted",
    "CommandVerified",
    "Corrected",
    "DrillBegun",
    "DrillDebriefed",
    "EscalationDue",
    "EscalationTold",
    "Exported",
    "Fact",
    "HandedOver",
    "HotWashAnswered",
    "Imported",
    "IncidentClosed",
    "IncidentOpened",
    "IncidentReopened",
    "Joined",
    "LinkAdded",
    "Measured",
    "Milestone",
    "MilestoneSet",
    "ParameterSet",
    "Paused",
    "Redacted",
    "Remark",
    "Remarked",
    "RunbookOpened",
    "SeveritySet",
    "SignalSeen",
    "SourceBack",
    "SourceLost",
    "StepTicked",
    "StepUnticked",
    "Tick",
    "Tombstone",
    "Unrecognised",
    "UpdateBegun",
    "UpdateFailed",
    "UpdateLost",
    "UpdateSent",
]

# A slotted dataclass leaves the class it was made from among the subclasses; only the one with the name counts.
KINDS: dict[str, type[Fact]] = {
    cls.kind: cls for cls in Fact.__subclasses__() if cls is globals()[cls.__name__] and cls is not Unrecognised
}
