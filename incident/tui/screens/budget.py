"""The error budget: everything known of it, for the alert or the incident that it was asked from."""

from __future__ import annotations

from typing import ClassVar, cast

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from incident.core.alert import Alert
from incident.core.budget.slo import Slo
from incident.core.budget.spending import Spending
from incident.core.text import shorten
from incident.engine import Engine
from incident.errors import IncidentError, SourceError
from incident.tui.asking import Asking
from incident.tui.paint import Line, Span, keys
from incident.tui.screens.sheets import text_of
from incident.tui.theme import AMBER, DIM, STRONG, TEXT
from incident.tui.widgets.budget import QueryBlock, blocks
from incident.tui.widgets.lines import Block, Fixed, Lines

LOOK = 30.0  # seconds between two looks while it is open

_NONE: tuple[list[Span], ...] = (
    [("No objective is known, so there is no error budget to show.", STRONG)],
    [],
    [("In the configuration, for example:", DIM)],
    [],
    [("slos:", TEXT)],
    [("- name: availability", TEXT)],
    [("  service: acme", TEXT)],
    [("  objective: 99.5", TEXT)],
    [("  window: 28d", TEXT)],
    [('  bad: http_requests_total{job="acme",status=~"5.."}', TEXT)],
    [('  total: http_requests_total{job="acme"}', TEXT)],
    [],
    [("Or slo_files: FOLDER, with files of Sloth, Pyrra or OpenSLO.", DIM)],
)


class BudgetSheet(ModalScreen[None]):
    """The budgets that an alert or an incident is about, else all of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", show=False),
        Binding("y", "copy", show=False),
        Binding("r,ctrl+r", "refresh", show=False),
    ]

    def __init__(self, identity: str | None = None, alert: Alert | None = None) -> None:
        super().__init__()
        self._identity = identity
        self._alert = alert
        self._spent: dict[str, Spending] = {}
        self._trouble: dict[str, str] = {}

    @property
    def _engine(self) -> Engine:
        return cast(Asking, self.app).engine

    def compose(self) -> ComposeResult:
        """The budgets and the keys."""
        with Vertical(classes="sheet wide tall") as box:
            box.border_title = Text("Error budget")
            yield Lines(id="budgets")
            pairs = [("j k", "move"), ("y", "copy the query"), ("r", "ask now"), ("esc", "back")]
            yield Static(text_of(keys(pairs)), classes="keys")

    def on_mount(self) -> None:
        """Show what is known, and ask for the rest."""
        self.query_one(Lines).focus()
        self._draw()
        self._ask()
        self.set_interval(LOOK, self._ask)

    @property
    def _slos(self) -> tuple[Slo, ...]:
        budget = self._engine.budget
        if self._identity is not None:
            mine = budget.concerned(self._engine.incident(self._identity))
        else:
            mine = budget.slos_for(self._alert)
        return mine or budget.slos

    def _draw(self) -> None:
        budget = self._engine.budget
        shown: list[Block] = [Fixed(Line([(shorten(said, 300), AMBER)])) for said in budget.problems]
        for slo in self._slos:
            shown += blocks(slo, budget.known(slo), self._trouble.get(slo.title, ""), self._spent.get(slo.title))
        if not budget.slos:
            shown += [Fixed(*(Line(spans) for spans in _NONE))]
        self.query_one(Lines).show(shown)

    @work(exclusive=True, group="budget", exit_on_error=False)
    async def _ask(self, *, afresh: bool = False) -> None:
        for slo in self._slos:
            try:
                await self._engine.budget.read(slo, afresh=afresh)
                self._trouble.pop(slo.title, None)
            except SourceError as failed:
                self._trouble[slo.title] = str(failed)
            self._draw()
        if self._identity is not None and self._slos:
            await self._ask_spent(self._identity)
            self._draw()

    async def _ask_spent(self, identity: str) -> None:
        try:
            self._spent = {one.slo.title: one for one in await self._engine.budget.spent_in(identity)}
        except IncidentError as failed:
            self.app.notify(str(failed), severity="error", markup=False)

    def action_refresh(self) -> None:
        """Ask everything now."""
        self._ask(afresh=True)

    def action_copy(self) -> None:
        """Copy the query under the cursor, or else the first one of the objective."""
        listed = self.query_one(Lines)
        after = listed.keys[listed.keys.index(listed.selected) :] if listed.selected in listed.keys else []
        found = next((block for key in after if isinstance(block := listed.block(key), QueryBlock)), None)
        if found is None:
            self.app.notify("There is no query here yet.", markup=False)
            return
        self.app.copy_to_clipboard(found.query)
        self.app.notify(f"Copied: {shorten(' '.join(found.query.split()), 60)}", markup=False)
