"""The key `changes`: every kind of feed, the old form, and what is off in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident import world
from incident.config import Config, Feed, Secret, read
from incident.errors import ConfigError, UsageError
from incident.sources.secrets import secret_names, secrets_of
from tests.adapters.http_server import WallClock

ALL = """
changes:
  - {name: deploys, command: [./deploys.sh, --last, 5]}
  - command: [/opt/bin/flags]
    service: flags
  - {github: acme/shop, environment: prod eu, service: shop, token: {env: SHOP_TOKEN}, url: https://github.acme.com}
  - {github: acme/shop, workflow: deploy.yml, branch: release/2026, ca_file: ca.pem}
  - {git: clones/shop, tags: "v*", change: config}
  - {terraform: /srv/prod, program: tofu, var_files: [prod.tfvars]}
  - {feed: argo, name: argo prod, token: {file: /run/argo}, with: {server: https://argo, apps: [shop, cart]}}
"""


def config(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return read(file)


def test_every_kind_of_feed_is_read(tmp_path: Path) -> None:
    assert config(tmp_path, ALL).changes == (
        Feed("deploys", ("./deploys.sh", "--last", "5")),
        Feed("flags", ("/opt/bin/flags",), service="flags"),
        Feed("acme/shop", kind="github", service="shop", token=Secret(env="SHOP_TOKEN"),
             options={"repository": "acme/shop", "environment": "prod eu", "url": "https://github.acme.com"}),
        Feed("acme/shop 2", kind="github",
             options={"repository": "acme/shop", "workflow": "deploy.yml", "branch": "release/2026",
                      "ca_file": str(tmp_path / "ca.pem")}),
        Feed("shop", kind="git", options={"folder": str(tmp_path / "clones/shop"), "tags": "v*", "change": "config"}),
        Feed("drift of prod", kind="terraform",
             options={"folder": "/srv/prod", "program": "tofu", "var_files": (str(tmp_path / "prod.tfvars"),)}),
        Feed("argo prod", kind="argo", token=Secret(file="/run/argo"),
             options={"server": "https://argo", "apps": ("shop", "cart")}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "what", "hint"),
    [
        ("- {github: shop}", 2, "`changes.github` cannot be 'shop'", "OWNER/REPOSITORY"),
        ("- {github: ../..}", 2, "`changes.github` cannot be", "OWNER/REPOSITORY"),
        ("- {github: a/b, workflow: x.yml, environment: prod}", 2, "deployments or of a workflow", "two"),
        ("- {github: a/b, url: ftp://x}", 2, "`changes.url` cannot be", "a URL"),
        ("- {github: a/b, url: 'https://kim:hunter2@x'}", 2, "a password may not stand", "secrets stand elsewhere"),
        ("- {github: a/b, token: ghp_x}", 2, "may not hold the secret itself", "secrets stand elsewhere"),
        ("- {github: a/b, tokn: x}", 2, "unknown key `tokn` in a change feed", "did you mean `token`?"),
        ("- {github: a/b, tags: v1}", 2, "unknown key `tags` in a change feed", ""),
        ("- {git: x, branch: --output=/etc/x}", 2, "`changes.branch` cannot be", "a branch or a tag"),
        ("- {git: x, branch: a, tags: v*}", 2, "a change feed tells of a branch or of tags", "two feeds"),
        ("- {git: x, change: party}", 2, "`changes.change` cannot be 'party'", "deploy or config or infrastructure"),
        ("- {git: x, command: [a]}", 2, "a change feed is one of `command` and `git`", "two feeds"),
        ("- {terraform: x, var_files: [[a]]}", 2, "`changes.var_files` cannot be", ""),
        ("- {name: x}", 2, "a change feed needs a command, or one of github, git, terraform", "incident help feeds"),
        ("- {feed: argo, with: {a: {b: c}}}", 2, "`changes.with.a` cannot be", ""),
    ],
)  # fmt: skip
def test_what_is_off_is_named_with_its_line(text: str, line: int, what: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, f"changes:\n{text}\n")
    assert caught.value.at.endswith(f"config.yaml:{line}")
    assert what in caught.value.what
    assert hint in caught.value.hint
    assert "hunter2" not in str(caught.value)
    assert "ghp_x" not in str(caught.value)


def test_the_token_of_a_feed_is_known_as_a_secret_and_no_command_inherits_it(tmp_path: Path) -> None:
    known = config(tmp_path, ALL)
    assert secrets_of(known, {"SHOP_TOKEN": "a-shop-token"}) == ("a-shop-token",)
    assert secret_names(known) == {"SHOP_TOKEN"}


def test_the_variables_of_gh_itself_stay_for_the_commands_of_a_runbook(tmp_path: Path) -> None:
    known = config(tmp_path, "changes: [{github: acme/shop, token: {env: GH_TOKEN}}]")
    assert secret_names(known) == set()
    assert secrets_of(known, {"GH_TOKEN": "ghp_0123456789"}) == ("ghp_0123456789",)


def test_each_feed_is_made_by_its_kind(tmp_path: Path) -> None:
    known = config(tmp_path, ALL.replace("  - {feed: argo", "  # - {feed: argo"))
    sources = world.change_sources(known, WallClock(), {"PATH": ""})
    assert [source.name for source in sources] == [feed.name for feed in known.changes]
    assert [type(source).__name__ for source in sources] == [
        "CommandFeed", "CommandFeed", "GithubFeed", "GithubFeed", "GitFeed", "TerraformFeed",
    ]  # fmt: skip


def test_a_kind_that_nobody_offers_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no change feed `argo`"):
        world.change_sources(config(tmp_path, ALL), WallClock(), {})


def test_a_feed_of_another_package_is_made_like_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "argofeed-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: argofeed\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[incident.changes]\nargo = argofeed:make\n")
    (tmp_path / "argofeed.py").write_text(
        "class Argo:\n"
        "    def __init__(self, feed, around):\n"
        "        self.name, self.apps, self.patience = feed.name, feed.options['apps'], around.patience\n"
        "make = Argo\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    *_, argo = world.change_sources(config(tmp_path, ALL), WallClock(), {"PATH": ""}, 3.0)
    assert (argo.name, getattr(argo, "apps", ()), getattr(argo, "patience", 0)) == ("argo prod", ("shop", "cart"), 3.0)
