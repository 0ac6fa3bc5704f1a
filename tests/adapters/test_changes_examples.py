"""The programs that the page about feeds shows: each turns what its tool prints into changes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from incident.config import Config
from incident.config.keys import read_key
from incident.core.change import Change, ChangeKind, Outcome
from incident.errors import SourceError
from incident.sources.changes.command import CommandFeed

PAGE = (files("incident.tui") / "help" / "feeds.md").read_text(encoding="utf-8")
PROGRAMS = dict(re.findall(r"^```sh (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))

ARGO = {
    "metadata": {"name": "shop", "namespace": "argocd"},
    "status": {
        "sync": {"status": "Synced"},
        "history": [
            {"id": 11, "revision": "9f8e7d6" + "0" * 33, "deployedAt": "2026-05-01T01:00:00Z",
             "deployStartedAt": "2026-05-01T00:59:50Z", "initiatedBy": {"automated": True}},
            {"id": 12, "revision": "a1b2c3d" + "0" * 33, "deployedAt": "2026-05-02T02:55:56Z",
             "deployStartedAt": "2026-05-02T02:55:40Z", "initiatedBy": {"username": "kim"},
             "source": {"repoURL": "https://git.acme.com/shop", "path": "deploy"}},
        ],
    },
}  # fmt: skip
ECS = {
    "services": [
        {
            "serviceName": "shop", "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/prod",
            "deployments": [
                {"id": "ecs-svc/2", "status": "PRIMARY", "rolloutState": "IN_PROGRESS",
                 "taskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:42",
                 "createdAt": "2026-05-02T02:50:00.123000+00:00", "updatedAt": "2026-05-02T02:55:56.456000+00:00",
                 "rolloutStateReason": "ECS deployment ecs-svc/2 in progress."},
                {"id": "ecs-svc/1", "status": "ACTIVE", "rolloutState": "COMPLETED",
                 "taskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:41",
                 "createdAt": "2026-05-01T01:00:00+00:00", "updatedAt": "2026-05-02T02:50:01+00:00"},
            ],
        }
    ],
    "failures": [],
}  # fmt: skip
HELM = [
    {"revision": 40, "updated": "2026-05-01T01:00:00.123456789Z", "status": "superseded", "chart": "shop-1.7.0",
     "app_version": "9f8e7d6", "description": "Upgrade complete"},
    {"revision": 41, "updated": "2026-05-01T09:00:00Z", "status": "failed", "chart": "shop-1.8.0",
     "app_version": "bad0bad", "description": "Upgrade \"shop\" failed: timed out waiting for the condition"},
    {"revision": 42, "updated": "2026-05-02T02:55:56.1+00:00", "status": "deployed", "chart": "shop-1.8.1",
     "app_version": "a1b2c3d", "description": "Upgrade complete"},
]  # fmt: skip
TERRAFORM = {
    "data": [
        {"id": "run-CZcmD7eagjhyX0vN", "type": "runs", "attributes": {
            "created-at": "2026-05-02T02:40:00+00:00", "message": "Merge pull request 7: wider pool",
            "status": "applied",
            "source": "tfe-configuration-version", "status-timestamps": {
                "plan-queued-at": "2026-05-02T02:40:00+00:00", "applying-at": "2026-05-02T02:50:00+00:00",
                "applied-at": "2026-05-02T02:55:56+00:00"}}},
        {"id": "run-planned", "type": "runs", "attributes": {
            "message": "only planned", "status": "planned_and_finished",
            "status-timestamps": {"planned-at": "2026-05-02T02:30:00+00:00"}}},
    ]
}  # fmt: skip


def at(hour: int, minute: int, second: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 5, day, hour, minute, second, tzinfo=UTC)


async def told(name: str, tool: str, printed: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Change, ...]:
    """What an example tells when its tool prints this."""
    shape = folder / "shape.json"
    shape.write_text(json.dumps(printed))
    for program, script in ((tool, f"#!/bin/sh\ncat {shape}\n"), (name, PROGRAMS[name])):
        path = folder / program
        path.write_text(script)
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return await CommandFeed([str(folder / name)], name, 20).fetch()


async def test_argo_cd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older, newest = await told("argo-changes", "argocd", ARGO, tmp_path, monkeypatch)
    assert newest == Change(
        at=at(2, 55, 56), began=at(2, 55, 40), version="a1b2c3d", previous="9f8e7d6", service="shop", by="kim",
        title="sync 12", source="argo-changes",
    )  # fmt: skip
    assert (older.by, older.previous) == ("argocd", "")


async def test_ecs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [change] = await told("ecs-changes", "aws", ECS, tmp_path, monkeypatch)
    assert (change.version, change.previous, change.service, change.outcome) == (
        "shop:42", "shop:41", "shop", Outcome.RUNNING,
    )  # fmt: skip
    assert change.at == change.began == at(2, 50).replace(microsecond=123000)


async def test_helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, failed, newest = await told("helm-changes", "helm", HELM, tmp_path, monkeypatch)
    assert (newest.version, newest.previous, newest.title) == ("42", "40", "shop-1.8.1 a1b2c3d: Upgrade complete")
    assert (failed.outcome, failed.previous) == (Outcome.FAILED, "40")


async def test_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    [change] = await told("terraform-changes", "curl", TERRAFORM, tmp_path, monkeypatch)
    assert (change.kind, change.version, change.title) == (
        ChangeKind.INFRASTRUCTURE, "run-CZcmD7eagjhyX0vN", "Merge pull request 7: wider pool",
    )  # fmt: skip
    assert (change.began, change.at) == (at(2, 50), at(2, 55, 56))
    assert change.link.endswith("/runs/run-CZcmD7eagjhyX0vN")


@pytest.mark.parametrize(
    ("name", "tool"),
    [("argo-changes", "argocd"), ("ecs-changes", "aws"), ("helm-changes", "helm"), ("terraform-changes", "curl")],
)
async def test_a_tool_that_fails_is_a_feed_that_fails(
    name: str, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program, script in ((tool, "#!/bin/sh\necho no network >&2\nexit 1\n"), (name, PROGRAMS[name])):
        (tmp_path / program).write_text(script)
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(SourceError, match="it ended with exit 1"):
        await CommandFeed([str(tmp_path / name)], name, 20).fetch()


def test_the_configuration_that_the_page_shows_can_be_read(tmp_path: Path) -> None:
    shown = re.search(r"^    changes:\n((?:      .*\n)+)", PAGE, re.MULTILINE)
    assert shown
    feeds = yaml.safe_load(shown[0])["changes"]
    config = Config(**read_key("changes", feeds, tmp_path / "config.yaml", lambda *_: "here"))
    assert [feed.kind for feed in config.changes] == ["github", "github", "git", "git", "terraform", "command"]
    assert [feed.name for feed in config.changes[:2]] == ["acme/shop", "acme/shop 2"]


def test_the_line_that_the_page_shows_is_a_change() -> None:
    from incident.sources.changes.command import parse

    shown = re.search(r'^    (\{"at": .*\})$', PAGE, re.MULTILINE)
    assert shown
    [change] = parse(shown[1].encode(), "x")
    assert (change.version, change.previous) == ("a1b2c3d", "9f8e7d6")
