"""A server that answers as an Alertmanager does: `python -m tests.bench.alertmanager COUNT` prints its port.

A program of its own, so that its work is not counted to whoever is measured. With every answer each alert has been
heard of again, and a tenth of them say another value, as rules do that print one.
"""

from __future__ import annotations

import itertools
import json
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_SERVICES = ("checkout", "cart", "payments", "search", "mailer", "edge", "orders", "stock")
_TURNS = 4  # answers that differ, made beforehand


def alerts(count: int, turn: int, began: datetime) -> list[dict[str, Any]]:
    """So many alerts; number 0 is the first one of the console's order, and a tenth are pages."""
    return [_alert(number, number < count // 10, turn, began) for number in range(count)]


def _alert(number: int, page: bool, turn: int, began: datetime) -> dict[str, Any]:
    name = f"{'BudgetBurn' if page else 'QueueLag'}{number:04}"
    service = _SERVICES[number % len(_SERVICES)]
    value = number + turn if number % 10 == 0 else number
    labels = {
        "alertname": name,
        "severity": "page" if page else "ticket",
        "service": service,
        "instance": f"10.0.{number // 250}.{number % 250}:8080",
        "cluster": "eu-1",
        "job": service,
        "namespace": "shop",
    }
    annotations = {
        "summary": f"{service} is over its limit on this instance",
        "description": f"The value is {value}; it should be below 7 for this service.",
        "runbook_url": f"https://wiki.example.com/runbooks/{'acme-error-rate' if page else 'none-such'}",
    }
    starts = began - timedelta(seconds=60 + number * 30)
    updated = began + timedelta(seconds=turn)
    return {
        "labels": labels,
        "annotations": annotations,
        "fingerprint": sha256(name.encode()).hexdigest()[:16],
        "startsAt": starts.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "updatedAt": updated.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "endsAt": (updated + timedelta(minutes=5)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=queue_lag+%3E+7&g0.tab=1",
        "receivers": [{"name": "oncall"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []},
    }


def serve(count: int) -> None:
    """Answer until killed."""
    began = datetime.now(UTC)
    bodies = itertools.cycle([json.dumps(alerts(count, turn, began)).encode() for turn in range(_TURNS)])
    status = json.dumps({"uptime": (began - timedelta(days=3)).isoformat(), "cluster": {"status": "ready"}}).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one piece, as a real server sends them
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = next(bodies) if self.path.startswith("/api/v2/alerts") else status
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
