"""Which golden signals a service has, out of the names and labels of its metrics."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incident.core.promql import tokens
from incident.core.signals import Series
from incident.core.signals.discovery import (
    Ask,
    Guess,
    asks_proxies,
    asks_room,
    asks_service,
    in_flight,
    metrics_of,
    requests,
    room,
)
from incident.core.signals.families import OF_A_CONTAINER, OF_A_NODE, OF_A_PROCESS, PROXIED, SCRAPED
from tests.fakes import page

ALERT = page(service="")


def there(*names: str, **labels: str) -> list[Series]:
    """An answer that names these metrics; labels are given to all of them."""
    return [Series({"__name__": name, **labels}, ()) for name in names]


def ask() -> Ask:
    return asks_service(ALERT)[0]


def found(*names: str, **labels: str) -> dict[str, Guess]:
    return {guess.name: guess for guess in requests(ask(), there(*names, **labels))}


@pytest.mark.parametrize("label", ["status", "code", "status_code", "response_code", "http_status", "statusCode"])
def test_the_label_that_holds_the_status_is_found_by_what_it_holds(label: str) -> None:
    guesses = found("http_requests_total", **{label: "200"})
    assert f'{label}=~"5.."' in guesses["errors"].query
    assert guesses["errors"].query == (
        f'(sum(rate(http_requests_total{{job="acme",{label}=~"5.."}}[5m])) or vector(0))'
        ' / sum(rate(http_requests_total{job="acme"}[5m]))'
    )
    assert (guesses["errors"].unit, guesses["errors"].scale) == ("%", 100.0)
    assert guesses["traffic"].query == 'sum(rate(http_requests_total{job="acme"}[5m]))'


def test_a_status_label_that_holds_words_is_not_taken_for_codes() -> None:
    guesses = found("http_requests_total", status="success")
    assert guesses["errors"].query == ""
    assert guesses["errors"].missing == "http_requests_total has no label that holds how a request ended"
    assert guesses["traffic"].query


def test_errors_come_from_whichever_counter_knows_how_a_request_ended() -> None:
    answer = [*there("http_requests_total"), *there("http_request_duration_seconds_count", code="500")]
    guesses = {guess.name: guess for guess in requests(ask(), answer)}
    assert 'http_request_duration_seconds_count{job="acme",code=~"5.."}' in guesses["errors"].query
    assert "http_requests_total" in guesses["traffic"].query


def test_buckets_give_three_quantiles_and_milliseconds_become_seconds() -> None:
    guesses = found("http_server_duration_milliseconds_bucket", "http_server_duration_milliseconds_count",
                    http_status_code="200")  # fmt: skip
    assert [guesses[name].unit for name in ("p50", "p95", "p99")] == ["s"] * 3
    assert guesses["p99"].query == (
        'histogram_quantile(0.99, sum by (le) (rate(http_server_duration_milliseconds_bucket{job="acme"}[5m]))) * 0.001'
    )
    assert 'http_status_code=~"5.."' in guesses["errors"].query


def test_a_summary_gives_the_quantiles_that_it_has() -> None:
    answer = [*there("http_request_duration_seconds", quantile="0.5"), *there("http_requests_total"),
              *there("http_request_duration_seconds", quantile="0.99")]  # fmt: skip
    guesses = {guess.name: guess for guess in requests(ask(), answer)}
    assert guesses["p99"].query == 'max(http_request_duration_seconds{job="acme",quantile="0.99"})'
    assert {"p99", "p50"} == set(guesses) - {"errors", "traffic"}


def test_without_buckets_there_is_a_mean_and_without_a_histogram_a_reason() -> None:
    guesses = found("http_request_duration_seconds_count", "http_request_duration_seconds_sum", status="200")
    assert guesses["mean"].query.startswith('sum(rate(http_request_duration_seconds_sum{job="acme"}[5m])) / ')
    assert found("http_requests_total")["p99"].missing == "there is no histogram beside http_requests_total"


def test_a_histogram_without_a_counter_says_so() -> None:
    guesses = found("http_request_duration_seconds_bucket")
    assert guesses["p99"].query
    assert guesses["traffic"].missing == "http_request_duration_seconds is there, but no counter of requests"


def test_grpc_counts_the_codes_that_are_the_servers_fault() -> None:
    guesses = found("grpc_server_handled_total", "grpc_server_handling_seconds_bucket", grpc_code="OK")
    assert 'grpc_code=~"Unknown|DeadlineExceeded|Internal' in guesses["errors"].query
    assert "NotFound" not in guesses["errors"].query


@pytest.mark.parametrize(
    ("family", "labels", "part"),
    [
        ("istio_requests_total", {"response_code": "503"}, 'response_code=~"5.."'),
        ("nginx_ingress_controller_requests", {"status": "200"}, 'status=~"5.."'),
        ("traefik_service_requests_total", {"code": "200"}, 'code=~"5.."'),
        ("envoy_cluster_upstream_rq_xx", {"envoy_response_code_class": "5"}, 'envoy_response_code_class=~"5"'),
        ("haproxy_backend_http_responses_total", {"code": "5xx"}, 'code=~"5xx"'),
        ("response_total", {"classification": "success"}, 'classification=~"failure"'),
    ],
)
def test_a_mesh_or_an_ingress_knows_the_service_by_its_own_label(
    family: str, labels: dict[str, str], part: str
) -> None:
    alert = page(service="check.out")
    one = next(ask for ask in asks_proxies(alert) if family in ask.names)
    guesses = {guess.name: guess for guess in requests(one, there(family, **labels))}
    assert part in guesses["errors"].query
    assert one.selector.text in guesses["traffic"].query
    assert "check" in one.selector.text


def test_the_name_of_a_service_is_literal_in_a_pattern() -> None:
    one = next(ask for ask in asks_proxies(page(service="a.b")) if "traefik_service_requests_total" in ask.names)
    assert one.selector.text == r'service=~"(.+-)?a\\.b(-[0-9a-z]+)?@.+"'


def test_what_is_asked_is_short_and_of_well_formed_promql() -> None:
    hostile = page(service='x"} or vector(1) #', namespace="a\\")
    asks = [*asks_service(hostile), *asks_proxies(hostile), *(one for one, _ in asks_room(hostile))]
    for one in asks:
        assert tokens(one.query)
        assert len(one.query) < 4_000


def test_the_job_with_its_namespace_is_asked_before_the_job_and_the_job_before_the_service() -> None:
    texts = [one.selector.text for one in asks_service(page(service="shop", namespace="eu"))]
    assert texts[:3] == ['job="acme",namespace="eu"', 'job="acme"', 'service="shop"']
    assert len(texts) == len(set(texts))


def test_an_alert_that_names_nobody_asks_nothing() -> None:
    nobody = replace(ALERT, labels={"alertname": "A"}, expression="")
    assert asks_service(nobody) == asks_proxies(nobody) == asks_room(nobody) == ()


def test_the_job_in_the_expression_counts() -> None:
    alert = replace(ALERT, labels={}, expression='up{job="acme"} == 0')
    assert asks_service(alert)[0].selector.text == 'job="acme"'


def test_the_room_of_a_pod_is_its_share_of_its_limit() -> None:
    alert = page(pod="acme-1", namespace="shop", instance="10.0.0.1:9100")
    (containers, rooms), (node, of_a_node) = asks_room(alert)
    assert (rooms, of_a_node) == (OF_A_CONTAINER, OF_A_NODE)
    assert containers.selector.text == 'namespace="shop",pod="acme-1",container!=""'
    full = room(rooms, containers, there(*rooms[0].needs))
    assert full is not None
    assert (full.name, full.unit, full.scale) == ("saturation", "%", 100.0)
    assert full.query.count('pod="acme-1"') == 3
    used = room(rooms, containers, there("container_cpu_usage_seconds_total"))
    assert used is not None
    assert used.unit == " cores"
    idle = room(of_a_node, node, there("node_cpu_seconds_total"))
    assert idle is not None
    assert idle.query == '1 - avg(rate(node_cpu_seconds_total{instance="10.0.0.1:9100",mode="idle"}[5m]))'
    assert room(rooms, containers, []) is None


def test_without_a_pod_the_containers_of_the_services_name_are_asked() -> None:
    [(containers, _)] = asks_room(page(service="shop"))
    assert containers.selector.text == 'container="shop"'


def test_metrics_that_count_no_requests_give_none() -> None:
    assert requests(ask(), there("process_open_fds")) == ()


def test_requests_in_flight_are_the_time_spent_per_second() -> None:
    guess = in_flight(ask(), there("http_server_duration_milliseconds_sum"))
    assert guess is not None
    assert guess.query == 'sum(rate(http_server_duration_milliseconds_sum{job="acme"}[5m])) * 0.001'
    assert in_flight(ask(), there("http_requests_total")) is None


def test_every_known_query_is_well_formed() -> None:
    for family in (*SCRAPED, *PROXIED):
        answer = there(
            *family.names, *(f"{family.duration}{end}" for end in ("_bucket", "_count", "_sum")), status="200"
        )
        for guess in requests(Ask(family.names, ask().selector, (family,)), answer):
            assert not guess.query or tokens(guess.query)
    for one in (*OF_A_PROCESS, *OF_A_CONTAINER, *OF_A_NODE):
        guess = room((one,), ask(), there(*one.needs))
        assert guess is not None
        assert tokens(guess.query)
        assert "%" not in guess.query


def test_metrics_are_told_with_their_telling_labels_only() -> None:
    answer = [*there("a", status="200", pod="x"), *there("a", status="500"), *there("b")]
    assert metrics_of(answer) == {"a": {"status": {"200", "500"}}, "b": {}}
