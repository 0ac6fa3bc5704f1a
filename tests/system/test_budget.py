"""Error budgets and rule health against a real Prometheus whose past is known to the last request."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from incident import world
from incident.cli import main
from incident.config import Config, read
from incident.core import facts
from incident.core.budget.slo import Sli, Slo, sli_of
from incident.core.event import Event, Writer
from incident.engine.budget import ask, ask_spent
from incident.journal import open_journal
from incident.sources.signals.prometheus import Prometheus
from tests.system.world.backfilled import Backfilled, absent

pytestmark = [
    pytest.mark.xdist_group("backfilled"),
    pytest.mark.skipif(bool(absent()), reason=absent() or "there"),
]

DAY = 86_400
NOW = int(time.time()) // 60 * 60
# The series go on after this module was read, as traffic does: how late a long run comes to a test changes nothing.
START, END = NOW - 29 * DAY, NOW + 3 * 3600
BAD_FROM, BAD_UNTIL = NOW - 1800, NOW - 780  # 17 minutes
RATE, USUAL, BAD = 10.0, 0.01, 1.92  # requests, failures, and failures of the bad minutes, per second


def failed(at: int) -> float:
    """Failed requests so far: one in a thousand, and one in five in the bad minutes."""
    return USUAL * (at - START) + (BAD - USUAL) * max(0, min(at, BAD_UNTIL) - BAD_FROM)


def fine(at: int) -> float:
    """The others."""
    return RATE * (at - START) - failed(at)


SERIES = {
    'http_requests_total{job="acme",status="200"}': fine,
    'http_requests_total{job="acme",status="500"}': failed,
    # A job that reports for ten minutes of every hour.
    'batch_failed{job="nightly"}': lambda at: 1.0 if at > NOW - 2 * DAY and at % 3600 < 600 else None,
    "gone_total": lambda at: 1.0 if at < NOW - 10 * DAY else None,
    "late_total": lambda at: 1.0 if at < NOW - 2 * DAY else None,
}
LOADED = """groups:
- name: acme
  rules:
  - alert: AcmeErrors
    expr: sum by (job) (rate(http_requests_total{job="acme",status=~"5.."}[5m])) > 100
    for: 2m
  - alert: AcmeBroken
    expr: http_requests_total{job="acme"} + on(job) http_requests_total{job="acme"} > 0
  - alert: AcmeOther
    expr: up == 0
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backfilled]:
    with Backfilled(tmp_path_factory.mktemp("past"), SERIES, START, END, LOADED) as running:
        yield running


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, and nothing from elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    for name in ("INCIDENT_CONFIG", "INCIDENT_PROMETHEUS", "INCIDENT_RUNBOOKS", "INCIDENT_STATE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


BAD_QUERY = 'http_requests_total{job="acme",status=~"5.."}'
ALL_QUERY = 'http_requests_total{job="acme"}'
COUNTED = sli_of(f"sum(increase({ALL_QUERY}[$window]))", bad=f"sum(increase({BAD_QUERY}[$window]))")
ACME = Slo("availability", 0.995, 28 * DAY, COUNTED, "acme")
RATIO = f"sum(rate({BAD_QUERY}[5m])) / sum(rate({ALL_QUERY}[5m]))"
MOMENT = Slo("minutes", 0.995, 28 * DAY, Sli(moment=RATIO), "acme")


def prometheus(server: Backfilled) -> Prometheus:
    return Prometheus(server.url, clock=world.RealClock())


# -- the numbers ------------------------------------------------------------------------------------------------------


async def test_what_is_left_equals_an_independent_query_and_the_requests_that_were_sent(server: Backfilled) -> None:
    source = prometheus(server)
    found = await ask(source, ACME, datetime.now(UTC))
    await source.aclose()
    bad = server.ask(f"sum(increase({BAD_QUERY}[28d]))", time.time())
    all_ = server.ask(f"sum(increase({ALL_QUERY}[28d]))", time.time())
    assert found.left == pytest.approx(1 - bad / all_ / 0.005, rel=1e-3)
    sent = failed(NOW) - failed(NOW - 28 * DAY)
    assert found.failed == pytest.approx(sent, rel=5e-3)
    assert found.left == pytest.approx(1 - sent / (RATE * 28 * DAY) / 0.005, rel=5e-3)
    assert found.covered == pytest.approx(1.0, abs=0.04)
    assert found.days[-1] > 3 * found.days[0]


async def test_a_share_over_time_says_nearly_the_same_with_even_traffic(server: Backfilled) -> None:
    source = prometheus(server)
    found = await ask(source, MOMENT, datetime.now(UTC))
    await source.aclose()
    assert found.left == pytest.approx(1 - (failed(NOW) - failed(NOW - 28 * DAY)) / (RATE * 28 * DAY) / 0.005, abs=0.01)


async def test_what_an_incident_spent_equals_an_independent_query_over_its_window(server: Backfilled) -> None:
    begin, end = (datetime.fromtimestamp(at, UTC) for at in (BAD_FROM, BAD_UNTIL))
    source = prometheus(server)
    spent = await ask_spent(source, ACME, begin, end)
    timed = await ask_spent(source, MOMENT, begin, end)
    await source.aclose()
    bad = server.ask(f"sum(increase({BAD_QUERY}[1020s]))", BAD_UNTIL)
    all_ = server.ask(f"sum(increase({ALL_QUERY}[28d]))", BAD_UNTIL)
    assert spent.failed == pytest.approx(bad, rel=1e-6)
    assert spent.share == pytest.approx(bad / (0.005 * all_), rel=1e-6)
    assert spent.failed == pytest.approx(BAD * 1020, rel=1e-3)
    assert spent.share == pytest.approx(BAD * 1020 / (0.005 * RATE * 28 * DAY), rel=1e-2)
    assert spent.queries[0] == ("failed in 17m", f"sum(increase({BAD_QUERY}[17m]))")
    # The five minutes that its share looks back are not in the incident.
    assert timed.share == pytest.approx(spent.share, rel=0.25)


# -- the verb ---------------------------------------------------------------------------------------------------------


def slos(here: Path, server: str, more: str = "") -> str:
    file = here / "config.yaml"
    file.write_text(
        f"prometheus: {server}\nstate: {here / 'state'}\nslos:\n"
        f"- name: availability\n  service: acme\n  objective: 99.5\n  bad: {BAD_QUERY}\n  total: {ALL_QUERY}\n{more}"
    )
    return str(file)


def test_the_verb_prints_left_burn_and_the_exact_queries(
    server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["budget", "--config", slos(here, server.url)]) == 0
    said = capsys.readouterr().out
    assert "acme/availability" in said
    assert "99.5 % over 28 days" in said
    assert "about 202 minutes" in said
    assert f"sum(increase({BAD_QUERY}[28d]))" in said
    assert "GO" in said


def test_the_gate_says_go_or_no_go_by_its_exit_code(
    server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tight = "- {name: tight, service: acme, objective: 99.99, bad: 'BAD', total: 'ALL'}\n"
    file = slos(here, server.url, tight.replace("BAD", BAD_QUERY).replace("ALL", ALL_QUERY))
    assert main(["budget", "--config", file, "acme/availability", "--gate", "--risk", "low"]) == 0
    capsys.readouterr()
    assert main(["budget", "--config", file, "tight", "--gate", "--risk", "low", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["verdict"] == "no go"
    assert answer["budgets"][0]["left"] < 0
    assert main(["budget", "--config", file, "tight"]) == 0
    assert main(["budget", "--config", file, "acme", "--gate"]) == 1


def test_unknown_is_neither_go_nor_no_go(server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lost = "- {name: lost, objective: 99, bad: nothing_total, total: 'http_requests_total'}\n"
    odd = "- {name: odd, objective: 99, error_ratio: 'sum((['}\n"
    file = slos(here, server.url, lost + odd)
    assert main(["budget", "--config", file, "lost", "--gate"]) == 3
    assert "unknown: failed requests: the query finds no series, which is no proof of 0" in capsys.readouterr().out
    assert main(["budget", "--config", file, "--gate", "--risk", "low"]) == 3
    said = capsys.readouterr()
    assert "acme/availability" in said.out
    assert "odd: it does not accept the request (400)" in said.err


def test_a_source_that_is_gone_exits_with_3_and_nothing_to_ask_with_2(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = slos(here, "http://127.0.0.1:9")
    assert main(["budget", "--config", file, "--gate"]) == 3
    assert "connection refused" in capsys.readouterr().err
    assert main(["budget", "--config", file, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["verdict"] == "unknown"
    assert main(["budget", "--config", file, "nothing"]) == 2
    assert "there is no objective or service 'nothing'; known: acme/availability" in capsys.readouterr().err
    (here / "bare.yaml").write_text("slos: []\n")
    assert main(["budget", "--config", "bare.yaml"]) == 2
    assert "no objective is set up" in capsys.readouterr().err
    Path(file).write_text(Path(file).read_text().partition("\n")[2])
    assert main(["budget", "--config", file]) == 2
    assert "no Prometheus is set up" in capsys.readouterr().err


def test_a_file_of_objectives_that_is_off_is_said_and_closes_a_gate(
    server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "slo.yml").write_text("version: prometheus/v1\nservice: web\nslos:\n- {name: a, objectiv: 99}\n")
    file = slos(here, server.url, "slo_files: slo.yml\n")
    assert main(["budget", "--config", file]) == 0
    said = capsys.readouterr()
    assert "slo.yml:4: unknown key `objectiv` in `slos` - did you mean `objective`?" in said.err
    assert "acme/availability" in said.out
    assert main(["budget", "--config", file, "--gate"]) == 2


def an_incident(config: Config) -> str:
    """One on the page of the bad minutes, resolved when they were over; nobody did anything."""
    begin, end = (datetime.fromtimestamp(at, UTC) for at in (BAD_FROM, BAD_UNTIL))
    identity = f"INC-{begin:%Y%m%d}-acme-1"
    log = world.log(config)
    fired = facts.AlertFired("a1@x", "a1", "AcmeErrors", "page", begin, "am", {"job": "acme"})
    told: list[tuple[facts.Fact, datetime]] = [
        (facts.IncidentOpened("it fails", service="acme"), begin), (fired, begin),
        (facts.AlertResolved("a1@x", "AcmeErrors"), end), (facts.IncidentClosed("over"), end),
    ]  # fmt: skip
    assert log.write([log.stamp(identity, fact, at=at) for fact, at in told])
    return identity


def test_what_an_incident_spent_is_asked_for_by_its_name(
    server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = slos(here, server.url)
    identity = an_incident(read(Path(file)))
    assert main(["budget", "--config", file, "--incident", identity, "--json"]) == 0
    spent = json.loads(capsys.readouterr().out)["budgets"][0]["incident"]
    assert spent["failed"] == pytest.approx(BAD * 1020, rel=1e-3)
    assert main(["budget", "--config", file, "--incident", identity]) == 0
    assert "% of the budget, 1,9" in capsys.readouterr().out
    assert main(["budget", "--config", file, "--incident", "INC-none"]) == 2


# -- rule health ------------------------------------------------------------------------------------------------------

RULES = """groups:
- name: acme
  rules:
  - {alert: AcmeErrors, for: 2m, expr: 'sum(rate(http_requests_total{job="acme",status=~"5.."}[5m])) by (job) > 100'}
  - {alert: AcmeBroken, expr: 'http_requests_total{job="acme"} + on(job) http_requests_total{job="acme"} > 0'}
  - {alert: AcmeOther, expr: 'up == 1'}
  - {alert: AcmeTypo, expr: 'sum(rate(http_request_total[5m])) > 1'}
  - {alert: AcmeJob, expr: 'sum(rate(http_requests_total{job="acmee"}[5m])) > 1'}
  - {alert: AcmeStatus, expr: 'sum(rate(http_requests_total{status="503"}[5m])) > 1'}
  - {alert: AcmeBatch, for: 30m, expr: 'sum(batch_failed{job="nightly"}) > 0'}
  - {alert: AcmeGone, expr: 'gone_total > 0'}
  - {alert: AcmeLate, expr: 'late_total > 0'}
  - {alert: AcmeWild, expr: '{job=~".*"} > 0'}
  - {alert: AcmeNone, expr: '{job="none"} > 0'}
"""
OWN = ("absent-metric", "no-series", "for-outlasts-data", "rule-fails", "rule-not-loaded", "nothing-done",
       "never-a-runbook")  # fmt: skip


def told(capsys: pytest.CaptureFixture[str]) -> dict[tuple[int, str], dict[str, Any]]:
    return {(one["line"], one["rule"]): one for one in json.loads(capsys.readouterr().out) if one["rule"] in OWN}


def test_a_live_server_tells_which_rules_cannot_fire(
    server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "rules.yml").write_text(RULES)
    end = time.monotonic() + 60
    while "err" not in json.dumps(server.get("/api/v1/rules")):
        assert time.monotonic() < end, "the server does not evaluate its rules"
        time.sleep(0.1)  # the server tells nobody when it has evaluated its rules
    assert main(["check", "rules.yml", "--prometheus", server.url, "--format", "json", "--info"]) == 1
    found = told(capsys)
    loaded = {line: one["severity"] for (line, rule), one in found.items() if rule == "rule-not-loaded"}
    assert loaded == {6: "info", **dict.fromkeys(range(7, 15), "warning")}
    others = {key: one["severity"] for key, one in found.items() if key[1] != "rule-not-loaded"}
    assert others == {
        (5, "rule-fails"): "error",
        (7, "absent-metric"): "warning",
        (8, "no-series"): "warning",
        (9, "no-series"): "info",
        (10, "for-outlasts-data"): "warning",
        (11, "absent-metric"): "warning",
        (14, "no-series"): "warning",
        (6, "absent-metric"): "warning",
    }
    assert "many-to-many matching not allowed" in found[5, "rule-fails"]["message"]
    assert found[7, "absent-metric"]["hint"] == "did you mean http_requests_total?"
    assert found[8, "no-series"]["hint"] == "the label has acme"
    assert "waits for 30m, and in 1d its data never lasted longer than 1" in found[10, "for-outlasts-data"]["message"]


def test_a_finding_of_a_live_server_is_silenced_with_a_reason_like_any_other(
    server: Backfilled, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    allowed = "# incident-check: allow absent-metric because it is sent once a month\n"
    rule = "groups:\n- name: a\n  rules:\n  - alert: AcmeErrors\n    expr: monthly_total > 1\n"
    (here / "rules.yml").write_text(allowed + rule)
    main(["check", "rules.yml", "--prometheus", server.url, "--format", "sarif", "--info"])
    results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    (one,) = [result for result in results if result["ruleId"] == "absent-metric"]
    assert one["suppressions"] == [{"kind": "inSource", "justification": "it is sent once a month"}]


def test_offline_nothing_is_asked_and_nothing_else_is_found(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "rules.yml").write_text(RULES)
    main(["check", "rules.yml", "--format", "json", "--info"])
    offline = capsys.readouterr()
    (here / "config.yaml").write_text("prometheus: http://127.0.0.1:9\n")
    main(["check", "rules.yml", "--format", "json", "--info", "--offline", "--config", "config.yaml"])
    assert capsys.readouterr().out == offline.out
    assert not any(one["rule"] in OWN for one in json.loads(offline.out))


def test_a_server_that_is_gone_is_said_and_counts_only_where_it_was_asked_for(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "rules.yml").write_text(RULES)
    (here / "config.yaml").write_text("prometheus: http://127.0.0.1:9\n")
    assert main(["check", "rules.yml", "--config", "config.yaml"]) == 1
    assert "were not held against a live server: http://127.0.0.1:9/api/v1/rules: connection refused" in (
        capsys.readouterr().err
    )
    assert main(["check", "rules.yml", "--prometheus", "http://127.0.0.1:9"]) == 3


def test_past_incidents_tell_which_pages_nobody_had_to_act_on(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = Config(state=here / "state")
    journal = open_journal(here / "state")
    opened = datetime.now(UTC) - timedelta(days=3)
    events = []
    for number in range(1, 4):
        fired = facts.AlertFired("a@x", "a", "AcmeErrors", "page", opened, "am")
        over = facts.AlertResolved("a@x", "AcmeErrors")
        for fact in (facts.IncidentOpened("x"), fired, over, facts.IncidentClosed()):
            name = f"{len(events):012x}{Random(len(events)).getrandbits(64):016x}"
            events.append(Event(name, f"INC-{number}", opened, fact, Writer("kim", "h", "1"), opened))
    journal.append(events)
    journal.close()
    (here / "rules.yml").write_text(RULES)
    (here / "config.yaml").write_text(f"state: {config.state}\n")
    main(["check", "rules.yml", "--config", "config.yaml", "--journal", "--format", "json"])
    found = told(capsys)
    assert found[4, "nothing-done"]["message"].startswith(
        "in 90 days AcmeErrors paged in 3 incidents, and in all of them nothing was done"
    )
    assert (4, "never-a-runbook") in found
    main(["check", "rules.yml", "--config", "config.yaml", "--format", "json"])
    assert told(capsys) == {}
    main(["check", "rules.yml", "--journal", "--format", "json"])
    assert told(capsys) == {}
