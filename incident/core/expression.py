"""A rule's expression, taken apart just far enough to show its value beside its limit."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import NamedTuple

_LONGEST = 10_000  # characters; a longer expression is shown whole, not taken apart
_DEEPEST = 20  # `and` inside brackets inside `and`
_LONGEST_LIMIT = 200  # characters of arithmetic

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)
    | (?P<compare>==|!=|>=|<=|>(?!=)|<(?!=))
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<word>[A-Za-z_:][A-Za-z0-9_:.]*)
    | (?P<number>\d[\w.]*(?:(?<=[eE])[-+]\d+)?)
    | (?P<arithmetic>[-+*/%^])
    | (?P<unfinished>["'`])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_FAILED = re.compile(
    r"""\b(?:status|status_code|code|http_code|response_code|http_status|http_response_status_code)
        \s*=~?\s*["'`](?:\^|\(|\(\?:)?5(?:\.\.|xx|\.\*|\.\+|\[0-9\]|\\\\?d|0\d)""",
    re.VERBOSE,
)
_ARITHMETIC = re.compile(r"[0-9.eE+\-*/() ]+")
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Comparison(NamedTuple):
    """`query operator limit`, as an alerting rule has it."""

    query: str
    operator: str  # > < >= <= == !=
    limit: str


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    depth: int


def split_comparison(expression: str) -> Comparison | None:
    """The comparison that decides whether the rule fires, its number on the right; None when there is not just one.

    Of `a > 1 and b > 2` it is the first: that is the one whose value the alert carries.
    """
    text = _without_comments(expression)
    for _ in range(_DEEPEST):
        text, outer = _opened(text)
        words = {one.text.lower(): one.start for one in reversed(outer) if one.kind == "word"}
        if "or" in words:
            return None
        joined = [words[word] for word in ("and", "unless") if word in words]
        if not joined:
            return _compared(text, [one for one in outer if one.kind == "compare"])
        text = text[: min(joined)]
    return None


def _compared(text: str, signs: list[_Token]) -> Comparison | None:
    if len(signs) != 1:
        return None
    sign = signs[0].text
    left = text[: signs[0].start].strip()
    right = re.sub(r"^\s*bool\b", "", text[signs[0].start + len(sign) :], flags=re.IGNORECASE).strip()
    # `a > on(job) b` compares series with series: there is no one limit.
    if not left or not right or re.match(r"(?:on|ignoring)\s*\(", right, re.IGNORECASE):
        return None
    if number(left) is not None and number(right) is None:
        return Comparison(right, _FLIPPED[sign], left)
    return Comparison(left, sign, right)


def number(text: str) -> float | None:
    """What `0.005 * 14` amounts to: numbers, + - * / and brackets only; None for anything else."""
    line = " ".join(text.split())
    if len(line) > _LONGEST_LIMIT or not _ARITHMETIC.fullmatch(line):
        return None
    try:
        value = _evaluated(ast.parse(line, mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return None
    return value if math.isfinite(value) else None


def is_error_ratio(query: str) -> bool:
    """Whether the query is failed requests (5xx) divided by all requests, and nothing more."""
    text, outer = _opened(query)
    signs = [one for one in outer if one.kind in ("arithmetic", "compare")]
    if len(signs) != 1 or signs[0].text != "/":
        return False
    middle = signs[0].start
    return bool(_FAILED.search(text[:middle])) and not _FAILED.search(text[middle:])


def _evaluated(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _evaluated(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluated(left), _evaluated(right))
        case _:
            raise ValueError


def _without_comments(expression: str) -> str:
    parts = (" " if one.lastgroup == "comment" else one[0] for one in _TOKEN.finditer(expression[: _LONGEST + 1]))
    return "".join(parts).strip()


def _opened(text: str) -> tuple[str, list[_Token]]:
    """What is inside the round brackets around everything, and its tokens that are in no further bracket."""
    tokens = _tokens(text)
    around = 0
    while around < len(tokens) // 2 and tokens[around].text == "(" and tokens[-1 - around].text == ")":
        around += 1
    around = min([around, *(one.depth for one in tokens[around : len(tokens) - around])])
    if around:
        first = tokens[around - 1].start + 1
        text = text[first : tokens[-around].start]
        tokens = [one._replace(start=one.start - first) for one in tokens[around:-around]]
    return text, [one for one in tokens if one.depth == around]


def _tokens(text: str) -> list[_Token]:
    """The tokens with how deep in brackets they are; none at all when the brackets or quotes do not match."""
    if len(text) > _LONGEST:
        return []
    found: list[_Token] = []
    opened: list[str] = []
    for one in _TOKEN.finditer(text):
        kind = one.lastgroup or ""
        if kind == "unfinished":
            return []
        if kind == "close" and (not opened or opened.pop() != _PAIRS[one[0]]):
            return []
        if not one[0].isspace():
            found.append(_Token(kind, one[0], one.start(), len(opened)))
        if kind == "open":
            opened.append(one[0])
    return [] if opened else found
