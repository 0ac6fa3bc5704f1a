"""acme: a small HTTP service under its own steady load. Its bad version fails a fifth of all requests.

The version it runs is the content of <state>/version; it is read anew for every request, so a rollback acts at once.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ENDPOINTS = ("/api/v1/checkout", "/api/v1/login", "/api/v1/catalog")
CHECKOUT_SHARE = 0.5
CHECKOUT_FAILS = 0.4  # with the bad version; a fifth of all requests
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
WORKERS = 4


class Counts:
    """What /metrics tells; every series exists from the start, so that rate() sees the first failure."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = Counter({(endpoint, status): 0 for endpoint in ENDPOINTS for status in (200, 500, 502)})
        self._slots = [0] * (len(BUCKETS) + 1)
        self._total = 0.0

    def add(self, endpoint: str, status: int, seconds: float) -> None:
        with self._lock:
            self._requests[endpoint, status] += 1
            self._slots[next((n for n, most in enumerate(BUCKETS) if seconds <= most), len(BUCKETS))] += 1
            self._total += seconds

    def text(self) -> str:
        with self._lock:
            requests, slots, total = sorted(self._requests.items()), list(self._slots), self._total
        lines = ["# TYPE http_requests_total counter"]
        lines += [f'http_requests_total{{endpoint="{e}",status="{s}"}} {count}' for (e, s), count in requests]
        lines.append("# TYPE http_request_duration_seconds histogram")
        seen = 0
        for most, count in zip((*BUCKETS, "+Inf"), slots, strict=True):
            seen += count
            lines.append(f'http_request_duration_seconds_bucket{{le="{most}"}} {seen}')
        lines += [f"http_request_duration_seconds_sum {total}", f"http_request_duration_seconds_count {seen}", ""]
        return "\n".join(lines)


def handler(state: Path, counts: Counts) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._send(200, counts.text(), "text/plain; version=0.0.4")
            elif self.path == "/healthz":
                self._send(200, json.dumps({"version": self._version()}), "application/json")
            elif self.path in ENDPOINTS:
                self._serve()
            else:
                self._send(404, "{}", "application/json")

        def _serve(self) -> None:
            began = time.monotonic()
            time.sleep(random.uniform(0.002, 0.02))
            broken = self._version() == (state / "bad").read_text()
            fails = broken and self.path == ENDPOINTS[0] and random.random() < CHECKOUT_FAILS
            status = random.choice((500, 502)) if fails else 200
            self._send(status, "{}", "application/json")
            counts.add(self.path, status, time.monotonic() - began)

        def _version(self) -> str:
            return (state / "version").read_text()

        def _send(self, status: int, text: str, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    return Handler


def load(port: int, per_second: float) -> None:
    """One customer, for ever."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    rest = (1 - CHECKOUT_SHARE) / 2
    while True:
        time.sleep(random.expovariate(per_second))
        try:
            connection.request("GET", random.choices(ENDPOINTS, (CHECKOUT_SHARE, rest, rest))[0])
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            connection.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("state", type=Path, help="the folder with the files version and bad")
    parser.add_argument("--rate", type=float, default=40.0, help="requests per second")
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(options.state, Counts()))
    server.daemon_threads = True
    port = server.server_address[1]
    for _ in range(WORKERS):
        threading.Thread(target=load, args=(port, options.rate / WORKERS), daemon=True).start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
