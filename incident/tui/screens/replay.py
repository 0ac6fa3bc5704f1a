"""A past incident, one turn after the other: only what was known then, and a question before what was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from incident.core.event import Event
from incident.core.incident import fold
from incident.core.replay import known, turns
from incident.core.timeline import row_of
from incident.core.when import clock, duration
from incident.tui import actions
from incident.tui.paint import Line, RuleLine, Span, rule, wrap
from incident.tui.replaying import Answer
from incident.tui.screens.sheets import LineSheet
from incident.tui.theme import AMBER, DIM, DRILL, GOOD, PAGE, STRONG, TEXT
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.lines import Fixed, Lines
from incident.tui.widgets.timeline_list import TimelineList


class ReplayScreen(Screen[None]):
    """Turn after turn. Nothing is written to the incident."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.REPLAY))
    AUTO_FOCUS = "Lines"

    def __init__(self, identity: str, events: Sequence[Event]) -> None:
        super().__init__()
        self._identity = identity
        self._turns = turns(events)
        self._at = 0
        self._revealed = False
        self._answers: list[Answer] = []

    def compose(self) -> ComposeResult:
        """The band, what was known, the question, the keys."""
        yield Band()
        yield TimelineList(id="rows", cursor=True)
        asked = Lines(id="asked", cursor=False)
        asked.can_focus = False
        yield asked
        yield Foot()

    def on_mount(self) -> None:
        """The first turn."""
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """The question is wrapped to the width."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """What was known at this turn."""
        seen = known(self._turns, self._at, deed=self._revealed)
        incident = fold(self._identity, seen)
        rows = self.query_one(TimelineList)
        rows.draw(seen, ())
        self.call_after_refresh(rows.action_move_to, -1)
        now = max((event.recorded_at for event in seen), default=None)
        firing = len(incident.firing)
        state: list[Span] = [(f"▲ {firing} firing", PAGE) if firing else ("no alert fires", GOOD)]
        since = f"open {duration(now - incident.opened_at)}" if now and incident.opened_at else ""
        parts: list[tuple[int, list[Span]]] = [
            (0, [(" REPLAY ", DRILL)]),
            (0, [(self._identity, STRONG)]),
            (2, [(since, DIM)]),
            (3, state),
            (1, [(f"turn {min(self._at + 1, len(self._turns))} of {len(self._turns)}", DIM)]),
        ]
        right: list[Span] = [(clock(now), STRONG), (" UTC", DIM)] if now else []
        self.query_one(Band).show(parts, right)
        self.query_one(Foot).show(actions.foot(actions.REPLAY))
        asked = self.query_one("#asked", Lines)
        lines = self._question(max(30, self.size.width - 5))
        asked.styles.height = len(lines)
        asked.show([Fixed(line) for line in lines])

    def _question(self, width: int) -> list[Line | RuleLine]:
        turn = self._turns[self._at] if self._at < len(self._turns) else None
        if turn is None or turn.deed is None:
            words = "This is how it ended. q leaves, and prints your answers beside what was done."
            return [rule("The end"), *(Line([(row, TEXT)]) for row in wrap(words, width))]
        if not self._revealed:
            words = "This is all that was known. What would you do next, and why? enter answers, space only looks."
            return [rule("What next?"), *(Line([(row, AMBER)]) for row in wrap(words, width))]
        answer = self._answers[-1]
        lines: list[Line | RuleLine] = [rule("What was done")]
        lines += [Line([(row, STRONG)]) for row in wrap(answer.did, width)]
        if answer.would:
            lines += [Line([(row, DIM)]) for row in wrap(f"you: {answer.would}", width)]
        return lines

    # -- keys -------------------------------------------------------------------------------------------------------

    @work(exit_on_error=False)
    async def action_answer(self) -> None:
        """Say what comes next, then see it."""
        if self._goes_on():
            return
        sheet = LineSheet("What next?", "what you would do, and why; it is written to no incident")
        text = await self.app.push_screen_wait(sheet)
        if text is not None:
            self._reveal(text)

    def action_reveal(self) -> None:
        """See what was done, without an answer."""
        if not self._goes_on():
            self._reveal("")

    def _goes_on(self) -> bool:
        """To the next turn, if this one was revealed; whether there was nothing to answer."""
        turn = self._turns[self._at] if self._at < len(self._turns) else None
        if turn is not None and turn.deed is not None and not self._revealed:
            return False
        if self._at + 1 < len(self._turns):
            self._at, self._revealed = self._at + 1, False
            self.draw()
        return True

    def _reveal(self, text: str) -> None:
        deed = self._turns[self._at].deed
        if deed is not None:
            row = row_of(deed)
            self._answers.append(Answer(text, f"{row.stamp} {row.line}"))
            self._revealed = True
            self.draw()

    def action_help(self) -> None:
        """What every key does here."""
        from incident.tui.screens.help import HelpSheet

        self.app.push_screen(HelpSheet(actions.REPLAY))

    def action_leave(self) -> None:
        """Leave; the answers are printed."""
        self.app.exit(self._answers)
