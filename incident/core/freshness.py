"""How old the data behind a query are: the series that it selects, and what to ask about them."""

from __future__ import annotations

from incident.core.promql import Token, tokens

MOST = 4  # selections in one query; of one with more nothing is said
WINDOW = "5m"  # in which the values are counted
_GROUPING = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_WORDS = frozenset({"and", "or", "unless", "bool", "inf", "nan", "atan2"})
_MOVED = frozenset({"offset"})  # the query looks at another time than now


def selections(query: str) -> tuple[str, ...]:
    """The series that a query selects, each written as a query for its newest values; () when that is not clear."""
    found = tokens(query)
    selected: list[str] = []
    at = 0
    while at < len(found):
        one = found[at]
        if one.text.lower() in _MOVED or one.text == "@":
            return ()
        if one.text == "[":
            at = _behind(found, at)
        elif one.kind == "word" and one.text.lower() in _GROUPING:
            at = _behind(found, at + 1) if _is(found, at + 1, "(") else at + 1
        elif one.text == "{" or (one.kind == "word" and _selects(found, at)):
            braces = at if one.text == "{" else at + 1
            end = _behind(found, braces) if _is(found, braces, "{") else at + 1
            last = found[end - 1]
            selected.append(query[one.start : last.start + len(last.text)])
            at = end
        else:
            at += 1
    distinct = tuple(dict.fromkeys(selected))
    return distinct if len(distinct) <= MOST else ()


def age_query(selection: str) -> str:
    """A query for the seconds since the newest value of a selection."""
    return f"time() - max(timestamp({selection}))"


def interval_query(selection: str) -> str:
    """A query for the seconds between two values of a selection, rather too few than too many for a young series."""
    span = f"max(timestamp({selection})) - min(min_over_time(timestamp({selection})[{WINDOW}:15s]))"
    return f"({span}) / max(count_over_time({selection}[{WINDOW}]))"


def _selects(found: list[Token], at: int) -> bool:
    """Whether a word is the name of a metric: no function, no keyword, no aggregation."""
    after = found[at + 1].text.lower() if at + 1 < len(found) else ""
    return found[at].text.lower() not in _WORDS and after != "(" and after not in _GROUPING - {"on", "ignoring"}


def _is(found: list[Token], at: int, text: str) -> bool:
    return at < len(found) and found[at].text == text


def _behind(found: list[Token], at: int) -> int:
    """The place behind the bracket that opens at a place."""
    depth = found[at].depth
    end = at + 1
    while end < len(found) and not (found[end].kind == "close" and found[end].depth == depth):
        end += 1
    return min(end + 1, len(found))
