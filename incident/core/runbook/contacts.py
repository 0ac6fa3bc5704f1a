"""Whom to tell, and when, as the escalation sections list them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from incident.core.runbook.model import Contact

_NUMBER = r"(?P<number>\d{1,4}(?:\.\d+)?|an?|one|half an|two|three)"
_DUE = re.compile(
    r"(?:>=?|≥|\bafter|\bover|\bthan|\bwithin|\bexceed(?:s|ing)?|\bbeyond|\bfor|\bin|\bpast|\blast(?:s|ing)?)\s*~?"
    rf"(?:about |at least )?{_NUMBER}\s*(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b",
    re.IGNORECASE,
)
# How soon somebody answers, or how often something is said, is no time at which somebody is to be told.
_NO_DUE = re.compile(r"\b(?:respon[ds]\w*|repl(?:y|ies)|answers?|sla|every|available)\b[^.;]{0,20}\Z", re.IGNORECASE)
_BARE = re.compile(
    rf"\A[+~]?\s*{_NUMBER}\s*(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\Z", re.IGNORECASE
)
_WORDS = {"a": 1.0, "an": 1.0, "one": 1.0, "half an": 0.5, "two": 2.0, "three": 3.0}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MOST = 80  # characters of a name
_BEFORE = re.compile(r"\A(?:if|when|once|after|unless|in case|should)\b[^,:→]*(?:[,:]|->|→)\s*", re.IGNORECASE)
_VERB = re.compile(
    r"\A(?:then\s+)?(?:please\s+)?"
    r"(?:page|call|phone|tell|inform|notify|ping|contact|email|escalate to|reach out to)\s+",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"\s+(?:if|when|once|after|unless|in case|within|via|on(?!-)|through|as soon as)\b"
    r"|\s*[:(]|\s+[-–—>≥]\s?|[,;]|\.\s|\.\Z",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"\backnowledg|\bno ack\b|\bunacked\b|\bno (?:response|answer)\b|n[o']t (?:respond|answer)", re.IGNORECASE
)
_IMPACT = re.compile(r"\bmitigat|\bimpact|\baffect|\bstill (?:down|failing)", re.IGNORECASE)
_NAMES = re.compile(r"\b(?:who|name|contact|role|person|team|level|escalat\w*)\b", re.IGNORECASE)
_TIMES = re.compile(r"\b(?:when|after|time|due|threshold|condition|if)\b", re.IGNORECASE)
_WAYS = re.compile(r"\b(?:how|channel|phone|reach|slack|via|where|method)\b", re.IGNORECASE)


def contact(line: int, text: str) -> Contact:
    """A contact from its item's text; `VP Eng if user-impact > 1 hour` is due after 3600 seconds."""
    return Contact(line, text, _due(text))


def contacts_of_table(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[Contact, ...]:
    """The contacts of a table `name | when | how`, by its head; rows are (line, cells), the head first."""
    if len(rows) < 2:
        return ()
    head = rows[0][1]
    who = _column(head, _NAMES, ())
    when = _column(head, _TIMES, (who,))
    how = _column(head, _WAYS, (who, when))
    if who is None or when is None:
        return ()
    found = []
    for line, cells in rows[1:]:
        name, time, way = (cells[at].strip() if at is not None and at < len(cells) else "" for at in (who, when, how))
        if name:
            said = f"after {time}" if _BARE.match(time) else time
            found.append(contact(line, " - ".join(part for part in (name, said, way) if part)))
    return tuple(found)


def who(text: str) -> str:
    """Who is meant by a contact's text: `VP Eng`; the text itself when that is not clear."""
    stripped = _VERB.sub("", _BEFORE.sub("", text.strip()))
    cut = _BEHIND.search(stripped, 1) if stripped else None
    name = stripped[: cut.start()] if cut else stripped
    return (name.strip() or text.strip())[:_MOST]


def stopped_by(text: str) -> str:
    """The milestone behind which nobody has to be told any more: acknowledged, mitigated or resolved."""
    if _UNSEEN.search(text):
        return "acknowledged"
    return "mitigated" if _IMPACT.search(text) else "resolved"


def _due(text: str) -> int | None:
    for found in _DUE.finditer(text):
        if not _NO_DUE.search(text[: found.start()]):
            return _seconds(found)
    return None


def _seconds(found: re.Match[str]) -> int:
    number = found["number"].lower()
    count = _WORDS[number] if number in _WORDS else float(number)
    return round(count * _UNITS[found["unit"][0].lower()])


def _column(head: Sequence[str], words: re.Pattern[str], taken: Sequence[int | None]) -> int | None:
    return next((at for at, cell in enumerate(head) if at not in taken and words.search(cell)), None)
