"""Drift, from a real plan where Terraform is installed, and from what it prints."""

from __future__ import annotations

import asyncio
import json
import math
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.config import Feed
from incident.core.change import ChangeKind
from incident.errors import SourceError
from incident.sources.changes.around import Around
from incident.sources.changes.terraform import TOLD, TerraformFeed, make, parse
from tests.adapters.http_server import WallClock

NOW = datetime(2026, 5, 2, 3, 7, tzinfo=UTC)
FEED = Feed("drift of prod", kind="terraform", service="shop", options={"folder": "/srv"})
REAL = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed here")


def line(kind: str, address: str, action: str) -> dict[str, Any]:
    """One line of `terraform plan -json` in the documented shape."""
    resource = {"addr": address, "module": "", "resource": address, "resource_type": address.partition(".")[0]}
    return {"@level": "info", "@message": f"{address}: {action}", "@module": "terraform.ui", "type": kind,
            "change": {"resource": resource, "action": action}}  # fmt: skip


def feed(folder: Path, **options: Any) -> TerraformFeed:
    known = Feed("drift", kind="terraform", options={"folder": str(folder), **options})
    return make(known, Around(WallClock(), dict(os.environ), 60.0))


def program(folder: Path, script: str) -> str:
    path = folder / "tofu"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_each_resource_is_a_change_that_nobody_can_date() -> None:
    lines = [
        {"type": "version", "terraform": "1.11.4"},
        line("resource_drift", "aws_security_group.shop", "update"),
        line("resource_drift", "aws_instance.old", "delete"),
        line("planned_change", "aws_security_group.shop", "update"),
        line("planned_change", "aws_instance.web[0]", "create"),
        line("planned_change", "data.aws_ami.base", "read"),
        line("planned_change", "aws_vpc.main", "noop"),
        {"type": "planned_change", "change": {"resource": {"addr": 5}, "action": "update"}},
        {"type": "planned_change", "change": None},
    ]
    group, gone, web = parse(lines, FEED, NOW)
    assert (group.version, group.title) == (
        "aws_security_group.shop", "changed outside of Terraform; an apply would update it",
    )  # fmt: skip
    assert (group.kind, group.dated, group.at, group.service) == (ChangeKind.INFRASTRUCTURE, False, NOW, "shop")
    assert gone.title == "deleted outside of Terraform"
    assert (web.version, web.title) == ("aws_instance.web[0]", "an apply would create it")


def test_a_plan_of_thousands_is_cut_and_hostile_names_are_plain() -> None:
    many = [line("planned_change", f"a.b{number}", "update") for number in range(TOLD * 2)]
    assert len(parse(many, FEED, NOW)) == TOLD
    [evil] = parse([line("resource_drift", "a.\x1b[31mb\n", "up\x07date")], FEED, NOW)
    assert (evil.version, evil.title) == ("a.b", "changed outside of Terraform")


async def test_it_takes_no_lock_changes_nothing_and_asks_nothing(tmp_path: Path) -> None:
    tofu = program(tmp_path, 'echo "$@" "$TF_INPUT$TF_CLI_ARGS_plan" > argv; pwd >> argv')
    known = Feed(
        "d", kind="terraform", options={"folder": str(tmp_path), "program": tofu, "var_files": ("/srv/p.tfvars",)}
    )
    asked = make(known, Around(WallClock(), {**os.environ, "TF_CLI_ARGS_plan": "-out=x"}, 60.0))
    assert await asked.fetch() == ()
    argv, directory = (tmp_path / "argv").read_text().splitlines()
    assert argv == "plan -detailed-exitcode -input=false -lock=false -json -var-file=/srv/p.tfvars 0"
    assert directory == str(tmp_path)
    assert (asked.pause, asked.name) == (math.inf, "d")


@pytest.mark.parametrize(
    ("script", "what"),
    [
        (f"echo 'warning'; echo '{json.dumps({'@level': 'error', '@message': 'Error: no credentials'})}'; exit 1",
         "it ended with exit 1: Error: no credentials"),
        ("echo 'not initialised' >&2; exit 1", "it ended with exit 1: not initialised"),
        ("echo '[1]'; echo '{\"@level\": \"error\", \"@message\": 5}'; exit 3", "it ended with exit 3"),
    ],
)  # fmt: skip
async def test_a_plan_that_fails_is_said_with_its_words(script: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        await feed(tmp_path, program=program(tmp_path, script)).fetch()
    assert caught.value.what == what
    assert str(tmp_path) in caught.value.hint


async def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such folder"):
        await feed(tmp_path / "gone").fetch()


@REAL
async def test_a_real_plan_tells_what_an_apply_would_do_and_leaves_everything_as_it_was(tmp_path: Path) -> None:
    code = tmp_path / "main.tf"
    code.write_text('resource "terraform_data" "shop" { input = "one" }\n')
    for words in (["init"], ["apply", "-auto-approve"]):
        await asyncio.to_thread(
            subprocess.run, ["terraform", *words, "-input=false"], cwd=tmp_path, check=True, capture_output=True
        )
    assert await feed(tmp_path).fetch() == ()
    code.write_text('resource "terraform_data" "shop" { input = "two" }\nresource "terraform_data" "new" {}\n')
    state = (tmp_path / "terraform.tfstate").read_bytes()
    changes = await feed(tmp_path).fetch()
    assert {(change.version, change.title) for change in changes} == {
        ("terraform_data.shop", "an apply would update it"),
        ("terraform_data.new", "an apply would create it"),
    }
    assert (tmp_path / "terraform.tfstate").read_bytes() == state
    assert not (tmp_path / ".terraform.tfstate.lock.info").exists()
