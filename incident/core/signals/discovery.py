"""Which golden signals a service has: what to ask for, and the queries that its metrics' names and labels give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TypeVar

from incident.core.alert import Alert
from incident.core.promql import literal, quoted
from incident.core.signals.families import (
    HTTP_FAILED,
    OF_A_CONTAINER,
    OF_A_NODE,
    OF_A_PROCESS,
    OF_A_PROCESS_AT_LAST,
    PROXIED,
    SCRAPED,
    STATUS,
    Family,
    Room,
)
from incident.core.signals.model import Series

WINDOW = "5m"
QUANTILES = (("p99", 0.99), ("p95", 0.95), ("p50", 0.5))
_SERVICE_LABELS = ("service", "job", "service_name", "app", "application", "app_kubernetes_io_name")
_CODES = {HTTP_FAILED: r"[1-5]\d\d", "5xx": r"[1-5]xx", "5": r"[1-5]"}  # what a status label holds, by what failed

T = TypeVar("T")
Metrics = Mapping[str, Mapping[str, Set[str]]]  # by name: the values of each telling label


@dataclass(frozen=True, slots=True)
class Selector:
    """Labels by which a service's series are known."""

    equal: tuple[tuple[str, str], ...] = ()
    like: tuple[str, str] | None = None  # a label, and a regular expression in which the service's name is literal
    only: str = ""  # a matcher that is always there

    @property
    def text(self) -> str:
        """As matchers."""
        parts = [f"{label}={quoted(value)}" for label, value in self.equal]
        parts += [f"{self.like[0]}=~{quoted(self.like[1])}"] if self.like else []
        return ",".join([*parts, *([self.only] if self.only else [])])


@dataclass(frozen=True, slots=True)
class Ask:
    """One question about what exists of a service, known by one selector."""

    names: tuple[str, ...]  # of the metrics, without what a histogram adds to its own
    selector: Selector
    families: tuple[Family, ...] = ()  # that an answer may belong to

    @property
    def query(self) -> str:
        """In PromQL: which names, ways to end and quantiles there are; no values."""
        names = f'__name__=~"({"|".join(self.names)})(_bucket|_count|_sum)?"'
        return f"group by (__name__, {', '.join((*STATUS, 'quantile'))}) ({{{names},{self.selector.text}}})"


def metrics_of(answer: Iterable[Series]) -> Metrics:
    """The metrics' names, with the values of the telling labels."""
    found: dict[str, dict[str, set[str]]] = {}
    for series in answer:
        values = found.setdefault(series.labels.get("__name__", ""), {})
        for label in (*STATUS, "quantile"):
            if value := series.labels.get(label):
                values.setdefault(label, set()).add(value)
    return found


@dataclass(frozen=True, slots=True)
class Guess:
    """A signal's query, or why there is none."""

    name: str
    unit: str = ""
    query: str = ""
    scale: float = 1.0
    origin: str = ""
    missing: str = ""


def job_of(alert: Alert) -> str:
    """The job that the alert, or its expression, is about; "" when none is named."""
    return alert.labels.get("job") or replace(alert, labels={}).service


def asks_service(alert: Alert) -> tuple[Ask, ...]:
    """What the service itself, or its exporter, may have, the surest first; () when the alert names no service."""
    job, service, namespace = job_of(alert), alert.service, alert.labels.get("namespace", "")
    selectors = [Selector((("job", job), ("namespace", namespace)))] if job and namespace else []
    selectors += [Selector((("job", job),))] if job else []
    selectors += [Selector(((label, service),)) for label in _SERVICE_LABELS] if service else []
    names = [name for family in SCRAPED for name in family.names]
    names += [name for room in (*OF_A_PROCESS, *OF_A_PROCESS_AT_LAST) for name in room.needs]
    return tuple(Ask(_once(names), selector, SCRAPED) for selector in _once(selectors))


def asks_proxies(alert: Alert) -> tuple[Ask, ...]:
    """What a mesh or an ingress may know of the service."""
    if not alert.service:
        return ()
    return tuple(
        Ask(family.names, _proxied(family, label, alert.service), (family,))
        for family in PROXIED
        for label in family.services
    )


def asks_room(alert: Alert) -> tuple[tuple[Ask, tuple[Room, ...]], ...]:
    """What the machines may know of the service's containers, or of the machine itself."""
    asks: list[tuple[Selector, tuple[Room, ...]]] = []
    if alert.labels.get("pod"):
        place = tuple((label, alert.labels[label]) for label in ("namespace", "pod") if alert.labels.get(label))
        asks.append((Selector(place, only='container!=""'), OF_A_CONTAINER))
    elif alert.service:
        asks.append((Selector((("container", alert.service),)), OF_A_CONTAINER))
    if alert.labels.get("instance"):
        asks.append((Selector((("instance", alert.labels["instance"]),)), OF_A_NODE))
    return tuple((Ask(_once(n for one in rooms for n in one.needs), selector), rooms) for selector, rooms in asks)


def requests(ask: Ask, answer: Iterable[Series]) -> tuple[Guess, ...]:
    """Errors, latency and traffic out of the first family that is there; () when none is."""
    metrics = metrics_of(answer)
    for family in ask.families:
        if any(f"{name}{end}" in metrics for name in family.names for end in ("", "_bucket", "_count", "_sum")):
            return _of_family(family, ask.selector.text, metrics)
    return ()


def room(rooms: Sequence[Room], ask: Ask, answer: Iterable[Series]) -> Guess | None:
    """The first saturation of which everything is there."""
    metrics, chosen = metrics_of(answer), ask.selector.text
    for one in rooms:
        if all(name in metrics for name in one.needs):
            query = one.query.replace("%s", chosen).replace("%w", WINDOW)
            return Guess("saturation", one.unit, query, one.scale, f"{one.of}: {one.needs[0]}{{{chosen}}}")
    return None


def in_flight(ask: Ask, answer: Iterable[Series]) -> Guess | None:
    """Seconds of work per second, which are the requests in flight on average (Little's law)."""
    metrics, chosen = metrics_of(answer), ask.selector.text
    for family in ask.families:
        if f"{family.duration}_sum" in metrics:
            query = _times(f"sum(rate({family.duration}_sum{{{chosen}}}[{WINDOW}]))", family.seconds)
            return Guess("saturation", " open", query, origin="requests in flight: time spent per second")
    return None


def _of_family(family: Family, chosen: str, metrics: Metrics) -> tuple[Guess, ...]:
    """Errors, latency and traffic of one family."""
    counters = [name for name in (family.requests, f"{family.duration}_count") if name in metrics]
    latency = _latency(family, chosen, metrics)
    if not counters:
        why = f"{family.duration} is there, but no counter of requests"
        return (Guess("errors", missing=why), *latency, Guess("traffic", missing=why))
    rate = f"sum(rate({counters[0]}{{{chosen}}}[{WINDOW}]))"
    traffic = Guess("traffic", "/s", rate, origin=f"{counters[0]}{{{chosen}}}")
    errors = [_errors(family, counter, chosen, metrics[counter]) for counter in counters]
    return (next((one for one in errors if one.query), errors[0]), *latency, traffic)


def _errors(family: Family, counter: str, chosen: str, labels: Mapping[str, Set[str]]) -> Guess:
    """Failed requests out of all of them; none that failed is no error, none at all is nothing to measure."""
    code = re.compile(_CODES.get(family.failed, ".+"))
    held = next((label for label in family.status if any(code.fullmatch(v) for v in labels.get(label, ()))), "")
    if not held:
        return Guess("errors", missing=f"{counter} has no label that holds how a request ended")
    failed = f"sum(rate({counter}{{{chosen},{held}=~{quoted(family.failed)}}}[{WINDOW}]))"
    query = f"({failed} or vector(0)) / sum(rate({counter}{{{chosen}}}[{WINDOW}]))"
    return Guess("errors", "%", query, 100.0, f"{counter}{{{chosen}}}, {held}=~{quoted(family.failed)}")


def _latency(family: Family, chosen: str, metrics: Metrics) -> tuple[Guess, ...]:
    name, origin = family.duration, f"{family.duration}{{{chosen}}}"
    if f"{name}_bucket" in metrics:
        buckets = f"sum by (le) (rate({name}_bucket{{{chosen}}}[{WINDOW}]))"
        return tuple(
            Guess(short, "s", _times(f"histogram_quantile({part:g}, {buckets})", family.seconds), origin=origin)
            for short, part in QUANTILES
        )
    known = metrics.get(name, {}).get("quantile", ())
    summary = [(short, f"{part:g}") for short, part in QUANTILES if f"{part:g}" in known]
    if summary:
        return tuple(
            Guess(short, "s", _times(f"max({name}{{{chosen},quantile={quoted(part)}}})", family.seconds), origin=origin)
            for short, part in summary
        )
    if f"{name}_sum" in metrics and f"{name}_count" in metrics:
        mean = f"sum(rate({name}_sum{{{chosen}}}[{WINDOW}])) / sum(rate({name}_count{{{chosen}}}[{WINDOW}]))"
        return (Guess("mean", "s", _times(mean, family.seconds), origin=f"{origin}, which has no buckets"),)
    return (Guess("p99", missing=f"there is no histogram beside {family.requests or name}"),)


def _times(query: str, factor: float) -> str:
    return query if factor == 1.0 else f"{query} * {factor:g}"


def _proxied(family: Family, label: str, service: str) -> Selector:
    if family.service == "%s":
        return Selector(((label, service),), only=family.only)
    return Selector(like=(label, family.service.replace("%s", literal(service))), only=family.only)


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
