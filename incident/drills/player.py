"""One drill being played: the ports that the console is built from, and what the facilitator would know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.core import facts
from incident.core.event import Event
from incident.core.ports import Clock
from incident.drills.fields import nearest
from incident.drills.model import Ask, Scenario
from incident.drills.outside import DrillAlerts, DrillChanges, DrillSignals, Stage
from incident.drills.simulator import Simulator
from incident.errors import DrillError

_HAPPENINGS: dict[type[facts.Fact], str] = {
    facts.Acknowledged: "ack",
    facts.RunbookOpened: "runbook.open",
    facts.BranchChosen: "branch",
    facts.StepTicked: "step",
    facts.Remarked: "note",
}


@dataclass(frozen=True, slots=True)
class Message:
    """Something that somebody says in the drill."""

    id: str
    at: datetime
    via: str  # chat, phone, terminal
    sender: str  # a role
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A measured fact: how long after the start it first came, or None, and how often."""

    name: str
    after: timedelta | None
    count: int


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


class Player:
    """A scenario on a clock. It begins when it is made; the clock is then at the drill's start."""

    def __init__(self, scenario: Scenario, clock: Clock) -> None:
        self.scenario = scenario
        self._stage = Stage(scenario, clock)
        self._shown = 0
        self._hints = 0
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
        self._stage.catch_up()
        said = self._stage.story.said
        fresh, self._shown = said[self._shown :], len(said)
        return tuple(Message(s.id, self._stage.at(s.at), s.via, s.sender, s.text) for s in fresh)

    def asks(self) -> tuple[Ask, ...]:
        """What can be asked of others."""
        return self.scenario.asks

    def ask(self, identity: str) -> Ask:
        """Ask somebody; the answer comes as a message. Raises DrillError when nobody can be asked that."""
        known = {ask.id: ask for ask in self.scenario.asks}
        if identity not in known:
            raise DrillError(f"nobody can be asked `{identity}` in this drill", hint=nearest(identity, known))
        self._stage.catch_up()
        self._stage.story.asked(known[identity])
        return known[identity]

    def hint(self) -> str:
        """The next hint; "" when there is none left. Hints are free, and logged."""
        if self._hints >= len(self.scenario.hints):
            return ""
        self._stage.catch_up()
        self._hints += 1
        self._stage.story.note(f"hint {self._hints}")
        return self.scenario.hints[self._hints - 1]

    def observe(self, event: Event) -> None:
        """Take note of what the player did, as the timeline has it; commands come through the runner."""
        name = _HAPPENINGS.get(type(event.fact), "")
        if isinstance(event.fact, facts.Remarked) and event.fact.remark == facts.Remark.UPDATE:
            name = "update"
        if name:
            self.happened(name)

    def happened(self, name: str, about: str = "") -> None:
        """Something that the player did, by its name in a scenario: ack, runbook.open, update, ..."""
        self._stage.catch_up()
        self._stage.story.happened(name, about=about)

    def report(self) -> Report:
        """The facts so far."""
        now = self._stage.catch_up()
        story = self._stage.story
        recovered = self._recovered()
        return Report(
            scenario=self.scenario.id,
            played=timedelta(seconds=now),
            recovered=None if recovered is None else timedelta(seconds=recovered),
            measures=tuple(
                Found(name, None if tally.first is None else timedelta(seconds=tally.first), tally.count)
                for name, tally in story.tallies.items()
            ),
            unknown=tuple(self.runner.unknown),
            hints=self._hints,
            injects=tuple(said.id for said in story.said),
        )

    def _recovered(self) -> float | None:
        self._stage.catch_up()
        return self._stage.story.tallies["recovered"].first
