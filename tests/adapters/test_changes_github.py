"""Deployments and runs as GitHub documents them, over its API and through `gh`, and all that can go wrong."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from incident.config import Feed, Secret
from incident.core.change import Change, Outcome
from incident.errors import SourceError, UsageError
from incident.sources.changes import KINDS
from incident.sources.changes.around import Around
from incident.sources.changes.github import GithubFeed, make, parse_runs
from incident.sources.changes.github_api import Api, Gh, talk_to
from tests.adapters.http_server import Heard, Listener, Reply, body, raw, routes, silence, value

NOW = datetime(2026, 5, 2, 3, 7, 12, tzinfo=UTC)
SHAS = {name: f"{name}{'0' * 33}" for name in ("a1b2c3d", "9f8e7d6", "77c0ffe")}
DEPLOYMENTS = "/repos/acme/shop/deployments"
RUNS = "/repos/acme/shop/actions/workflows/deploy.yml/runs"
COMMITS = "/repos/acme/shop/commits"


@dataclass
class Clock:
    """Stands still until it is moved."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def ago(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def deployment(number: int, sha: str, minutes: float, **more: Any) -> dict[str, Any]:
    """A deployment in the documented shape."""
    return {
        "url": f"https://api.github.com/repos/acme/shop/deployments/{number}", "id": number, "node_id": "x",
        "sha": SHAS.get(sha, sha), "ref": "main", "task": "deploy", "payload": {}, "environment": "production",
        "original_environment": "production", "description": None, "creator": {"login": "pipeline[bot]", "id": 1},
        "created_at": ago(minutes), "updated_at": ago(minutes), "transient_environment": False,
        "production_environment": True, **more,
    }  # fmt: skip


def state(word: str, minutes: float, **more: Any) -> dict[str, Any]:
    return {"id": 9, "state": word, "created_at": ago(minutes), "updated_at": ago(minutes), "description": "",
            "target_url": "", "log_url": "https://github.com/acme/shop/actions/runs/7", **more}  # fmt: skip


def commit(sha: str, message: str) -> dict[str, Any]:
    return {"sha": SHAS[sha], "commit": {"message": message, "author": {"name": "Kim"}}}


def run(number: int, sha: str, minutes: float, **more: Any) -> dict[str, Any]:
    """A run in the documented shape: begun four minutes before it was over."""
    return {
        "id": number, "name": "Deploy", "head_branch": "main", "head_sha": SHAS.get(sha, sha), "run_number": number,
        "event": "push", "status": "completed", "conclusion": "success", "display_title": "cart: batch price lookups",
        "html_url": f"https://github.com/acme/shop/actions/runs/{number}", "created_at": ago(minutes + 5),
        "run_started_at": ago(minutes + 4), "updated_at": ago(minutes), "actor": {"login": "sam"},
        "triggering_actor": {"login": "kim"}, "head_commit": {"message": "cart: batch price lookups\n\nmore words"},
        **more,
    }  # fmt: skip


STATES = {
    1: [state("success", 11), state("in_progress", 14), state("queued", 15)],
    2: [state("inactive", 11), state("success", 26 * 60), state("in_progress", 26 * 60 + 3)],
}
LISTED = [deployment(1, "a1b2c3d", 15), deployment(2, "9f8e7d6", 26 * 60 + 5)]
HISTORY = [commit("a1b2c3d", "cart: batch price lookups\n\nlong"), commit("9f8e7d6", "login: clearer message")]


def world(**by_path: Reply) -> dict[str, Reply]:
    return {
        DEPLOYMENTS: value(LISTED),
        **{f"{DEPLOYMENTS}/{number}/statuses": value(told) for number, told in STATES.items()},
        COMMITS: value(HISTORY),
        **by_path,
    }


@dataclass
class Setting:
    """A feed on a server of its own."""

    feed: GithubFeed
    server: Listener
    clock: Clock = field(default_factory=Clock)

    @property
    def asked(self) -> list[str]:
        return [heard.path for heard in self.server.heard]


def setting(server: Listener, tmp_path: Path, **options: Any) -> Setting:
    clock = Clock()
    token = tmp_path / "token"
    token.write_text("ghp_secret\n")
    token.chmod(0o600)
    feed = Feed(
        "acme/shop", kind="github", service="shop", token=Secret(file=str(token)),
        options={"repository": "acme/shop", "url": f"{server.url}/api/v3", **options},
    )  # fmt: skip
    return Setting(make(feed, Around(clock, {"PATH": ""}, 5.0)), server, clock)


def under_api(by_path: dict[str, Reply]) -> Reply:
    return routes({f"/api/v3{path}": reply for path, reply in by_path.items()})


async def told(by_path: dict[str, Reply], tmp_path: Path, **options: Any) -> tuple[Change, ...]:
    async with Listener(under_api(by_path)) as server:
        return await setting(server, tmp_path, **options).feed.fetch()


async def failure_of(reply: Reply, tmp_path: Path) -> SourceError:
    async with Listener(reply) as server:
        with pytest.raises(SourceError) as caught:
            await setting(server, tmp_path).feed.fetch()
    assert "ghp_secret" not in str(caught.value)
    return caught.value


async def test_deployments_become_changes_with_what_ran_before(tmp_path: Path) -> None:
    newest, older = await told(world(), tmp_path)
    assert newest == Change(
        at=NOW - timedelta(minutes=11), version="a1b2c3d", previous="9f8e7d6", service="shop", by="pipeline[bot]",
        title="cart: batch price lookups", link="https://github.com/acme/shop/actions/runs/7", source="acme/shop",
        began=NOW - timedelta(minutes=14),
    )  # fmt: skip
    assert (older.version, older.title, older.outcome) == ("9f8e7d6", "login: clearer message", Outcome.DONE)


async def test_the_token_is_sent_and_the_environment_is_asked_for(tmp_path: Path) -> None:
    async with Listener(under_api(world())) as server:
        await setting(server, tmp_path, environment="prod eu").feed.fetch()
        [first, *_] = server.heard
    assert first.headers["authorization"] == "bearer ghp_secret"
    assert first.headers["x-github-api-version"] == "2022-11-28"
    assert first.params["environment"] == "prod eu"


async def test_what_did_not_change_is_asked_for_in_one_request_and_not_sent_again(tmp_path: Path) -> None:
    async def with_etag(heard: Heard, writer: Any) -> None:
        if heard.headers.get("if-none-match") == '"one"':
            await body(b"", status="304 Not Modified")(heard, writer)
        else:
            await body(json.dumps(LISTED).encode(), etag='"one"')(heard, writer)

    async with Listener(under_api(world(**{DEPLOYMENTS: with_etag}))) as server:
        known = setting(server, tmp_path)
        first = await known.feed.fetch()
        server.heard.clear()
        assert await known.feed.fetch() == first
        assert known.asked == [f"/api/v3{DEPLOYMENTS}"]


async def test_a_deployment_that_is_not_over_is_looked_at_again(tmp_path: Path) -> None:
    states: dict[str, Reply] = {f"{DEPLOYMENTS}/1/statuses": value([state("in_progress", 3)])}
    by_path = {f"/api/v3{path}": reply for path, reply in world(**states).items()}

    async def answer(heard: Heard, writer: Any) -> None:
        await routes(by_path)(heard, writer)

    async with Listener(answer) as server:
        known = setting(server, tmp_path)
        newest, *_ = await known.feed.fetch()
        assert (newest.outcome, newest.at, newest.began) == (
            Outcome.RUNNING, NOW - timedelta(minutes=3), NOW - timedelta(minutes=3),
        )  # fmt: skip
        by_path[f"/api/v3{DEPLOYMENTS}/1/statuses"] = value([state("failure", 1), state("in_progress", 3)])
        newest, *_ = await known.feed.fetch()
        assert (newest.outcome, newest.at) == (Outcome.FAILED, NOW - timedelta(minutes=1))


async def test_a_deployment_that_waits_is_no_change_and_one_without_a_state_is_not_over(tmp_path: Path) -> None:
    waiting = {f"{DEPLOYMENTS}/1/statuses": value([state("waiting", 3), state("queued", 4)])}
    assert [change.version for change in await told(world(**waiting), tmp_path)] == ["9f8e7d6"]
    silent = {f"{DEPLOYMENTS}/1/statuses": value([])}
    newest, *_ = await told(world(**silent), tmp_path)
    assert (newest.outcome, newest.at) == (Outcome.RUNNING, NOW - timedelta(minutes=15))


async def test_a_failed_deploy_never_counts_as_what_ran_before(tmp_path: Path) -> None:
    listed = [deployment(1, "a1b2c3d", 15), deployment(3, "77c0ffe", 60), deployment(2, "9f8e7d6", 26 * 60 + 5)]
    more = {DEPLOYMENTS: value(listed), f"{DEPLOYMENTS}/3/statuses": value([state("error", 55)])}
    newest, failed, _ = await told(world(**more), tmp_path)
    assert (newest.previous, failed.previous, failed.outcome) == ("9f8e7d6", "9f8e7d6", Outcome.FAILED)


async def test_of_old_deployments_only_the_one_before_is_looked_at(tmp_path: Path) -> None:
    old = [deployment(number, f"{number:07d}", 60 * 24 * number) for number in range(3, 9)]
    by_path = world(**{DEPLOYMENTS: value([LISTED[0], *old])})
    by_path |= {f"{DEPLOYMENTS}/{n}/statuses": value([state("success", 60 * 24 * n)]) for n in range(3, 9)}
    async with Listener(under_api(by_path)) as server:
        known = setting(server, tmp_path)
        changes = await known.feed.fetch()
        assert [change.version for change in changes] == ["a1b2c3d", "0000003"]
        assert len([path for path in known.asked if path.endswith("/statuses")]) == 2


async def test_a_history_that_cannot_be_had_costs_only_the_titles(tmp_path: Path) -> None:
    newest, *_ = await told(world(**{COMMITS: body(b"{}", status="500 Oops")}), tmp_path)
    assert (newest.version, newest.title) == ("a1b2c3d", "")


async def test_pages_are_turned_while_they_are_young_and_it_is_said_when_there_are_too_many(tmp_path: Path) -> None:
    async def page(heard: Heard, writer: Any) -> None:
        number = int(heard.params.get("page", "1"))
        runs = [run(number * 100 + n, "a1b2c3d", number * 10) for n in range(50)]
        await value({"total_count": 999, "workflow_runs": runs})(heard, writer)

    async with Listener(under_api({RUNS: page})) as server:
        known = setting(server, tmp_path, workflow="deploy.yml")
        assert len(await known.feed.fetch()) == 150
        assert [heard.params.get("page", "1") for heard in server.heard] == ["1", "2", "3"]
        assert known.feed.note == "only the newest 150 were looked at"


async def test_pages_are_not_turned_into_the_past(tmp_path: Path) -> None:
    async def page(heard: Heard, writer: Any) -> None:
        runs = [run(n, "a1b2c3d", 60 * 24 * 3) for n in range(50)]
        await value({"workflow_runs": runs})(heard, writer)

    async with Listener(under_api({RUNS: page})) as server:
        known = setting(server, tmp_path, workflow="deploy.yml", branch="main")
        await known.feed.fetch()
        assert [heard.params for heard in server.heard] == [{"branch": "main", "per_page": "50"}]
        assert known.feed.note == ""


FEED = Feed("ci", kind="github", service="shop", options={"repository": "acme/shop", "workflow": "deploy.yml"})


def test_a_run_is_a_change_of_its_commit_with_the_person_who_triggered_it() -> None:
    newest, older = parse_runs([run(2, "a1b2c3d", 11), run(1, "9f8e7d6", 900)], FEED)
    assert newest == Change(
        at=NOW - timedelta(minutes=11), version="a1b2c3d", previous="9f8e7d6", service="shop", by="kim",
        title="cart: batch price lookups", link="https://github.com/acme/shop/actions/runs/2", source="ci",
        began=NOW - timedelta(minutes=15),
    )  # fmt: skip
    assert older.previous == ""


@pytest.mark.parametrize(
    ("status", "conclusion", "outcome"),
    [
        ("completed", "success", Outcome.DONE), ("completed", "failure", Outcome.FAILED),
        ("completed", "cancelled", Outcome.FAILED), ("completed", "timed_out", Outcome.FAILED),
        ("in_progress", None, Outcome.RUNNING), ("completed", "skipped", None), ("queued", None, None),
        ("waiting", None, None), ("completed", "startup_failure", None),
    ],
)  # fmt: skip
def test_a_run_counts_by_what_became_of_it(status: str, conclusion: str | None, outcome: Outcome | None) -> None:
    changes = parse_runs([run(1, "a1b2c3d", 3, status=status, conclusion=conclusion)], FEED)
    assert [change.outcome for change in changes] == ([outcome] if outcome else [])


def test_a_run_that_was_started_by_hand_does_not_say_what_it_deployed() -> None:
    by_hand = run(3, "a1b2c3d", 5, event="workflow_dispatch", display_title="Roll back to 9f8e7d6")
    newest, rollback, _ = parse_runs([run(4, "a1b2c3d", 1), by_hand, run(1, "9f8e7d6", 900)], FEED)
    assert (rollback.version, rollback.title) == ("", "Roll back to 9f8e7d6")
    assert newest.previous == ""


@pytest.mark.parametrize(
    ("reply", "what", "hint"),
    [
        (body(b'{"message": "Bad"}', status="401 Unauthorized"), "does not accept the credentials", "token"),
        (body(b'{"message": "Not Found"}', status="404 Not Found"), "not found (404)", "private repository"),
        (body(b'{"message": "no"}', status="403 Forbidden"), "may not read this (403)", "read access"),
        (body(b"<html>login</html>"), "web page instead of JSON", "GitHub API"),
        (body(b"{}"), "GitHub told no list", "address of a GitHub"),
        (value(["x"]), "GitHub told no list", "address of a GitHub"),
        (value([{"id": "1", "sha": "a"}]), "a deployment without id or commit", "address of a GitHub"),
        (value([deployment(1, "a1b2c3d", 1, created_at="soon")]), "`created_at` that is no time", "GitHub"),
        (body(b"", status="500 Oops"), "it answered 500", "log"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[]"), "peer closed connection", "port"),
        (raw(b"SSH-2.0\r\n"), "no proper HTTP answer", "port"),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_said_in_words(reply: Reply, what: str, hint: str, tmp_path: Path) -> None:
    failed = await failure_of(reply, tmp_path)
    assert what in failed.what
    assert hint in failed.hint


async def test_an_answer_without_its_runs_is_no_github(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="an answer without `workflow_runs`"):
        await told({RUNS: value([])}, tmp_path, workflow="deploy.yml")


async def test_a_server_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    async with Listener(silence) as server:
        known = setting(server, tmp_path)
        feed = Feed("x", kind="github", options={"repository": "acme/shop", "url": f"{server.url}/api/v3"})
        slow = make(feed, Around(known.clock, {"PATH": ""}, 0.2))
        with pytest.raises(SourceError, match=r"no complete answer within 0\.2 s"):
            await slow.fetch()


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("403 Forbidden", {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW.timestamp()) + 600)}),
        ("429 Too Many Requests", {"retry_after": "600"}),
    ],
)
async def test_once_the_limit_is_used_up_nothing_is_asked_until_github_says_so(
    status: str, headers: dict[str, str], tmp_path: Path
) -> None:
    async with Listener(body(b'{"message": "API rate limit exceeded"}', status=status, **headers)) as server:
        known = setting(server, tmp_path)
        for _ in range(3):
            with pytest.raises(SourceError, match="limit is used up until 03:17 UTC"):
                await known.feed.fetch()
        assert len(server.heard) == 1
        known.clock.at += timedelta(minutes=11)
        with pytest.raises(SourceError):
            await known.feed.fetch()
        assert len(server.heard) == 2


async def test_the_last_answer_within_the_limit_counts_and_the_next_question_waits(tmp_path: Path) -> None:
    reset = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW.timestamp()) + 60)}
    async with Listener(under_api({RUNS: body(b'{"workflow_runs": []}', **reset)})) as server:
        known = setting(server, tmp_path, workflow="deploy.yml")
        assert await known.feed.fetch() == ()
        with pytest.raises(SourceError, match="limit is used up"):
            await known.feed.fetch()


async def test_a_renamed_repository_is_followed_within_the_server(tmp_path: Path) -> None:
    moved = body(b"", status="301 Moved Permanently", location="/api/v3/repositories/7/runs")
    by_path = {f"/api/v3{RUNS}": moved, "/api/v3/repositories/7/runs": value({"workflow_runs": [run(1, "a1b2c3d", 3)]})}
    async with Listener(routes(by_path)) as server:
        [change] = await setting(server, tmp_path, workflow="deploy.yml").feed.fetch()
    assert change.version == "a1b2c3d"


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/x", "//evil.example/x", "http://[", "https://127.0.0.1/"])
async def test_a_redirect_to_elsewhere_gets_neither_the_question_nor_the_token(target: str, tmp_path: Path) -> None:
    failed = await failure_of(body(b"", status="302 Found", location=target), tmp_path)
    assert "redirects to" in failed.what


async def test_a_redirect_in_a_circle_ends(tmp_path: Path) -> None:
    async def circle(heard: Heard, writer: Any) -> None:
        await body(b"", status="307 Temporary Redirect", location=heard.target)(heard, writer)

    assert "again and again" in (await failure_of(circle, tmp_path)).what


async def test_hostile_words_arrive_as_plain_text(tmp_path: Path) -> None:
    evil = commit("a1b2c3d", "\x1b]52;c;eA==\x07[/red]\u202e title\nrest")
    newest, *_ = await told(world(**{COMMITS: value([evil])}), tmp_path)
    assert newest.title == "[/red] title"


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("", "https://api.github.com"), ("https://github.com", "https://api.github.com"),
        ("https://github.acme.com", "https://github.acme.com/api/v3"),
        ("https://github.acme.com/api/v3/", "https://github.acme.com/api/v3"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"), ("https://api.acme.ghe.com", "https://api.acme.ghe.com"),
    ],
)  # fmt: skip
def test_the_api_is_found_from_the_address_that_people_see(url: str, api: str) -> None:
    options = {"repository": "acme/shop", **({"url": url} if url else {})}
    talk = talk_to(Feed("x", kind="github", options=options), Around(Clock(), {"PATH": ""}))
    assert isinstance(talk, Api)
    assert talk._place.url == api
    assert talk.pause == 300


def gh(folder: Path, script: str) -> dict[str, str]:
    """An environment in which `gh` is this script."""
    program = folder / "gh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


async def test_without_a_token_gh_is_asked_where_it_is_installed(tmp_path: Path) -> None:
    answer = tmp_path / "runs.json"
    answer.write_text(json.dumps({"workflow_runs": [run(1, "a1b2c3d", 3)]}))
    environment = gh(tmp_path, f'echo "$@" $GH_PROMPT_DISABLED > {tmp_path}/argv; cat {answer}')
    options = {**FEED.options, "url": "https://github.acme.com", "branch": "main"}
    feed = make(Feed("ci", kind="github", options=options), Around(Clock(), environment))
    [change] = await feed.fetch()
    assert (change.version, feed.pause) == ("a1b2c3d", 60)
    said = (tmp_path / "argv").read_text().split()
    assert said[:6] == ["api", "--hostname", "github.acme.com", "--method", "GET", "-H"]
    query = urlencode({"branch": "main", "per_page": "50"})
    assert said[-2:] == [f"{RUNS.lstrip('/')}?{query}", "1"]


@pytest.mark.parametrize(
    ("script", "what", "hint"),
    [
        ("exit 4", "gh is not signed in", "gh auth login --hostname github.com"),
        ("echo 'gh: Not Found (HTTP 404)' >&2; exit 1", "gh ended with exit 1: gh: Not Found (HTTP 404)", "by hand"),
        ("echo nonsense", "its JSON is broken", "by hand"),
    ],
)
async def test_what_gh_says_is_passed_on(script: str, what: str, hint: str, tmp_path: Path) -> None:
    feed = make(FEED, Around(Clock(), gh(tmp_path, script)))
    with pytest.raises(SourceError) as caught:
        await feed.fetch()
    assert what in caught.value.what
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("url", "host"),
    [("", "github.com"), ("https://api.github.com", "github.com"), ("https://api.acme.ghe.com", "acme.ghe.com")],
)
def test_gh_knows_a_server_by_its_host(url: str, host: str, tmp_path: Path) -> None:
    feed = Feed("x", kind="github", options={"repository": "a/b", **({"url": url} if url else {})})
    talk = talk_to(feed, Around(Clock(), gh(tmp_path, "")))
    assert isinstance(talk, Gh)
    assert talk._host == host


def test_a_token_that_is_configured_is_used_even_where_gh_is(tmp_path: Path) -> None:
    feed = Feed("x", kind="github", token=Secret(env="GH_TOKEN"), options={"repository": "a/b"})
    talk = talk_to(feed, Around(Clock(), gh(tmp_path, "")))
    assert isinstance(talk, Api)
    assert talk.pause == 60


def test_every_kind_of_feed_is_registered_as_a_third_partys_would_be() -> None:
    assert {"command", "git", "github", "terraform"} <= set(KINDS.names())
    assert KINDS.load("github") is make
    with pytest.raises(UsageError, match="there is no change feed"):
        KINDS.load("githob")
