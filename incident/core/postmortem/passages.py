"""The parts of a document that people write: what stands between its headings and its computed blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from incident.core.markdown import Kind, front_end, scan
from incident.core.postmortem.blocks import lines_of, stretches
from incident.errors import UsageError

FRONT = "front matter"


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that a person writes, below one heading. Lines are counted from 0; `end` is behind the last one."""

    heading: str  # the nearest one above; FRONT for the front matter
    number: int  # among the passages below this heading, from 0
    start: int
    end: int
    text: str  # without the blank lines around it, with line feeds


def passages(text: str) -> list[Passage]:
    """Every passage, also those that are still empty, in order."""
    found: list[Passage] = []
    lines = lines_of(text)
    heading, count = "", 0
    run: list[int] = []
    for place, kind, name in [*_told(text), (len(lines), "end", "")]:
        if kind == "text":
            run.append(place)
            continue
        if run:
            found.append(_passage(lines, heading, count, run[0], run[-1] + 1))
            count += 1
            run = []
        if kind == "heading":
            heading, count = name, 0
    return found


def passage_at(text: str, line: int) -> Passage | None:
    """The passage at a line (from 0), else the nearest one below that stands under the same heading, else above."""
    known = passages(text)
    inside = next((one for one in known if one.start <= line < one.end), None)
    if inside is not None:
        return inside
    after = next((one for one in known if one.start > line), None)
    before = next((one for one in reversed(known) if one.end <= line), None)
    heading = heading_at(text, line)
    return next((one for one in (after, before) if one is not None and one.heading == heading), after or before)


def heading_at(text: str, line: int) -> str:
    """The heading that a line (from 0) stands under, or is."""
    name = ""
    for place, kind, told in _told(text):
        if place > line:
            break
        name = told if kind == "heading" else name
    return name


def found_again(text: str, was: Passage) -> Passage:
    """The same passage in a document that may have changed elsewhere. Raises UsageError when it is not there."""
    known = [one for one in passages(text) if (one.heading, one.text) == (was.heading, was.text)]
    same = [one for one in known if one.number == was.number] or known
    if len(same) != 1:
        raise UsageError(
            f"what stands under {was.heading or 'the title'} was changed elsewhere meanwhile",
            hint="your text is kept; open the part again",
        )
    return same[0]


def rewritten(text: str, was: Passage, words: str) -> str:
    """The document with other words in one passage; every other byte stays. Raises UsageError when it is gone."""
    passage = found_again(text, was)
    lines = lines_of(text)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    fresh = (
        [f"{line.rstrip()}{end}" for line in words.replace("\r\n", "\n").strip("\n").split("\n")]
        if words.strip()
        else []
    )
    before, after = _blanks(lines[passage.start : passage.end])
    inside = lines[passage.start : passage.end]
    if before == len(inside):  # nothing stands there yet: a blank line on each side keeps it apart
        padded = [end, *fresh, end] if fresh else inside
    else:
        padded = [*inside[:before], *fresh, *inside[len(inside) - after :]]
    return "".join([*lines[: passage.start], *padded, *lines[passage.end :]])


def _passage(lines: list[str], heading: str, number: int, start: int, end: int) -> Passage:
    inside = lines[start:end]
    before, after = _blanks(inside)
    text = "".join(inside[before : len(inside) - after]).replace("\r\n", "\n").rstrip("\n")
    return Passage(heading, number, start, end, text)


def _blanks(lines: list[str]) -> tuple[int, int]:
    """How many blank lines stand before and behind the text; all of them count as before when there is none."""
    before = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    if before == len(lines):
        return before, 0
    return before, next(at for at, line in enumerate(reversed(lines)) if line.strip())


def _told(text: str) -> Iterator[tuple[int, str, str]]:
    """Of every line its number, and whether it is a person's text, a heading with its name, or neither."""
    computed: list[bool] = []
    for stretch in stretches(text):
        computed += [bool(stretch.name)] * len(stretch.lines)
    lines = [line.rstrip("\r\n") for line in lines_of(text)]
    end = front_end(lines)
    endless = text.startswith("---") and not end  # all of it is front matter as long as nobody has mended it
    for place, (line, ours) in enumerate(zip(scan(lines), computed, strict=True)):
        front = endless or line.kind is Kind.FRONT
        if ours or (front and line.text.startswith("#")):
            yield place, "computed", ""
        elif front and line.number in (1, end):
            yield place, "heading", FRONT if place == 0 else ""
        else:
            yield place, "heading" if line.kind is Kind.HEADING else "text", line.title
