"""PagerDuty's log entries of an incident, as its API gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incident.core.importing.row import Found, Told, found, in_time, json_of, key_of, nonsense
from incident.core.text import one_line
from incident.core.when import from_iso

_HINT = "give the answer of /incidents/ID/log_entries"
_PERSON = ("user_reference", "user")


def parse(data: bytes, name: str) -> Told:
    """The entries of a file. Raises UsageError with the entry's number."""
    value = json_of(data, name)
    entries = value.get("log_entries", value.get("log_entry")) if isinstance(value, dict) else value
    entries = [entries] if isinstance(entries, dict) else entries
    if not isinstance(entries, list):
        raise nonsense("these are no log entries", name, "first value", _HINT)
    rows = [_row(entry, name, number) for number, entry in enumerate(entries, 1)]
    more = isinstance(value, dict) and value.get("more") is True
    notices = (f"{name}: there are more entries than this file holds; ask for the next page",) if more else ()
    return Told(in_time(rows), notices)


def _row(entry: Any, name: str, number: int) -> Found:
    place = f"entry {number}"
    if not isinstance(entry, dict) or not str(entry.get("type", "")).endswith("log_entry"):
        raise nonsense("this is no log entry", name, place, _HINT)
    try:
        at = from_iso(entry["created_at"])
    except (KeyError, ValueError, TypeError):
        written = one_line(repr(entry.get("created_at")), 60)
        raise nonsense(f"`created_at` is {written} and no time", name, place, _HINT) from None
    text = _text(entry)
    identity = _string(entry.get("id")) or key_of(at.isoformat(), text)
    agent = entry.get("agent")
    who = _string(agent.get("summary")) if isinstance(agent, dict) and agent.get("type") in _PERSON else ""
    return found(at, text, identity, who)


def _text(entry: Mapping[str, Any]) -> str:
    """What happened: a note's own words, else the summary, else the kind of the entry."""
    kind = str(entry["type"]).removesuffix("_reference").removesuffix("_log_entry").replace("_", " ") or "log entry"
    summary = _string(entry.get("summary")) or kind
    details = entry.get("event_details")
    if kind == "trigger" and isinstance(details, dict) and (said := _string(details.get("description"))):
        summary = summary if said in summary else f"{summary.rstrip('.')}: {said}"
    channel = entry.get("channel")
    if not isinstance(channel, dict) or kind != "annotate":
        return summary
    note = _string(channel.get("content")) or _string(channel.get("summary"))
    return f"note: {note}" if note else summary


def _string(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
