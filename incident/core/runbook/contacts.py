"""Whom to tell, as the escalation sections list them."""

from __future__ import annotations

import re

from incident.core.runbook.model import Contact

_DUE = re.compile(
    r"(?:>=?|≥|\bafter|\bover|\bthan|\bwithin|\bexceeds?|\bbeyond|\bfor|\bin|\bpast|\blasts?)\s*~?"
    r"(\d{1,4}(?:\.\d+)?)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b",
    re.IGNORECASE,
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def contact(line: int, text: str) -> Contact:
    """A contact from its item's text; `VP Eng if user-impact > 1 hour` is due after 3600 seconds."""
    found = _DUE.search(text)
    due = round(float(found[1]) * _UNITS[found[2][0].lower()]) if found else None
    return Contact(line, text, due)
