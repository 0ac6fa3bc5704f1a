"""The two-person rule: a change on some targets waits until a second person has read the same preflight."""

from __future__ import annotations

from incident.core import facts
from incident.core.command import Preflight
from incident.core.incident import Incident
from incident.engine.parts import Parts
from incident.engine.response import Record
from incident.errors import UsageError


class Approvals:
    """Requests and their answers; both are on the timeline."""

    def __init__(self, parts: Parts, record: Record) -> None:
        self._parts = parts
        self._record = record

    async def ask(self, incident: Incident, preflight: Preflight) -> str:
        """Put a request on the timeline; its identity."""
        request = f"{incident.id}/approval-{self._parts.chance.getrandbits(24):06x}"
        await self._record(incident.id, _asked(request, preflight), source="person")
        return request

    async def withdraw(self, incident: Incident, request: str) -> None:
        """Wait no longer."""
        await self._record(incident.id, facts.ApprovalWithdrawn(request), source="person")

    def granted(self, incident: Incident, request: str, preflight: Preflight) -> bool:
        """Whether a second person said yes to exactly this command, and it has not been used up."""
        known = incident.approvals.get(request)
        used = any(record.started.approval == request for record in incident.commands.values())
        same = known is not None and known.asked == self._parts.redactor.fact(_asked(request, preflight))
        return known is not None and known.granted and not used and same


def why_not_by(incident: Incident, request: str, person: str) -> str:
    """Why this person's answer to a request would count for nothing; "" when it counts."""
    known = incident.approvals.get(request)
    if known is None:
        return "there is no such request"
    if known.withdrawn:
        return "nobody waits for it any more"
    if known.answered:
        return f"{known.person} answered it already"
    if known.requester == person:
        return f"{person} asked for it; somebody else has to answer"
    return ""


def answer(incident: Incident, request: str, person: str, *, approved: bool, reason: str) -> facts.ApprovalAnswered:
    """A second person's answer as a fact. Raises UsageError when it would count for nothing."""
    if why := why_not_by(incident, request, person):
        raise UsageError(why, hint="`incident approve` lists what waits")
    return facts.ApprovalAnswered(request, person, approved, reason)


def _asked(request: str, preflight: Preflight) -> facts.ApprovalAsked:
    return facts.ApprovalAsked(
        request=request,
        text=preflight.text,
        argv=preflight.argv,
        directory=preflight.directory,
        who=preflight.who,
        target=preflight.target.name,
        target_origin=preflight.target.origin,
        effect=preflight.effect.value,
        tier=preflight.tier.value,
        origin=preflight.origin,
        step_text=preflight.step_text,
        shell=preflight.shell,
        parameters={p.name: p.value for p in preflight.parameters},
        warnings=preflight.warnings,
    )
