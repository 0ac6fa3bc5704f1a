"""OpenSLO v1: its SLO, with the SLI inside it or in a document of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from incident.core.budget.slo import Sli, Slo, has_place, over, share_of, sli_of
from incident.errors import ConfigError
from incident.sources.slos.node import Node

_FAILS = {"lte": ">", "lt": ">=", "gte": "<", "gt": "<="}  # the comparison that finds a bad moment
_SPEC = ("description", "service", "indicator", "indicatorRef", "timeWindow", "budgetingMethod", "objectives",
         "alertPolicies")  # fmt: skip
_OBJECTIVE = ("displayName", "op", "value", "target", "targetPercent", "timeSliceTarget", "timeSliceWindow",
              "indicator", "indicatorRef", "compositeWeight")  # fmt: skip
_SOURCE = ("metricSourceRef", "type", "spec")


def is_own(top: Node) -> bool:
    """Whether a document is an SLO of it."""
    return top.value.get("kind") == "SLO" and _version(top).startswith("openslo")


def is_indicator(top: Node) -> bool:
    """Whether a document is an SLI of it."""
    return top.value.get("kind") == "SLI" and _version(top).startswith("openslo")


def _version(top: Node) -> str:
    return str(top.value.get("apiVersion", ""))


def slos(top: Node, indicators: Mapping[str, Node]) -> Iterator[Slo | ConfigError]:
    """The objectives of a document. `indicators` are the SLIs of all documents, by name. Raises ConfigError."""
    if not _version(top).endswith("/v1"):
        raise top.need("apiVersion").wrong("only OpenSLO v1 is read", "`oslo fmt` or a hand can bring it to openslo/v1")
    metadata, spec = top.need("metadata"), top.need("spec").only(*_SPEC)
    window, since = _window(spec)
    objectives = list(spec.need("objectives").items())
    for number, objective in enumerate(objectives, 1):
        try:
            objective.only(*_OBJECTIVE)
            more = objective.get("displayName")
            named = metadata.need("name").text()
            yield Slo(
                name=f"{named}/{more.text() if more else number}" if len(objectives) > 1 else named,
                objective=objective.need("target", "targetPercent").objective(),
                window=window,
                sli=_sli(spec, objective, indicators),
                service=spec.need("service").text(),
                since=since,
                origin=objective.where,
            )
        except ConfigError as off:
            yield off


def _window(spec: Node) -> tuple[float, datetime | None]:
    windows = list(spec.need("timeWindow").items())
    if len(windows) != 1:
        raise spec.need("timeWindow").wrong("an SLO has one time window", "keep one of them")
    only = windows[0].only("duration", "isRolling", "calendar")
    rolls, seconds = only.get("isRolling"), only.need("duration").window()
    calendar = only.get("calendar")
    if (rolls is not None and rolls.value is True) or calendar is None:
        return seconds, None
    calendar.only("startTime", "timeZone")
    start, zone = calendar.need("startTime"), calendar.get("timeZone")
    try:
        at = datetime.fromisoformat(start.text())
        there = ZoneInfo(zone.text()) if zone else UTC
    except (ValueError, ZoneInfoNotFoundError):
        raise start.wrong("`startTime` or `timeZone` is not known", "write 2026-05-04 00:00:00 and UTC") from None
    return seconds, (at if at.tzinfo else at.replace(tzinfo=there)).astimezone(UTC)


def _sli(spec: Node, objective: Node, indicators: Mapping[str, Node]) -> Sli:
    holder = objective if objective.get("indicator", "indicatorRef") else spec
    if inline := holder.get("indicator"):
        body = inline.need("spec")
    else:
        ref = holder.need("indicatorRef")
        if ref.text() not in indicators:
            raise ref.wrong(f"there is no SLI `{ref.text()}` in these files", "name its file in `slo_files`, too")
        body = indicators[ref.text()].need("spec")
    body.only("description", "thresholdMetric", "ratioMetric")
    if threshold := body.get("thresholdMetric"):
        op = objective.need("op")
        if op.text() not in _FAILS:
            raise op.wrong(f"`op` cannot be {op.text()}", f"it is one of {', '.join(_FAILS)}")
        limit = objective.need("value").number()
        return Sli(moment=f"({_query(threshold).query()}) {_FAILS[op.text()]} bool {limit:g}")
    return _in_slices(spec, objective, _ratio(body.need("ratioMetric")))


def _ratio(ratio: Node) -> Sli:
    ratio.only("counter", "good", "bad", "total", "raw", "rawType")
    if raw := ratio.get("raw"):
        query, kind = _query(raw).query(), ratio.need("rawType")
        if kind.text() not in ("success", "failure"):
            raise kind.wrong(f"`rawType` cannot be {kind.text()}", "it is success or failure")
        query = query if kind.text() == "failure" else f"1 - ({query})"
        return Sli(ratio=query) if has_place(query) else Sli(moment=query)
    total = _query(ratio.need("total")).counter()
    if good := ratio.get("good"):
        return sli_of(total, good=_query(good).counter())
    return sli_of(total, bad=_query(ratio.need("bad")).counter())


def _in_slices(spec: Node, objective: Node, sli: Sli) -> Sli:
    """The same where not requests but slices of time are counted."""
    method = spec.get("budgetingMethod")
    word = method.text() if method else "Occurrences"
    if method is None or word == "Occurrences" or sli.moment:
        return sli
    if word not in ("Timeslices", "RatioTimeslices"):
        raise method.wrong(f"`budgetingMethod` cannot be {word}", "it is Occurrences, Timeslices or RatioTimeslices")
    seconds = objective.need("timeSliceWindow").slice()
    share = over(sli.ratio or share_of(sli), seconds)
    if word == "RatioTimeslices":
        return Sli(moment=share)
    least = objective.need("timeSliceTarget").objective()
    return Sli(moment=f"({share}) > bool {round(1 - least, 12):g}")


def _query(node: Node) -> Node:
    """The PromQL of a metric source."""
    source = node.only("metricSource").need("metricSource").only(*_SOURCE)
    kind = source.get("type")
    if kind is not None and kind.text().lower() not in ("prometheus", "promql", "mimir", "thanos", "cortex"):
        raise kind.wrong(f"a metric source of the type {kind.text()} is not read", "Prometheus's is")
    spec = source.need("spec")
    return spec if isinstance(spec.value, str) else spec.need("query", "promql")
