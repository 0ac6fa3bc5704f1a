"""A rule's expression, taken apart just far enough to show its value beside its limit."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import NamedTuple

from incident.core.promql import LONGEST, Token, scan
from incident.core.promql import tokens as tokens_of

_DEEPEST = 20  # `and` inside brackets inside `and`
_LONGEST_LIMIT = 200  # characters of arithmetic

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


def _compared(text: str, signs: list[Token]) -> Comparison | None:
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
    return bool(_all_requests(query))


def with_zeros(query: str) -> str:
    """An error ratio that is 0 where nothing failed yet: before the first failure there is no series of it."""
    every = _all_requests(query)
    return f"({query}) or ({every}) * 0" if every else query


def _all_requests(query: str) -> str:
    """What an error ratio divides by; "" for any other query."""
    text, outer = _opened(query)
    signs = [one for one in outer if one.kind in ("arithmetic", "compare")]
    if len(signs) != 1 or signs[0].text != "/":
        return ""
    failed, every = text[: signs[0].start], text[signs[0].start + 1 :]
    return every.strip() if _FAILED.search(failed) and not _FAILED.search(every) else ""


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
    parts = (" " if one.lastgroup == "comment" else one[0] for one in scan(expression[: LONGEST + 1]))
    return "".join(parts).strip()


def _opened(text: str) -> tuple[str, list[Token]]:
    """What is inside the round brackets around everything, and its tokens that are in no further bracket."""
    tokens = tokens_of(text)
    around = 0
    while around < len(tokens) // 2 and tokens[around].text == "(" and tokens[-1 - around].text == ")":
        around += 1
    around = min([around, *(one.depth for one in tokens[around : len(tokens) - around])])
    if around:
        first = tokens[around - 1].start + 1
        text = text[first : tokens[-around].start]
        tokens = [one._replace(start=one.start - first) for one in tokens[around:-around]]
    return text, [one for one in tokens if one.depth == around]
