"""One heading's part of a file that holds many runbooks, with the lines and identities it has in the whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from incident.core.runbook.model import Runbook, Section, Step
from incident.core.runbook.outline import anchors
from incident.core.runbook.shelf import fold
from incident.core.text import one_line
from incident.errors import RunbookError

_NAMES_A_LINE = re.compile(r"line (\d+)\b")
_END = 1 << 60


def part_of(runbook: Runbook, place: str | int) -> Runbook:
    """What stands under one heading: given by its anchor, its words, or a line in it, from 1.

    Line numbers and step identities stay those of the whole file. A line before the first heading, and the title's own
    anchor, mean the whole. Raises RunbookError when there is no such heading.
    """
    if isinstance(place, int) or (place.isascii() and place.isdigit()):
        first = _at_line(runbook.sections, int(place))
    elif fold(place) and fold(place) == fold(runbook.title):
        first = None
    else:
        first = _named(runbook, place)
    return runbook if first is None else _cut_out(runbook, first)


def anchor_at(runbook: Runbook, line: int) -> str:
    """The anchor of the heading around a line; "" before the first heading."""
    at = _at_line(runbook.sections, line)
    slugs = anchors(section.title for section in runbook.sections)
    return next((slug for slug, index in slugs.items() if index == at), "")


def _at_line(sections: Sequence[Section], line: int) -> int | None:
    """The section around a line; None before the first heading."""
    before = [index for index, section in enumerate(sections) if section.level and section.line <= line]
    return max(before, default=None)


def _named(runbook: Runbook, anchor: str) -> int:
    """The section that an anchor means: by its slug, the second of a name by `-1`, or else by its letters alone."""
    slugs = anchors(section.title for section in runbook.sections)
    wanted = anchor.strip().lstrip("#").lower()
    if wanted in slugs:
        return slugs[wanted]
    letters = fold(anchor)
    alike = [index for index, section in enumerate(runbook.sections) if letters and fold(section.title) == letters]
    if alike:
        return alike[0]
    near = get_close_matches(wanted, list(slugs), 3, 0.4)
    hint = f"there are: {', '.join(f'#{name}' for name in near)}" if near else "leave the # away to open it all"
    raise RunbookError(f"there is no heading #{one_line(anchor, 80)} in it", at=runbook.path, hint=hint)


def _cut_out(runbook: Runbook, first: int) -> Runbook:
    head = runbook.sections[first]
    deeper = [s.level > head.level for s in runbook.sections[first + 1 :]]
    behind = first + 1 + (deeper.index(False) if False in deeper else len(deeper))
    end = runbook.sections[behind].line if behind < len(runbook.sections) else _END
    inside = range(head.line, end)
    kept = [index for index, command in enumerate(runbook.commands) if command.line in inside]
    places = {index: place for place, index in enumerate(kept)}
    steps = [step for step in runbook.steps if first <= step.section < behind]
    return replace(
        runbook,
        title=head.title,
        sections=runbook.sections[first:behind],
        steps=tuple(_moved(step, first, places) for step in steps),
        commands=tuple(runbook.commands[index] for index in kept),
        contacts=tuple(contact for contact in runbook.contacts if contact.line in inside),
        notices=tuple(notice for notice in runbook.notices if _is_about(notice, inside)),
    )


def _moved(step: Step, first: int, places: dict[int, int]) -> Step:
    return replace(step, section=step.section - first, commands=tuple(places[index] for index in step.commands))


def _is_about(notice: str, lines: range) -> bool:
    """Whether a notice concerns these lines, or the file as a whole."""
    found = _NAMES_A_LINE.match(notice)
    return found is None or int(found[1]) in lines
