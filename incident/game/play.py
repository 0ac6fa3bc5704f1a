"""One play of a scenario: its world, what the player sees of it, and the part of the facilitator."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from incident import world
from incident.config import Config
from incident.core import facts
from incident.core.budget.slo import Promises, Sli, Slo
from incident.core.command import Target
from incident.core.event import Event, Writer
from incident.core.facts import Remark
from incident.core.incident import Incident
from incident.core.ports import Clock
from incident.core.when import duration
from incident.drills import scenario as scenarios
from incident.drills.clock import PlayClock, start_of
from incident.drills.model import Ask, Level, Scenario
from incident.drills.player import Message, Player
from incident.engine import Engine, Parts, Settings
from incident.engine.news import IncidentChanged, News
from incident.errors import DrillError
from incident.game.debrief import Figure, debrief
from incident.game.facilitator import Booth
from incident.game.records import Run, first_incident, new_folder, runs

SPEEDS = (1.0, 2.0, 5.0, 10.0)  # simulated seconds per real one


class DrillSurroundings:
    """A made-up laptop: a drill neither reads nor shows what this machine would act on."""

    who = "oncall@drill"
    directory = "/home/oncall/acme"

    def target(self, argv: Sequence[str]) -> Target:
        """The drill's own world, whatever the program."""
        return Target("the drill's acme", "the scenario; nothing real")

    def alive(self, writer: Writer) -> bool:
        """A drill is played by one console."""
        return True


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands above the keys until it was dealt with: who says it, and what."""

    who: str
    text: str
    key: str = ""  # somebody calls or writes: what to press, and what it does


class Game:
    """One play of a scenario. `parts` makes its world; `attach` begins to facilitate."""

    def __init__(
        self, config: Config, name: str, speed: float = 1.0, clock: Clock | None = None, level: Level = Level.NORMAL
    ) -> None:
        """`speed` is how fast time runs; another `clock` lets nobody wait. Raises DrillError."""
        self.scenario = scenarios.find(name)
        self.name = self.scenario.name
        self.level = level
        self._own_file = scenarios.is_file(name)
        self._config = config
        self._clock = clock
        self._speed = speed
        self._engine: Engine | None = None
        self._booth: Booth | None = None
        self._observed: dict[str, int] = {}  # events of each incident that the player has seen
        self._waiting: list[Message] = []  # said before there was an incident to write it down in
        self._replying = ""  # the words of the reply that is being written down
        self._seen = 0  # messages that the player has looked at
        self._begun = False
        self._concluded = False
        self._beating = asyncio.Lock()
        self.folder = Path()
        self.player: Player | None = None

    def parts(self) -> Parts:
        """The engine's parts, on a clock that starts now. Nothing in them can reach anything real."""
        from incident.journal import open_journal
        from incident.sources.runbooks import Folders, shipped

        folder = self.folder = new_folder(self._config, self.name)
        clock = self._clock or PlayClock(start_of(self.scenario), self._speed)
        own = world.roots(self._config) if self._own_file else []
        player = Player(self.scenario, clock)
        parts = Parts(
            clock=clock,
            journal=open_journal(folder, rehearsal=True),
            writer=world.writer(self._config),
            shelf=Folders(own or [shipped()]),
            runner=player.runner,
            surroundings=DrillSurroundings(),
            output_for=lambda incident, run: world.output_file(folder, incident, run),
            erase_output=lambda incident, run: world.erase_output(folder, incident, run),
            desk=world.Drawer(folder / "desk"),
            publish=world.publish,
            exporters=world.Exporters(),
            paper=world.paper(),
            alerts=(player.alerts,),
            changes=(player.changes,),
            signals=player.signals,
            promises=promises(self.scenario),
            chance=Random(self.scenario.seed),  # noqa: S311 - a drill is to be the same each time
            settings=Settings(poll=1.0, postmortems=str(self._config.postmortems), drill=self.name),
        )
        self.player, self._booth = player, Booth(folder)
        return parts

    def attach(self, engine: Engine) -> None:
        """Watch what the player does on the timeline."""
        self._engine = engine
        engine.listen(self._heard)

    def _heard(self, news: News) -> None:
        if self._engine is None or self.player is None or not isinstance(news, IncidentChanged):
            return
        events = self._engine.log.fresh(news.incident)
        for event in events[self._observed.get(news.incident, 0) :]:
            if not self._is_reply(event):
                self.player.observe(event)
        self._observed[news.incident] = len(events)

    def _is_reply(self, event: Event) -> bool:
        return bool(self._replying) and isinstance(event.fact, facts.Remarked) and event.fact.text == self._replying

    async def beat(self) -> None:
        """A second went by: deliver what was said, do what a facilitator wants, and tell them how it stands."""
        if self.player is None or self._engine is None:
            return
        async with self._beating:
            self._obey(self.player)
            self._waiting += self.player.injects()
            incident = self._incident()
            while incident is not None and self._waiting:
                message = self._waiting.pop(0)
                note = facts.Remarked(Remark.NOTE.value, f"{message.sender} ({message.via}): {message.text}")
                await self._engine.record(incident.id, note, at=message.at, source="drill")
            if incident is not None and not self._begun:
                self._begun = True
                begun = facts.DrillBegun(self.name, self.scenario.title, self.level.value)
                await self._engine.record(incident.id, begun, at=self.player.start, source="drill")
            if self.player.recovered is not None or self.player.over:
                await self._conclude()
            if self._booth is not None:
                self._booth.show(self.player, self.clock)

    # -- what the player is told --------------------------------------------------------------------------------

    def notices(self) -> tuple[Notice, ...]:
        """What wants the player's eye now: the newest message, and the end. On the quiet level nothing is announced."""
        if self.player is None or self.level is Level.QUIET:
            return ()
        return tuple(notice for notice in (self._news(self.player), self._end(self.player)) if notice is not None)

    def _news(self, player: Player) -> Notice | None:
        unread = player.messages()[self._seen :]
        if not unread:
            return None
        more = f" (and {len(unread) - 1} more)" if len(unread) > 1 else ""
        newest = unread[-1]
        waits = any(message.waits for message in unread)
        return Notice(
            f"{newest.sender}, by {newest.via}", f"{newest.text}{more}", "I answers" if waits else "I shows it"
        )

    def _end(self, player: Player) -> Notice | None:
        if player.recovered is not None:
            after = duration(player.recovered - player.start)
            state = any(m.name == "recovered" and m.state for m in self.scenario.measures)
            what = "What had to be done is done" if state else "The service is well again"
            return Notice(
                "Recovered", f"{what}, {after} after the start. C closes, x writes the draft, q ends the drill."
            )
        if player.over:
            length = duration(timedelta(seconds=self.scenario.length))
            return Notice("Time is over", f"{length} have passed. q ends the drill: facts, the truth, questions.")
        return None

    @property
    def band(self) -> str:
        """What the band says of the drill: its name, how fast it runs, and whether it stands."""
        clock = self.clock
        fast = f" {clock.speed:g}x" if clock is not None and clock.speed != 1 else ""
        return f"DRILL {self.name}{fast}{' PAUSED' if clock is not None and clock.paused else ''}"

    @property
    def unread(self) -> int:
        """Messages that the player has not looked at."""
        return len(self.messages()) - self._seen

    @property
    def wanting(self) -> int:
        """Messages that the player has not looked at, and those on whose answer somebody still waits."""
        return self.unread + sum(message.waits for message in self.messages()[: self._seen])

    def messages(self) -> tuple[Message, ...]:
        """Every message that came, the oldest first."""
        return self.player.messages() if self.player is not None else ()

    def looked(self) -> None:
        """The player looks at the messages."""
        self._seen = len(self.messages())

    # -- what the player does -----------------------------------------------------------------------------------

    async def reply(self, message: Message, text: str) -> None:
        """Answer a message; it stands on the timeline as an update to its sender."""
        if self.player is None or self._engine is None:
            return
        incident = self._incident()
        if incident is not None:
            self._replying = f"to {message.sender}: {text}"
            said = facts.Remarked(Remark.UPDATE.value, self._replying)
            await self._engine.record(incident.id, said, source="person")
            self._replying = ""
        if message.awaited:
            self.player.reply(message.id)

    def asks(self) -> tuple[Ask, ...]:
        """What can be asked of others."""
        return self.player.asks() if self.player is not None else ()

    async def ask(self, ask: Ask) -> None:
        """Ask a person; the answer comes as a message when it comes."""
        if self.player is None or self._engine is None:
            return
        self.player.ask(ask.id)
        incident = self._incident()
        if incident is not None:
            asked = facts.Remarked(Remark.NOTE.value, f"asked {ask.who}: {ask.about}")
            await self._engine.record(incident.id, asked, source="person")

    async def hint(self) -> str:
        """The next hint, which is written down; "" when there is none left."""
        if self.player is None or self._engine is None:
            return ""
        text = self.player.hint()
        incident = self._incident()
        if text and incident is not None:
            await self._engine.record(incident.id, facts.Remarked(Remark.NOTE.value, f"hint: {text}"), source="drill")
        return text

    # -- time ---------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> PlayClock | None:
        """The drill's clock where it can be paused; None for one that is moved by hand."""
        clock = self._engine.parts.clock if self._engine is not None else None
        return clock if isinstance(clock, PlayClock) else None

    def pause(self) -> bool:
        """Let time stand, or go on; whether it stands."""
        if self.clock is None or self.player is None:
            return False
        self.player.note("goes on" if self.clock.paused else "paused")
        if self.clock.paused:
            self.clock.resume()
        else:
            self.clock.pause()
        return self.clock.paused

    def speed(self, by: int) -> float:
        """Let time run faster or slower by so many steps; how fast it runs."""
        if self.clock is None:
            return 1.0
        nearest = min(range(len(SPEEDS)), key=lambda at: abs(SPEEDS[at] - (self.clock.speed if self.clock else 1.0)))
        self.clock.run_at(SPEEDS[max(0, min(len(SPEEDS) - 1, nearest + by))])
        return self.clock.speed

    # -- the end ------------------------------------------------------------------------------------------------

    async def conclude(self) -> None:
        """Write down the drill's facts, if it came to anything."""
        async with self._beating:
            await self._conclude()

    async def answer(self, question: str, text: str) -> None:
        """Write down what was said in the hot wash."""
        incident = self._first()
        if incident is not None and self._engine is not None:
            await self._engine.record(incident.id, facts.HotWashAnswered(question, text), source="person")

    @property
    def played(self) -> bool:
        """Whether there is anything to look back on."""
        return self._first() is not None

    def figures(self) -> tuple[Figure, ...]:
        """The drill's facts so far."""
        if self.player is None or self._engine is None:
            return ()
        log = self._engine.log
        known = [(incident, log.in_memory(incident.id)) for incident in log.incidents()]
        return debrief(self.scenario, self.player.report(), known, self.player.start)

    def earlier(self) -> list[Run]:
        """The plays of this scenario before this one that came to a debrief, the newest first."""
        known = runs(self._config, self.folder.name.partition("-")[2])
        return [run for run in reversed(known) if run.figures and run.folder != self.folder]

    def farewell(self) -> list[str]:
        """What a person is told when the drill ends: facts, no grades."""
        if self.player is None or self._engine is None:
            return []
        report = self.player.report()
        end = f"recovered after {duration(report.recovered)}" if report.recovered else "not recovered"
        lines = [f"DRILL {self.name}: played {duration(report.played)}, {end}"]
        lines += [f"  {figure.name}: {figure.value}" for figure in self.figures()]
        if self.played:
            lines.append(
                "`incident timeline --drill` prints its timeline, `incident export --drill` writes its post-mortem"
            )
        return lines

    # -- inside -------------------------------------------------------------------------------------------------

    async def _conclude(self) -> None:
        incident = self._first()
        if self._concluded or incident is None or self._engine is None or self.player is None:
            return
        self._concluded = self.player.recovered is not None or self.player.over
        figures = {figure.name: figure.value for figure in self.figures()}
        told = facts.DrillDebriefed(self.name, self.player.recovered is not None, figures)
        await self._engine.record(incident.id, told, source="drill")

    def _incident(self) -> Incident | None:
        """Where what happens now belongs: the newest open incident."""
        known = self._engine.log.open_incidents() if self._engine is not None else []
        return known[0] if known else None

    def _first(self) -> Incident | None:
        return first_incident(self._engine.log) if self._engine is not None else None

    def _obey(self, player: Player) -> None:
        """Do what a facilitator in another terminal wants; what cannot be done is told to them."""
        if self._booth is None:
            return
        for order in self._booth.orders():
            try:
                said = order.obey(player, self.clock)
            except DrillError as wrong:
                said = str(wrong)
            self._booth.answer(order, said)


def promises(scenario: Scenario) -> Promises:
    """What the scenario's service promises, as the budget's screens ask for it."""
    if scenario.slo is None or not scenario.slo.errors:
        return Promises()
    slo = scenario.slo
    unit = next(plan.unit for plan in scenario.signals if plan.name == slo.errors)
    return Promises(
        (
            Slo(
                name="availability",
                objective=slo.target,
                window=slo.window,
                sli=Sli(moment=f"simulated {slo.errors}", scale=0.01 if unit == "%" else 1.0),
                service="acme",
                alerts=tuple(plan.name for plan in scenario.alerts if plan.name and plan.thresholds),
                origin=f"drill {scenario.name}",
            ),
        )
    )
