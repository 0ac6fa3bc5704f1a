"""Secrets that stand in a file as they are. Patterns have bounds, so that no line can keep them busy."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

_TOKENS = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})\b")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,64}")),
    ("a Slack token", re.compile(r"\bxox[abeprs]-[0-9][0-9A-Za-z-]{20,200}")),
    ("a Slack webhook", re.compile(r"\bhooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,40}")),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("a Stripe key", re.compile(r"\b[sr]k_live_[0-9A-Za-z]{20,100}\b")),
    ("an npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("a JWT", re.compile(r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{20,500}")),
)
_NAMED = (
    (
        "a password in a URL",
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@<>{}$\"'*\[\]]{1,80}:([^\s/:@<>{}$\"'*\[\]]{8,100})@"),
    ),
    (
        "an Authorization header with its value",
        re.compile(r"(?i)\bauthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:bearer|basic|token)\s+([\w.~+/=-]{16,2000})"),
    ),
    (
        "a password or token",
        re.compile(
            r"(?i)(?:(?<!\S)--?(?:[a-z]{1,20}-)?(?:password|passwd|token|secret|api-?key)[= ]"
            r"|\b[a-z_]{0,40}(?:password|passwd|token|secret|api_?key)[\"']?\s?[:=]\s?)[\"']?([\w.~+/=!@#%^&*-]{12,200})"
        ),
    ),
)
_KEY_BLOCK = re.compile(r"-----BEGIN (?:[A-Z]{1,12} ){0,3}PRIVATE KEY-----")
_KEY_BODY = re.compile(r"\s*[A-Za-z0-9+/=]{40,}")
_EXAMPLE = re.compile(
    r"(?i)example|changeme|change-me|your|xxx|\*\*|\.\.\.|dummy|redacted|placeholder|fake|sample|123456"
)
_PARTS = re.compile(r"[-_./:]")


def secrets_in(lines: list[str] | tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """The line, from 1, and the kind of every secret; the secret itself is not repeated. One per line."""
    for number, line in enumerate(lines, 1):
        following = lines[number] if number < len(lines) else ""
        if kind := _kind(line[:4_000], following):
            yield number, kind


def _kind(line: str, following: str) -> str:
    for kind, pattern in _TOKENS:
        if (found := pattern.search(line)) and not _EXAMPLE.search(found[0]):
            return kind
    if _KEY_BLOCK.search(line) and _KEY_BODY.match(following):
        return "a private key"
    for kind, pattern in _NAMED:
        if any(_is_random(found[1]) for found in pattern.finditer(line)):
            return kind
    return ""


def _is_random(value: str) -> bool:
    """Whether a value is a secret and no placeholder, name or path: a long part of it mixes letters and digits."""
    if _EXAMPLE.search(value) or value.startswith("-"):
        return False
    return any(len(part) >= 12 and _mixed(part) for part in _PARTS.split(value))


def _mixed(part: str) -> bool:
    counts = Counter(part)
    digits = sum(count for char, count in counts.items() if char.isdigit())
    letters = sum(count for char, count in counts.items() if char.isalpha())
    entropy = -sum(count / len(part) * math.log2(count / len(part)) for count in counts.values())
    return digits >= 2 and letters >= 2 and entropy >= 3.0
