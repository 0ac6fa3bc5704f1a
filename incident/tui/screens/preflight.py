"""The sheet before every command: what would run, byte for byte, where, as whom, and what it would do."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from incident.core.command import Preflight, Tier
from incident.core.ports import Clock
from incident.core.runbook import Effect
from incident.core.text import visible
from incident.tui.paint import Span, keys
from incident.tui.screens.sheets import GuardedSheet, text_of
from incident.tui.theme import AMBER, DIM, GOOD, KEY, RED, STRONG, TEXT

_EFFECTS = {
    Effect.READS: ("only reads", GOOD),
    Effect.CHANGES: ("changes something", AMBER),
    Effect.UNKNOWN: ("not known to only read; treat it as a change", AMBER),
}


class PreflightSheet(GuardedSheet[str | None]):
    """Answers "run", "values" (change a parameter), "edit" (the command), "verify" (its last run) or None (not now)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("enter", "enter", show=False),
        Binding("R", "run", show=False),
        Binding("y", "copy", show=False),
        Binding("v", "values", show=False),
        Binding("e", "edit", show=False),
        Binding("V", "verify", show=False),
    ]

    def __init__(self, preflight: Preflight, clock: Clock, *, why_not: str = "", drill: bool = False) -> None:
        super().__init__(clock)
        self._preflight = preflight
        self._why_not = why_not
        self._drill = drill

    def compose(self) -> ComposeResult:
        """The command, the facts, what to press."""
        with Vertical(classes="sheet wide") as box:
            box.border_title = Content("Run this?")
            with VerticalScroll(can_focus=False):
                yield Static(text_of([(visible(self._preflight.text), STRONG)]), id="command")
                for name, spans in self._facts():
                    yield Static(text_of([(f"{name:<10}", DIM), *spans]), classes="fact")
                for warning in self._preflight.warnings:
                    yield Static(text_of([("!         ", AMBER), (warning, AMBER)]), classes="fact")
                if self._why_not:
                    yield Static(text_of([("cannot run", RED), (f" {self._why_not}", RED)]), classes="fact")
            if self._typed:
                yield Static(
                    text_of([("type ", DIM), (self._preflight.word, STRONG), (" to run it:", DIM)]), classes="question"
                )
                yield Input(id="word")
            yield Static(text_of(keys(self._keys())), id="keys", classes="keys")

    @property
    def _typed(self) -> bool:
        return self._preflight.tier is Tier.TYPE_TARGET and not self._why_not

    def _facts(self) -> list[tuple[str, list[Span]]]:
        flight = self._preflight
        facts: list[tuple[str, list[Span]]] = [
            (parameter.name[:9], [(parameter.value, KEY), (f"   {parameter.origin}", DIM)])
            for parameter in flight.parameters
        ]
        facts += [(one.placeholder[:9], [(one.value, KEY), (f"   {one.origin}", DIM)]) for one in flight.variables]
        if flight.undoes:
            facts.append(("undoes", [(flight.undoes, STRONG)]))
        target = flight.target
        if target.name:
            facts.append(("target", [(target.name, STRONG), (f"   from {target.origin}", DIM)]))
        else:
            facts.append(("target", [("none that is known", TEXT), ("   it acts on what its own settings say", DIM)]))
        facts.append(("runs in", [(flight.directory, STRONG), (f"   as {flight.who}", DIM)]))
        facts.append(("argv", self._argv()))
        words, style = _EFFECTS[flight.effect]
        expected = f"   expected {flight.expected}" if flight.expected else ""
        facts.append(("effect", [(words, Style.combine([style, Style(bold=True)])), (expected, DIM)]))
        for name, place in (("undo by", flight.undo), ("verify by", flight.verify)):
            if place:
                step = f"step {place}" if place.isdigit() else place
                facts.append((name, [(step, STRONG), ("   as the runbook says", DIM)]))
        unchanged = "" if flight.typed else "   unchanged since it was opened"
        facts.append(("from", [(flight.origin, STRONG), (unchanged, DIM)]))
        if flight.terminal:
            facts.append(("terminal", [("it gets the real one", STRONG), ("   what it prints there is not kept", DIM)]))
        elif flight.endless:
            facts.append(("ends", [("not by itself", STRONG), ("   S stops it, and that is a good end", DIM)]))
        if flight.approvers:
            facts.append(("approval", [("a second person has to agree", AMBER), ("   `incident approve`", DIM)]))
        if self._drill:
            facts.append(("drill", [("nothing is executed: the drill answers", AMBER)]))
        return facts

    def _argv(self) -> list[Span]:
        """The program and each argument, apart from each other."""
        if self._preflight.shell:
            return [
                ("bash -u -c", STRONG),
                ("   a shell reads the line above; a variable that is not set stops it", DIM),
            ]
        spans: list[Span] = []
        for argument in self._preflight.argv:
            shown = visible(argument) if argument and " " not in argument else f"'{visible(argument)}'"
            spans += [("·" if spans else "", DIM), (shown, TEXT)]
        return spans

    def _keys(self) -> list[tuple[str, str]]:
        word = "ask approval" if self._preflight.approvers else "run"
        run = {Tier.ONE_KEY: [("enter", word)], Tier.CONFIRM: [("R", word)], Tier.TYPE_TARGET: [("enter", word)]}
        pairs = [] if self._why_not else run[self._preflight.tier]
        if not self._typed:
            pairs = [*pairs, ("y", "copy")]
            pairs.append(("e", "edit"))
            if self._preflight.parameters:
                pairs.append(("v", "value"))
            if self._preflight.unverified:
                pairs.append(("V", "what you found"))
        return [*pairs, ("esc", "not now")]

    # -- keys ---------------------------------------------------------------------------------------------------

    def action_enter(self) -> None:
        """Run what only reads; say what to press for the rest."""
        if self._why_not:
            self.app.notify(self._why_not, severity="warning", markup=False)
        elif self._preflight.tier is Tier.ONE_KEY:
            self._run()
        elif self._preflight.tier is Tier.CONFIRM:
            self.app.notify("This may change something: R (shift and r) runs it.", severity="warning", markup=False)

    def action_run(self) -> None:
        """Run what was read."""
        if self._preflight.tier is Tier.CONFIRM and not self._why_not:
            self._run()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._preflight.word:
            self._run()
        else:
            self.app.notify(f"That is not {self._preflight.word}.", severity="warning", markup=False)

    def _run(self) -> None:
        if not self.too_early:
            self.dismiss("run")

    def action_copy(self) -> None:
        """Copy the command instead of running it."""
        self.app.copy_to_clipboard(self._preflight.text)
        self.app.notify("Copied. Nothing was run here.", markup=False)

    def action_edit(self) -> None:
        """Change the command before it runs."""
        self.dismiss("edit")

    def action_verify(self) -> None:
        """Say what became of its last run."""
        if self._preflight.unverified:
            self.dismiss("verify")

    def action_values(self) -> None:
        """Change a parameter."""
        if self._preflight.parameters:
            self.dismiss("values")
