"""What Prometheus can say beside an alert, and how it says that it cannot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from incident.core.alert import Alert, Severity
from incident.core.signals import Signal
from incident.core.signals.wanted import Wanted
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


def matrix(*samples: tuple[dict[str, str], list[str]], end: float = NOW) -> dict[str, Any]:
    """A course for each series, a point each minute, the last one at `end`."""
    result = [
        {"metric": labels, "values": [[end + 60 * (at + 1 - len(numbers)), n] for at, n in enumerate(numbers)]}
        for labels, numbers in samples
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def one(*numbers: str, **labels: str) -> dict[str, Any]:
    """One series."""
    return matrix((labels, list(numbers)))


def there(*names: str, **labels: str) -> dict[str, Any]:
    """These metrics exist."""
    result = [{"metric": {"__name__": name, **labels}, "value": [NOW, "1"]} for name in names]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


ACME = there(
    "http_requests_total", "http_request_duration_seconds_bucket", "http_request_duration_seconds_sum", status="200"
)
NOTHING = {"status": "success", "data": {"resultType": "vector", "result": []}}


def answering(exists: Any = ACME, **by_query: Any) -> Reply:
    """Answers by the part of the query that is its key, or what exists; nothing for the rest."""

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        query = heard.params["query"]
        if query.startswith("group by"):
            found = exists
        else:
            found = next((answer for part, answer in by_query.items() if part in query), matrix())
        await (found if callable(found) else value(found))(heard, writer)

    return reply


class StillClock(WallClock):
    """The time of the recorded answers."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW, UTC)


@asynccontextmanager
async def asked(reply: Reply, **more: Any) -> AsyncIterator[tuple[Prometheus, Listener]]:
    async with Listener(reply) as listener:
        prometheus = Prometheus(listener.url, clock=StillClock(), access=Access(timeout=5), **more)
        try:
            yield prometheus, listener
        finally:
            await prometheus.aclose()


async def read(reply: Reply, one: Alert, **more: Any) -> tuple[dict[str, Signal], list[Heard]]:
    async with asked(reply, **more) as (prometheus, listener):
        signals = await prometheus.read(one)
    assert len({signal.name for signal in signals}) == len(signals)
    return {signal.name: signal for signal in signals}, listener.heard


async def own_signal(expression: str, answer: Any, **labels: str) -> Signal:
    async with asked(answering(NOTHING, own=answer)) as (prometheus, _):
        return (await prometheus.read(alert(expression, **labels)))[0]


async def test_an_error_ratio_is_shown_in_percent_beside_the_limit_that_paged() -> None:
    signals, heard = await read(answering(**{RATIO: one("0.01", "NaN", "0.1", "0.192")}), alert())
    errors = signals["errors"]
    assert errors.value == pytest.approx(19.2)
    assert errors.limit == pytest.approx(7.0)
    assert (errors.unit, errors.beyond, errors.query, errors.missing) == ("%", True, RATIO, "")
    assert (errors.own, errors.scale, errors.nature) == (True, 100.0, "symptom")
    assert errors.trend == pytest.approx((1.0, 10.0, 19.2))
    span = next(one.params for one in heard if one.path == "/api/v1/query_range")
    assert float(span["end"]) == NOW
    assert (float(span["end"]) - float(span["start"])) / float(span["step"]) == 29


async def test_the_golden_signals_of_the_job_are_found_by_what_exists() -> None:
    replies = {
        RATIO: one("0.1"),
        "histogram_quantile(0.99": one("1.9"),
        "histogram_quantile(0.95": one("1.2"),
        "histogram_quantile(0.5": one("0.4"),
        "_sum": one("4.5"),
        "sum(rate(http_requests_total": one("310"),
    }
    signals, heard = await read(answering(**replies), alert(job='ac"me'))
    assert list(signals) == ["errors", "p99", "traffic", "saturation", "p95", "p50"]
    assert (signals["p99"].value, signals["p99"].unit) == (1.9, "s")
    assert (signals["traffic"].value, signals["traffic"].unit) == (310.0, "/s")
    assert (signals["saturation"].value, signals["saturation"].unit) == (4.5, " open")
    assert signals["saturation"].nature == "cause"
    assert all(r'="ac\"me"' in one.params["query"] for one in heard if RATIO not in one.params["query"])


async def test_what_exists_is_asked_once_and_values_each_time() -> None:
    async with asked(answering(**{RATIO: one("0.1"), "rate": one("1")})) as (prometheus, listener):
        await prometheus.read(alert())
        first = len(listener.heard)
        await prometheus.read(alert())
        again = [heard.params["query"] for heard in listener.heard[first:]]
    assert again
    assert not [query for query in again if query.startswith("group by")]
    assert len(again) == len(set(again))


async def test_every_query_that_was_sent_stands_at_a_signal() -> None:
    signals, heard = await read(answering(NOTHING, **{RATIO: one("0.1")}), alert(job="acme", pod="a-1", instance="b"))
    told = {signal.query for signal in signals.values()} | {q for signal in signals.values() for q in signal.asked}
    assert {one.params["query"] for one in heard} <= told


async def test_the_room_of_a_pod_is_found_with_its_own_question() -> None:
    def exists(heard: Heard, writer: asyncio.StreamWriter) -> Any:
        names = ("container_memory_working_set_bytes", "container_spec_memory_limit_bytes")
        return value(there(*names) if 'pod="a-1"' in heard.params["query"] else ACME)(heard, writer)

    signals, _ = await read(answering(exists, container_memory=one("0.41")), alert(job="acme", pod="a-1"))
    assert (signals["saturation"].value, signals["saturation"].unit) == (41.0, "%")
    assert signals["saturation"].origin.startswith("memory of its limit")


async def test_a_mesh_is_asked_when_the_service_itself_has_nothing() -> None:
    def exists(heard: Heard, writer: asyncio.StreamWriter) -> Any:
        mesh = "istio_requests_total" in heard.params["query"]
        return value(there("istio_requests_total", response_code="200") if mesh else NOTHING)(heard, writer)

    signals, _ = await read(answering(exists, istio=one("0.2")), alert("", service="shop"))
    assert signals["errors"].value == pytest.approx(20.0)
    assert 'destination_service_name="shop",reporter="destination"' in signals["traffic"].query


async def test_a_teams_own_signals_come_first_and_need_no_discovery_when_they_are_all() -> None:
    plans = {
        "acme": {
            "errors": Wanted('e{job="$labels.job"}', "%", 100.0, 5.0),
            "latency": Wanted("l", "s"),
            "traffic": Wanted("t{path='$labels.path'}"),
            "saturation": Wanted("s", "%", limit=20.0, floor=True),
            "lag": Wanted("lag", "jobs"),
        }
    }
    replies = {'e{job="ac\\"me"}': one("0.06"), "lag": one("7"), "own": one("3")}
    signals, heard = await read(answering(**replies), alert("own > 2", job='ac"me', service="acme"), plans=plans)
    assert list(signals) == ["value", "errors", "latency", "traffic", "saturation", "lag"]
    assert (signals["errors"].value, signals["errors"].limit, signals["errors"].beyond) == (6.0, 5.0, True)
    assert signals["errors"].origin == "the configuration"
    assert signals["traffic"].missing == "its query in the configuration: the alert has no label path"
    assert signals["saturation"].floor
    assert signals["lag"].unit == "jobs"
    assert not [one for one in heard if one.params["query"].startswith("group by")]


async def test_the_alerts_own_error_ratio_is_not_asked_a_second_time() -> None:
    plans = {"default": {"errors": Wanted("e"), "p99": Wanted("l")}}
    signals, heard = await read(answering(**{RATIO: one("0.1")}), alert(), plans=plans)
    assert signals["errors"].own
    assert [one.params["query"] for one in heard].count(RATIO) == 1
    assert "e" not in [one.params["query"] for one in heard]


async def test_a_signal_that_cannot_be_had_says_why() -> None:
    replies = {
        RATIO: one("NaN"),
        "histogram_quantile(0.99": body(
            b'{"status":"error","errorType":"bad_data","error":"parse error"}', status="400 No"
        ),
        "_sum": body(b"", status="503 Busy"),
    }
    signals, _ = await read(answering(**replies), alert())
    missing = {name: signals[name].missing for name in ("errors", "p99", "traffic", "saturation")}
    assert missing == {
        "errors": "the query gives no number: nothing to measure, or a division by 0",
        "p99": "it does not accept the request (400): parse error",
        "traffic": "the query finds no series",
        "saturation": "it is busy (503)",
    }
    assert all(signal.value is None for signal in signals.values())
    assert signals["errors"].limit == pytest.approx(7.0)


async def test_a_service_without_a_known_metric_says_so() -> None:
    signals, _ = await read(answering(NOTHING, own=one("3")), alert("own > 2", job="acme"))
    assert {signals[name].missing for name in ("errors", "p99", "traffic", "saturation")} == {
        'no known metric has job="acme" or service="acme"'
    }


async def test_a_server_that_refuses_to_say_what_exists_has_nothing_known() -> None:
    refused = body(b'{"status":"error","error":"unknown function group"}', status="422 No")
    signals, _ = await read(answering(refused, own=one("3")), alert("own > 2", job="acme"))
    assert signals["value"].value == 3.0
    assert signals["traffic"].missing.startswith("no known metric")


async def test_a_value_that_ended_a_while_ago_is_no_value_of_now() -> None:
    signal = await own_signal("own > 1", matrix(({}, ["4", "4"]), end=NOW - 180))
    assert signal.value is None
    assert signal.missing == "the query finds no value since 03:01:41"


async def test_an_alert_without_a_query_and_a_job_says_so_without_a_request() -> None:
    signals, heard = await read(answering(), alert(""))
    assert heard == []
    assert signals["value"].missing == "the alert does not link to its rule's query"
    assert signals["traffic"].missing == "neither the alert nor its query names a job or a service"


async def test_an_alert_without_a_query_still_has_the_signals_of_its_job() -> None:
    signals, _ = await read(answering(http_requests_total=one("12")), alert("", job="acme"))
    assert signals["value"].value is None
    assert signals["traffic"].value == 12.0


async def test_a_service_that_is_asked_for_by_name_has_no_value_of_its_own() -> None:
    service = replace(alert(""), name="", labels={"service": "acme"})
    signals, _ = await read(answering(http_requests_total=one("12")), service)
    assert "value" not in signals
    assert signals["traffic"].value == 12.0


async def test_a_clock_that_is_off_asks_for_the_servers_now() -> None:
    def late(heard: Heard, writer: asyncio.StreamWriter) -> Any:
        content = json.dumps(
            matrix(({}, ["0.5"]), end=NOW - 600) if float(heard.params["end"]) == NOW - 600 else matrix()
        ).encode()
        date = format_datetime(datetime.fromtimestamp(NOW - 600, UTC), usegmt=True)
        return body(content, date=date)(heard, writer)

    async with asked(answering(NOTHING, own=late)) as (prometheus, _):
        [first, *_] = await prometheus.read(alert("own > 1"))
    assert (first.value, first.missing) == (0.5, "")


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
    signal = await own_signal(expression, one("4"))
    assert (signal.name, signal.unit, signal.value) == ("value", "", 4.0)
    assert (signal.limit, signal.floor, signal.beyond) == (limit, floor, beyond)


async def test_of_many_series_the_alerts_own_is_taken() -> None:
    answer = matrix(({"endpoint": "/login"}, ["1"]), ({"endpoint": "/checkout", "le": "x"}, ["2"]))
    assert (await own_signal("own > 1", answer, endpoint="/checkout")).value == 2.0


async def test_series_that_the_alert_does_not_tell_apart_give_no_value() -> None:
    answer = matrix(({"endpoint": "/login"}, ["1"]), ({"endpoint": "/checkout"}, ["2"]))
    assert (await own_signal("own > 1", answer)).missing == "2 of 2 series fit the alert's labels"
    assert (await own_signal("own > 1", answer, endpoint="/x")).missing == "none of 2 series fit the alert's labels"
    alone = one("1", endpoint="/login")
    assert (await own_signal("own > 1", alone, endpoint="/x")).missing == "none of 1 series fit the alert's labels"


@pytest.mark.parametrize("number", ["+Inf", "-Inf", "NaN"])
async def test_a_value_that_is_no_number_is_missing(number: str) -> None:
    signal = await own_signal("own > 1", one(number))
    assert signal.value is None
    assert signal.missing.startswith("the query gives no number")


async def test_a_histogram_sample_is_missing() -> None:
    result = [{"metric": {}, "histograms": [[NOW, {"count": "1"}]]}]
    answer = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    assert (await own_signal("own", answer)).missing == "the query finds no value"


async def test_any_query_can_be_asked_now_and_over_a_time() -> None:
    scalar = {"status": "success", "data": {"resultType": "scalar", "result": [NOW, "0.5"]}}
    async with asked(answering(vec=scalar, own=one("1", "2", pod="a"))) as (prometheus, listener):
        [now] = await prometheus.instant("vec")
        [course] = await prometheus.over(
            "own", datetime.fromtimestamp(NOW - 60, UTC), datetime.fromtimestamp(NOW, UTC), 60
        )
    assert now.points[-1][1] == 0.5
    assert (dict(course.labels), [value for _, value in course.points]) == ({"pod": "a"}, [1.0, 2.0])
    assert "time" not in listener.heard[0].params


@pytest.mark.fault(84)
async def test_a_dead_prometheus_is_an_error_after_one_deadline_not_four() -> None:
    async with Listener(silence) as listener:
        prometheus = Prometheus(listener.url, clock=WallClock(), access=Access(timeout=0.2))
        with pytest.raises(SourceError, match=r"no answer within 0\.2 s"):
            await prometheus.read(alert())
        await prometheus.aclose()
        assert len(listener.heard) == 1


async def test_labels_of_an_answer_are_cleaned() -> None:
    answer = matrix(({"pod\x1b[2J": "a\x1b]52;c;eA==\x07b"}, ["1"]))
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
    assert caught.value.at == f"{listener.url}/api/v1/query_range"
    assert caught.value.hint == "is this a Prometheus? a proxy may answer in its place"


def test_its_name_is_the_given_one_or_its_address() -> None:
    assert Prometheus("http://prom:9090/x", clock=WallClock()).name == "prom:9090"
    assert Prometheus("http://prom:9090", clock=WallClock(), name="prom").name == "prom"
    with pytest.raises(UsageError):
        Prometheus("prom:9090", clock=WallClock())
