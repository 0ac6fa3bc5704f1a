"""What an incident teaches its runbook: small changes to the file, each with its reason, for a person to look at."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from incident.core import facts
from incident.core.event import Event
from incident.core.facts import Milestone, Remark, Tick
from incident.core.incident import Incident
from incident.core.markdown import edited, lines_in
from incident.core.postmortem.findings import rollbacks, stated_seconds
from incident.core.records import CommandRecord
from incident.core.runbook import Runbook, Step
from incident.core.text import one_line
from incident.core.when import run_time

OFTEN = 2  # uses of a runbook from which on a step that was skipped every time is worth a word
SURE = 3  # runs from which on a step counts as quicker than it says; one may have been luck
_LEAST_VALUE = 4  # characters; a shorter value stands in a command by chance
_ITEM = re.compile(r"[ \t]*(?:>[ \t]?)*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_CHECKBOX = re.compile(r"\[[ xX]\][ \t]+\Z")
_FRONT = re.compile(r"((?:last_)?reviewed(?:_on)?:[ \t]*)(\S+)([ \t]*(?:#.*)?)\Z")
_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: lines put behind line `line`, or with `instead` that line reads otherwise. Lines count from 1."""

    line: int
    lines: tuple[str, ...]
    why: str
    instead: bool = False


def lessons(
    text: str, runbook: Runbook, incident: Incident, events: Sequence[Event], past: Sequence[Incident]
) -> list[Edit]:
    """Every change that is worth proposing, in the order of the file. `past` are earlier incidents; drills count, too.

    `text` is the file as it is, from which `runbook` was read. Steps that are not in it any more teach nothing.
    """
    lines = lines_in(text)
    used = [one for one in (*past, incident) if runbook.path in one.runbooks]
    edits: list[Edit] = []
    for step in runbook.steps:
        edits += _hand_made(step, runbook, incident, lines)
        edits += _notes(step, events, lines)
        edits += _skipped(step, used, lines)
        edits += _slower(step, used, lines)
    if edits:
        edits += _reviewed(lines, incident)
    return sorted(edits, key=lambda edit: (edit.line, not edit.instead))


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The file's text with the changes, in its own line ends; every other byte stays as it is."""
    changed: dict[int, str] = {}
    added: dict[int, list[str]] = {}
    for edit in edits:
        if edit.instead:
            changed[edit.line] = edit.lines[0]
        else:
            before = added.setdefault(edit.line, [])
            before += edit.lines[1:] if before and not before[-1].strip() and not edit.lines[0].strip() else edit.lines
    return edited(text, changed, added)


def kept(
    text: str, edits: Sequence[Edit], objections: Callable[[str], Mapping[str, int]]
) -> tuple[list[Edit], list[tuple[Edit, str]]]:
    """The changes to which the check does not object, and the others with what it says.

    `objections` counts what the check says of a text. A change counts as refused when it brings in something that the
    text without it does not have.
    """
    good: list[Edit] = []
    refused: list[tuple[Edit, str]] = []
    known = dict(objections(text))
    for edit in edits:
        now = dict(objections(applied(text, [*good, edit])))
        fresh = next((what for what, count in now.items() if count > known.get(what, 0)), "")
        if fresh:
            refused.append((edit, fresh))
        else:
            good.append(edit)
            known = now
    return good, refused


def diff(path: str, before: str, after: str) -> str:
    """The change as a unified diff, as `git apply` and `patch -p1` take it."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _inside(step: Step, lines: Sequence[str]) -> str:
    """What a line needs in front to belong to the step: for an item of a list, as many blanks as its mark is wide."""
    found = _ITEM.match(lines[step.lines[0] - 1])
    if found is None:
        return ""
    mark = _CHECKBOX.sub("", found[0])
    quote = mark.rfind(">") + 1
    return mark[:quote] + " " * (len(mark) - quote)


def _below(step: Step, lines: Sequence[str], block: Sequence[str]) -> tuple[str, ...]:
    """A block of lines as a part of the step, with the blank lines that keep it apart from what stands around it."""
    indent = _inside(step, lines)
    inner = [f"{indent}{line}".rstrip() for line in ("", *block)]
    end = step.lines[1]
    follows = end < len(lines) and bool(lines[end].strip())
    return tuple([*inner, indent.rstrip()] if follows else inner)


def _hand_made(step: Step, runbook: Runbook, incident: Incident, lines: Sequence[str]) -> Iterator[Edit]:
    """Commands that were typed by hand at this step and went well, which it does not have."""
    own = {" ".join(runbook.commands[place].text.split()) for place in step.commands}
    typed: dict[str, CommandRecord] = {}
    for record in incident.commands.values():
        by_hand = record.started.origin.startswith("typed by hand")
        if by_hand and record.step == step.id and record.finished and record.finished.exit == 0:
            text = _general(record.started.text, incident)
            if " ".join(text.split()) not in own:
                typed.setdefault(text, record)
    for text, record in typed.items():
        if _FENCE in text:
            continue
        block = (f"{_FENCE}sh", *text.split("\n"), _FENCE)
        edited = record.started.origin.partition("instead of ")[2]
        why = f"typed by hand{f' in the place of {edited}' if edited else ''}, {record.outcome}"
        yield Edit(step.lines[1], _below(step, lines, block), f"{_named(step)}: {why}")


def _general(text: str, incident: Incident) -> str:
    """A command with the incident's parameters in the place of their values."""
    for name, value in sorted(incident.values.items(), key=lambda pair: -len(pair[1].value)):
        if len(value.value) >= _LEAST_VALUE:
            written = f"<{name.strip('<>')}>".replace("\\", "\\\\")
            text = re.sub(rf"(?<![\w.-]){re.escape(value.value)}(?![\w.-])", written, text)
    return text


def _notes(step: Step, events: Sequence[Event], lines: Sequence[str]) -> Iterator[Edit]:
    """Notes that were written at this step, as text of it."""
    for event in events:
        match event.fact:
            case facts.Remarked(Remark.NOTE.value, text, step.id) if one_line(text) not in "\n".join(lines):
                block = (f"Note of {event.at:%Y-%m-%d}: {one_line(text)}",)
                yield Edit(step.lines[1], _below(step, lines, block), f"{_named(step)}: a note written at this step")


def _skipped(step: Step, used: Sequence[Incident], lines: Sequence[str]) -> Iterator[Edit]:
    """A step that was skipped every time."""
    marks = [one.ticks[step.id].tick for one in used if step.id in one.ticks]
    if len(marks) < OFTEN or any(mark is not Tick.SKIPPED for mark in marks):
        return
    last = lines[step.lines[1] - 1]
    if "<!-- skipped" not in last:
        said = f"<!-- skipped {len(marks)} times out of {len(marks)}: is it still needed? -->"
        yield Edit(step.lines[1], (f"{last.rstrip()} {said}",), f"{_named(step)}: skipped every time", instead=True)


def _slower(step: Step, used: Sequence[Incident], lines: Sequence[str]) -> Iterator[Edit]:
    """A stated duration that the measured ones contradict."""
    stated = stated_seconds(step.expected) if step.expected else None
    took = [seconds for one in used for seconds in _took(step, one)]
    if not stated or not took:
        return
    real = median(took)
    quicker = real < stated / 2 and len(took) >= SURE
    if real <= stated and not quicker:
        return
    written = _rounded(real)
    places = range(step.lines[0], step.lines[1] + 1)
    number = next((number for number in places if step.expected in lines[number - 1]), 0)
    if number and written != step.expected:
        count = f"{len(took)} run{'' if len(took) == 1 else 's'}"
        why = f"{_named(step)}: stated {step.expected}, measured {run_time(real)} (median of {count})"
        yield Edit(number, (lines[number - 1].replace(step.expected, written, 1),), why, instead=True)


def _took(step: Step, incident: Incident) -> Iterator[float]:
    """Seconds that the step's commands took; of a rollback those until it was mitigated, when that is longer."""
    mitigated = incident.milestones().get(Milestone.MITIGATED)
    turning = rollbacks(incident)
    for record in incident.commands.values():
        if record.step != step.id or record.finished is None or record.finished.exit != 0 or record.finished.stopped:
            continue
        seconds = record.finished.seconds
        if record in turning and mitigated is not None:
            seconds = max(seconds, (mitigated.at - record.at).total_seconds())
        yield seconds


def _rounded(seconds: float) -> str:
    """`40 s`, `9 min`, `2 h`: as a person would write it, rounded up."""
    if seconds <= 90:
        return f"{max(5, -(-int(seconds) // 5) * 5)} s"
    return f"{-(-int(seconds) // 60)} min" if seconds <= 5400 else f"{-(-int(seconds) // 3600)} h"


def _reviewed(lines: Sequence[str], incident: Incident) -> Iterator[Edit]:
    """The day of the last review, when the front matter has one and it is older than the incident."""
    day = incident.opened_at.date() if incident.opened_at else None
    if day is None or not lines or lines[0].rstrip() not in ("---", "+++"):
        return
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == lines[0].rstrip():
            return
        if found := _FRONT.match(line):
            if _older(found[2], day):
                written = found[2].replace(found[2].strip("\"'"), day.isoformat())
                yield Edit(
                    number, (f"{found[1]}{written}{found[3]}",), "the runbook was used and looked at", instead=True
                )
            return


def _older(text: str, day: date) -> bool:
    try:
        return date.fromisoformat(text.strip("\"'")) < day
    except ValueError:
        return False


def _named(step: Step) -> str:
    return f'step {step.number} "{one_line(step.text, 60)}"' if step.number else f'"{one_line(step.text, 60)}"'
