"""The series that an expression asks for: every selector in it, and whether the rule can fire without its series."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from incident.core.promql import Token, tokens

_GROUPING = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_KEYWORDS = frozenset({"and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end", *_GROUPING})
_ABSENT = frozenset({"absent", "absent_over_time"})
_MATCHER = re.compile(r"""([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)""")
# Labels whose values may not have come up yet, however right the selector is.
_OUTCOMES = re.compile(
    r"(?:\w+_)?(?:status|code|status_code|result|outcome|reason|error|errors|state|phase|condition|severity|level|type|le)\Z"
)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label, as it is written."""

    label: str
    operator: str
    value: str  # with its quotes

    @property
    def text(self) -> str:
        """`job="acme"`."""
        return f"{self.label}{self.operator}{self.value}"

    @property
    def picks(self) -> bool:
        """Whether it asks for something, rather than leaving something out."""
        return self.operator in ("=", "=~") and self.value[1:-1] not in ("", ".*", ".+")

    @property
    def outcome(self) -> bool:
        """Whether its label says what became of something, so that a value may simply not have come up yet."""
        return bool(_OUTCOMES.match(self.label))


@dataclass(frozen=True, slots=True)
class Selector:
    """Some series; `needed` is whether the rule stays silent without them."""

    metric: str
    matchers: tuple[Matcher, ...] = ()
    needed: bool = True

    @property
    def text(self) -> str:
        """The selector as a query has it."""
        inside = ",".join(matcher.text for matcher in self.matchers)
        return f"{self.metric}{{{inside}}}" if inside else self.metric


def selectors(expression: str) -> tuple[Selector, ...]:
    """Every selector of an expression, each once; none of one that cannot be read, or that is a template."""
    found = [token for token in tokens(expression) if token.kind != "comment"]
    if "{{" in expression or any(token.text == "$" for token in found):
        return ()
    words = {token.text.lower() for token in found if token.kind == "word"}
    alone = "or" not in words
    first = next((token.start for token in found if token.text.lower() == "unless"), len(expression))
    seen: dict[str, Selector] = {}
    for metric, start, end, absent in _walk(found):
        inside = expression[start:end] if end > start else ""
        one = Selector(metric, tuple(Matcher(*parts) for parts in _MATCHER.findall(inside)),
                       alone and not absent and start < first)  # fmt: skip
        if one.text and not absent:
            seen.setdefault(one.text, one)
    return tuple(seen.values())


def _walk(found: list[Token]) -> Iterator[tuple[str, int, int, bool]]:
    """Each selector: its metric, where its matchers begin and end, and whether its absence is what is looked for."""
    around: list[str] = []  # the function or word in front of each open bracket
    at = 0
    while at < len(found):
        token, before = found[at], found[at - 1] if at else None
        behind = found[at + 1] if at + 1 < len(found) else None
        if token.text in "([":
            named = token.text == "(" and before is not None and before.kind == "word"
            around.append(before.text.lower() if named and before is not None else token.text)
        elif token.text in ")]":
            around.pop()
        absent = bool(_ABSENT & set(around))
        silent = "[" in around or bool(_GROUPING & set(around))
        if token.text == "{":
            end = _closing(found, at)
            yield "", token.start, found[end].start, absent
            at = end
        elif token.kind == "word" and not silent and token.text.lower() not in _KEYWORDS and not _opens(behind):
            braces = behind is not None and behind.text == "{"
            end = _closing(found, at + 1) if braces else at
            yield token.text, token.start, found[end].start if braces else token.start, absent
            at = end
        at += 1


def _opens(token: Token | None) -> bool:
    """Whether the word in front of it is a function, or the word of a grouping."""
    return token is not None and (token.text == "(" or token.text.lower() in ("by", "without"))


def _closing(found: list[Token], at: int) -> int:
    """The place of the bracket that closes the one at a place."""
    depth = found[at].depth
    return next(
        place for place in range(at + 1, len(found)) if found[place].depth <= depth and found[place].text == "}"
    )
