"""`incident changes`: the headless twin of the changes place."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from incident.cli import main
from tests.adapters.http_server import Listener, Reply, routes, value


def iso(minutes: float) -> str:
    """So many minutes before now, whenever a long run comes to a test."""
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def deploys() -> list[dict[str, Any]]:
    shop = {"version": "a1b2c3d", "previous": "9f8e7d6", "service": "shop", "by": "pipeline", "title": "cart"}
    return [
        {"at": iso(17), **shop},
        {"at": iso(12), "version": "m2", "service": "mail", "outcome": "failed", "title": "\x1b[31mred"},
        {"at": iso(60 * 26), "version": "9f8e7d6", "service": "shop"},
    ]


def alert(name: str, minutes: float, **labels: str) -> dict[str, Any]:
    """An alert as Alertmanager reports it."""
    return {
        "fingerprint": name, "labels": {"alertname": name, "severity": "page", **labels}, "annotations": {},
        "startsAt": iso(minutes), "endsAt": iso(-5), "updatedAt": iso(0), "generatorURL": "",
        "receivers": [{"name": "x"}], "status": {"state": "active", "inhibitedBy": [], "silencedBy": []},
    }  # fmt: skip


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("INCIDENT_CONFIG", "INCIDENT_ALERTMANAGER", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    lines = "\n".join(json.dumps(deploy) for deploy in deploys())
    (tmp_path / "deploys.jsonl").write_text(lines)
    file = tmp_path / "config.yaml"
    code = "import sys; sys.stdout.write(open(sys.argv[1]).read())"
    argv = json.dumps([sys.executable, "-c", code, str(tmp_path / "deploys.jsonl")])
    file.write_text(f"changes: [{{name: deploys, command: {argv}}}]\nstate: {tmp_path / 'state'}\n")
    return file


def served(*alerts: dict[str, Any]) -> Reply:
    return routes({"/api/v2/alerts": value(list(alerts))})


async def run(*words: str) -> int:
    """The verb on a thread, for it has an event loop of its own and the server needs ours."""
    import asyncio

    return await asyncio.to_thread(main, ["changes", *words])


def test_without_an_alert_the_changes_are_listed_the_newest_first(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["changes", "--config", str(config)]) == 0
    heads, *rows = capsys.readouterr().out.splitlines()
    assert heads.split() == ["AT", "(UTC)", "CHANGE", "WAS", "SERVICE", "BY", "TITLE"]
    assert [row.split()[3] for row in rows] == ["m2", "a1b2c3d"]
    assert rows[0].endswith("[failed] red")


def test_how_far_back_can_be_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for span, count in (("15m", 1), ("24h", 2), ("-7d", 3)):
        assert main(["changes", "--config", str(config), f"--since={span}", "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)["changes"]) == count
    assert main(["changes", "--config", str(config), "--since", "soon"]) == 2
    assert "'soon' is no length of time" in capsys.readouterr().err
    assert main(["changes", "--config", str(config), "--since", "1m"]) == 0
    assert "Nothing changed in that time" in capsys.readouterr().err


def test_a_time_takes_the_place_of_an_alert(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", "--config", str(config), "--at", iso(10), "--service", "shop"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].split()[2:4] == ["DISTANCE", "RANK"]
    assert "7m before" in printed.out
    assert "deploy a1b2c3d: 0.81 (7m00s before" in printed.err
    assert "Likely: deploy a1b2c3d, 7m before that time (0.81). That is near in time and place" in printed.err


def test_json_has_every_factor(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", "--config", str(config), "--at", iso(10), "--service", "shop", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["against"]["services"] == ["shop"]
    assert told["against"]["verdict"].startswith("Likely: deploy a1b2c3d")
    [mail, shop] = told["changes"]
    assert (mail["version"], mail["outcome"], mail["previous"], mail["rank"]["likely"]) == ("m2", "failed", None, False)
    assert (shop["distance"], shop["rank"]["service"], shop["rank"]["kind"]) == ("7m before", 1.0, 1.0)
    assert shop["rank"]["score"] == shop["rank"]["time"]
    assert shop["rank"]["arithmetic"].endswith(f"= {shop['rank']['score']}")


async def test_an_alert_is_found_by_its_name_or_by_a_matcher(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alerts = served(alert("ShopDown", 10, service="shop"), alert("ShopSlow", 9, service="shop"))
    async with Listener(alerts) as server:
        place = ["--config", str(config), "--alertmanager", server.url]
        assert await run(*place, "--alert", "ShopDown", "--json") == 0
        assert json.loads(capsys.readouterr().out)["against"]["alert"] == "ShopDown"
        assert await run(*place, "service=shop") == 0
        printed = capsys.readouterr()
        assert "2 alerts match; measured against ShopSlow" in printed.err
        assert "8m before" in printed.out
        assert await run(*place, "--alert", "Nothing") == 2
        assert "no alert that fires is meant by this" in capsys.readouterr().err


async def test_an_alertmanager_that_is_gone_is_a_failed_source(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run("--config", str(config), "--alertmanager", "http://127.0.0.1:9", "--alert", "X") == 3
    assert "127.0.0.1:9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--service", "shop"], "whose trouble it is belongs to a time"),
        (["--alert", "X"], "no Alertmanager is set up"),
        (["--at", "tomorrow"], "cannot read the time"),
        (["a==b", "--alertmanager", "http://127.0.0.1:9"], "cannot read the matcher"),
    ],
)
def test_what_does_not_go_together_is_refused(
    words: list[str], said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["changes", "--config", str(config), *words]) == 2
    assert said in capsys.readouterr().err


async def test_an_alert_and_a_time_are_one_too_many(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with Listener(served(alert("X", 3))) as server:
        assert await run("--config", str(config), "--alertmanager", server.url, "X", "--at", "-5m") == 2
    assert "an alert and a time are given" in capsys.readouterr().err


def test_without_a_feed_it_is_said_how_to_set_one_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.yaml").write_text("")
    assert main(["changes", "--config", str(tmp_path / "empty.yaml")]) == 2
    assert "incident help feeds" in capsys.readouterr().err


def test_a_feed_that_fails_does_not_hide_the_others(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text().replace("changes: [", "changes: [{name: gone, git: /no/such/folder}, ")
    config.write_text(text)
    assert main(["changes", "--config", str(config)]) == 3
    printed = capsys.readouterr()
    assert "a1b2c3d" in printed.out
    assert "there is no such folder" in printed.err
    assert main(["changes", "--config", str(config), "--json"]) == 3
    [failed] = json.loads(capsys.readouterr().out)["failed"]
    assert failed["at"] == "/no/such/folder"


def test_drift_is_only_asked_for_with_its_option(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tofu = tmp_path / "tofu"
    drift = {"type": "resource_drift", "change": {"resource": {"addr": "aws_lb.shop"}, "action": "update"}}
    tofu.write_text(f"#!/bin/sh\necho '{json.dumps(drift)}'\nexit 2\n")
    tofu.chmod(0o755)
    config.write_text(config.read_text().replace("changes: [", f"changes: [{{terraform: ., program: {tofu}}}, "))
    assert main(["changes", "--config", str(config)]) == 0
    assert "aws_lb" not in capsys.readouterr().out
    assert main(["changes", "--config", str(config), "--drift", "--json", "--at", iso(10)]) == 0
    told = json.loads(capsys.readouterr().out)
    [found] = [change for change in told["changes"] if change["kind"] == "infrastructure"]
    assert (found["at"], found["version"], found["rank"]) == (None, "aws_lb.shop", None)
    assert found["seen"]


def test_what_limits_a_feed_is_told(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import os
    import subprocess

    clone = tmp_path / "clone"
    who = ["-c", "user.name=Kim", "-c", "user.email=kim@acme.com"]
    subprocess.run(["git", "init", "--quiet", str(clone)], check=True)
    subprocess.run(
        ["git", "-C", str(clone), *who, "commit", "--quiet", "--allow-empty", "--message", "begin"], check=True
    )
    mark = clone / ".git" / "FETCH_HEAD"
    mark.touch()
    then = datetime.now(UTC).timestamp() - 7200
    os.utime(mark, (then, then))
    config.write_text(config.read_text().replace("changes: [", f"changes: [{{name: shop, git: {clone}}}, "))
    assert main(["changes", "--config", str(config)]) == 0
    assert "shop: last fetched 2h ago" in capsys.readouterr().err
