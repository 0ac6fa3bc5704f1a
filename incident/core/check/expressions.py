"""What an alert rule's expression looks at, judged by its words."""

from __future__ import annotations

import re

from incident.core.expression import number, split_comparison
from incident.core.promql import seconds_of

_LONGEST = 10_000  # characters; a longer expression is not judged
_COMMENT_OR_STRING = re.compile(r"#[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`", re.DOTALL)
_SELECTOR = re.compile(r"\{[^{}]*\}")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)", re.IGNORECASE)
_RANGE = re.compile(r"\[([^\[\]]*)\]")
_WORD = re.compile(r"(?<![\w:.])[A-Za-z_:][\w:]*(?!\s*\(|[\w:])")
_KEYWORDS = frozenset({"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool",
                       "offset", "inf", "nan", "start", "end"})  # fmt: skip

_CAUSE = re.compile(
    r"""(?:node_cpu_seconds_total|node_cpu|node_load\d+|node_memory_\w+|container_cpu_usage_seconds_total
      |container_memory_(?:working_set|usage|rss)\w*|process_(?:cpu_seconds_total|resident_memory_bytes)
      |node_filesystem_(?:avail|free|size|files|files_free)(?:_bytes)?|kubelet_volume_stats_\w+|machine_(?:cpu_cores|memory_bytes)
      |(?:\w+:)?instance:node_(?:cpu|memory|load\d*)\w*(?::\w+)*
      |\w*(?:cpu|memory|mem|ram|disk|filesystem|fs)_?(?:used|usage|utili[sz]ation|util|load|saturation)_?
       (?:percent\w*|ratio|pct|bytes|rate\w*|avg|average|max|maximum|mean|total)?(?::\w+)*)\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_DISK = re.compile(r"(?:node_filesystem|kubelet_volume|\w*(?:disk|filesystem|fs)_)", re.IGNORECASE)
_COMPANION = re.compile(r"\w+_(?:info|labels|owner|uname_info)\Z|up\Z|kube_\w+|node_filesystem_readonly\Z")
_FORECASTS = re.compile(
    r"\b(?:predict_linear|deriv|double_exponential_smoothing|holt_winters|absent|absent_over_time)\s*\("
)
_SAYS_ENOUGH = re.compile(r"(?i)\b(?:increase|changes|resets|delta|time)\s*\(|timestamp|expir|_ttl_|_not_after\b")
_LONG = 300  # seconds that an expression looks back, from which on `for:` adds little
_RATE = re.compile(r"\b(?:rate|irate|increase)\s*\(")
_GUARD = re.compile(r"\bor\b|\bclamp_min\b|\bunless\b|\band\b|>\s*0(?![.\d])|!=\s*0(?![.\d])", re.IGNORECASE)
_MODIFIER = re.compile(r"\s*(?:(?:on|ignoring|group_left|group_right)\s*\([^()]*\)|group_left|group_right)\s*")


def metrics(expression: str) -> frozenset[str]:
    """The names of the series that an expression looks at."""
    bare = _RANGE.sub(" ", _GROUPING.sub(" ", _bare(expression)))
    return frozenset(word for word in _WORD.findall(bare) if word.lower() not in _KEYWORDS)


def looks_only_at_causes(expression: str) -> bool:
    """Whether it looks at CPU, memory, load or disk alone: what may, or may not, hurt somebody.

    A forecast, a missing series and a disk that is all but full do hurt.
    """
    named = metrics(expression)
    causes = {name for name in named if _CAUSE.match(name)}
    if not causes or _FORECASTS.search(expression):
        return False
    if any(not _COMPANION.match(name) for name in named - causes):
        return False
    return not (any(_DISK.match(name) for name in causes) and _all_but_full(expression))


def _all_but_full(expression: str) -> bool:
    """Whether the limit is 5 % left, or 95 % used, or not a number."""
    compared = split_comparison(expression)
    limit = number(compared.limit) if compared else None
    if compared is None or limit is None:
        return True
    if compared.operator.startswith("<"):
        return limit <= 0.05 or 1 < limit <= 5
    return 0.95 <= limit <= 1 or limit >= 95


def looks_back(expression: str) -> float:
    """The longest stretch of time, in seconds, that every moment of it is judged by; 0 for the moment alone."""
    found = [seconds_of(written.partition(":")[0]) for written in _RANGE.findall(_bare(expression))]
    return max(found, default=0.0)


def needs_no_for(expression: str) -> bool:
    """Whether one sample is enough: it counts events, or compares a date, or looks back for long."""
    return bool(_SAYS_ENOUGH.search(_bare(expression))) or looks_back(expression) >= _LONG or always_fires(expression)


def always_fires(expression: str) -> bool:
    """Whether it is a watchdog, which fires so that its silence is noticed."""
    return bool(re.match(r"\s*\(?\s*(?:vector\s*\(|absent\w*\s*\(|\d+\s*(?:==|>|\Z))", expression))


def divides_by_traffic(expression: str) -> bool:
    """Whether it divides by a rate with nothing said of the time when that is zero or gone."""
    bare = _bare(expression)
    if len(bare) > _LONGEST or _GUARD.search(bare):
        return False
    return any(_RATE.search(_operand(bare, place + 1)) for place, char in enumerate(bare) if char == "/")


def _operand(text: str, start: int) -> str:
    """What stands directly behind an operator: a name with its brackets, or brackets."""
    while modifier := _MODIFIER.match(text, start):
        start = modifier.end()
    depth = 0
    for place in range(start, len(text)):
        char = text[place]
        depth += (char in "([") - (char in ")]")
        if depth < 0 or (not depth and char in "+-*/%^<>=!"):
            return text[start:place]
    return text[start:]


def _bare(expression: str) -> str:
    """Without comments, strings and label matchers."""
    return _SELECTOR.sub(" ", _COMMENT_OR_STRING.sub(" ", expression[: _LONGEST + 1]))
