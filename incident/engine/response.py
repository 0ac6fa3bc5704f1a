"""What a responder does to an incident: ticks, choices, remarks, milestones; all by events, undone by events."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Protocol

from incident.core import facts
from incident.core.corrections import correction_of
from incident.core.facts import Fact, Milestone, Remark, Tick
from incident.core.handover import giving, taking
from incident.core.ports import Clock
from incident.core.runbook import Branch, Step
from incident.core.text import one_line, plain
from incident.core.when import Moment, Precision, split_time
from incident.engine.log import Log
from incident.errors import UsageError

_ADDRESS = re.compile(r"https?://[^\s/]\S*\Z", re.IGNORECASE)


class Record(Protocol):
    """Puts facts on an incident's timeline; whether they are on disk."""

    async def __call__(
        self,
        incident: str,
        *what: Fact,
        at: datetime | None = None,
        precision: Precision = ...,
        source: str = ...,
        until: datetime | None = ...,
    ) -> bool:
        """Stamp, write, fold, tell."""
        ...


class Response:
    """One person's hands on every incident."""

    def __init__(self, log: Log, record: Record, clock: Clock, person: str) -> None:
        self._log = log
        self._record = record
        self._clock = clock
        self._person = person

    async def tick(
        self, identity: str, step: Step, tick: Tick = Tick.DONE, *, because: str = "", evidence: tuple[str, ...] = ()
    ) -> None:
        """Say what became of a step, and what was seen of it. Raises UsageError when its way was not taken."""
        if reason := self.why_not_tick(identity, step):
            raise UsageError(reason)
        ticked = facts.StepTicked(step.id, step.text, tick.value, because, evidence)
        await self._record(identity, ticked, source="person")

    async def untick(self, identity: str, step: Step) -> None:
        """Take a tick back."""
        await self._record(identity, facts.StepUnticked(step.id, step.text), source="person")

    def why_not_tick(self, identity: str, step: Step) -> str:
        """Why a step can neither be ticked nor run now, in words; "" when it can."""
        branch = step.branch
        if branch is None:
            return ""
        choice = self._log.incident(identity).choices.get(branch.fork)
        if choice is None:
            return "choose the way first: enter on its heading"
        return "" if choice.branch == branch.id else "this way was not taken: enter on its heading takes it"

    async def choose(self, identity: str, branch: Branch, others: tuple[str, ...], reason: str = "") -> None:
        """Take one way of a fork."""
        chosen = facts.BranchChosen(branch.fork, branch.id, branch.condition, others, reason)
        await self._record(identity, chosen, source="person")

    async def remark(self, identity: str, remark: Remark, text: str, step: str = "") -> None:
        """A person's own line, with an optional time in front. Raises UsageError when there is no text.

        With `@` before its words it is about the step `step`, "" for none.
        """
        moment, words = split_time(plain(text), self._clock.now())
        about = step if step and words.startswith("@") else ""
        words = words[1:].strip() if about else words
        if not words:
            raise UsageError("there is nothing to write down")
        await self._at(identity, facts.Remarked(remark.value, words, about), moment)

    async def mark(self, identity: str, milestone: Milestone, moment: Moment | None, why: str = "") -> None:
        """Set a milestone, now when no moment is given."""
        await self._at(identity, facts.MilestoneSet(milestone.value, plain(why)), moment)

    async def correct(
        self, identity: str, event_id: str, text: str = "", moment: Moment | None = None, why: str = ""
    ) -> None:
        """Say how a row should read, or when it happened; without a moment, a time may stand before the text.

        Raises UsageError for a row that cannot be corrected, and when nothing would change.
        """
        words = plain(text).strip()
        if moment is None:
            moment, words = split_time(words, self._clock.now())
        fact, stands = correction_of(self._log.events(identity), event_id, words, moment, plain(why).strip())
        await self._at(identity, fact, stands)

    async def handover(self, identity: str, to: str, text: str = "") -> None:
        """Give the lead to somebody, who then takes it. Raises UsageError."""
        fact = giving(self._log.incident(identity), one_line(to), plain(text).strip())
        await self._record(identity, fact, source="person")

    async def take(self, identity: str) -> None:
        """Take the lead, whether it was handed over or not. Raises UsageError when there is nothing to take."""
        events = self._log.events(identity)
        await self._record(identity, *taking(self._log.incident(identity), events, self._person), source="person")

    async def link(self, identity: str, address: str, text: str = "") -> None:
        """Put an address on the timeline as evidence; it is never fetched. Raises UsageError when it is none."""
        await self._record(identity, _link(address, text), source="person")

    async def close(self, identity: str) -> None:
        """The responders are done."""
        await self._record(identity, facts.IncidentClosed(), source="person")

    async def reopen(self, identity: str) -> None:
        """It goes on."""
        await self._record(identity, facts.IncidentReopened(), source="person")

    async def undo(self, identity: str) -> Fact | None:
        """Take back this person's last tick or choice that still stands, by a new event; that event's fact."""
        fact = self._undoable(identity)
        if fact is not None:
            await self._record(identity, fact, source="person")
        return fact

    def _undoable(self, identity: str) -> Fact | None:
        incident = self._log.incident(identity)
        for event in reversed(self._log.events(identity)):
            if event.writer.person != self._person:
                continue
            match event.fact:
                case facts.StepTicked(step, text) if step in incident.ticks:
                    return facts.StepUnticked(step, text)
                case facts.BranchChosen(group, branch, condition):
                    choice = incident.choices.get(group)
                    if choice is not None and choice.branch == branch:
                        return facts.BranchUnchosen(group, condition)
        return None

    async def _at(self, identity: str, fact: Fact, moment: Moment | None) -> None:
        if moment is None:
            await self._record(identity, fact, source="person")
        elif moment.until is None:
            await self._record(identity, fact, at=moment.at, precision=moment.precision, source="person")
        else:
            await self._record(
                identity, fact, at=moment.at, precision=moment.precision, source="person", until=moment.until
            )


def _link(address: str, text: str) -> facts.LinkAdded:
    """An address as a fact. Raises UsageError."""
    place = one_line(address)
    if not _ADDRESS.match(place):
        raise UsageError(f"{place!r} is no address", hint="one begins with https:// or http://")
    return facts.LinkAdded(place, plain(text).strip())
