"""A service level objective: what is promised, over which window, and the queries that measure it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from incident.core.alert import Alert
from incident.core.budget.spans import DAY, promql
from incident.errors import IncidentError

PLACE = "$window"
_PLACES = re.compile(r"\$window\b|\$\{window\}|\{\{\s*\.window\s*\}\}")
_SELECTOR = re.compile(r"""[A-Za-z_:][\w:]*(?:\{(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[^{}"'`])*\})?\Z""")
_RANGE = re.compile(r"\[\s*[0-9a-z]+\s*\]")
_RATES = re.compile(r"\b(?:rate|increase)\s*\(")
_OTHER = re.compile(r"\b(?:irate|deriv|delta|\w+_over_time|offset)\b|@")
_COUNTS = re.compile(r"\b(?:increase|count_over_time|sum_over_time)\s*\(")
_PER_SECOND = re.compile(r"\brate(\s*\()")
_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`')
_JOB = re.compile(r"""\bjob\s*=\s*["']([^"']+)["']""")
_ALERT_LABELS = ("sloth_slo", "slo", "slo_name")
LEAST, MOST = 3600, 400 * DAY  # seconds that a window may last


class Reading(StrEnum):
    """What a failed share is a share of."""

    REQUESTS = "requests"
    TIME = "time"
    QUERY = "the query's own weights"


@dataclass(frozen=True, slots=True)
class Sli:
    """How the failed share is measured. In the queries `$window` is the place of a length of time.

    Either `total` with `bad` or `good`, which count requests; or `ratio`, the failed share over the window; or
    `moment`, the failed share at a moment, which is averaged over time and has no `$window`.
    """

    good: str = ""
    bad: str = ""
    total: str = ""
    ratio: str = ""
    moment: str = ""
    scale: float = 1.0  # what `moment` gives times this is a share between 0 and 1

    @property
    def reading(self) -> Reading:
        """What the share is a share of."""
        if self.total:
            return Reading.REQUESTS
        return Reading.QUERY if self.ratio else Reading.TIME


@dataclass(frozen=True, slots=True)
class Slo:
    """What is promised: a share of good requests (0 to 1) over a window (seconds)."""

    name: str
    objective: float
    window: float
    sli: Sli
    service: str = ""
    since: datetime | None = None  # when a fixed window began; they follow one another. None: the window rolls
    alerts: tuple[str, ...] = ()  # names of alerts that are about it
    origin: str = ""  # file and line
    note: str = ""  # what its reader should know

    @property
    def budget(self) -> float:
        """The share that may fail."""
        return round(1 - self.objective, 12)

    @property
    def minutes(self) -> float:
        """The budget read as time: minutes of complete failure in one window."""
        return self.budget * self.window / 60

    @property
    def title(self) -> str:
        """`acme/availability`, or the name alone."""
        return f"{self.service}/{self.name}" if self.service and self.service != self.name else self.name

    def begins(self, now: datetime) -> datetime:
        """When the window that counts now began."""
        if self.since is None:
            return now - timedelta(seconds=self.window)
        gone = (now - self.since).total_seconds() % self.window
        return now - timedelta(seconds=gone)

    def to_go(self, now: datetime) -> float | None:
        """The share of a fixed window that is still to come; None for one that rolls."""
        if self.since is None:
            return None
        return 1 - (now - self.begins(now)).total_seconds() / self.window


@dataclass(frozen=True, slots=True)
class Promises:
    """Every objective that is known, and what could not be read of them."""

    slos: tuple[Slo, ...] = ()
    problems: tuple[IncidentError, ...] = ()


def objective_of(value: float) -> float | None:
    """`99.5` (per cent) or `0.995` as a share; None for what promises nothing or everything."""
    share = value / 100 if value > 1 else value
    share = round(share, 12)
    return share if 0.5 <= share < 1 else None


def with_place(query: str) -> str:
    """The query with every spelling of the window's place as `$window`."""
    return _PLACES.sub(PLACE, query.strip())


def has_place(query: str) -> bool:
    """Whether the query has a place for the window."""
    return PLACE in query


def counting(query: str) -> str:
    """A query that counts over `$window`, made of a counter's bare selector; "" for what is no selector."""
    text = query.strip()
    return f"sum(increase({text}[{PLACE}]))" if _SELECTOR.match(text) else ""


def widened(query: str) -> str:
    """A query of rates over some fixed range as one that counts over `$window`; "" when that would change its sense."""
    ranges = set(_RANGE.findall(_STRINGS.sub("", query)))
    if len(ranges) != 1 or _OTHER.search(query) or not _RATES.search(query):
        return ""
    return _PER_SECOND.sub(r"increase\1", query.strip().replace(ranges.pop(), f"[{PLACE}]"))


def sli_of(total: str, *, bad: str = "", good: str = "") -> Sli:
    """The failed share of requests. What counts nothing but rates is made to count; else it is a share alone."""
    total, bad, good = (_PER_SECOND.sub(r"increase\1", query) for query in (total, bad, good))
    counted = Sli(total=total, bad=bad, good=good)
    return counted if all(_COUNTS.search(query) for query in (total, bad or good)) else Sli(ratio=share_of(counted))


def share_of(sli: Sli) -> str:
    """The failed share as one query, of an indicator that counts."""
    return f"({sli.bad}) / ({sli.total})" if sli.bad else f"1 - ({sli.good}) / ({sli.total})"


def service_in(query: str) -> str:
    """The one job that a query selects, or "" ."""
    jobs = set(_JOB.findall(query))
    return jobs.pop() if len(jobs) == 1 else ""


def over(query: str, seconds: float) -> str:
    """The query over one length of time."""
    return query.replace(PLACE, promql(seconds))


def for_alert(slos: tuple[Slo, ...], alert: Alert) -> tuple[Slo, ...]:
    """The objectives that an alert is about: those it names, those that name it, else those of its service."""
    named = {alert.labels[label] for label in _ALERT_LABELS if alert.labels.get(label)}
    service = alert.labels.get("sloth_service") or alert.service
    told = tuple(slo for slo in slos if slo.name in named and slo.service in ("", service))
    told = told or tuple(slo for slo in slos if slo.name in named)
    told = told or tuple(slo for slo in slos if alert.name and alert.name in slo.alerts)
    return told or tuple(slo for slo in slos if service and slo.service == service)


def chosen(slos: tuple[Slo, ...], named: str) -> tuple[Slo, ...]:
    """The objectives of a service, or the one of a name; all of them for ""."""
    if not named:
        return slos
    exact = tuple(slo for slo in slos if named in (slo.name, slo.title))
    return exact or tuple(slo for slo in slos if slo.service == named)
