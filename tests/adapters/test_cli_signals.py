"""`incident signals`: what the screen shows, for a script and for a person without one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.system.answers import Answers, alert
from tests.system.terminal import from_a_shell

RATIO = 'sum(rate(http_requests_total{job="acme",status=~"5.."}[5m])) / sum(rate(http_requests_total{job="acme"}[5m]))'
LINK = "http://prometheus.example.com/graph?g0.expr=" + f"{RATIO} > 0.07".replace("+", "%2B").replace(" ", "+")


class Prometheus:
    """A server that knows one service and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                params = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                server.asked.append(params["query"])
                body = json.dumps(server.answer(params)).encode()
                self.send_response(server.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, params: dict[str, str]) -> dict[str, Any]:
        query, kind = params["query"], "matrix" if "step" in params else "vector"
        result: list[dict[str, Any]] = []
        if query.startswith("group by"):
            if "http_requests_total" in query:
                result = [{"metric": {"__name__": "http_requests_total", "status": "200"}, "value": [0, "1"]}]
        elif kind == "vector":
            result = [{"metric": {}, "value": [float(params.get("time", 0)), "0.001"]}]
        else:
            start, end, step = (float(params[name]) for name in ("start", "end", "step"))
            times = [start + step * at for at in range(int((end - start) / step + 1e-6) + 1)]
            result = [{"metric": {}, "values": [[at, "0.192"] for at in times]}]
        return {"status": "success", "data": {"resultType": kind, "result": result}}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with nothing."""
    return tmp_path


@pytest.fixture
def prometheus() -> Iterator[Prometheus]:
    server = Prometheus()
    yield server
    server.close()


@pytest.fixture
def firing() -> Iterator[Answers]:
    page = alert("AcmeErrorBudgetFastBurn", fingerprint="a1", job="acme", service="acme")
    page["generatorURL"] = LINK
    with Answers(page, alert("QueueLag", severity="ticket", fingerprint="b2", service="orders")) as server:
        yield server


def test_a_table_has_value_limit_past_and_nature_of_what_fires(
    home: Path, firing: Answers, prometheus: Prometheus
) -> None:
    done = from_a_shell(
        "signals", "severity=page", "--alertmanager", firing.url, "--prometheus", prometheus.url, home=home
    )
    assert (done.returncode, done.stderr) == (0, "")
    head, errors, *_ = done.stdout.splitlines()
    assert head.split() == ["ALERT", "SIGNAL", "VALUE", "LAST", "30", "MIN", "BESIDE", "BEFORE", "IS", "A"]
    assert errors.split()[:4] == ["AcmeErrorBudgetFastBurn", "errors", "19.2", "%"]
    assert "> limit 7 %" in errors
    assert "yesterday 0.1 %, a week ago 0.1 %" in errors
    assert errors.endswith("symptom")
    assert "QueueLag" not in done.stdout


def test_json_holds_every_number_and_promql_every_query_that_was_sent(
    home: Path, firing: Answers, prometheus: Prometheus
) -> None:
    done = from_a_shell(
        "signals", "severity=page", "--json", "--promql", "--since", "--alertmanager", firing.url,
        "--prometheus", prometheus.url, home=home,
    )  # fmt: skip
    assert done.stdout.isascii()
    [about] = json.loads(done.stdout)["signals"]
    own = about["signals"][0]
    assert (own["name"], own["value"], own["beyond"], own["nature"]) == ("errors", 19.2, True, "symptom")
    assert own["limit"] == pytest.approx(7.0)
    assert own["query"] == RATIO
    assert len(own["trend"]) == 30
    assert about["since"] == {"words": about["since"]["words"], "found": None}
    assert about["since"]["words"].startswith("no step stands out")
    assert {query["query"] for query in about["queries"]} == set(prometheus.asked)


def test_promql_is_printed_ready_to_be_pasted(home: Path, prometheus: Prometheus) -> None:
    done = from_a_shell("signals", "--service", "acme", "--promql", "--prometheus", prometheus.url, home=home)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert {line for line in lines if line.startswith(("sum(", "(sum(", "group by"))} <= set(prometheus.asked)
    assert set(prometheus.asked) <= set(lines)
    assert "# acme, traffic: value and course" in lines


def test_a_service_needs_no_alertmanager_and_no_alert(home: Path, prometheus: Prometheus) -> None:
    done = from_a_shell("signals", "--service", "acme", "--json", "--prometheus", prometheus.url, home=home)
    [about] = json.loads(done.stdout)["signals"]
    assert about["alert"] == ""
    assert [one["name"] for one in about["signals"]] == ["errors", "p99", "traffic", "saturation"]
    assert about["signals"][1]["missing"] == "there is no histogram beside http_requests_total"


def test_a_prometheus_that_fails_is_exit_3_and_what_is_wrong_is_said(home: Path, prometheus: Prometheus) -> None:
    prometheus.status = 500
    done = from_a_shell("signals", "--service", "acme", "--json", "--prometheus", prometheus.url, home=home)
    assert done.returncode == 3
    answer = json.loads(done.stdout)
    assert answer["failed"][0]["error"].startswith("it answered 500")
    assert answer["signals"][0]["error"].startswith("it answered 500")
    assert "look at its own log" in done.stderr


def test_an_alertmanager_that_is_gone_is_exit_3(home: Path, prometheus: Prometheus) -> None:
    done = from_a_shell("signals", "--alertmanager", "http://127.0.0.1:9", "--prometheus", prometheus.url, home=home)
    assert (done.returncode, done.stdout) == (3, "")
    assert "connection refused" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--service", "acme"], "no Prometheus is set up"),
        (["--prometheus", "http://127.0.0.1:9"], "no Alertmanager says what fires"),
        (["--prometheus", "http://127.0.0.1:9", "--service", "a", "severity=page"], "--service asks for a service"),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(home: Path, arguments: list[str], words: str) -> None:
    done = from_a_shell("signals", *arguments, home=home)
    assert done.returncode == 2
    assert words in done.stderr


def test_when_nothing_fires_it_says_so(home: Path, prometheus: Prometheus) -> None:
    with Answers() as quiet:
        done = from_a_shell("signals", "--alertmanager", quiet.url, "--prometheus", prometheus.url, home=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Nothing fires.\n")
