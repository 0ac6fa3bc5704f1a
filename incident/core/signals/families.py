"""The metrics that libraries, proxies and exporters are known to give, the nearest to a service first."""

from __future__ import annotations

from dataclasses import dataclass

# Labels that hold how a request ended, the most telling first.
STATUS = (
    "status", "code", "status_code", "http_response_status_code", "http_status_code", "response_code", "http_status",
    "statusCode", "http_code", "grpc_code", "rpc_grpc_status_code", "grpc_status", "envoy_response_code_class",
    "classification",
)  # fmt: skip
HTTP_FAILED = "5.."
GRPC_FAILED = (
    "Unknown|DeadlineExceeded|Internal|Unavailable|DataLoss|UNKNOWN|DEADLINE_EXCEEDED|INTERNAL|UNAVAILABLE|DATA_LOSS"
)
GRPC_FAILED_NUMBERS = "2|4|13|14|15"


@dataclass(frozen=True, slots=True)
class Family:
    """Metrics that belong together: a counter of requests, and a histogram or summary of how long they took."""

    requests: str = ""  # "": the duration's own count
    duration: str = ""  # without _bucket
    seconds: float = 1.0  # one of its units, in seconds
    failed: str = HTTP_FAILED  # which values of the status label are failures, a regular expression
    status: tuple[str, ...] = STATUS
    services: tuple[str, ...] = ()  # labels that hold the service's name, where it is not the scraped one
    service: str = "%s"  # the label's value around the name, a regular expression
    only: str = ""  # a matcher that is always there

    @property
    def names(self) -> tuple[str, ...]:
        """Its metrics' names, without what a histogram adds to its own."""
        return tuple(name for name in (self.requests, self.duration) if name)


SCRAPED = (
    Family("http_requests_total", "http_request_duration_seconds"),
    Family("", "http_server_request_duration_seconds"),
    Family("", "http_server_requests_seconds"),
    Family("", "http_server_duration_milliseconds", 0.001),
    Family("", "http_server_duration_seconds"),
    Family("http_requests_received_total", "http_request_duration_seconds"),
    Family("http_server_requests_total", "http_server_request_duration_seconds"),
    Family("http_request_total", "http_request_duration_seconds"),
    Family("", "http_request_duration_milliseconds", 0.001),
    Family("", "http_request_duration_ms", 0.001),
    Family("", "request_duration_seconds"),
    Family("requests_total", "request_duration_seconds"),
    Family("", "flask_http_request_duration_seconds"),
    Family("django_http_responses_total_by_status_total", "django_http_requests_latency_seconds_by_view_method"),
    Family("starlette_requests_total", "starlette_request_duration_seconds"),
    Family("fastapi_requests_total", "fastapi_requests_duration_seconds"),
    Family("caddy_http_requests_total", "caddy_http_request_duration_seconds"),
    Family("grpc_server_handled_total", "grpc_server_handling_seconds", 1.0, GRPC_FAILED),
    Family("", "rpc_server_duration_milliseconds", 0.001, GRPC_FAILED_NUMBERS),
    Family("", "rpc_server_duration_seconds", 1.0, GRPC_FAILED_NUMBERS),
    Family("apiserver_request_total", "apiserver_request_duration_seconds"),
    Family("nginx_http_requests_total", ""),
)  # fmt: skip
PROXIED = (
    Family("istio_requests_total", "istio_request_duration_milliseconds", 0.001,
           services=("destination_service_name", "destination_canonical_service", "destination_workload"),
           only='reporter="destination"'),
    Family("response_total", "response_latency_ms", 0.001, "failure", services=("deployment", "dst_deployment"),
           only='direction="inbound"'),
    Family("nginx_ingress_controller_requests", "nginx_ingress_controller_request_duration_seconds",
           services=("exported_service", "service", "ingress")),
    Family("traefik_service_requests_total", "traefik_service_request_duration_seconds", services=("service",),
           service="(.+-)?%s(-[0-9a-z]+)?@.+"),
    Family("envoy_cluster_upstream_rq_xx", "envoy_cluster_upstream_rq_time", 0.001, "5",
           services=("envoy_cluster_name",)),
    Family("haproxy_backend_http_responses_total", "", failed="5xx", services=("proxy", "backend")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Room:
    """How full something is: the metrics it takes, and the query in which `%s` is the matchers and `%w` the window."""

    needs: tuple[str, ...]
    query: str
    unit: str = "%"
    scale: float = 100.0
    of: str = ""  # what is full, in words


OF_A_CONTAINER = (
    Room(("container_cpu_usage_seconds_total", "container_spec_cpu_quota", "container_spec_cpu_period"),
         "sum(rate(container_cpu_usage_seconds_total{%s}[%w]))"
         " / sum(container_spec_cpu_quota{%s} / container_spec_cpu_period{%s})", of="CPU of its limit"),
    Room(("container_memory_working_set_bytes", "container_spec_memory_limit_bytes"),
         "max(container_memory_working_set_bytes{%s} / (container_spec_memory_limit_bytes{%s} > 0))",
         of="memory of its limit"),
    Room(("container_cpu_usage_seconds_total",), "sum(rate(container_cpu_usage_seconds_total{%s}[%w]))", " cores", 1.0,
         "CPU used"),
)  # fmt: skip
OF_A_NODE = (
    Room(
        ("node_cpu_seconds_total",), '1 - avg(rate(node_cpu_seconds_total{%s,mode="idle"}[%w]))', of="CPU of the node"
    ),
    Room(("node_load1",), "max(node_load1{%s})", " load", 1.0, "load of the node"),
)
OF_A_PROCESS = (
    Room(("hikaricp_connections_active", "hikaricp_connections_max"),
         "max(hikaricp_connections_active{%s} / hikaricp_connections_max{%s})", of="connections of the pool"),
    Room(("jvm_memory_used_bytes", "jvm_memory_max_bytes"),
         'max(sum by (instance) (jvm_memory_used_bytes{%s,area="heap"})'
         ' / sum by (instance) (jvm_memory_max_bytes{%s,area="heap"}))', of="heap"),
    Room(("http_requests_in_flight",), "sum(http_requests_in_flight{%s})", " open", 1.0, "requests in flight"),
    Room(("http_server_active_requests",), "sum(http_server_active_requests{%s})", " open", 1.0, "requests in flight"),
    Room(("nginx_connections_active",), "sum(nginx_connections_active{%s})", " open", 1.0, "connections"),
)  # fmt: skip
OF_A_PROCESS_AT_LAST = (
    Room(("process_open_fds", "process_max_fds"), "max(process_open_fds{%s} / process_max_fds{%s})",
         of="file descriptors"),
    Room(("process_cpu_seconds_total",), "sum(rate(process_cpu_seconds_total{%s}[%w]))", " cores", 1.0, "CPU used"),
)  # fmt: skip
