"""Label matchers as Alertmanager writes them: = != =~ !~, regular expressions anchored at both ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

from incident.core.alert import Alert
from incident.errors import UsageError

_WRITTEN = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*(=~|!~|!=|=)\s*(.*)\Z", re.DOTALL)


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
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    try:
        pattern = re.compile(value if operator.endswith("~") else re.escape(value))
    except re.error as broken:
        raise UsageError(
            f"{value!r} is not a regular expression: {broken}", hint='for example severity=~"page|crit.*"'
        ) from None
    return Matcher(label, operator.startswith("!"), pattern)
