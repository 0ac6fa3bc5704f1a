"""One drill being played: the ports that the console is built from, and what the facilitator would know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.core import facts
from incident.core.event import Event
from incident.core.ports import Clock
from incident.drills.curve import holds
from incident.drills.fields import nearest
from incident.drills.model import Ask, Scalar, Scenario
from incident.drills.outside import DrillAlerts, DrillChanges, DrillSignals, Stage
from incident.drills.simulator import Simulator
from incident.drills.story import Post, Said
from incident.errors import DrillError

_REMARKS = frozenset(remark.value for remark in facts.Remark)  # each is a happening of its own name
_HAPPENINGS: dict[type[facts.Fact], str] = {
    facts.Acknowledged: "ack",
    facts.RunbookOpened: "runbook.open",
    facts.SeveritySet: "severity",
    facts.MilestoneSet: "milestone",
    facts.HandedOver: "handover",
    facts.IncidentClosed: "close",
    facts.Exported: "export",
}


@dataclass(frozen=True, slots=True)
class Message:
    """Something that somebody says in the drill."""

    id: str  # the inject's or the ask's; "" for a facilitator's own words
    at: datetime
    via: str  # chat, phone, terminal
    sender: str  # a role
    text: str
    awaited: bool = False  # somebody waits for an answer to it
    answered: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether its sender still waits for an answer."""
        return self.awaited and self.answered is None


@dataclass(frozen=True, slots=True)
class Found:
    """A measured fact: how long after the start it first came, or None, how often, and by when it was wanted."""

    name: str
    after: timedelta | None
    count: int
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The facts of a drill; no grades."""

    scenario: str
    played: timedelta
    recovered: timedelta | None  # after the start
    measures: tuple[Found, ...]
    unknown: tuple[str, ...]  # commands that the scenario does not know
    hints: int  # how many were asked for
    injects: tuple[str, ...]  # the messages that came, by identity
    messages: tuple[Message, ...]  # the same, with what became of them
    failed: float  # requests that failed up to the recovery, or the end
    spent: float  # the share of the window's error budget that they are


class Player:
    """A scenario on a clock. It begins when it is made; the clock is then at the drill's start."""

    def __init__(self, scenario: Scenario, clock: Clock) -> None:
        self.scenario = scenario
        self._stage = Stage(scenario, clock)
        self._shown = 0
        self._hinted: list[str] = []
        self.alerts = DrillAlerts(self._stage)
        self.changes = DrillChanges(self._stage)
        self.signals = DrillSignals(self._stage)
        self.runner = Simulator(self._stage)

    @property
    def start(self) -> datetime:
        """When the drill began, UTC."""
        return self._stage.start

    @property
    def recovered(self) -> datetime | None:
        """When the service was well again; None while it is not."""
        after = self._recovered()
        return None if after is None else self._stage.at(after)

    @property
    def over(self) -> bool:
        """Whether the drill's length has passed."""
        return self._stage.catch_up() >= self.scenario.length

    @property
    def log(self) -> tuple[str, ...]:
        """What happened, line by line; the same for the same play."""
        self._stage.catch_up()
        return tuple(self._stage.story.log)

    def injects(self) -> tuple[Message, ...]:
        """The messages that came since this was last asked; each is handed out once."""
        messages = self.messages()
        fresh, self._shown = messages[self._shown :], len(messages)
        return fresh

    def messages(self) -> tuple[Message, ...]:
        """Every message that came, the oldest first."""
        self._stage.catch_up()
        return tuple(self._message(said) for said in self._stage.story.said)

    def asks(self) -> tuple[Ask, ...]:
        """What can be asked of others, each question once."""
        return tuple({ask.id: ask for ask in reversed(self.scenario.asks)}.values())[::-1]

    def ask(self, identity: str) -> Ask:
        """Ask somebody; the answer comes as a message. Raises DrillError when nobody can be asked that."""
        known = {ask.id for ask in self.scenario.asks}
        if identity not in known:
            raise DrillError(f"nobody can be asked `{identity}` in this drill", hint=nearest(identity, known))
        self._stage.catch_up()
        return self._stage.story.asked(identity)

    def reply(self, identity: str) -> None:
        """Answer a message. Raises DrillError when there is none of that name."""
        self._stage.catch_up()
        self._known_inject(identity)
        self._stage.story.replied(identity)

    def hint(self) -> str:
        """The next hint that helps now; "" when there is none left. Hints are free, and logged."""
        self._stage.catch_up()
        story = self._stage.story
        fitting = (h for h in self.scenario.hints if h.text not in self._hinted and holds(h.condition, story.state))
        hint = next(fitting, None)
        if hint is None:
            return ""
        self._hinted.append(hint.text)
        story.note(f"hint {len(self._hinted)}")
        return hint.text

    def observe(self, event: Event) -> None:
        """Take note of what the player did, as the timeline has it; commands come through the runner."""
        match event.fact:
            case facts.Remarked(remark=remark) if event.source == "person" and remark in _REMARKS:
                self.happened(remark)
            case facts.BranchChosen(condition=condition):
                self.happened("branch", condition)
            case facts.StepTicked(text=text):
                self.happened("step", text)
            case fact if name := _HAPPENINGS.get(type(fact), ""):
                self.happened(name)

    def happened(self, name: str, about: str = "") -> None:
        """Something that the player did, by its name in a scenario: ack, runbook.open, update, ..."""
        self._stage.catch_up()
        self._stage.story.happened(name, (about,) if about else (), about)

    def note(self, text: str) -> None:
        """A line of the drill's own log."""
        self._stage.catch_up()
        self._stage.story.note(text)

    # -- a facilitator ------------------------------------------------------------------------------------------

    def posts(self) -> Mapping[str, Post]:
        """What became of every inject, by its identity."""
        self._stage.catch_up()
        return self._stage.story.posts

    def send(self, identity: str) -> None:
        """Let an inject come now. Raises DrillError."""
        self._known_inject(identity)
        self._stage.story.send(identity)

    def hold(self, identity: str, *, held: bool = True) -> None:
        """Keep an inject back, or let it go. Raises DrillError."""
        self._known_inject(identity)
        self._stage.story.hold(identity, held=held)

    def skip(self, identity: str) -> None:
        """Leave an inject out. Raises DrillError."""
        self._known_inject(identity)
        self._stage.story.skip(identity)

    def say(self, sender: str, text: str, via: str = "chat") -> None:
        """Say something as somebody."""
        self._stage.catch_up()
        self._stage.story.say(sender, via, text)

    @property
    def elapsed(self) -> float:
        """Seconds after the start."""
        return self._stage.catch_up()

    @property
    def fired(self) -> frozenset[int]:
        """The places of the alerts that ever fired."""
        return frozenset(self._stage.story.fired)

    @property
    def states(self) -> tuple[Mapping[str, Scalar], ...]:
        """Every state that the scenario's world was in."""
        return tuple(self._stage.story.states)

    @property
    def state(self) -> Mapping[str, Scalar]:
        """The scenario's variables as they stand."""
        self._stage.catch_up()
        return self._stage.story.state

    # -- what became of it --------------------------------------------------------------------------------------

    def report(self) -> Report:
        """The facts so far."""
        now = self._stage.catch_up()
        story = self._stage.story
        recovered = self._recovered()
        failed, spent = story.failed(now if recovered is None else recovered)
        return Report(
            scenario=self.scenario.id,
            played=timedelta(seconds=now),
            recovered=_span(recovered),
            measures=tuple(
                Found(plan.name, _span(tally.first), tally.count, _span(plan.within))
                for plan, tally in zip(self.scenario.measures, story.tallies.values(), strict=True)
            ),
            unknown=tuple(self.runner.unknown),
            hints=len(self._hinted),
            injects=tuple(said.id for said in story.said),
            messages=self.messages(),
            failed=failed,
            spent=spent,
        )

    def _message(self, said: Said) -> Message:
        post = self._stage.story.posts.get(said.id)
        awaited = any(inject.id == said.id and inject.expects for inject in self.scenario.injects)
        answered = post.answered if post and awaited else None
        at = None if answered is None else self._stage.at(max(answered, said.at))
        return Message(said.id, self._stage.at(said.at), said.via, said.sender, said.text, awaited, at)

    def _known_inject(self, identity: str) -> None:
        self._stage.catch_up()
        known = self._stage.story.posts
        if identity not in known:
            raise DrillError(f"this drill has no inject `{identity}`", hint=nearest(identity, known))

    def _recovered(self) -> float | None:
        self._stage.catch_up()
        return self._stage.story.tallies["recovered"].first


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
