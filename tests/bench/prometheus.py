"""A server that answers as a Prometheus does: `python -m tests.bench.prometheus` prints its port.

A program of its own, so that its work is not counted to whoever is measured. Every query has one series; its values
differ from one second to the next, so that every answer is news.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


def answer(path: str, params: dict[str, str]) -> dict[str, Any]:
    """What a query gives; nothing at all is known of which metrics there are."""
    query = params.get("query", "")
    if query.startswith("group by"):
        return _success("vector", [])
    if path.endswith("/query_range"):
        start, end, step = (float(params[name]) for name in ("start", "end", "step"))
        times = [start + step * at for at in range(int((end - start) / step + 1e-6) + 1)]
        return _success("matrix", [{"metric": {}, "values": [[at, _value(query, at)] for at in times]}])
    at = float(params.get("time", time.time()))
    return _success("vector", [{"metric": {}, "value": [at, _value(query, at)]}])


def _value(query: str, at: float) -> str:
    return f"{5 + 4 * math.sin(at / 7 + len(query)) + at % 1:.4f}"


def _success(kind: str, result: list[Any]) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": result}}


COUNTED = itertools.count()  # questions so far


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece, as a real server sends them
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = next(COUNTED)
        body = json.dumps(asked if parts.path == "/count" else answer(parts.path, params)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def serve() -> None:
    """Answer until killed."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    serve()
