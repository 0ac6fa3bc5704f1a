"""What Prometheus can say beside an alert, and how it says that it cannot."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from incident.core.alert import Alert, Severity
from incident.core.signals import Signal
from incident.errors import SourceError, UsageError
from incident.sources.access import Access
from incident.sources.signals.prometheus import Prometheus, parse
from tests.adapters.http_server import Heard, Listener, Reply, WallClock, body, silence, value

RATIO = '(sum(rate(requests_total{job="acme",status=~"5.."}[5m])) / sum(rate(requests_total{job="acme"}[5m])))'
FAST_BURN = f"{RATIO} > 0.005 * 14"
NOW = 1_777_691_081.0


def alert(expression: str = FAST_BURN, **labels: str) -> Alert:
    return Alert(
        fingerprint="f", name="A", severity=Severity.PAGE, starts_at=datetime(2026, 5, 2, tzinfo=UTC), source="am",
        labels={"alertname": "A"} | labels, expression=expression,
    )  # fmt: skip


def vector(*samples: tuple[dict[str, str], str]) -> dict[str, Any]:
    result = [{"metric": labels, "value": [NOW, number]} for labels, number in samples]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def matrix(labels: dict[str, str], *numbers: str) -> dict[str, Any]:
    points = [[NOW + 60 * (n - len(numbers)), number] for n, number in enumerate(numbers)]
    return {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": labels, "values": points}]}}


def answering(**by_query: Any) -> Reply:
    """Answers by the part of the query that is its key; `trend` for ranges; nothing found for the rest."""

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        query = heard.params["query"]
        if heard.path == "/api/v1/query_range":
            found: Any = by_query.get("trend", matrix({}))
        else:
            found = next((answer for part, answer in by_query.items() if part in query), vector())
        await (found if callable(found) else value(found))(heard, writer)

    return reply


async def read(reply: Reply, one: Alert) -> tuple[dict[str, Signal], list[Heard]]:
    async with Listener(reply) as listener:
        prometheus = Prometheus(listener.url, clock=WallClock(), access=Access(timeout=5))
        try:
            signals = await prometheus.read(one)
        finally:
            await prometheus.aclose()
    assert len({signal.name for signal in signals}) == len(signals) == 4
    return {signal.name: signal for signal in signals}, listener.heard


async def own_signal(expression: str, answer: Any, **labels: str) -> Signal:
    async with Listener(answering(own=answer)) as listener:
        prometheus = Prometheus(listener.url, clock=WallClock(), access=Access(timeout=5))
        signals = await prometheus.read(alert(expression, **labels))
        await prometheus.aclose()
    return signals[0]


async def test_an_error_ratio_is_shown_in_percent_beside_the_limit_that_paged() -> None:
    trend = matrix({}, "0.01", "NaN", "0.1", "0.192")
    signals, heard = await read(answering(**{RATIO: vector(({}, "0.192"))}, trend=trend), alert())
    errors = signals["errors"]
    assert errors.value == pytest.approx(19.2)
    assert errors.limit == pytest.approx(7.0)
    assert (errors.unit, errors.beyond, errors.query, errors.missing) == ("%", True, RATIO, "")
    assert errors.trend == pytest.approx((1.0, 10.0, 19.2))
    span = next(one.params for one in heard if one.path == "/api/v1/query_range")
    assert float(span["end"]) == NOW
    assert (float(span["end"]) - float(span["start"])) / float(span["step"]) == 29


async def test_the_usual_signals_of_the_job_are_guessed() -> None:
    replies = {
        RATIO: vector(({}, "0.1")),
        "histogram_quantile": vector(({}, "1.9")),
        "_sum": vector(({}, "4.5")),
        "http_requests_total": vector(({}, "310")),
    }
    signals, heard = await read(answering(**replies), alert(job='ac"me'))
    assert list(signals) == ["errors", "p99", "traffic", "saturation"]
    assert (signals["p99"].value, signals["p99"].unit) == (1.9, "s")
    assert (signals["traffic"].value, signals["traffic"].unit) == (310.0, "/s")
    assert (signals["saturation"].value, signals["saturation"].unit) == (4.5, " open")
    assert all(r'job="ac\"me"' in one.params["query"] for one in heard if RATIO not in one.params["query"])


async def test_a_signal_that_cannot_be_had_says_why() -> None:
    replies = {
        RATIO: vector(({}, "NaN")),
        "histogram_quantile": body(b'{"status":"error","errorType":"bad_data","error":"parse error"}', status="400 No"),
        "_sum": body(b"", status="503 Busy"),
    }
    signals, _ = await read(answering(**replies), alert())
    assert {name: signal.missing for name, signal in signals.items()} == {
        "errors": "the query gives no number: nothing to measure, or a division by 0",
        "p99": "it does not accept the request (400): parse error",
        "traffic": "the query finds no series",
        "saturation": "it is busy (503)",
    }
    assert all(signal.value is None for signal in signals.values())
    assert signals["errors"].limit == pytest.approx(7.0)


async def test_an_alert_without_a_query_and_a_job_says_so_without_a_request() -> None:
    signals, heard = await read(answering(), alert(""))
    assert heard == []
    assert signals["value"].missing == "the alert does not link to its rule's query"
    assert signals["traffic"].missing == "neither the alert nor its query names a job"


async def test_an_alert_without_a_query_still_has_the_signals_of_its_job() -> None:
    signals, _ = await read(answering(http_requests_total=vector(({}, "12"))), alert("", job="acme"))
    assert signals["value"].value is None
    assert signals["traffic"].value == 12.0


async def test_the_service_label_is_not_taken_for_a_job() -> None:
    signals, heard = await read(answering(), alert("", service="acme"))
    assert heard == []
    assert signals["p99"].missing == "neither the alert nor its query names a job"


@pytest.mark.parametrize(
    ("expression", "limit", "floor", "beyond"),
    [
        ("own > 3", 3.0, False, True),
        ("own > 5", 5.0, False, False),
        ("own < 5", 5.0, True, True),
        ("own <= 3", 3.0, True, False),
        ("5 > own", 5.0, True, True),
        ("own == 4", None, False, False),
        ("own > other", None, False, False),
        ("absent(own)", None, False, False),
    ],
)
async def test_a_value_is_beyond_its_limit_on_the_side_that_alerts(
    expression: str, limit: float | None, floor: bool, beyond: bool
) -> None:
    signal = await own_signal(expression, vector(({}, "4")))
    assert (signal.name, signal.unit, signal.value) == ("value", "", 4.0)
    assert (signal.limit, signal.floor, signal.beyond) == (limit, floor, beyond)


async def test_of_many_series_the_alerts_own_is_taken() -> None:
    answer = vector(({"endpoint": "/login"}, "1"), ({"endpoint": "/checkout", "le": "x"}, "2"))
    assert (await own_signal("own > 1", answer, endpoint="/checkout")).value == 2.0


async def test_series_that_the_alert_does_not_tell_apart_give_no_value() -> None:
    answer = vector(({"endpoint": "/login"}, "1"), ({"endpoint": "/checkout"}, "2"))
    assert (await own_signal("own > 1", answer)).missing == "2 of 2 series fit the alert's labels"
    assert (await own_signal("own > 1", answer, endpoint="/x")).missing == "none of 2 series fit the alert's labels"
    one = vector(({"endpoint": "/login"}, "1"))
    assert (await own_signal("own > 1", one, endpoint="/x")).missing == "none of 1 series fit the alert's labels"


async def test_a_scalar_has_a_value_too() -> None:
    scalar = {"status": "success", "data": {"resultType": "scalar", "result": [NOW, "0.5"]}}
    assert (await own_signal("own", scalar)).value == 0.5


@pytest.mark.parametrize("number", ["+Inf", "-Inf", "NaN"])
async def test_a_value_that_is_no_number_is_missing(number: str) -> None:
    signal = await own_signal("own > 1", vector(({}, number)))
    assert signal.value is None
    assert signal.missing.startswith("the query gives no number")


async def test_a_histogram_sample_is_missing() -> None:
    result = [{"metric": {}, "histogram": [NOW, {"count": "1"}]}]
    answer = {"status": "success", "data": {"resultType": "vector", "result": result}}
    assert (await own_signal("own", answer)).missing == "the query finds no value"


async def test_a_trend_that_cannot_be_had_costs_only_the_trend() -> None:
    signals, _ = await read(answering(**{RATIO: vector(({}, "0.1")), "trend": body(b"", status="500 No")}), alert())
    assert signals["errors"].value == 10.0
    assert signals["errors"].trend == ()


async def test_a_trend_of_other_series_is_not_shown() -> None:
    replies = {RATIO: vector(({}, "0.1")), "trend": matrix({"pod": "other"}, "1", "2")}
    signals, _ = await read(answering(**replies), alert())
    assert signals["errors"].trend == ()


@pytest.mark.fault(84)
async def test_a_dead_prometheus_is_an_error_after_one_deadline_not_four() -> None:
    async with Listener(silence) as listener:
        prometheus = Prometheus(listener.url, clock=WallClock(), access=Access(timeout=0.2))
        with pytest.raises(SourceError, match=r"no answer within 0\.2 s"):
            await prometheus.read(alert())
        await prometheus.aclose()
        assert len(listener.heard) == 1


async def test_labels_of_an_answer_are_cleaned() -> None:
    answer = vector(({"pod\x1b[2J": "a\x1b]52;c;eA==\x07b"}, "1"))
    [sample] = parse(answer)
    assert sample.labels == {"pod": "ab"}


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    "payload",
    [
        None, [], {}, "success", {"status": "error", "error": "x"}, {"status": "success"},
        {"status": "success", "data": []},
        {"status": "success", "data": {"resultType": "string", "result": [1, "x"]}},
        {"status": "success", "data": {"resultType": "vector", "result": None}},
        {"status": "success", "data": {"resultType": "vector", "result": [7]}},
        {"status": "success", "data": {"resultType": "vector", "result": [{"metric": None, "value": [1, "1"]}]}},
        {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "one"]}]}},
        {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1]}]}},
        {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "values": [[10**400, "1"]]}]}},
        {"status": "success", "data": {"resultType": "scalar", "result": {}}},
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_is_an_error(payload: Any) -> None:
    with pytest.raises(SourceError):
        parse(payload)


async def test_an_answer_of_another_shape_names_the_place() -> None:
    async with Listener(value([])) as listener:
        prometheus = Prometheus(listener.url, clock=WallClock(), access=Access(timeout=5))
        with pytest.raises(SourceError) as caught:
            await prometheus.read(alert())
        await prometheus.aclose()
    assert caught.value.at == f"{listener.url}/api/v1/query"
    assert caught.value.hint == "is this a Prometheus? a proxy may answer in its place"


def test_its_name_is_the_given_one_or_its_address() -> None:
    assert Prometheus("http://prom:9090/x", clock=WallClock()).name == "prom:9090"
    assert Prometheus("http://prom:9090", clock=WallClock(), name="prom").name == "prom"
    with pytest.raises(UsageError):
        Prometheus("prom:9090", clock=WallClock())
