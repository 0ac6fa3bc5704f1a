"""Label matchers as Alertmanager writes them: = != =~ !~, regular expressions anchored at both ends."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

from incident.core.alert import Alert
from incident.errors import UsageError

_WRITTEN = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*(=~|!~|!=|=)\s*(.*?)\s*\Z", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\Z', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\n])')
_BARE = re.compile(r"\s*[^\s\"={}~!][^\"={}~!]*\Z")
_HINT = 'for example severity=page or severity=~"page|crit.*"'


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a label that is missing counts as empty."""

    label: str
    negative: bool
    pattern: re.Pattern[str]

    def holds(self, alert: Alert) -> bool:
        """Whether an alert meets it."""
        return bool(self.pattern.fullmatch(alert.labels.get(self.label, ""))) != self.negative


def parse(text: str) -> Matcher:
    """One matcher; a bare word is an alert's name. Raises UsageError."""
    found = _WRITTEN.match(text)
    label, operator, value = found.groups() if found else ("alertname", "=", text.strip())
    value = _unquoted(value)
    if value is None or (found is None and not _BARE.match(text)):
        raise UsageError(f"cannot read the matcher {text.strip()!r}", hint=_HINT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what a later Python will read differently, such as [[:alpha:]]
            pattern = re.compile(value if operator.endswith("~") else re.escape(value))
    except (re.error, FutureWarning, OverflowError, RecursionError) as broken:
        raise UsageError(f"{value!r} is not a regular expression that can be used: {broken}", hint=_HINT) from None
    return Matcher(label, operator.startswith("!"), pattern)


def _unquoted(value: str) -> str | None:
    """A value without its quotes; None when they do not match, or an operator is repeated."""
    if found := _QUOTED.match(value):
        return _ESCAPED.sub(lambda escape: "\n" if escape[1] == "n" else escape[1], found[1])
    return None if '"' in value or value.startswith(("=", "~")) else value
