"""Pyrra: its ServiceLevelObjective."""

from __future__ import annotations

from collections.abc import Iterator

from incident.core.budget.slo import Sli, Slo, counting, service_in, sli_of
from incident.core.budget.spans import seconds_in
from incident.errors import ConfigError
from incident.sources.slos.node import Node


def is_own(top: Node) -> bool:
    """Whether a document is one of its resources."""
    return top.value.get("kind") == "ServiceLevelObjective" and "pyrra" in str(top.value.get("apiVersion", ""))


def slos(top: Node) -> Iterator[Slo | ConfigError]:
    """The objective of a document. Raises ConfigError."""
    metadata, spec = top.need("metadata"), top.need("spec")
    spec.only("target", "window", "description", "indicator", "alerting", "performanceOverAccuracy")
    labels = metadata.get("labels")
    indicator = spec.need("indicator").only("ratio", "latency", "latencyNative", "bool_gauge", "boolGauge")
    sli, told = _sli(indicator)
    named = labels.get("pyrra.dev/service") if labels else None
    alerting = spec.get("alerting")
    alert = alerting.get("name") if alerting else None
    yield Slo(
        name=metadata.need("name").text(),
        objective=spec.need("target").objective(),
        window=spec.need("window").window(),
        sli=sli,
        service=named.text() if named else service_in(sli.total or sli.ratio),
        alerts=(alert.text(),) if alert else (),
        origin=top.where,
        note=told,
    )


def _sli(indicator: Node) -> tuple[Sli, str]:
    if ratio := indicator.get("ratio"):
        ratio.only("errors", "total", "grouping")
        return sli_of(_counter(ratio.need("total")), bad=_counter(ratio.need("errors"))), _grouped(ratio)
    if latency := indicator.get("latency"):
        latency.only("success", "total", "grouping")
        return sli_of(_counter(latency.need("total")), good=_counter(latency.need("success"))), _grouped(latency)
    if native := indicator.get("latencyNative"):
        native.only("latency", "total", "grouping")
        limit = seconds_in(native.need("latency").text())
        if limit is None:
            raise native.need("latency").wrong("`latency` is no length of time", "write it as 200ms")
        counted = _counter(native.need("total"))
        return Sli(ratio=f"1 - histogram_fraction(0, {limit:g}, {counted})"), _grouped(native)
    gauge = indicator.need("bool_gauge", "boolGauge").only("metric", "grouping")
    metric = gauge.need("metric").query()
    if not counting(metric):
        raise gauge.need("metric").wrong("`metric` is no selector", 'write it as up{job="web"}')
    up, all_ = f"sum(sum_over_time({metric}[$window]))", f"sum(count_over_time({metric}[$window]))"
    return Sli(ratio=f"1 - {up} / {all_}"), _grouped(gauge)


def _counter(node: Node) -> str:
    metric = node.only("metric").need("metric")
    made = counting(metric.query())
    if not made:
        raise metric.wrong("`metric` is no selector", 'write it as http_requests_total{job="web"}')
    return made


def _grouped(node: Node) -> str:
    grouping = node.get("grouping")
    names = [item.text() for item in grouping.items()] if grouping else []
    return f"Pyrra has a budget for each {', '.join(names)}; here they are one" if names else ""
