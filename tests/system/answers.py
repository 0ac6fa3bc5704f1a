"""A server in a thread of its own that answers as an Alertmanager would, or as one never should."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class Answers:
    """`with Answers(alert("Down")) as server`: what it says can be changed at any time."""

    def __init__(self, *alerts: dict[str, Any]) -> None:
        self.status = 200
        self.kind = "application/json"
        self.body = b""
        self.silent = False  # take the request and say nothing
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.says(*alerts)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def says(self, *alerts: dict[str, Any]) -> None:
        """From now on, these fire."""
        self.answers(json.dumps(alerts).encode())

    def answers(self, body: bytes, *, status: int = 200, kind: str = "application/json") -> None:
        """From now on, this comes back, whatever is asked."""
        self.body, self.status, self.kind = body, status, kind

    def __enter__(self) -> Answers:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if answers.silent:
                    answers._closing.wait()
                    return
                self.send_response(answers.status)
                self.send_header("Content-Type", answers.kind)
                self.send_header("Content-Length", str(len(answers.body)))
                self.end_headers()
                self.wfile.write(answers.body)

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        return Handler


def alert(
    name: str | None = "CheckoutDown",
    *,
    severity: str = "page",
    fingerprint: str = "",
    ago: float = 240,
    annotations: dict[str, str] | None = None,
    **labels: str,
) -> dict[str, Any]:
    """One firing alert as Alertmanager's API tells it, `ago` seconds old; None: it has no name."""
    since = datetime.now(UTC) - timedelta(seconds=ago)
    named = {} if name is None else {"alertname": name}
    return {
        "fingerprint": fingerprint or f"{abs(hash((name, severity, *labels.items()))):016x}",
        "labels": {**named, "severity": severity, **labels},
        "annotations": annotations or {},
        "startsAt": f"{since:%Y-%m-%dT%H:%M:%S}Z",
        "updatedAt": f"{since:%Y-%m-%dT%H:%M:%S}Z",
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
    }
