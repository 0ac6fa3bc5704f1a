"""A CSV file with a time, a text, and perhaps who and what kind; the names of the columns are guessed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from incident.core.importing.row import Found, Told, epoch, found, in_time, key_of
from incident.core.text import one_line, shorten
from incident.core.when import Precision, from_iso
from incident.errors import UsageError

# What a column means, by the names that it has; the first name that is there is taken.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "time": ("timestamp", "datetime", "date time", "time", "when", "at", "created at", "started at", "ts"),
    "date": ("date", "day"),
    "text": (
        "text", "what happened", "what", "event", "description", "message", "entry", "note", "notes", "summary",
        "action", "details", "comment",
    ),
    "who": ("who", "author", "user", "person", "by", "owner", "actor", "reporter"),
    "kind": ("kind", "type", "category"),
}  # fmt: skip
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r" ?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?\Z",
    re.IGNORECASE | re.ASCII,
)
_ZONE = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})\Z")
_MILLISECONDS = re.compile(r"[0-9]{13}\Z", re.ASCII)
_DAY_OR_MONTH = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}\b", re.ASCII)
_HINT = "write 2026-05-02 03:07:00, 2026-05-02T03:07:00Z, or seconds since 1970"


def parse(data: bytes, name: str, zone: timezone = UTC) -> Told:
    """The rows of a file. `zone` is that of times that name none. Raises UsageError with the line."""
    text = _text(data, name)
    rows = _lines(text, name)
    _, heads = next(rows, (1, []))
    columns = _columns(heads, name)
    made: list[Found] = []
    seen: dict[str, int] = {}
    bare = 0
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(heads):
            raise UsageError(
                f"{len(cells)} values under {len(heads)} names", at=f"{name}:{line}", hint="quote the text"
            )
        given = {meaning: cells[at].strip() if at < len(cells) else "" for meaning, at in columns.items()}
        at, precision, has_zone = _time(given, zone, f"{name}:{line}")
        bare += not has_zone
        what = f"{given['kind']}: {given['text']}" if given.get("kind") else given["text"]
        if not given["text"]:
            raise UsageError("this row has no text", at=f"{name}:{line}")
        who = given.get("who", "")
        key = key_of(at.isoformat(), what, who)
        seen[key] = seen.get(key, 0) + 1
        made.append(found(at, what, f"{key}-{seen[key]}", who, precision))
    zone_name = "UTC" if zone is UTC else zone.tzname(None)
    notices = (f"{bare} times name no zone and count as {zone_name}",) if bare else ()
    return Told(in_time(made), notices)


def zone_of(text: str) -> timezone:
    """`+02:00` or `UTC` as a zone. Raises UsageError."""
    if text.upper() in ("UTC", "Z"):
        return UTC
    parts = _ZONE.match(text.strip())
    if parts is None or int(parts[2]) > 14 or int(parts[3]) > 59:
        raise UsageError(f"{one_line(text, 40)!r} is no zone", hint="write +02:00 or UTC")
    span = timedelta(hours=int(parts[2]), minutes=int(parts[3]))
    return timezone(-span if parts[1] == "-" else span)


def _text(data: bytes, name: str) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as broken:
        line = data[: broken.start].count(b"\n") + 1
        raise UsageError("this is not UTF-8 text", at=f"{name}:{line}", hint="save it as UTF-8") from None


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the line on which each begins; commas, semicolons or tabs part the values."""
    head = text.lstrip("\r\n").splitlines()[:1]
    delimiter = max(",;\t", key=lambda mark: head[0].count(mark)) if head else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells or begins > 1:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as broken:
        raise UsageError(f"this is no CSV: {broken}", at=f"{name}:{begins}", hint="quote values with commas") from None


def _columns(heads: Sequence[str], name: str) -> dict[str, int]:
    """Which column means what. Raises UsageError when there is no time or no text."""
    plain_heads = [_bare(head) for head in heads]
    columns: dict[str, int] = {}
    for meaning, names in _NAMES.items():
        place = next((plain_heads.index(one) for one in names if one in plain_heads), None)
        if place is not None and place not in columns.values():
            columns[meaning] = place
    if "time" not in columns and "date" in columns:
        columns["time"] = columns.pop("date")
    if missing := [meaning for meaning in ("time", "text") if meaning not in columns]:
        shown = shorten(", ".join(one_line(head, 40) for head in heads), 120) or "nothing"
        raise UsageError(
            f"no column is the {' and no column the '.join(missing)}; the first line names {shown}",
            at=f"{name}:1",
            hint="name them: time,text,who,kind",
        )
    return columns


def _bare(head: str) -> str:
    """`When (UTC)` is when, `created_at` created at."""
    return " ".join(re.sub(r"\(.*?\)|\[.*?\]|\butc\b", " ", one_line(head).lower()).replace("_", " ").split())


def _time(given: Mapping[str, str], zone: timezone, place: str) -> tuple[datetime, Precision, bool]:
    """A row's time, how exactly it is known, and whether it names its zone. Raises UsageError."""
    written = f"{given['date']} {given['time']}".strip() if "date" in given else given["time"]
    text = written.removeprefix("~").strip()
    about = Precision.ABOUT if written.startswith("~") else None
    seconds = f"{text[:-3]}.{text[-3:]}" if _MILLISECONDS.match(text) else text
    if (at := epoch(seconds)) is not None and len(seconds.partition(".")[0]) >= 9:
        return at, about or Precision.SECOND, True
    parts = _TIME.match(text)
    if parts is None and (date := _DAY_OR_MONTH.match(text)):
        raise UsageError(f"whether {date[0]} begins with the day or the month is not said", at=place, hint=_HINT)
    if parts is None:
        raise UsageError(f"cannot read the time {one_line(written, 60)!r}", at=place, hint=_HINT)
    year, month, day, hour, minutes, second, part, offset = parts.groups()
    try:
        fraction = f".{part[:6]}" if part else ""
        local = datetime.fromisoformat(
            f"{year}-{int(month):02d}-{int(day):02d}T{int(hour):02d}:{minutes}:{second or '00'}{fraction}"
        )
        named = offset and (offset.upper() if offset[0] in "+-" else "Z")
        at = from_iso(f"{local.isoformat()}{named}") if named else local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"there is no time {one_line(written, 60)!r}", at=place, hint=_HINT) from None
    return at, about or (Precision.SECOND if second else Precision.MINUTE), bool(offset)
