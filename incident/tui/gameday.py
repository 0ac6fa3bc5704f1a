"""A drill in the console: what is shown beside the screens, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.css.query import NoMatches

from incident.core.alert import Severity
from incident.core.facts import Exported
from incident.drills.model import Level
from incident.errors import IncidentError
from incident.game import Game
from incident.game.debrief import waiting
from incident.tui.coach import Seen, lesson
from incident.tui.paint import Span
from incident.tui.screens.place import Place
from incident.tui.theme import ALARM, DRILL
from incident.tui.widgets.alert_list import AlertList
from incident.tui.widgets.aside import Aside
from incident.tui.widgets.bands import Band
from incident.tui.widgets.checklist import Checklist

if TYPE_CHECKING:
    from incident.tui.app import Console


class GameDay:
    """What a console does besides when it plays a drill."""

    def __init__(self, console: Console, game: Game) -> None:
        self._console = console
        self.game = game

    def band(self) -> list[tuple[int, list[Span]]]:
        """The parts of the band that say that this is a drill, and that somebody wrote."""
        parts: list[tuple[int, list[Span]]] = [(0, [(f" {self.game.band} ", DRILL)])]
        if wanting := self.game.wanting:
            parts.append((0, [(f" ✉ {wanting} ", ALARM)]))
        return parts

    async def beat(self) -> None:
        """A second went by."""
        await self.game.beat()
        for screen in reversed(self._console.screen_stack):  # the place, also when a sheet stands before it
            if isinstance(screen, Place):
                if screen.is_there:
                    await self._show_aside(screen)
                    screen.draw_bands()
                break

    async def _show_aside(self, place: Place) -> None:
        """Notice and lesson below a place's band, where no toast hides them; the place knows nothing of them."""
        if not place.query(Aside):
            await place.mount(Aside(), after=place.query_one(Band))
        guided = self.game.level is Level.GUIDED
        place.query_one(Aside).show(self.game.notices(), lesson(self._seen(place)) if guided else "")

    def _seen(self, place: Place) -> Seen:
        engine = self._console.engine
        known = engine.log.incidents()
        first = known[-1] if known else None
        events = engine.log.in_memory(first.id) if first else ()
        runs = first.commands.values() if first else ()
        player = self.game.player
        return Seen(
            where=place.where,
            page_comes=self._begins_with_a_page(),
            pages=engine.watch.board.count(Severity.PAGE),
            unshown=sum(shown.waiting for shown in place.query(AlertList)),
            opened=bool(engine.log.open_incidents()),
            closed=first is not None and not first.is_open,
            ticked=len(first.ticks) if first else 0,
            chosen=bool(first and first.choices),
            forks=_has_forks(place),
            on_command=_on_command(place),
            ran=len(runs),
            running=any(run.open for run in runs),
            messages=self.game.unread,
            waiting=len(waiting(self.game.messages())),
            recovered=player is not None and player.recovered is not None,
            exported=any(isinstance(event.fact, Exported) for event in events),
        )

    def _begins_with_a_page(self) -> bool:
        return not any(deed.verb == "ack" and deed.rest for deed in self.game.scenario.solution)

    # -- keys -------------------------------------------------------------------------------------------------------

    async def hint(self) -> None:
        """The next hint."""
        text = await self.game.hint()
        self._console.notify(text or "There is no hint left.", title="Hint", timeout=20, markup=False)

    async def inbox(self) -> None:
        """The messages, and an answer to one of them."""
        from incident.tui.screens.inbox import InboxSheet
        from incident.tui.screens.sheets import LineSheet

        while True:
            sheet = InboxSheet(self.game, self._console.engine.now)
            self.game.looked()  # at what is on the sheet: what comes while it is open is announced behind it
            await self.beat()
            message = await self._console.push_screen_wait(sheet)
            if message is None:
                break
            line = LineSheet(f"To {message.sender}", "it is sent to them, and stands on the timeline as an update")
            text = await self._console.push_screen_wait(line)
            if text:
                await self.game.reply(message, text)

    async def ask(self) -> None:
        """Ask a person for something."""
        from incident.tui.screens.sheets import Pick, PickSheet

        asks = {ask.id: ask for ask in self.game.asks()}
        if not asks:
            self._console.notify("There is nobody to ask in this drill.", markup=False)
            return
        picks = [Pick(ask.id, ask.who, ask.about) for ask in asks.values()]
        picked = await self._console.push_screen_wait(PickSheet("Ask whom, for what?", picks))
        if picked is None:
            return
        try:
            await self.game.ask(asks[picked])
        except IncidentError as error:
            self._console.notify(str(error), severity="error", markup=False)
        else:
            self._console.notify("Asked. The answer comes when it comes; I shows it.", markup=False)

    def pause(self) -> None:
        """Let time stand, or go on."""
        paused = self.game.pause()
        self._console.notify("Time stands. , lets it go on." if paused else "Time goes on.", markup=False)

    def faster(self, by: int) -> None:
        """Let time run faster or slower."""
        self._console.notify(f"Time runs {self.game.speed(by):g} times as fast.", markup=False)

    # -- the way out ------------------------------------------------------------------------------------------------

    async def end(self) -> bool:
        """Look back on the drill; whether the console may leave."""
        from incident.tui.screens.hotwash import HotWashSheet, ReportSheet

        if not self.game.played:
            return True
        await self.game.conclude()
        chosen = await self._console.push_screen_wait(ReportSheet(self.game))
        if chosen == "wash":
            await self._console.push_screen_wait(HotWashSheet(self.game))
            await self._write_again()
        return chosen != "stay"

    async def _write_again(self) -> None:
        """Bring a draft that was written before the hot wash up to date."""
        engine = self._console.engine
        for incident in engine.log.incidents():
            if any(isinstance(event.fact, Exported) for event in engine.log.in_memory(incident.id)):
                try:
                    await engine.export(incident.id)
                except (IncidentError, OSError) as error:
                    self._console.notify(f"The draft is not brought up to date: {error}", markup=False)


def _has_forks(place: Place) -> bool:
    try:
        return any(key.startswith("fork:") for key in place.query_one(Checklist).keys)
    except NoMatches:
        return False


def _on_command(place: Place) -> bool:
    try:
        step = place.query_one(Checklist).step
    except NoMatches:
        return False
    return bool(step and step.commands)
