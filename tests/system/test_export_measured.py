"""`incident export` against a real Prometheus whose past is known to the last request, and without one."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident import world
from incident.cli import main
from incident.config import Config, read
from incident.core import facts
from tests.system.world.backfilled import Backfilled, absent

pytestmark = [
    pytest.mark.xdist_group("measured"),
    pytest.mark.skipif(bool(absent()) and not os.environ.get("CI"), reason=absent() or "there"),
]

NOW = int(time.time()) // 60 * 60
START = NOW - 8 * 3600
BAD_FROM, BAD_UNTIL = NOW - 3600, NOW - 2580  # 17 minutes
RATE, USUAL, BAD = 10.0, 0.01, 1.92  # requests, failures, and failures of the bad minutes, per second
FAILED = 'sum(rate(http_requests_total{job="acme",status=~"5.."}[5m]))'
EXPRESSION = f'{FAILED} / sum(rate(http_requests_total{{job="acme"}}[5m])) > 0.07'
IDENTITY = "INC-20260502-acme-1"


def failed(at: int) -> float:
    """Failed requests so far: one in a thousand, and one in five in the bad minutes."""
    return USUAL * (at - START) + (BAD - USUAL) * max(0, min(at, BAD_UNTIL) - BAD_FROM)


SERIES = {
    'http_requests_total{job="acme",status="200"}': lambda at: RATE * (at - START) - failed(at),
    'http_requests_total{job="acme",status="500"}': failed,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backfilled]:
    with Backfilled(tmp_path_factory.mktemp("past"), SERIES, START, NOW) as running:
        yield running


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, and nothing from elsewhere."""
    monkeypatch.chdir(tmp_path)
    for name in ("INCIDENT_CONFIG", "INCIDENT_PROMETHEUS", "INCIDENT_RUNBOOKS", "INCIDENT_STATE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def configured(here: Path, url: str, more: str = "") -> str:
    file = here / "config.yaml"
    file.write_text(f"prometheus: {url}\nstate: {here / 'state'}\npostmortems: {here / 'pm'}\n{more}")
    return str(file)


def an_incident(config: Config, *, over: bool = True) -> None:
    """One on the page of the bad minutes."""
    begin, end = (datetime.fromtimestamp(at, UTC) for at in (BAD_FROM, BAD_UNTIL))
    log = world.log(config)
    labels = {"alertname": "AcmeErrors", "job": "acme"}
    fired = facts.AlertFired("a1@x", "a1", "AcmeErrors", "page", begin, "am", labels, {}, EXPRESSION)
    told: list[tuple[facts.Fact, datetime]] = [
        (facts.IncidentOpened("it fails", service="acme"), begin),
        (fired, begin),
    ]
    told += [(facts.AlertResolved("a1@x", "AcmeErrors"), end)] if over else []
    assert log.write([log.stamp(IDENTITY, fact, at=at) for fact, at in told])


def test_the_numbers_equal_an_independent_query_and_the_requests_that_were_sent(
    server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = {"bad": 'http_requests_total{job="acme",status=~"5.."}', "total": 'http_requests_total{job="acme"}'}
    asked = ", ".join(f"{name}: 'sum(increase({query}[$window]))'" for name, query in counted.items())
    slos = f"slos:\n- {{name: availability, service: acme, objective: 0.995, window: 7h, {asked}}}\n"
    file = configured(here, server.url, slos)
    an_incident(read(Path(file)))
    assert main(["export", "--config", file, "--format", "json", "-o", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    measured = {e["body"]["name"]: e["body"] for e in document["events"] if e["kind"] == "impact.measured"}
    bad = server.ask('sum(increase(http_requests_total{job="acme",status=~"5.."}[1020s]))', BAD_UNTIL)
    assert measured["requests_failed"]["value"] == pytest.approx(bad, rel=1e-6)
    assert measured["requests_failed"]["value"] == pytest.approx(BAD * 1020, rel=0.02)
    assert measured["requests"]["value"] == pytest.approx(RATE * 1020, rel=0.02)
    assert measured["error_ratio_peak"]["value"] == pytest.approx(19.2, rel=0.02)
    for one in measured.values():
        if one["name"] in ("requests_failed", "requests"):
            assert server.ask(one["query"], BAD_UNTIL) == pytest.approx(one["value"], rel=1e-6)
    assert measured["error_budget_spent"]["value"] > 100


def test_an_export_writes_them_with_their_queries_and_asks_once(
    server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(here, server.url)
    an_incident(read(Path(file)))
    for _ in range(2):
        assert main(["export", "--config", file]) == 0
    text = (here / "pm" / f"{IDENTITY}.md").read_text()
    assert "| Requests failed | about 1,9" in text
    assert 'sum(increase(http_requests_total{job="acme",status=~"5.."}[1020s]))' in text
    log = world.log(read(Path(file)))
    kinds = [event.fact.kind for event in log.events(IDENTITY)]
    assert kinds.count("impact.measured") == 3
    assert kinds.count("exported") == 2


def test_offline_and_while_it_goes_on_nothing_is_asked(
    server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(here, server.url)
    an_incident(read(Path(file)), over=False)
    assert main(["export", "--config", file]) == 0
    assert "not measured: the incident is not over" in capsys.readouterr().err
    assert main(["export", "--config", file, "--offline"]) == 0
    assert "not measured" not in capsys.readouterr().err


def test_a_server_that_is_gone_is_said_and_the_export_is_written(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(here, "http://127.0.0.1:9")
    an_incident(read(Path(file)))
    assert main(["export", "--config", file]) == 0
    said = capsys.readouterr().err
    assert "not measured: " in said
    assert "Traceback" not in said
    assert "| Requests failed | TODO |" in (here / "pm" / f"{IDENTITY}.md").read_text()


def test_the_public_one_and_the_page_stand_beside_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = configured(here, "http://127.0.0.1:9", "postmortem:\n  headings: [A, B, C, D, E, F, G]\n")
    an_incident(read(Path(file)))
    for more in ([], ["--audience", "public"], ["--format", "html"], ["--format", "html", "--audience", "public"]):
        assert main(["export", "--config", file, "--offline", *more]) == 0
    assert sorted(path.name for path in (here / "pm").iterdir()) == [
        f"{IDENTITY}.html", f"{IDENTITY}.md", f"{IDENTITY}.public.html", f"{IDENTITY}.public.md",
    ]  # fmt: skip
    assert "## B" in (here / "pm" / f"{IDENTITY}.md").read_text()
    assert "rate(" not in (here / "pm" / f"{IDENTITY}.public.html").read_text()
    assert main(["check", "--config", file, str(here / "pm")]) == 0


def test_the_schema_is_printed_for_whoever_reads_post_mortems(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"]["schema"] == {"const": "incident.postmortem/1"}


def test_check_finds_what_is_off_in_a_post_mortem_and_names_the_line(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(here, "http://127.0.0.1:9")
    an_incident(read(Path(file)))
    assert main(["export", "--config", file, "--offline"]) == 0
    path = here / "pm" / f"{IDENTITY}.md"
    path.write_text(path.read_text().replace("- TODO what set it off", "- The engineer forgot the limit."))
    capsys.readouterr()
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    line = path.read_text().split("\n").index("- The engineer forgot the limit.") + 1
    assert f"{IDENTITY}.md:{line}: blame-failed warning: `engineer forgot`" in said
