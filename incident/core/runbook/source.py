"""A runbook's bytes as lines of text, with what is not Markdown blanked out so that line numbers stay true."""

from __future__ import annotations

import re
from dataclasses import dataclass

from incident.core.markdown import lines_in, opens, shuts
from incident.core.runbook.front import Front, front_matter
from incident.core.runbook.inline import HTML_TAG

MAX_BYTES = 1_048_576  # what is read of one runbook; the rest is said to be missing
MAX_LINES = 25_000

_TEMPLATE_LINE = re.compile(r"\s*(?:\{\{[<%].{0,2000}[>%]\}\}|\{%.{0,2000}%\})\s*\Z")
_LABEL_LINE = re.compile(r"\s*\([\w:.-]+\)=\s*\Z")
_COLON_FENCE = re.compile(r"\s*:{3,}.{0,200}\Z")
_ADMONITION = re.compile(r"([ \t]*)(?:!!!|\?\?\?\+?)[ \t]+[\w-]+")
_REMARK = re.compile(r"<!--\s*incident:(.*?)(?:-->|\Z)")
_OPENERS = {"<!--": "-->", "<script": "</script>", "<style": "</style>"}
_OPENER = re.compile(r"<!--|<script\b|<style\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text as Markdown alone."""

    lines: tuple[str, ...]
    front: Front
    notices: tuple[str, ...]
    remarks: tuple[tuple[int, str], ...] = ()  # (line, text) of comments that begin with `incident:`

    @property
    def markdown(self) -> str:
        """What the Markdown parser gets; its line numbers are the file's."""
        return "\n".join(self.lines)


def source(data: bytes) -> Source:
    """Decode and clean; never raises. What could not be read is in `notices`."""
    text, notices = _decode(data)
    lines = list(lines_in(text))
    if len(lines) > MAX_LINES:
        notices.append(f"only the first {MAX_LINES:,} of {len(lines):,} lines were read; what stands behind is missing")
        del lines[MAX_LINES:]
    front = front_matter(lines)
    lines[: front.lines] = [""] * front.lines
    remarks: list[tuple[int, str]] = []
    clean = tuple(markdown_only(lines, remarks))
    return Source(clean, front, (*notices, *front.notices), tuple(remarks))


def _decode(data: bytes) -> tuple[str, list[str]]:
    notices = []
    if len(data) > MAX_BYTES:
        notices.append(
            f"the file has {len(data):,} bytes; only the first {MAX_BYTES:,} were read; what stands behind is missing"
        )
        data = data[:MAX_BYTES]
        data = data[: data.rfind(b"\n") + 1] or data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        notices.append("the file is UTF-16; save it as UTF-8")
        return data.decode("utf-16", "replace"), notices
    if b"\0" in data[:8192]:
        return "", [*notices, "this is not a text file; nothing in it was read"]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = data[: broken.start].count(b"\n") + 1
        notices.append(
            f"line {line} is not UTF-8; characters that cannot be read show as \ufffd and their commands do not run"
        )
        text = data.decode("utf-8-sig", "replace")
    if not text.strip():
        notices.append("the file is empty")
    return text, notices


def markdown_only(lines: list[str], remarks: list[tuple[int, str]] | None = None) -> list[str]:
    """The lines with comments, scripts, bare tags, template and admonition marks blanked; code blocks untouched.

    Comments that begin with `incident:` are added to `remarks` as (line from 1, text behind it).
    """
    clean = []
    fence = waiting = ""
    inset = -1  # columns that an admonition's body is indented by
    for number, line in enumerate(lines, 1):
        if inset >= 0:
            if line.strip() and len(line) - len(line.lstrip()) < inset:
                inset = -1
            else:
                line = line[inset:]
        if waiting:
            line, waiting = _behind(line, waiting)
        elif fence:
            fence = "" if shuts(line, fence) else fence
            clean.append(line)
            continue
        elif ("```" in line or "~~~" in line) and (mark := opens(line)):
            fence = mark
            clean.append(line)
            continue
        if not waiting:
            if remarks is not None and "incident:" in line:
                remarks.extend(
                    (number, found[1]) for found in _REMARK.finditer(line) if _is_outside(line, found.start())
                )
            if "<" in line:
                line, waiting = _cut(line)
        if ("!!!" in line or "???" in line) and (admonition := _ADMONITION.match(line)):
            inset = len(admonition[1]) + 4
            line = ""
        clean.append(_without_furniture(line) if line.lstrip()[:1] in _FURNITURE_STARTS else line)
    return clean


def _behind(line: str, end: str) -> tuple[str, str]:
    place = line.lower().find(end)
    if place < 0:
        return "", end
    return " " * (place + len(end)) + line[place + len(end) :], ""


def _cut(line: str) -> tuple[str, str]:
    """The line without what is commented out, and the mark that ends a comment still open behind it."""
    lowered = line.lower()
    kept: list[str] = []
    at = ticks = 0
    while found := _OPENER.search(line, at):
        kept.append(line[at : found.start()])
        ticks += kept[-1].count("`")
        if ticks % 2:  # inside a code span
            kept.append(found[0])
            at = found.end()
            continue
        end = _OPENERS[found[0].lower()]
        place = lowered.find(end, found.end())
        if place < 0:
            return "".join(kept), end
        at = place + len(end)
        kept.append(" " * (at - found.start()))
    return "".join(kept) + line[at:], ""


def _is_outside(line: str, place: int) -> bool:
    """Whether this place is in no code span."""
    return line.count("`", 0, place) % 2 == 0


_FURNITURE_STARTS = ("{", "(", ":", "<", "")


def _without_furniture(line: str) -> str:
    if _TEMPLATE_LINE.match(line) or _LABEL_LINE.match(line) or _COLON_FENCE.match(line):
        return ""
    if "<" in line and not HTML_TAG.sub("", line).strip():
        return ""
    return line
