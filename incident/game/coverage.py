"""Which parts of the runbooks the drills exercise, and which lines of a scenario no runbook knows."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from incident.core.match import match
from incident.core.ports import Listed, Shelf
from incident.core.runbook import Command, Runbook
from incident.drills.checking import Finding
from incident.drills.matching import captured, simple
from incident.drills.model import Deed, Scenario
from incident.drills.simulator import plans_for
from incident.errors import RunbookError


@dataclass(frozen=True, slots=True)
class Part:
    """A way, a command or a step of a runbook: its line, its words, the drills that exercise it."""

    line: int
    text: str
    drills: tuple[str, ...] = ()
    known_to: tuple[str, ...] = ()  # drills that would answer it; of a command only


@dataclass(frozen=True, slots=True)
class Coverage:
    """A runbook, and what of it is exercised."""

    path: str
    opened_by: tuple[str, ...]  # drills whose alerts lead to it
    ways: tuple[Part, ...] = ()
    commands: tuple[Part, ...] = ()
    steps: tuple[Part, ...] = ()


@dataclass(slots=True)
class Library:
    """The runbooks that the drills are played with, read once."""

    shelf: Shelf
    listing: tuple[Listed, ...] = ()
    books: dict[str, Runbook] = field(default_factory=dict)

    @classmethod
    def of(cls, shelf: Shelf) -> Library:
        """Read every runbook; one that cannot be read is left out."""
        from incident.core.runbook.read import read  # the Markdown parser is needed by few verbs

        library = cls(shelf, shelf.listing())
        for listed in library.listing:
            try:
                library.books[listed.path] = read(shelf.read(listed.path).data, listed.path)
            except RunbookError:
                continue
        return library

    def opened_by(self, scenario: Scenario) -> dict[str, str]:
        """The runbook that each alert of a scenario leads to, "" where none is sure."""
        found = {plan.name: match(plan.labels, plan.annotations, self.listing, {}) for plan in scenario.alerts}
        return {name: one.path or "" for name, one in found.items()}


def stray(scenario: Scenario, library: Library) -> list[Finding]:
    """Ways and steps in a scenario's solution and wrong ways that stand in no runbook, and pages without a runbook."""
    found = []
    for deed in deeds_of(scenario):
        if deed.verb == "choose" and not any(_ways(book, deed.rest) for book in library.books.values()):
            found.append(Finding(deed.at, f"no runbook has the way `{deed.rest}`"))
        if deed.verb == "tick" and not any(_steps(book, deed.rest) for book in library.books.values()):
            found.append(Finding(deed.at, f"no runbook has the step `{deed.rest}`"))
    opened = library.opened_by(scenario)
    lost = [p for p in scenario.alerts if p.labels.get("severity") == "page" and not opened[p.name]]
    return found + [Finding(p.place, f"the page {p.name} leads to no runbook", serious=False) for p in lost]


def coverage(scenarios: Sequence[Scenario], library: Library) -> list[Coverage]:
    """Every runbook, in the order of its path."""
    opened = {scenario.name: set(library.opened_by(scenario).values()) for scenario in scenarios}
    return [
        Coverage(
            path=path,
            opened_by=tuple(name for name, paths in opened.items() if path in paths),
            ways=_covered_ways(book, scenarios),
            commands=_covered_commands(book, scenarios),
            steps=_covered_steps(book, scenarios),
        )
        for path, book in sorted(library.books.items())
    ]


def deeds_of(scenario: Scenario) -> tuple[Deed, ...]:
    """Everything that its own ways through do."""
    return (*scenario.solution, *(deed for way in scenario.wrong for deed in way.deeds))


def _covered_ways(book: Runbook, scenarios: Iterable[Scenario]) -> tuple[Part, ...]:
    taken: dict[str, list[str]] = {}
    for scenario in scenarios:
        chosen = {way for deed in deeds_of(scenario) if deed.verb == "choose" for way in _ways(book, deed.rest)}
        for way in chosen:
            taken.setdefault(way, []).append(scenario.name)
    return tuple(
        Part(section.line, section.branch.condition, tuple(taken.get(section.branch.condition, ())))
        for section in book.sections
        if section.branch
    )


def _covered_commands(book: Runbook, scenarios: Sequence[Scenario]) -> tuple[Part, ...]:
    return tuple(_covered_command(command, scenarios) for command in book.commands)


def _covered_command(command: Command, scenarios: Iterable[Scenario]) -> Part:
    pattern = _pattern(command.text)
    played, known = [], []
    for scenario in scenarios:
        runs = [_argv(deed.rest) for deed in deeds_of(scenario) if deed.verb == "run"]
        if pattern and any(captured(pattern, argv) is not None for argv in runs):
            played.append(scenario.name)
        if pattern and any(plans_for(scenario, pattern)):
            known.append(scenario.name)
    return Part(command.line, command.text, tuple(played), tuple(known))


def _covered_steps(book: Runbook, scenarios: Sequence[Scenario]) -> tuple[Part, ...]:
    parts = []
    for step in book.steps:
        commands = [_pattern(book.commands[at].text) for at in step.commands]
        names = []
        for scenario in scenarios:
            deeds = deeds_of(scenario)
            ticked = any(deed.verb == "tick" and step.text.startswith(deed.rest) for deed in deeds)
            runs = [_argv(deed.rest) for deed in deeds if deed.verb == "run"]
            ran = any(pattern and captured(pattern, argv) is not None for pattern in commands for argv in runs)
            if ticked or ran:
                names.append(scenario.name)
        parts.append(Part(step.lines[0], step.text, tuple(names)))
    return tuple(parts)


def _ways(book: Runbook, text: str) -> list[str]:
    return [s.branch.condition for s in book.sections if s.branch and s.branch.condition.casefold() == text.casefold()]


def _steps(book: Runbook, text: str) -> list[str]:
    return [step.text for step in book.steps if step.text.startswith(text)]


def _pattern(text: str) -> tuple[str, ...]:
    """A runbook's command as a pattern: its placeholders are holes."""
    return tuple(_hole(word) for word in _argv(text))


def _hole(word: str) -> str:
    before, opened, rest = word.partition("<")
    name, closed, after = rest.partition(">")
    return f"{before}<any>{after}" if opened and closed and name else word


def _argv(text: str) -> tuple[str, ...]:
    try:
        return simple(shlex.split(text))
    except ValueError:
        return ()
