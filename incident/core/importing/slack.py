"""A Slack export: one channel's messages of a day, with the names that `users.json` gives; only the text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from incident.core.importing.row import Found, Told, epoch, found, in_time, json_of, nonsense
from incident.core.text import one_line
from incident.core.when import clock

# Messages that say who is in the channel, or that a message is gone: no part of what happened.
_NO_TEXT = frozenset(
    {"channel_join", "channel_leave", "group_join", "group_leave", "bot_add", "bot_remove", "tombstone",
     "channel_archive", "channel_unarchive", "pinned_item", "unpinned_item", "channel_convert_to_private"}
)  # fmt: skip
_CHANGED, _DELETED = "message_changed", "message_deleted"  # records of an export that keeps what was edited
_DEEPEST = 20  # blocks in blocks
_MARK = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")
_HINT = "give one day's file of a channel, or the channel's folder, out of an export"


def users_of(data: bytes, name: str) -> dict[str, str]:
    """The names by user id, out of `users.json`. Raises UsageError."""
    people = json_of(data, name)
    if not isinstance(people, list):
        raise nonsense("this is no list of users", name, "first value")
    return {one["id"]: _name_in(one) for one in people if isinstance(one, dict) and isinstance(one.get("id"), str)}


def parse(data: bytes, name: str, users: Mapping[str, str]) -> Told:
    """The messages of one file, thread replies among them. Raises UsageError with the message's number."""
    value = json_of(data, name)
    messages = value.get("messages") if isinstance(value, dict) else value
    if not isinstance(messages, list):
        raise nonsense("these are no messages", name, "first value", _HINT)
    made: list[Found] = []
    empty = 0
    for number, message in enumerate(messages, 1):
        if not isinstance(message, dict) or message.get("type", "message") != "message":
            raise nonsense("this is no message", name, f"message {number}", _HINT)
        if message.get("subtype") in _NO_TEXT:
            continue
        row = _row(message, users, name, number)
        if row.text:
            made.append(row)
        else:
            empty += 1
    notices = (f"{name}: {empty} messages have no text and are left out",) if empty else ()
    return Told(in_time(made), notices)


def _row(message: Mapping[str, Any], users: Mapping[str, str], name: str, number: int) -> Found:
    stamp = message.get("ts")
    at = epoch(stamp) if isinstance(stamp, str) else None
    if at is None:
        raise nonsense(f"`ts` is {one_line(repr(stamp), 60)} and no time", name, f"message {number}", _HINT)
    subtype = message.get("subtype")
    told = message.get("message") if subtype == _CHANGED else message
    told = told if isinstance(told, dict) else {}
    edit = told.get("edited")
    edit = edit if isinstance(edit, dict) else {}
    author = _string((edit if subtype == _CHANGED else message).get("user")) or _string(told.get("user"))
    text = _readable(_text(told), users)
    who = users.get(author) or _name_in(told.get("user_profile")) or author
    if text and (not who or told.get("bot_id") or subtype == "bot_message"):
        named = _string(told.get("username")) or _name_in(told.get("bot_profile")) or who or "a bot"
        text, who = f"{named}: {text}", ""  # a bot is no person
    if subtype == _DELETED:
        text = "deleted a message"
    elif text and subtype == _CHANGED:
        text = f"edited a message to: {text}"
    elif text and (later := epoch(_string(edit.get("ts")))):
        text = f"{text} (edited {clock(later)} UTC)"
    if text and told.get("thread_ts") not in (None, told.get("ts")):
        text = f"in a thread: {text}"
    return found(at, text, f"{stamp}/{author}", who)


def _text(message: Mapping[str, Any]) -> str:
    """The message's own text, else what its blocks or attachments say, as those of bots do; and its files' names."""
    said = [_string(message.get("text"))]
    if not said[0]:
        said = list(_in_blocks(message.get("blocks"))) or [
            _string(one.get("fallback")) or _string(one.get("text")) for one in _dicts(message.get("attachments"))
        ]
    said += [f"file: {name}" for one in _dicts(message.get("files")) if (name := _string(one.get("name")))]
    return "\n".join(filter(None, said))


def _in_blocks(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts of blocks, each of which has one, or parts that have."""
    for block in _dicts([value] if isinstance(value, dict) else value) if depth < _DEEPEST else ():
        text = block.get("text")
        if isinstance(text, str):
            yield text.strip()
            continue
        yield from _in_blocks(text, depth + 1)
        parts = [part for key in ("fields", "elements") for part in _in_blocks(block.get(key), depth + 1)]
        if parts:
            yield " ".join(parts)


def _dicts(value: Any) -> Iterable[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _readable(text: str, users: Mapping[str, str]) -> str:
    """The text with names for ids, and addresses as they are."""

    def meant(mark: re.Match[str]) -> str:
        sign, target, label = mark[1], mark[2], mark[3]
        if sign == "@":
            return f"@{label or users.get(target, target)}"
        if sign == "#":
            return f"#{label or target}"
        if sign == "!":
            return label or f"@{target.partition('^')[0]}"
        return f"{label} ({target})" if label and label != target else target

    return html.unescape(_MARK.sub(meant, text))


def _name_in(person: Any) -> str:
    """The name that a user, or the profile beside a message, is known by."""
    if not isinstance(person, dict):
        return ""
    profile = person.get("profile")
    places = (profile if isinstance(profile, dict) else {}, person)
    names = (_string(place.get(key)) for place in places for key in ("display_name", "real_name", "name"))
    return next((one_line(name, 100) for name in names if name), "")


def _string(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
