"""What would show that a verify step is done: the signal or the alert that its words, or its attribute, name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from incident.core.runbook import Runbook, SectionKind, Step

OWN = ""  # the incident's own alerts, and the signals with a limit beside them
NOTHING = "none"  # the attribute that switches it off


@dataclass(frozen=True, slots=True)
class Stated:
    """The limit that a step names itself."""

    value: float
    unit: str  # "%", "s", "/s"
    floor: bool = False  # the lowest good value, not the highest


@dataclass(frozen=True, slots=True)
class Watch:
    """What to look at for one step. At least one of the two is wanted, and all that is wanted has to hold."""

    signals: tuple[str, ...] = ()  # names as `errors`; OWN: those with a limit beside the incident's alerts
    alerts: tuple[str, ...] = ()  # names of alerts that have to be over; OWN: all of the incident
    stated: Stated | None = None
    hold: timedelta | None = None  # for how long, where the step says so


_SIGNALS = (
    ("errors", re.compile(r"\berrors?\b(?!\s+budget)|\b5xx\b|\bfailed requests\b|\bfailure rate\b", re.IGNORECASE)),
    ("latency", re.compile(r"\blatenc(?:y|ies)\b|\bresponse times?\b", re.IGNORECASE)),
    ("p50", re.compile(r"\bp50\b", re.IGNORECASE)),
    ("p95", re.compile(r"\bp95\b", re.IGNORECASE)),
    ("p99", re.compile(r"\bp99\b", re.IGNORECASE)),
    ("traffic", re.compile(r"\btraffic\b|\bthroughput\b|\brequest rate\b", re.IGNORECASE)),
    ("saturation", re.compile(r"\bsaturation\b", re.IGNORECASE)),
)
LATENCIES = frozenset({"latency", "p50", "p95", "p99"})
_BETTER = re.compile(
    r"""\b(?:drop|fall|decreas|declin|recover|improv|subsid|lower|reduc)\w*|\b(?:goes|going|comes|coming|is|are)\s+
    (?:back|down)\b|\breturn\w*\s+to\b|\bback\s+(?:to|under|below|in)\b|\b(?:below|under|less\ than)\b|[<≤]
    |\b(?:normal|healthy|baseline|stable|gone|resolved)\b|\b(?:stops?|stopped|clears?|cleared|disappears?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_MORE = re.compile(r"\b(?:back|return\w*|recover\w*|normal|above|at least|resum\w*)\b|[>≥]", re.IGNORECASE)
_ALERT = re.compile(
    r"\b(?:alerts?|pages?)\b.{0,40}?\b(?:resolv\w*|clear\w*|over|gone|stop\w*|silent|(?:not|no longer)\s+fir\w+)\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\b(?:service|system|site|api|application|incident|impact|everything)\b.{0,30}?"
    r"\b(?:recover\w*|healthy|(?:back to )?normal|resolved|over|stable)\b"
    r"|\brecovery\b",
    re.IGNORECASE,
)
# Words that name something which neither a golden signal nor an alert can show.
_ELSEWHERE = re.compile(
    r"\blogs?\b|\blog lines?\b|\bbudget\b|\bqueue\b|\blag\b|\bdisk\b|\bpods?\b|\btasks?\b|\bcertificate\b|\bdns\b"
    r"|\bbackups?\b|\bticket\b|\bcustomers?\b",
    re.IGNORECASE,
)
_NOT_SO = re.compile(r"\b(?:unless|whether|never|does not|do not|did not|still)\b|n't\b", re.IGNORECASE)
_WAITS = re.compile(r"(?:wait|watch|monitor|see)\b", re.IGNORECASE)
_STATED = re.compile(
    r"(?P<word>below|under|less than|lower than|at most|above|more than|higher than|at least|[<>≤≥]=?)\s*~?"
    r"(?P<number>\d{1,9}(?:\.\d+)?)\s*(?P<unit>%|percent\b|ms\b|milliseconds?\b|s\b|sec(?:ond)?s?\b|/s\b|rps\b|req/s\b)?",
    re.IGNORECASE,
)
_HOLD = re.compile(r"\bfor\s+(?:at least\s+)?(\d{1,3})\s*(s|sec\w*|m|min\w*|h|hours?)\b", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600}
_LEAST_HOLD, _MOST_HOLD = timedelta(seconds=30), timedelta(hours=1)
_FLOORS = ("above", "more", "higher", "at least", ">", "≥")


def watch_of(step: Step, runbook: Runbook) -> Watch | None:
    """What would show that a step is done; None for one that only a person can judge."""
    verifying = runbook.sections[step.section].kind is SectionKind.VERIFICATION
    asks = step.check or bool(_WAITS.match(step.text))
    return _watch(step.text, step.attributes.check, verifying, asks and not step.conditional, bool(step.commands))


@lru_cache(2048)
def _watch(text: str, attribute: str, verifying: bool, asks: bool, runs: bool) -> Watch | None:
    stated, usable = _stated(text)
    if attribute:
        return _declared(attribute, stated if usable else None, _hold(text))
    if not (asks or verifying) or not usable or _NOT_SO.search(text) or _ELSEWHERE.search(text):
        return None
    named = _named(text, verifying=verifying)
    alerts = (OWN,) if _ALERT.search(text) else ()
    if named or alerts:
        return Watch(named, alerts, stated if named else None, _hold(text))
    if stated is None and not runs and _AGAIN.search(text):
        return Watch((OWN,), (OWN,), None, _hold(text))
    return None


def _declared(attribute: str, stated: Stated | None, hold: timedelta | None) -> Watch | None:
    """What the author says: `errors`, `alert`, `alert:NAME`, `none`."""
    kind, _, name = attribute.partition(":")
    if attribute == NOTHING:
        return None
    if kind == "alert":
        return Watch((), (name or OWN,), None, hold)
    return Watch((attribute,), (), stated, hold)


def _named(text: str, *, verifying: bool) -> tuple[str, ...]:
    """The signals that a text names, if it also says that they get better; an exact percentile outweighs `latency`."""
    found = [name for name, words in _SIGNALS if words.search(text)]
    exact = [name for name in found if name in LATENCIES - {"latency"}]
    if exact and "latency" in found:
        found.remove("latency")
    better = _MORE if found == ["traffic"] else _BETTER
    return tuple(found) if verifying or better.search(text) else ()


def _stated(text: str) -> tuple[Stated | None, bool]:
    """The limit that a text names, and whether it is understood: one in an unknown unit is not."""
    found = list(_STATED.finditer(text))
    if not found:
        return None, True
    if len(found) > 1 or found[0]["unit"] is None:
        return None, False
    unit, value = found[0]["unit"].lower(), float(found[0]["number"])
    floor = found[0]["word"].lower().startswith(_FLOORS)
    if unit in ("%", "percent"):
        return Stated(value, "%", floor), True
    if unit.startswith("m"):
        return Stated(value / 1000, "s", floor), True
    return Stated(value, "s" if unit.startswith("s") else "/s", floor), True


def _hold(text: str) -> timedelta | None:
    found = _HOLD.search(text)
    if found is None:
        return None
    return max(_LEAST_HOLD, min(_MOST_HOLD, timedelta(seconds=int(found[1]) * _UNITS[found[2][0].lower()])))
