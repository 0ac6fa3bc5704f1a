"""The end of a drill: its facts beside those of earlier plays, the truth, and the questions."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from incident.game import Game, Run
from incident.tui.paint import Line, keys, rule, wrap
from incident.tui.screens.sheets import text_of
from incident.tui.theme import AMBER, DIM, STRONG, TEXT
from incident.tui.widgets.lines import Fixed, Lines

_NAMES = 18  # columns for the name of a fact
EARLIER = 2  # earlier plays shown beside


class ReportSheet(ModalScreen[str]):
    """Facts, no grades. The result is "wash", "leave" or "stay"."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+j", "dismiss('wash')", show=False),
        Binding("q", "dismiss('leave')", show=False),
        Binding("escape", "dismiss('stay')", show=False),
    ]

    def __init__(self, game: Game) -> None:
        super().__init__()
        self._game = game
        self._earlier = game.earlier()[:EARLIER]

    def compose(self) -> ComposeResult:
        """The facts and the keys."""
        with Vertical(classes="sheet tall wide") as box:
            box.border_title = Text(f"DRILL {self._game.name}: what happened")
            yield Lines(id="report", cursor=False)
            questions = len(self._game.scenario.hotwash)
            ends = [("enter", f"{questions} questions")] if questions else []
            yield Static(text_of(keys([*ends, ("q", "leave"), ("esc", "play on"), ("j k", "scroll")])), classes="keys")

    def on_mount(self) -> None:
        """Lay it out once the width is known."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        shown = self.query_one("#report", Lines)
        width = max(30, shown.size.width - 4)
        lines = [Line([(text, DIM)]) for text in wrap("Facts, no grades; times are those of the drill.", width)]
        lines.append(Line())
        for figure in self._game.figures():
            lines += _fact(figure.name, figure.value, self._earlier, width)
        lines += [Line(), rule("Objectives").at(width)]
        for number, objective in enumerate(self._game.scenario.objectives, 1):
            lines += [Line([(text, TEXT)]) for text in wrap(f"{number}. {objective}", width)]
        if self._game.scenario.truth:
            lines += [Line(), rule("What was really wrong").at(width)]
            lines += [Line([(text, TEXT)]) for text in wrap(self._game.scenario.truth, width)]
        shown.show([Fixed(line) for line in lines])
        shown.focus()


def _fact(name: str, value: str, earlier: list[Run], width: int) -> list[Line]:
    """A fact of this play, and below it how it was in earlier ones where that differs."""
    rows = wrap(value, max(10, width - _NAMES))
    lines = [Line([(f"{name if not at else '':<{_NAMES}}", DIM), (row, STRONG)]) for at, row in enumerate(rows)]
    for run in earlier:
        if name in run.figures:
            told = f"{run.at:%Y-%m-%d %H:%M}: {run.figures[name]}"
            lines += [Line([(" " * _NAMES, DIM), (row, DIM)]) for row in wrap(told, max(10, width - _NAMES))]
    return lines


class HotWashSheet(ModalScreen[None]):
    """The questions one after the other. Every answer is written down at once."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "skip", show=False)]

    def __init__(self, game: Game) -> None:
        super().__init__()
        self._game = game
        self._at = 0

    def compose(self) -> ComposeResult:
        """The question, a line for the answer, the keys."""
        with Vertical(classes="sheet wide") as box:
            box.border_title = Text("Hot wash")
            yield Static(classes="question", id="question")
            yield Input(id="line", select_on_focus=False)
            yield Static(id="echo")
            pairs = [("enter", "save"), ("esc", "no answer to this one")]
            yield Static(text_of(keys(pairs)), classes="keys")

    def on_mount(self) -> None:
        """The first question."""
        self._show()

    def _show(self) -> None:
        questions = self._game.scenario.hotwash
        if self._at >= len(questions):
            self.dismiss(None)
            return
        number = f"{self._at + 1} of {len(questions)}   "
        self.query_one("#question", Static).update(text_of([(number, DIM), (questions[self._at], STRONG)]))
        line = self.query_one(Input)
        line.value = ""
        line.focus()
        words = "it goes into the drill's post-mortem; about conditions, not about people"
        self.query_one("#echo", Static).update(Text(words, style=DIM))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            words = "There is nothing to save yet; esc leaves this question out."
            self.query_one("#echo", Static).update(Text(words, style=AMBER))
            return
        self._save(self._game.scenario.hotwash[self._at], text)

    @work(exit_on_error=False)
    async def _save(self, question: str, text: str) -> None:
        await self._game.answer(question, text)
        self._at += 1
        self._show()

    def action_skip(self) -> None:
        """Leave this question out."""
        self._at += 1
        self._show()
