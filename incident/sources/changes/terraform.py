"""Drift: what is not as Terraform's code and state have it, by a plan that takes no lock and changes nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from incident.config import Feed
from incident.core.change import Change, ChangeKind
from incident.core.text import one_line
from incident.errors import SourceError
from incident.sources.body import BodyError, from_json
from incident.sources.changes.around import Around
from incident.sources.changes.program import failure, printed

PATIENCE = 300.0  # seconds: a plan looks at every resource
TOLD = 100  # resources
_LIMIT = 32 * 2**20  # bytes of output; a refresh says two lines per resource
_PLAN = ("plan", "-detailed-exitcode", "-input=false", "-lock=false", "-json")
_NOTHING = frozenset({"noop", "read", ""})


def make(feed: Feed, around: Around) -> TerraformFeed:
    """The feed as it is configured."""
    return TerraformFeed(feed, around)


class TerraformFeed:
    """One folder of Terraform. It is only asked when a person wants it: a plan takes minutes."""

    pause = math.inf
    note = ""

    def __init__(self, feed: Feed, around: Around) -> None:
        self._feed = feed
        self._around = around
        self._folder = str(feed.options["folder"])
        files = feed.options.get("var_files", ())
        self._argv = (str(feed.options.get("program", "terraform")), *_PLAN, *(f"-var-file={file}" for file in files))

    @property
    def name(self) -> str:
        """The name on the screen."""
        return self._feed.name

    async def fetch(self) -> tuple[Change, ...]:
        """What differs now; since when is not known. Raises SourceError."""
        if not _is_folder(self._folder):
            raise SourceError("there is no such folder", at=self._folder, hint="name one with Terraform's files")
        kept = {name: value for name, value in self._around.environment.items() if not name.startswith("TF_CLI_ARGS")}
        quiet = {**kept, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        patience = max(PATIENCE, self._around.patience)
        ended = await printed(self._argv, patience, directory=self._folder, environment=quiet, limit=_LIMIT)
        lines = _lines(ended.out)
        if ended.exit not in (0, 2):
            said = next((_words(line) for line in lines if line.get("@level") == "error"), "") or ended.last_words[2:]
            raise failure(self._argv, f"it ended with exit {ended.exit}{f': {said}' if said else ''}",
                          f"run it by hand in {self._folder}")  # fmt: skip
        if ended.exit == 0:
            return ()
        return parse(lines, self._feed, self._around.clock.now())


def parse(lines: Sequence[dict[str, Any]], feed: Feed, now: datetime) -> tuple[Change, ...]:
    """The resources that a plan names, each as a change whose time nobody knows; at most `TOLD`."""
    drifted, planned = _actions(lines, "resource_drift"), _actions(lines, "planned_change")
    changes = []
    for address in [*drifted, *(one for one in planned if one not in drifted)][:TOLD]:
        said = []
        if address in drifted:
            said.append(f"{_PAST.get(drifted[address], drifted[address])} outside of Terraform")
        if address in planned:
            said.append(f"an apply would {planned[address]} it")
        changes.append(
            Change(
                at=now,
                version=address,
                kind=ChangeKind.INFRASTRUCTURE,
                service=feed.service,
                title="; ".join(said),
                source=feed.name,
                dated=False,
            )
        )
    return tuple(changes)


_PAST = {"update": "changed", "delete": "deleted", "create": "created", "move": "moved"}


def _actions(lines: Sequence[dict[str, Any]], kind: str) -> dict[str, str]:
    """What is told of each resource, by address."""
    found: dict[str, str] = {}
    for line in lines:
        change = line.get("change")
        if line.get("type") != kind or not isinstance(change, dict) or not isinstance(change.get("resource"), dict):
            continue
        address, action = change["resource"].get("addr"), change.get("action")
        if isinstance(address, str) and isinstance(action, str) and action not in _NOTHING:
            found[one_line(address, 200)] = one_line(action, 40)
    return found


def _lines(told: bytes) -> list[dict[str, Any]]:
    """The JSON objects among the lines; a warning before the first of them is none."""
    found = []
    for line in told.split(b"\n"):
        try:
            value = from_json(line)
        except BodyError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def _words(line: dict[str, Any]) -> str:
    words = line.get("@message")
    return one_line(words, 200) if isinstance(words, str) else ""


def _is_folder(path: str) -> bool:
    return Path(path).is_dir()
