"""A handover as Markdown, for the chat or the ticket in which the next person reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from incident.core.handover import Handover, Item, Steps
from incident.core.text import shorten, visible
from incident.core.when import Precision, age, minute
from incident.exports.inert import code, text

_MOST = 15  # points of one list; the newest ones stay
_LENGTH = 300  # characters of one point


def render(known: Handover) -> str:
    """The whole handover."""
    parts = (
        [f"# Handover: {text(known.id)} {text(known.severity)} {text(known.title)}".rstrip(), "", *_head(known)],
        _list("Still firing", _items(known.firing, known), "Nothing fires." if known.is_open else ""),
        _list("Running, unknown, waiting", _items((*known.running, *known.unknown, *known.waiting), known), "Nothing."),
        ["## Next steps", "", *_steps(known.steps)],
        _list("Believed", _items(known.believed, known), "Nothing was written down."),
        _list("Decided", _items(known.decided, known), "Nothing was written down."),
        _list("Tried", [*_items(known.tried, known), *_only_read(known)], "No command was run."),
        _list("What ends when", _items((*known.ends, *known.lost_sources), known), ""),
        ["## Last update", "", _update(known)],
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(known: Handover) -> list[str]:
    state = "open" if known.is_open else "closed"
    begun = known.opened_at if known.is_open else known.closed_at
    since = f" since {_when(begun, known.at)} UTC" if begun else ""
    if not known.is_open and known.opened_at:
        since += f", opened {_when(known.opened_at, known.at)}"
    others = ", ".join(f"{text(person)} ({text(role)})" for person, role in known.others.items())
    marks = ", ".join(
        f"{milestone} {_about(mark.precision)}{_when(mark.at, known.at)}"
        for milestone, mark in known.milestones.items()
    )
    lines = [
        f"{'**DRILL**, ' if known.drill else ''}{state}{since}; written {known.at:%Y-%m-%d} {minute(known.at)} UTC.",
        f"**Lead:** {_lead(known)}",
        *([f"**Also here:** {others}"] if others else []),
        *([f"**Milestones:** {marks}"] if marks else []),
    ]
    return [line + "  " for line in lines[:-1]] + lines[-1:]


def _lead(known: Handover) -> str:
    if not known.lead:
        return "NOBODY. `incident handover --take` takes it."
    since = f" since {_when(known.lead_since, known.at)} UTC" if known.lead_since else ""
    said = "" if known.taken else ", NOT YET TAKEN: `incident handover --take` says that it is"
    return f"{text(known.lead)}{since}{said}"


def _list(title: str, points: list[str], nothing: str) -> list[str]:
    """A section; without points and without words for that, none at all."""
    if not points:
        return [f"## {title}", "", nothing] if nothing else []
    more = [f"- {len(points) - _MOST} before that, see the timeline"] if len(points) > _MOST else []
    return [f"## {title}", "", *more, *points[-_MOST:]]


def _items(items: Iterable[Item], known: Handover) -> list[str]:
    return [_point(item, known.at) for item in items]


def _point(item: Item, now: datetime) -> str:
    """`- 03:09 kim: text`, and a command as it was."""
    who = f" {text(item.who)}:" if item.who else ""
    shown = f" {code(shorten(visible(item.code), _LENGTH))}" if item.code else ""
    said = text(shorten(item.text, _LENGTH))
    between = ", " if shown and said else " " if said else ""
    return f"- {_about(item.precision)}{_when(item.at, now)}{who}{shown}{between}{said}"


def _steps(steps: Steps) -> list[str]:
    if steps.unknown:
        return [text(steps.unknown)]
    lines = [f"{text(steps.path)}, {steps.done} of {steps.total} done.", ""]
    lines += [f"- [ ] {text(shorten(step, _LENGTH))}" for step in steps.open[:_MOST]]
    if len(steps.open) > _MOST:
        lines.append(f"- {len(steps.open) - _MOST} more")
    lines += [f"- nobody has chosen yet: {text(shorten(way, _LENGTH))}" for way in steps.undecided]
    lines += [f"- skipped: {text(shorten(step, _LENGTH))}" for step in steps.skipped]
    return lines if len(lines) > 2 else lines[:1]


def _only_read(known: Handover) -> list[str]:
    if not known.only_read:
        return []
    return [f"- and {known.only_read} command{'s' if known.only_read > 1 else ''} that only read"]


def _update(known: Handover) -> str:
    if known.update is None:
        return "None was sent."
    ago = age(known.at - known.update.at)
    return f"{_when(known.update.at, known.at)} UTC, {ago} ago: {text(shorten(known.update.text, _LENGTH))}"


def _when(at: datetime, now: datetime) -> str:
    """The time, with its date on another day."""
    return minute(at) if at.date() == now.date() else f"{at:%Y-%m-%d} {minute(at)}"


def _about(precision: Precision) -> str:
    return "~" if precision is Precision.ABOUT else ""
