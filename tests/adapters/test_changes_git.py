"""The history of a real clone: merges, tags, and a repository that would rather run programs."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from incident.config import Feed
from incident.core.change import ChangeKind
from incident.core.ports import PacedSource
from incident.errors import SourceError
from incident.sources.changes.around import Around
from incident.sources.changes.git import GitFeed, make, parse_log, parse_tags
from tests.adapters.http_server import WallClock

START = datetime(2026, 5, 2, 2, 0, tzinfo=UTC)
FEED = Feed("shop", kind="git", options={"folder": "/nowhere"})


class Clone:
    """A repository that a test commits to, a minute at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.minute = 0
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        at = (START + timedelta(minutes=self.minute)).isoformat()
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder.parent), "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "Kim", "GIT_AUTHOR_EMAIL": "kim@acme.com", "GIT_AUTHOR_DATE": at,
            "GIT_COMMITTER_NAME": "Kim", "GIT_COMMITTER_EMAIL": "kim@acme.com", "GIT_COMMITTER_DATE": at,
        }  # fmt: skip
        done = subprocess.run(
            ["git", "-C", str(self.folder), *words], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, title: str) -> str:
        self.minute += 1
        self.git("commit", "--quiet", "--allow-empty", "--message", title)
        return self.git("rev-parse", "--short=7", "HEAD")

    def merge(self, branch: str, title: str) -> str:
        self.minute += 1
        self.git("merge", "--quiet", "--no-ff", "--message", title, branch)
        return self.git("rev-parse", "--short=7", "HEAD")

    def tag(self, name: str, *words: str) -> None:
        self.minute += 1
        self.git("tag", *words, name)

    def feed(self, **options: Any) -> GitFeed:
        known = Feed("shop", kind="git", service="shop", options={"folder": str(self.folder), **options})
        return make(known, Around(WallClock(), dict(os.environ), 20.0))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "shop")


async def test_a_merge_is_one_change_and_what_was_merged_is_not_told_again(clone: Clone) -> None:
    first = clone.commit("begin")
    clone.git("checkout", "--quiet", "-b", "topic")
    clone.commit("half")
    clone.commit("other half")
    clone.git("checkout", "--quiet", "main")
    merged = clone.merge("topic", "Faster checkout\n\nand more words")
    newest, older = await clone.feed().fetch()
    assert (newest.version, newest.previous, newest.title, newest.by) == (merged, first, "Faster checkout", "Kim")
    assert (newest.at, newest.service, newest.source) == (START + timedelta(minutes=4), "shop", "shop")
    assert (older.version, older.previous) == (first, "")


async def test_a_branch_is_read_without_checking_it_out(clone: Clone) -> None:
    clone.commit("begin")
    clone.git("checkout", "--quiet", "-b", "release/2026")
    released = clone.commit("cut")
    clone.git("checkout", "--quiet", "main")
    newest, _ = await clone.feed(branch="release/2026").fetch()
    assert newest.version == released
    assert clone.git("branch", "--show-current") == "main"


async def test_the_usual_branch_is_the_one_that_the_clone_came_from(clone: Clone, tmp_path: Path) -> None:
    on_main = clone.commit("begin")
    copy = tmp_path / "copy"
    clone.git("clone", "--quiet", str(clone.folder), str(copy))
    local = Clone.__new__(Clone)
    local.folder, local.minute = copy, 9
    local.commit("not pushed")
    assert [change.version for change in await local.feed().fetch()] == [on_main]


async def test_tags_are_changes_each_with_the_one_before_it(clone: Clone) -> None:
    clone.commit("begin")
    clone.tag("v9")
    clone.commit("more")
    clone.tag("v10", "--annotate", "--message=the tenth")
    clone.tag("other")
    newest, older = await clone.feed(tags="v*", change="config").fetch()
    assert (newest.version, newest.previous, newest.title, newest.by) == ("v10", "v9", "the tenth", "Kim")
    assert (newest.kind, older.version, older.previous) == (ChangeKind.CONFIG, "v9", "")


async def test_how_old_the_clone_is_is_said(clone: Clone) -> None:
    clone.commit("begin")
    feed = clone.feed()
    await feed.fetch()
    assert (feed.note, isinstance(feed, PacedSource), feed.name) == ("", True, "shop")
    mark = clone.folder / ".git" / "FETCH_HEAD"
    mark.touch()
    await feed.fetch()
    assert feed.note == ""
    hours_ago = datetime.now(UTC).timestamp() - 3 * 3600
    os.utime(mark, (hours_ago, hours_ago))
    await feed.fetch()
    assert feed.note == "last fetched 3h ago"


async def test_the_settings_of_a_repository_run_nothing(clone: Clone, tmp_path: Path) -> None:
    clone.commit("begin")
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    for key in ("core.pager", "core.fsmonitor", "gpg.program", "core.sshCommand", "diff.external"):
        clone.git("config", key, str(program))
    clone.git("config", "log.showSignature", "true")
    head, message = clone.git("cat-file", "commit", "HEAD").split("\n\n")
    signed = f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n{message}\n"
    (tmp_path / "signed").write_text(signed)
    clone.git("update-ref", "HEAD", clone.git("hash-object", "-t", "commit", "-w", str(tmp_path / "signed")))
    assert len(await clone.feed().fetch()) == 1
    assert not (tmp_path / "ran").exists()


async def test_nothing_is_written(clone: Clone) -> None:
    clone.commit("begin")
    before = {path: path.stat().st_mtime_ns for path in clone.folder.rglob("*")}
    await clone.feed().fetch()
    await clone.feed(tags="*").fetch()
    assert {path: path.stat().st_mtime_ns for path in clone.folder.rglob("*")} == before


@pytest.mark.parametrize(
    ("folder", "options", "what"),
    [
        ("gone", {}, "there is no such folder"),
        (".", {}, "git ended with exit 128: fatal: not a git repository"),
        ("shop", {"branch": "nowhere"}, "git ended with exit 128: fatal: bad revision 'nowhere'"),
    ],
)
async def test_what_is_no_clone_is_said(
    folder: str, options: dict[str, str], what: str, clone: Clone, tmp_path: Path
) -> None:
    clone.commit("begin")
    feed = Feed("x", kind="git", options={"folder": str(tmp_path / folder), **options})
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": "/"}
    with pytest.raises(SourceError) as caught:
        await make(feed, Around(WallClock(), environment, 20.0)).fetch()
    assert caught.value.what.startswith(what)
    assert caught.value.hint


async def test_a_branch_that_looks_like_an_option_is_none(clone: Clone) -> None:
    clone.commit("begin")
    with pytest.raises(SourceError):
        await clone.feed(branch="--output=/tmp/x").fetch()


def test_hostile_commits_arrive_as_plain_text() -> None:
    record = (
        "a" * 40
        + "\x1f"
        + "b" * 40
        + " "
        + "c" * 40
        + "\x1f2026-05-02T02:00:00Z\x1fEve\x1b[31m\x1f\x1b]0;x\x07[/b]\x1fz"
    )
    [change] = parse_log(record.encode() + b"\0", FEED)
    assert (change.version, change.previous, change.by, change.title) == ("aaaaaaa", "bbbbbbb", "Eve", "[/b]z")


@pytest.mark.parametrize("told", [b"nonsense", b"a\x1fb\x1fnever\x1fc\x1fd"])
def test_what_git_never_prints_is_an_error(told: bytes) -> None:
    with pytest.raises(SourceError):
        parse_log(told, FEED)


def test_a_tag_without_a_date_tells_nothing_and_one_that_is_odd_is_an_error() -> None:
    assert parse_tags(b"\x1fv1\x1f\x1f\n", FEED) == ()
    with pytest.raises(SourceError):
        parse_tags(b"v1\n", FEED)
