"""GitHub: the deployments to an environment, or the runs of the workflow that deploys."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from incident.config import Feed
from incident.core.change import Change, Outcome, newest_first
from incident.core.text import one_line
from incident.core.when import from_iso
from incident.errors import SourceError
from incident.sources.changes.around import Around
from incident.sources.changes.github_api import Talk, talk_to

BACK = timedelta(hours=48)  # that is told; of what is older only what ran before
_PAGE = 50  # things on one page
_PAGES = 3  # pages that are turned
_LOOKED_AT = 20  # deployments whose states are looked at
_AT_ONCE = 2  # requests
_SHORT = 7  # characters of a commit's name
_ENDED = frozenset({"success", "failure", "error", "inactive"})
_FAILED = frozenset({"failure", "error"})
_RUN_FAILED = frozenset({"failure", "timed_out", "cancelled"})


def make(feed: Feed, around: Around) -> GithubFeed:
    """The feed as it is configured. Raises UsageError."""
    return GithubFeed(feed, around, talk_to(feed, around))


class GithubFeed:
    """What was deployed from a repository. A state that cannot change any more is asked for once."""

    def __init__(self, feed: Feed, around: Around, talk: Talk) -> None:
        self._feed = feed
        self._around = around
        self._talk = talk
        self._repo = f"/repos/{feed.options['repository']}"
        self._states: dict[int, tuple[_State, ...]] = {}  # those that are final, by deployment
        self._titles: dict[str, str] = {}  # by commit
        self._asked_for_titles = ""
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self.note = ""

    @property
    def name(self) -> str:
        """The name on the screen."""
        return self._feed.name

    @property
    def pause(self) -> float:
        """Seconds between two looks."""
        return self._talk.pause

    async def fetch(self) -> tuple[Change, ...]:
        """The deploys of the last two days, and the one before them. Raises SourceError."""
        try:
            if "workflow" in self._feed.options:
                return await self._runs()
            return await self._deployments()
        finally:
            await self._talk.hang_up()

    # -- the runs of a workflow ---------------------------------------------------------------------------------

    async def _runs(self) -> tuple[Change, ...]:
        workflow = quote(str(self._feed.options["workflow"]), safe="")
        branch = str(self._feed.options.get("branch", ""))
        params = {"branch": branch} if branch else {}
        runs = await self._pages(f"{self._repo}/actions/workflows/{workflow}/runs", params, "workflow_runs")
        return parse_runs(runs, self._feed)

    # -- deployments --------------------------------------------------------------------------------------------

    async def _deployments(self) -> tuple[Change, ...]:
        environment = str(self._feed.options.get("environment", "production"))
        params = {"environment": environment}
        branch = str(self._feed.options.get("branch", ""))
        found = await self._pages(f"{self._repo}/deployments", {**params, **({"ref": branch} if branch else {})}, "")
        planned = [_deployment(one, self._feed) for one in found]
        young = [one for one in planned if self._is_young(one.created)][:_LOOKED_AT]
        states = dict(zip((one.id for one in young), await self._states_of(young), strict=True))
        for one in planned[len(young) : len(young) + 3]:  # what ran before the oldest of them
            states[one.id] = (await self._states_of([one]))[0]
            if any(state.word == "success" for state in states[one.id]):
                break
        changes = [_as_change(one, states[one.id], self._feed) for one in planned if one.id in states]
        known = [change for change in changes if change is not None]
        await self._learn_titles([one.sha for one in planned if one.id in states])
        return _chained([replace(c, title=c.title or self._titles.get(c.version, "")) for c in known])

    async def _states_of(self, deployments: Sequence[_Deployment]) -> list[tuple[_State, ...]]:
        return await asyncio.gather(*(self._state_of(one) for one in deployments))

    async def _state_of(self, deployment: _Deployment) -> tuple[_State, ...]:
        if deployment.id in self._states:
            return self._states[deployment.id]
        async with self._turns:
            told = await self._talk.get(f"{self._repo}/deployments/{deployment.id}/statuses", {"per_page": "30"})
        states = tuple(sorted((_state(one, self._feed) for one in _list(told, self._feed)), key=lambda one: one.at))
        if states and states[-1].word in _ENDED:
            self._states[deployment.id] = states
        return states

    async def _learn_titles(self, commits: Sequence[str]) -> None:
        """Ask for the history of the newest commit, when some have no title yet; a title is worth no failure."""
        if not commits or self._asked_for_titles == commits[0] or all(c[:_SHORT] in self._titles for c in commits):
            return
        try:
            told = await self._talk.get(f"{self._repo}/commits", {"sha": commits[0], "per_page": "100"})
            for one in _list(told, self._feed):
                self._titles[_text(one, "sha")[:_SHORT]] = _first_line(_inner(one, "commit"), "message")
        except SourceError:
            return
        self._asked_for_titles = commits[0]

    # -- both ---------------------------------------------------------------------------------------------------

    async def _pages(self, path: str, params: Mapping[str, str], key: str) -> list[Any]:
        """Things, the newest first, as far back as they matter."""
        found: list[Any] = []
        self.note = ""
        for page in range(1, _PAGES + 1):
            more = {**params, "per_page": str(_PAGE), **({"page": str(page)} if page > 1 else {})}
            told = await self._talk.get(path, more)
            things = _list(_inner_list(told, key, self._feed) if key else told, self._feed)
            found += things
            if len(things) < _PAGE or not self._is_young(_time(things[-1], "created_at", self._feed)):
                return found
        self.note = f"only the newest {len(found)} were looked at"
        return found

    def _is_young(self, at: datetime) -> bool:
        return self._around.clock.now() - at <= BACK


def parse_runs(runs: Sequence[Any], feed: Feed) -> tuple[Change, ...]:
    """The changes in a workflow's runs. Raises SourceError when they are not what GitHub documents.

    A run that a person started names the commit of its workflow, not the version that it deploys: that one is unknown.
    """
    changes = (_run(run, feed) for run in runs)
    return _chained([change for change in changes if change is not None])


def _run(run: Any, feed: Feed) -> Change | None:
    """A run as a change; None for one that did not begin or was skipped."""
    status, conclusion = _text(run, "status"), _text(run, "conclusion")
    if status == "completed" and conclusion == "success":
        outcome = Outcome.DONE
    elif status == "completed" and conclusion in _RUN_FAILED:
        outcome = Outcome.FAILED
    elif status == "in_progress":
        outcome = Outcome.RUNNING
    else:
        return None
    began = _time(run, "run_started_at" if run.get("run_started_at") else "created_at", feed)
    by_hand = _text(run, "event") in ("workflow_dispatch", "repository_dispatch")
    actor = _inner(run, "triggering_actor") or _inner(run, "actor")
    title = "" if by_hand else _first_line(_inner(run, "head_commit"), "message")
    return Change(
        at=began if outcome is Outcome.RUNNING else _time(run, "updated_at", feed),
        version="" if by_hand else _text(run, "head_sha")[:_SHORT],
        service=feed.service,
        by=_text(actor, "login"),
        title=title or _text(run, "display_title") or _text(run, "name"),
        link=_text(run, "html_url"),
        source=feed.name,
        began=began,
        outcome=outcome,
    )


@dataclass(frozen=True, slots=True)
class _Deployment:
    id: int
    sha: str
    created: datetime
    by: str
    title: str


@dataclass(frozen=True, slots=True)
class _State:
    word: str
    at: datetime
    link: str


def _deployment(told: Any, feed: Feed) -> _Deployment:
    identity = told.get("id") if isinstance(told, dict) else None
    if not isinstance(identity, int) or not _text(told, "sha"):
        raise _odd(feed, "a deployment without id or commit")
    by, title = _text(_inner(told, "creator"), "login"), _text(told, "description")
    return _Deployment(identity, _text(told, "sha"), _time(told, "created_at", feed), by, title)


def _state(told: Any, feed: Feed) -> _State:
    return _State(
        _text(told, "state"), _time(told, "created_at", feed), _text(told, "log_url") or _text(told, "target_url")
    )


def _as_change(one: _Deployment, states: Sequence[_State], feed: Feed) -> Change | None:
    """A deployment as a change; None while it waits. One that reports no state counts as not over."""
    words = {state.word: state for state in reversed(states)}  # the first of each
    began = words["in_progress"].at if "in_progress" in words else one.created
    failed = next((state for state in reversed(states) if state.word in _FAILED), None)
    if "success" in words:
        at, outcome = words["success"].at, Outcome.DONE
    elif failed is not None:
        at, outcome = failed.at, Outcome.FAILED
    elif "in_progress" in words or not states:
        at, outcome = began, Outcome.RUNNING
    else:
        return None
    return Change(
        at=at,
        version=one.sha[:_SHORT],
        service=feed.service,
        by=one.by,
        title=one.title,
        link=next((state.link for state in reversed(states) if state.link), ""),
        source=feed.name,
        began=min(began, at),
        outcome=outcome,
    )


def _chained(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The same, each with the version that ran before it."""
    ordered = newest_first(changes)
    told = []
    for at, change in enumerate(ordered):
        ran = (one.version for one in ordered[at + 1 :] if one.outcome is Outcome.DONE and one.at <= change.at)
        told.append(replace(change, previous=next(ran, "")))
    return tuple(told)


def _inner_list(told: Any, key: str, feed: Feed) -> Any:
    if not isinstance(told, dict) or key not in told:
        raise _odd(feed, f"an answer without `{key}`")
    return told[key]


def _list(told: Any, feed: Feed) -> list[Any]:
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise _odd(feed, "no list")
    return told


def _inner(told: Any, key: str) -> dict[str, Any]:
    inner = told.get(key) if isinstance(told, dict) else None
    return inner if isinstance(inner, dict) else {}


def _text(told: Any, key: str) -> str:
    text = told.get(key) if isinstance(told, dict) else None
    return one_line(text, 300) if isinstance(text, str) else ""


def _first_line(told: dict[str, Any], key: str) -> str:
    text = told.get(key)
    return one_line(text.partition("\n")[0], 300) if isinstance(text, str) else ""


def _time(told: Any, key: str, feed: Feed) -> datetime:
    try:
        return from_iso(_text(told, key))
    except ValueError:
        raise _odd(feed, f"`{key}` that is no time") from None


def _odd(feed: Feed, what: str) -> SourceError:
    return SourceError(f"GitHub told {what}", at=feed.name, hint="is `url` the address of a GitHub?")
