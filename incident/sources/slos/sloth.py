"""Sloth: its own files, its Kubernetes resource, and the recording rules that it makes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from incident.core.budget.slo import Sli, Slo, has_place, objective_of, sli_of
from incident.core.budget.spans import DAY
from incident.errors import ConfigError
from incident.sources.slos.node import Node

WINDOW = 30.0 * DAY  # seconds; what it takes when its command line says nothing else, and no file says it
_NOTE = "30 days is what Sloth takes when it is told nothing else"
_OBJECTIVE, _PERIOD = "slo:objective:ratio", "slo:time_period:days"
_VECTOR = re.compile(r"\s*vector\(\s*([0-9.eE+-]+)\s*\)\s*\Z")


def is_own(top: Node) -> bool:
    """Whether a document is one of its files or resources."""
    data = top.value
    own = str(data.get("version", "")).startswith("prometheus/v") and "slos" in data
    return own or data.get("kind") == "PrometheusServiceLevel"


def slos(top: Node) -> Iterator[Slo | ConfigError]:
    """The objectives of a document, each of them read or refused. Raises ConfigError."""
    if top.value.get("kind") == "PrometheusServiceLevel":
        spec = top.need("spec").only("service", "labels", "slos", "sloPlugins", "sliPlugins")
    else:
        spec = top.only("version", "service", "labels", "slos", "slo_plugins", "sli_plugins")
    service = spec.need("service").text()
    for item in spec.need("slos").items():
        try:
            yield _slo(item, service)
        except ConfigError as off:
            yield off


def _slo(item: Node, service: str) -> Slo:
    item.only("name", "description", "objective", "labels", "sli", "alerting", "plugins")
    alerting = item.get("alerting")
    name = alerting.get("name") if alerting else None
    return Slo(
        name=item.need("name").text(),
        objective=item.need("objective").objective(),
        window=WINDOW,
        sli=_sli(item.need("sli")),
        service=service,
        alerts=(name.text(),) if name else (),
        origin=item.where,
        note=_NOTE,
    )


def _sli(sli: Node) -> Sli:
    sli.only("events", "raw", "plugin")
    if events := sli.get("events"):
        events.only("error_query", "total_query", "errorQuery", "totalQuery")
        bad, total = events.need("error_query", "errorQuery"), events.need("total_query", "totalQuery")
        return sli_of(_filled(total), bad=_filled(bad))
    if raw := sli.get("raw"):
        raw.only("error_ratio_query", "errorRatioQuery")
        return Sli(ratio=_filled(raw.need("error_ratio_query", "errorRatioQuery")))
    raise sli.wrong("the queries of a plugin are not in this file", "name the rule file that `sloth generate` made")


def _filled(node: Node) -> str:
    query = node.query()
    if not has_place(query):
        raise node.wrong(f"`{node.name}` has no place for the window", "write [{{.window}}] where its range goes")
    return query


def is_recorded(top: Node) -> bool:
    """Whether a document holds the recording rules that it makes."""
    return isinstance(top.value.get("groups", _spec(top).get("groups")), list) and _OBJECTIVE in str(top.value)


def recorded(top: Node) -> Iterator[Slo | ConfigError]:
    """The objectives whose recording rules stand in a document."""
    spec = top if "groups" in top.value else top.need("spec")
    groups = [group for group in spec.need("groups").items() if group.get("rules")]
    rules = [rule for group in groups for rule in group.need("rules").items() if isinstance(rule.value, dict)]
    periods = {_id(rule): _vector(rule) for rule in rules if rule.value.get("record") == _PERIOD}
    for rule in rules:
        if rule.value.get("record") == _OBJECTIVE:
            try:
                yield _recorded(rule, periods.get(_id(rule)))
            except ConfigError as off:
                yield off


def _recorded(rule: Node, days: float | None) -> Slo:
    share = objective_of(_vector(rule) or 0.0)
    labels = rule.need("labels")
    if share is None:
        raise rule.wrong("this rule's objective is no number", "it is vector(0.999), for example")
    return Slo(
        name=labels.need("sloth_slo").text(),
        objective=share,
        window=days * DAY if days else WINDOW,
        sli=Sli(moment=f"slo:sli_error:ratio_rate5m{{sloth_id={json.dumps(_id(rule), ensure_ascii=False)}}}"),
        service=labels.need("sloth_service").text(),
        origin=rule.where,
        note="read from its recording rules: every five minutes count the same",
    )


def _id(rule: Node) -> str:
    labels = rule.value.get("labels")
    return str(labels.get("sloth_id", "")) if isinstance(labels, dict) else ""


def _vector(rule: Node) -> float | None:
    found = _VECTOR.match(str(rule.value.get("expr", "")))
    try:
        return float(found[1]) if found else None
    except ValueError:
        return None


def _spec(top: Node) -> dict[str, object]:
    spec = top.value.get("spec")
    return spec if isinstance(spec, dict) else {}
