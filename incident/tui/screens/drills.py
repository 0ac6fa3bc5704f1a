"""The drills: which there are, what each is good for, and when it was played last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from incident.drills.model import Level
from incident.game.records import Choice, Offer, Run
from incident.tui import actions
from incident.tui.paint import Line, RuleLine, Span, column, rule, wrap
from incident.tui.theme import AMBER, DIM, DRILL, GOOD, KEY, STRONG, TEXT
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.lines import Block, Fixed, Lines

_LEVELS = {
    Level.GUIDED: "every key is explained when it is needed",
    Level.NORMAL: "messages are announced, hints are asked for",
    Level.QUIET: "as on a real night: messages are only counted, nothing is announced",
}
_FEW = 2  # columns between two cells


class DrillsScreen(Screen[None]):
    """Every drill, and below it what it is about."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.DRILLS))
    AUTO_FOCUS = "#drills"

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self._offers = {offer.scenario.name: offer for offer in offers}
        self._new = not any(offer.times for offer in offers)
        unplayed = [offer.scenario for offer in offers if not offer.times] or [offer.scenario for offer in offers]
        self._first = min(unplayed, key=lambda scenario: scenario.length).name if unplayed else ""
        self.level = Level.GUIDED if self._new else Level.NORMAL

    def compose(self) -> ComposeResult:
        """The band, the list, what is under the cursor, the keys."""
        yield Band()
        yield Lines(id="drills")
        about = Lines(id="scenario", cursor=False)
        about.can_focus = False
        yield about
        yield Foot()

    def on_mount(self) -> None:
        """Begin on the shortest one that was never played."""
        listed = self.query_one("#drills", Lines)
        listed.show([Fixed(Line([("  ", DIM)])), *(_Row(offer) for offer in self._offers.values())])
        listed.select(f"drill:{self._first}")
        self.draw()

    def on_resize(self) -> None:
        """The detail is wrapped to the width."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """The band, the detail, the keys."""
        level: list[Span] = [("level ", DIM), (self.level.value, STRONG)]
        what: list[Span] = [(f"  {_LEVELS[self.level]}", DIM)]
        self.query_one(Band).show([(0, [(" DRILLS ", DRILL)]), (1, level), (2, what)], [])
        self.query_one(Foot).show(actions.foot(actions.DRILLS))
        offer = self._offer
        if offer is not None:
            about = self.query_one("#scenario", Lines)
            lines = self._about(offer, max(30, self.size.width - 5))
            about.styles.height = min(len(lines), max(8, self.size.height // 2))
            about.show([Fixed(line) for line in lines])

    @property
    def _offer(self) -> Offer | None:
        key = self.query_one("#drills", Lines).selected.removeprefix("drill:")
        return self._offers.get(key)

    def _about(self, offer: Offer, width: int) -> list[Line | RuleLine]:
        scenario = offer.scenario
        lines: list[Line | RuleLine] = [rule(scenario.title)]
        if self._new:
            which = "the one under the cursor" if offer.scenario.name == self._first else self._first
            words = f"Nothing here is real. The first time, take {which}: it explains the keys as you go."
            lines += [Line([(row, AMBER)]) for row in wrap(words, width)]
        for number, objective in enumerate(scenario.objectives, 1):
            rows = wrap(objective, width - 3)
            lines += [Line([(f"{number if not at else ' '}  ", DIM), (row, TEXT)]) for at, row in enumerate(rows)]
        length = f"{scenario.length / 60:.0f} minutes"
        lines.append(
            Line(
                [
                    ("up to ", DIM),
                    (length, STRONG),
                    (" at normal speed" + ("" if offer.times else "; never played"), DIM),
                ]
            )
        )
        if offer.last is not None:
            lines += [Line([(row, DIM)]) for row in wrap(_last(offer, offer.last), width)]
        return lines

    # -- keys -------------------------------------------------------------------------------------------------------

    @on(Lines.Moved, "#drills")
    def _moved(self) -> None:
        self.draw()

    @on(Lines.Chosen, "#drills")
    def action_play(self) -> None:
        """Play the one under the cursor."""
        offer = self._offer
        if offer is not None:
            self.app.exit(Choice(offer.scenario.name, self.level))

    def action_level(self) -> None:
        """The next level."""
        levels = list(Level)
        self.level = levels[(levels.index(self.level) + 1) % len(levels)]
        self.draw()

    def action_help(self) -> None:
        """What every key does here."""
        from incident.tui.screens.help import HelpSheet

        self.app.push_screen(HelpSheet(actions.DRILLS))

    def action_leave(self) -> None:
        """Leave."""
        self.app.exit()


def _last(offer: Offer, last: Run) -> str:
    """`played twice, last on 2026-05-02 03:07 UTC: recovered after 6m00s`."""
    often = {1: "once", 2: "twice"}.get(offer.times, f"{offer.times} times")
    if last.recovered is None:
        ended = "left early"
    else:
        ended = f"recovered {last.figures.get('recovered', '')}".rstrip() if last.recovered else "not recovered"
    return f"played {often}, last on {last.at:%Y-%m-%d %H:%M} UTC: {ended}"


class _Row(Block):
    """A scenario in one line: its name, its title, how long, and whether it was played."""

    height = 1

    def __init__(self, offer: Offer) -> None:
        self.key = f"drill:{offer.scenario.name}"
        self._offer = offer

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        """The line."""
        offer = self._offer
        length = f"{offer.scenario.length / 60:.0f} min"
        played: Span = ("  new", KEY)
        if offer.last is not None:
            played = ("   ✓ ", GOOD) if offer.last.recovered else ("   · ", DIM)
        name = column(offer.scenario.name, 20, STRONG)
        return [Line([name, (" " * _FEW, DIM), (offer.scenario.title, TEXT)], [(length, DIM), played])]
