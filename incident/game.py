"""A game day: the engine's parts when the outside is a drill, and the part of the facilitator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from incident import world
from incident.config import Config
from incident.core import facts
from incident.core.command import Target
from incident.core.event import Writer
from incident.core.facts import Remark
from incident.core.ports import Clock
from incident.core.when import duration
from incident.drills import scenario as scenarios
from incident.drills.clock import PlayClock, start_of
from incident.drills.player import Message, Player
from incident.engine import Engine, Log, Parts, Settings
from incident.engine.news import IncidentChanged, News
from incident.errors import UsageError

_WELCOME = (
    "A drill: nothing here is real. A page fires within a quarter of a minute; then . shows it, enter responds, and "
    "? says what every key does. H gives a hint."
)
FOLDER = "drills"  # under the state folder; never the folder of real incidents


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
class Said:
    """What somebody says to the player, and who."""

    who: str
    text: str


class Game:
    """One play of a scenario. `parts` makes its world; `attach` begins to facilitate."""

    def __init__(self, config: Config, name: str, speed: float = 1.0, clock: Clock | None = None) -> None:
        """`speed` is how fast time runs; another `clock` lets nobody wait. Raises DrillError."""
        self.name = name
        self._config = config
        self._scenario = scenarios.find(name)
        self._clock = clock
        self._speed = speed
        self._engine: Engine | None = None
        self._observed: dict[str, int] = {}  # events of each incident that the player has seen
        self._waiting: list[Message] = []  # said before there was an incident to write it down in
        self._welcomed = False
        self._told_end = False
        self.player: Player | None = None

    def parts(self) -> Parts:
        """The engine's parts, on a clock that starts now. Nothing in them can reach anything real."""
        from incident.journal import open_journal
        from incident.sources.runbooks import Folders, shipped

        folder = self._config.state / FOLDER / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{self.name}"
        clock = self._clock or PlayClock(start_of(self._scenario), self._speed)
        self.player = player = Player(self._scenario, clock)
        return Parts(
            clock=clock,
            journal=open_journal(folder, rehearsal=True),
            writer=world.writer(self._config),
            shelf=Folders([shipped()]),
            runner=player.runner,
            surroundings=DrillSurroundings(),
            output_for=lambda incident, run: world.output_file(folder, incident, run),
            desk=world.Drawer(folder / "desk"),
            publish=world.publish,
            exporters=world.Exporters(),
            alerts=(player.alerts,),
            changes=(player.changes,),
            signals=player.signals,
            chance=Random(self._scenario.seed),  # noqa: S311 - a drill is to be the same each time
            settings=Settings(poll=1.0, postmortems=str(self._config.postmortems), drill=self.name),
        )

    def attach(self, engine: Engine) -> None:
        """Watch what the player does on the timeline."""
        self._engine = engine
        engine.listen(self._heard)

    def _heard(self, news: News) -> None:
        if self._engine is None or self.player is None or not isinstance(news, IncidentChanged):
            return
        events = self._engine.log.events(news.incident)
        for event in events[self._observed.get(news.incident, 0) :]:
            self.player.observe(event)
        self._observed[news.incident] = len(events)

    async def beat(self) -> list[Said]:
        """What was said since the last time; it also goes onto the timeline of the newest open incident."""
        if self.player is None or self._engine is None:
            return []
        fresh = self.player.injects()
        self._waiting += fresh
        said = [] if self._welcomed else [Said(self._scenario.title, _WELCOME)]
        self._welcomed = True
        said += [Said(f"{message.sender}, by {message.via}", message.text) for message in fresh]
        known = self._engine.log.open_incidents()
        while known and self._waiting:
            message = self._waiting.pop(0)
            note = facts.Remarked(Remark.NOTE.value, f"{message.sender} ({message.via}): {message.text}")
            await self._engine.record(known[0].id, note, at=message.at, source="drill")
        if self.player.recovered and not self._told_end:
            self._told_end = True
            after = duration(self.player.recovered - self.player.start)
            said.append(Said("Recovered", f"The service is well again, {after} after the start. x writes the draft."))
        return said

    async def hint(self) -> str:
        """The next hint, which is written down; "" when there is none left."""
        if self.player is None or self._engine is None:
            return ""
        text = self.player.hint()
        known = self._engine.log.open_incidents()
        if text and known:
            await self._engine.record(known[0].id, facts.Remarked(Remark.NOTE.value, f"hint: {text}"), source="drill")
        return text

    def farewell(self) -> list[str]:
        """What a person is told when the drill ends: facts, no grades."""
        if self.player is None or self._engine is None:
            return []
        report = self.player.report()
        end = f"recovered after {duration(report.recovered)}" if report.recovered else "not recovered"
        lines = [f"DRILL {self.name}: played {duration(report.played)}, {end}"]
        lines += [
            f"  {found.name.replace('_', ' ')}: {duration(found.after)}"
            + (f", {found.count} times" if found.count > 1 else "")
            for found in report.measures
            if found.after is not None
        ]
        lines += [f"  the drill did not know: {text}" for text in report.unknown]
        lines.append(
            "`incident timeline --drill` prints its timeline, `incident export --drill` writes its post-mortem"
        )
        return lines


def last_log(config: Config) -> Log:
    """The log of the drill that was played last. Raises UsageError when none was."""
    from incident.journal import open_journal

    folder = config.state / FOLDER
    played = sorted(path for path in folder.iterdir() if (path / "journal.db").is_file()) if folder.is_dir() else []
    if not played:
        raise UsageError("no drill was played yet", hint="`incident drill bad-deploy` plays one")
    loaded = Log(open_journal(played[-1], rehearsal=True), world.RealClock(), world.writer(config), Random())  # noqa: S311 - only ids
    loaded.load()
    return loaded
