"""The front matter: what programs read of a post-mortem, as YAML that means the same to every reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from incident.core.incident import Mark
from incident.core.postmortem.blocks import marked
from incident.core.postmortem.manner import Audience
from incident.core.postmortem.model import SCHEMA, TODO, PostMortem
from incident.core.when import duration, iso

# Words that need no quotes: they begin with a letter, or are an abbreviated SHA that is no number to anybody.
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*\Z", re.ASCII)
_SHA = re.compile(r"(?=[0-9a-f]*[acdf])(?!0b)[0-9a-f]{7,40}\Z")
_MEANT_OTHERWISE = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})

Scalar = str | int | float | bool | datetime | date | timedelta | None
Value = Scalar | Mapping[str, "Value"] | Sequence["Value"]


def front_matter(mortem: PostMortem) -> list[str]:
    """The lines from `---` to `---`."""
    kind = "drill" if mortem.drill else "incident"
    head: dict[str, Value] = {
        "schema": SCHEMA,
        "id": mortem.id,
        "kind": kind,
        "severity": mortem.severity or None,
        "services": list(mortem.services) or [None],
    }
    if mortem.audience is not Audience.INTERNAL:
        head["audience"] = mortem.audience.value
    by_hand: dict[str, Value] = {
        "title": mortem.title,
        "status": "draft",
        "authors": [None],
        "roles": {"lead": None, "scribe": None, "responders": [None]},
    }
    impact = dict.fromkeys(("users", "money", "support_tickets", "data_loss"), None)
    return [
        "---",
        *marked("identity", _lines(head), yaml=True),
        *_lines(by_hand),
        "impact:",
        *(f"  {line}" for line in _lines(impact)),
        *marked("measured", [f"  {line}" for line in _lines(mortem.impact)], yaml=True),
        "# Computed from the timeline: edit the event, not this block.",
        *marked("facts", _facts(mortem), yaml=True),
        "---",
    ]


def _facts(mortem: PostMortem) -> list[str]:
    lines = ["times:"] if mortem.marks else ["times: {}"]
    lines += [f"  {milestone}: {_flow(_mark(mark))}" for milestone, mark in mortem.marks.items()]
    change = mortem.change
    rest: dict[str, Value] = {
        "durations": dict(mortem.durations),
        "change": {
            "version": change.version if change else None,
            "previous": (change.previous or None) if change else None,
            "reverted": change.reverted if change else None,
        },
        "alerts": [{"name": a.name, "fired": a.fired, "resolved": a.resolved} for a in mortem.alerts],
        "runbooks": [
            {"path": r.path, "version": r.version or None, "steps_done": r.done, "steps_total": r.total}
            for r in mortem.runbooks
        ],
        "clock": {"alertmanager_offset_s": mortem.clock_offset, "stepped": mortem.clock_stepped},
        "timeline": {
            "events": mortem.counts.events,
            "shown": mortem.counts.shown,
            "corrected": mortem.counts.corrected,
            "redacted": mortem.counts.redacted,
        },
        "follow_up_review": mortem.follow_up_review,
    }
    return lines + _lines(rest)


def _mark(mark: Mark) -> dict[str, Value]:
    return {"at": mark.at, "precision": mark.precision.value, "source": mark.source}


def _lines(values: Mapping[str, Value]) -> list[str]:
    return [f"{key}: {_flow(value)}" for key, value in values.items()]


def _flow(value: Value) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return scalar(value)


def scalar(value: Scalar) -> str:
    """A value as every YAML reader takes it for what it is: text in quotes where it could be a number or a switch."""
    match value:
        case None:
            return TODO
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso(value)
        case date():
            return value.isoformat()
        case timedelta():
            return duration(value)
        case int() | float():
            return str(value)
    bare = _BARE.match(value) and value.lower() not in _MEANT_OTHERWISE
    return value if bare or _SHA.match(value) else _quoted(value)


def _quoted(text: str) -> str:
    return '"' + "".join(map(_in_quotes, text)) + '"'


def _in_quotes(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else f"\\u{ord(char):04x}"
