"""The runbook as a checklist: sections, forks, steps with their commands, and whom to tell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.style import Style

from incident.core.checklist import Standing, last_run, progress, standing, standing_of_branch
from incident.core.command import Filled
from incident.core.incident import CommandRecord, Incident
from incident.core.runbook import Branch, Command, Contact, Runbook, Runnable, Section, SectionKind, Step
from incident.core.text import visible
from incident.core.verification import watch_of
from incident.core.when import minute
from incident.tui.paint import Line, RuleLine, Span, wrap
from incident.tui.theme import AMBER, DIM, FAINT, GOOD, JUDGED, KEY, RED, STRONG, TEXT
from incident.tui.widgets.lines import Block, Fixed, Lines

_MARKS = {
    Standing.OPEN: ("○", TEXT),
    Standing.DONE: ("✓", GOOD),
    Standing.SKIPPED: ("–", DIM),
    Standing.NOT_APPLICABLE: ("·", DIM),
    Standing.UNDECIDED: ("○", FAINT),
    Standing.NOT_TAKEN: ("·", FAINT),
}
DETAIL = 3  # lines of an explanation shown below a step
INDENT = 6  # columns before a step's text: mark, blank, number


@dataclass(frozen=True, slots=True)
class View:
    """What the checklist is drawn from."""

    runbook: Runbook
    incident: Incident
    filled: Callable[[Command], tuple[Filled, ...]]
    open_prose: frozenset[int]  # sections whose text is unfolded
    seen: Mapping[str, str] = field(default_factory=dict)  # by step: what makes it worth ticking
    notes: Mapping[int, str] = field(default_factory=dict)  # by line: how whom to tell stands


class _StepBlock(Block):
    def __init__(self, view: View, step: Step) -> None:
        self.key = f"step:{step.id}"
        self._view = view
        self._step = step
        run = last_run(step, view.incident)
        self.stamp = (
            step,
            standing(step, view.incident),
            view.incident.ticks.get(step.id),
            run and run.outcome,
            view.seen.get(step.id),
            tuple(view.filled(view.runbook.commands[index]) for index in step.commands),
        )

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        step, incident = self._step, self._view.incident
        stands = standing(step, incident)
        mark, style = _MARKS[stands]
        run = last_run(step, incident)
        text_style = {Standing.OPEN: STRONG if step.commands else TEXT}.get(stands, DIM)
        indent = INDENT + 3 * step.depth
        number = f"{step.number:<3}" if step.number else "   "
        note = self._note(stands)
        room = max(12, width - indent - len(note) - 2)
        wrapped = wrap(_dated(step.text, incident) or "(a command)", room)
        lead: list[Span] = [(" " * (indent - INDENT + 1), TEXT), (mark, style), (" ", TEXT), (number, text_style)]
        drawn = [Line([*lead, (wrapped[0], text_style)], [(note, DIM)] if note else [])]
        drawn += [Line([(" " * indent, TEXT), (more, text_style)]) for more in wrapped[1:]]
        if stands is Standing.OPEN and step.detail:
            detail = wrap(" ".join(step.detail), max(12, width - indent))
            shown = [*detail[:DETAIL], *(["… v shows all"] if len(detail) > DETAIL else [])]
            drawn += [Line([(" " * indent, TEXT), (more, DIM)]) for more in shown]
        if stands in (Standing.OPEN, Standing.DONE, Standing.UNDECIDED):
            for index in step.commands:
                drawn += self._command(self._view.runbook.commands[index], indent, width, stands)
        if run is not None:
            drawn.append(Line([(" " * indent, TEXT), *_outcome(run)]))
        if seen := self._view.seen.get(step.id, ""):
            said = wrap(f"{seen} - space ticks it", max(12, width - indent))
            drawn += [Line([(" " * indent, TEXT), (more, GOOD)]) for more in said]
        return drawn

    def _note(self, stands: Standing) -> str:
        ticked = self._view.incident.ticks.get(self._step.id)
        if ticked is not None:
            word = "" if stands is Standing.DONE else f"{stands} "
            return f"{word}{minute(ticked.at)}"
        if stands is Standing.OPEN:
            watched = watch_of(self._step, self._view.runbook) is not None
            return self._step.expected or ("watched" if watched else "check" if self._step.check else "")
        return ""

    def _command(self, command: Command, indent: int, width: int, stands: Standing) -> list[Line]:
        filled = self._view.filled(command) if stands is not Standing.UNDECIDED else ()
        style = TEXT if stands is Standing.OPEN else DIM
        pieces = _with_values(visible(command.text), filled, style)
        drawn = [Line([(" " * indent, TEXT), *piece]) for piece in _fold(pieces, max(12, width - indent))]
        if stands is Standing.OPEN:
            for parameter in filled:
                words = (
                    f"{parameter.value} {parameter.origin}"
                    if parameter.ready
                    else f"{parameter.placeholder} is asked for"
                )
                drawn.append(Line([(" " * indent, TEXT), (words, DIM)]))
            if command.runnable is Runnable.PROBABLE:
                drawn.append(Line([(" " * indent, TEXT), ("looks like a command; y copies it", DIM)]))
        return drawn


def _dated(text: str, incident: Incident) -> str:
    """`#inc-yyyymmdd-acme` with the day on which the incident was opened, UTC."""
    return text.replace("yyyymmdd", f"{incident.opened_at:%Y%m%d}") if incident.opened_at else text


def _outcome(run: CommandRecord) -> list[Span]:
    """How the last run of a step stands."""
    if run.open:
        return [("▶ running", KEY), (f" since {minute(run.at)}", DIM)]
    good = run.finished is not None and run.finished.exit == 0
    lost = bool(run.lost)
    style = GOOD if good else AMBER if lost else RED
    return [(run.outcome, style), (f"  at {minute(run.at)}", DIM)]


def _with_values(text: str, filled: Sequence[Filled], base: Style) -> list[Span]:
    """The command with every filled parameter in the accent, every open one as it is written."""
    spans: list[Span] = [(text, base)]
    for parameter in filled:
        split: list[Span] = []
        for piece, piece_style in spans:
            parts = piece.split(parameter.placeholder) if piece_style is base else [piece]
            for at, part in enumerate(parts):
                if at:
                    split.append((parameter.value, KEY) if parameter.ready else (parameter.placeholder, AMBER))
                split.append((part, piece_style))
        spans = [span for span in split if span[0]]
    return spans


def _fold(spans: Sequence[Span], width: int) -> list[list[Span]]:
    """Spans over as many lines as they need; nothing is left out, for a command is read to the last byte."""
    lines: list[list[Span]] = [[]]
    room = width
    for text, style in spans:
        for at, part in enumerate(text.split("\n")):
            if at:
                lines.append([])
                room = width
            rest = part
            while len(rest) > room:
                lines[-1].append((rest[:room], style))
                lines.append([])
                rest, room = rest[room:], width
            lines[-1].append((rest, style))
            room -= len(rest)
    return lines


class _ForkBlock(Block):
    def __init__(self, view: View, section: Section, branch: Branch) -> None:
        self.key = f"fork:{branch.id}"
        self._section = section
        self._stands = standing_of_branch(branch, view.incident)

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        mark, note, style = {
            Standing.OPEN: ("◆", "chosen", JUDGED),
            Standing.NOT_TAKEN: ("◇", "not taken", FAINT),
        }.get(self._stands, ("◇", "enter takes this way", JUDGED))
        note_style = DIM if self._stands is Standing.UNDECIDED else style
        wrapped = wrap(self._section.title, max(12, width - 4 - len(note)))
        first = Line([(f"{mark} ", style), (wrapped[0], style)], [(note, note_style)])
        return [first, *(Line([("  ", style), (more, style)]) for more in wrapped[1:])]


class _ProseBlock(Block):
    """A section's text: folded to one line until it is asked for."""

    def __init__(self, view: View, at: int, *, titled: bool) -> None:
        section = view.runbook.sections[at]
        self.key = f"prose:{at}"
        self._title = section.title if titled else ""
        self._prose = section.prose
        self._open = at in view.open_prose

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        title = f"{self._title}  " if self._title else ""
        if not self._open:
            return [Line([(title, DIM), (" ".join(" ".join(self._prose).split()), FAINT)])]
        drawn = [Line([(title, DIM)])] if title else []
        for paragraph in self._prose:
            drawn += [Line([("  ", DIM), (more, TEXT)]) for more in wrap(paragraph, max(12, width - 2))]
        return drawn


class _ContactBlock(Block):
    def __init__(self, view: View, contact: Contact) -> None:
        self.key = f"contact:{contact.line}"
        self._contact = contact
        self._note = view.notes.get(contact.line, "")
        self.stamp = (contact, self._note)

    def lines(self, width: int) -> Sequence[Line | RuleLine]:
        note = self._note
        wrapped = wrap(self._contact.text, max(12, width - 5 - len(note)))
        first = Line([("   ", TEXT), (wrapped[0], TEXT)], [(note, DIM)] if note else [])
        return [first, *(Line([("   ", TEXT), (more, TEXT)]) for more in wrapped[1:])]


class Checklist(Lines):
    """The steps under a cursor."""

    def __init__(self) -> None:
        super().__init__(id="checklist")
        self._view: View | None = None
        self._open_prose: frozenset[int] = frozenset()

    @property
    def step(self) -> Step | None:
        """The step under the cursor."""
        if self._view is None or not self.selected.startswith("step:"):
            return None
        return self._view.runbook.step(self.selected.removeprefix("step:"))

    @property
    def line(self) -> int:
        """The line of the file under the cursor."""
        if self.step is not None:
            return self.step.lines[0]
        if self.section is not None:
            return self.section.line
        kind, _, number = self.selected.partition(":")
        if self._view is not None and kind == "prose":
            return self._view.runbook.sections[int(number)].line
        return int(number) if kind == "contact" else 1

    @property
    def section(self) -> Section | None:
        """The fork under the cursor."""
        if self._view is None or not self.selected.startswith("fork:"):
            return None
        branch = self.selected.removeprefix("fork:")
        return next((s for s in self._view.runbook.sections if s.branch and s.branch.id == branch), None)

    def draw(
        self,
        runbook: Runbook,
        incident: Incident,
        filled: Callable[[Command], tuple[Filled, ...]],
        seen: Mapping[str, str] | None = None,
        notes: Mapping[int, str] | None = None,
    ) -> None:
        """Paint a runbook as it stands in an incident; the cursor stays on its step.

        `seen` is, by step, what makes it worth ticking; `notes`, by line, how whom to tell stands.
        """
        fresh = self._view is None or self._view.runbook.path != runbook.path
        self._view = View(runbook, incident, filled, self._open_prose, seen or {}, notes or {})
        self.show(_blocks(self._view))
        if fresh:
            first = next((key for key in self.keys if key.startswith(("step:", "fork:"))), "")
            self.select(first)

    def toggle_prose(self) -> bool:
        """Fold or unfold the text under the cursor; False when there is none."""
        if self._view is None or not self.selected.startswith("prose:"):
            return False
        self._open_prose ^= {int(self.selected.removeprefix("prose:"))}
        view = self._view
        self.draw(view.runbook, view.incident, view.filled, view.seen, view.notes)
        self.bring_into_view(self.selected)
        return True

    def jump(self, by: int) -> None:
        """To the first thing of the next section, or of the one before."""
        if self._view is None:
            return
        keys = self.keys
        starts = [keys.index(key) for key in _section_starts(self._view) if key in keys]
        here = keys.index(self.selected) if self.selected in keys else 0
        later = [at for at in starts if at > here]
        earlier = [at for at in starts if at < here]
        target = (later[0] if later else None) if by > 0 else (earlier[-1] if earlier else None)
        if target is not None:
            self.select(keys[target])

    @property
    def progress(self) -> tuple[int, int]:
        """Steps dealt with, and all that count."""
        return progress(self._view.runbook, self._view.incident) if self._view else (0, 0)


def _section_starts(view: View) -> list[str]:
    """The key of the first thing worth stopping at in each section."""
    first: dict[int, str] = {}
    for step in view.runbook.steps:
        first.setdefault(step.section, f"step:{step.id}")
    starts = []
    for at, section in enumerate(view.runbook.sections):
        if section.branch:
            starts.append(f"fork:{section.branch.id}")
        elif at in first:
            starts.append(first[at])
        elif section.kind is SectionKind.ESCALATION and view.runbook.contacts:
            starts.append(f"contact:{view.runbook.contacts[0].line}")
    return starts


def _blocks(view: View) -> list[Block]:
    runbook = view.runbook
    blocks: list[Block] = [Fixed(Line([(notice, AMBER)])) for notice in runbook.notices]
    steps: dict[int, list[Step]] = {}
    for step in runbook.steps:
        steps.setdefault(step.section, []).append(step)
    starts = [section.line for section in runbook.sections]
    contacts: dict[int, list[Contact]] = {}
    for contact in runbook.contacts:
        contacts.setdefault(bisect_right(starts, contact.line) - 1, []).append(contact)
    for at in range(len(runbook.sections)):
        blocks += _section_blocks(view, at, steps.get(at, []), contacts.get(at, []))
    if not runbook.steps:
        words = "This runbook has no steps. v shows it as it is written; n writes down what you do."
        blocks.append(Fixed(Line(), Line([(words, DIM)])))
    return blocks


def _section_blocks(view: View, at: int, steps: Sequence[Step], contacts: Sequence[Contact]) -> list[Block]:
    section = view.runbook.sections[at]
    if section.branch:
        blocks: list[Block] = [Fixed(), _ForkBlock(view, section, section.branch)]
        if standing_of_branch(section.branch, view.incident) is Standing.NOT_TAKEN:
            return blocks
        prose = [_ProseBlock(view, at, titled=False)] if section.prose else []
        return [*blocks, *prose, *(_StepBlock(view, step) for step in steps)]
    if not steps and not contacts:
        return [_ProseBlock(view, at, titled=True)] if section.prose else []
    titled = [Fixed(Line(), Line([(section.title, DIM)]))] if section.title else []
    prose = [_ProseBlock(view, at, titled=False)] if section.prose and steps else []
    people = [_ContactBlock(view, contact) for contact in contacts]
    return [*titled, *prose, *(_StepBlock(view, step) for step in steps), *people]
