"""The history of a local clone: the commits that a branch took in, or its tags. Nothing is fetched or written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from incident.config import Feed
from incident.core.change import Change, ChangeKind, same_version
from incident.core.text import one_line
from incident.core.when import age, from_iso
from incident.errors import SourceError
from incident.sources.changes.around import Around
from incident.sources.changes.program import Printed, failure, printed

COMMITS = 200  # the newest ones that are looked at
OLD = 900.0  # seconds since the last fetch from which on it is said
_CALM = ("git", "--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")
_FIELDS = "%H%x1f%P%x1f%cI%x1f%an%x1f%s"
_TAG = "%(creatordate:iso-strict)%1f%(refname:strip=2)%1f%(taggername)%(authorname)%1f%(subject)"
_SHORT = 7  # characters of a commit's name


def make(feed: Feed, around: Around) -> GitFeed:
    """The feed as it is configured."""
    return GitFeed(feed, around)


class GitFeed:
    """Commits on a branch, first parents only, or tags; a change is as old as its commit or tag."""

    pause = 60.0  # seconds

    def __init__(self, feed: Feed, around: Around) -> None:
        self._feed = feed
        self._around = around
        self._folder = str(feed.options["folder"])
        self._tags = str(feed.options.get("tags", ""))
        self._branch = str(feed.options.get("branch", ""))
        self.note = ""

    @property
    def name(self) -> str:
        """The name on the screen."""
        return self._feed.name

    async def fetch(self) -> tuple[Change, ...]:
        """The newest changes in the clone as it is. Raises SourceError."""
        if not _is_folder(self._folder):
            raise SourceError("there is no such folder", at=self._folder, hint="name a clone in the configuration")
        changes = await self._tagged() if self._tags else await self._merged()
        self.note = self._fetched()
        return changes

    async def _merged(self) -> tuple[Change, ...]:
        branch = self._branch or await self._usual_branch()
        ended = await self._git(
            "log", "--first-parent", f"--max-count={COMMITS}", f"--format={_FIELDS}", "-z", "--end-of-options", branch,
            "--",
        )  # fmt: skip
        return parse_log(ended.out, self._feed)

    async def _tagged(self) -> tuple[Change, ...]:
        ended = await self._git(
            "for-each-ref",
            "--sort=-version:refname",
            "--sort=-creatordate",
            f"--count={COMMITS}",
            f"--format={_TAG}",
            f"refs/tags/{self._tags}",
        )
        return parse_tags(ended.out, self._feed)

    async def _usual_branch(self) -> str:
        """What the clone came from calls its main branch; where nobody said so, what is checked out."""
        ended = await self._git("rev-parse", "--verify", "--quiet", "--abbrev-ref", "origin/HEAD", good=(0, 1, 128))
        return one_line(ended.out.decode("utf-8", "replace")) if ended.exit == 0 else "HEAD"

    async def _git(self, *words: str, good: tuple[int, ...] = (0,)) -> Printed:
        argv = (*_CALM, "-C", self._folder, *words)
        ended = await printed(argv, self._around.patience, environment=_quiet(self._around.environment))
        if ended.exit not in good:
            raise failure(
                argv, f"git ended with exit {ended.exit}{ended.last_words}", "is it a clone, with this branch?"
            )
        return ended

    def _fetched(self) -> str:
        """How old what the clone knows is, where that matters: nothing is fetched from here."""
        stamps = [place.stat().st_mtime for place in _fetch_marks(Path(self._folder)) if place.exists()]
        if not stamps:
            return ""
        since = self._around.clock.now() - datetime.fromtimestamp(max(stamps), self._around.clock.now().tzinfo)
        return f"last fetched {age(since)} ago" if since.total_seconds() > OLD else ""


def parse_log(told: bytes, feed: Feed) -> tuple[Change, ...]:
    """The changes in what `git log` printed. Raises SourceError when that is not what was asked for."""
    changes = []
    for record in filter(None, told.decode("utf-8", "replace").split("\0")):
        name, parents, at, author, subject = _fields(record, 5, feed)
        parent = parents.split()[0] if parents.strip() else ""
        changes.append(_change(feed, at, name[:_SHORT], parent[:_SHORT], author, subject))
    return tuple(changes)


def parse_tags(told: bytes, feed: Feed) -> tuple[Change, ...]:
    """The changes in what `git for-each-ref` printed, the newest first; each replaced the one behind it."""
    lines = filter(None, told.decode("utf-8", "replace").split("\n"))
    rows = [row for row in (_fields(line, 4, feed) for line in lines) if row[0]]  # what has no date tells nothing
    older = [*(name for _, name, _, _ in rows[1:]), ""]
    return tuple(
        _change(feed, at, name, before, tagger, subject)
        for (at, name, tagger, subject), before in zip(rows, older, strict=False)
    )


def _fields(record: str, count: int, feed: Feed) -> list[str]:
    fields = record.split("\x1f", count - 1)
    if len(fields) != count:
        raise SourceError(
            "git printed something else than was asked for", at=feed.name, hint="is its version very old?"
        )
    return fields


def _change(feed: Feed, at: str, version: str, previous: str, by: str, title: str) -> Change:
    try:
        moment = from_iso(at)
    except ValueError:
        raise SourceError(f"{one_line(version, 60)} has no date that can be read", at=feed.name) from None
    return Change(
        at=moment,
        version=one_line(version),
        previous="" if same_version(version, previous) else one_line(previous),
        kind=ChangeKind(str(feed.options.get("change", ChangeKind.DEPLOY.value))),
        service=feed.service,
        by=one_line(by, 100),
        title=one_line(title, 300),
        source=feed.name,
    )


def _quiet(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what points git elsewhere or makes it ask."""
    kept = {name: value for name, value in environment.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C.UTF-8",
    }


def _is_folder(path: str) -> bool:
    return Path(path).is_dir()


def _fetch_marks(folder: Path) -> tuple[Path, ...]:
    """The files that a fetch rewrites, in a clone and in a bare one."""
    return (folder / ".git" / "FETCH_HEAD", folder / "FETCH_HEAD")
