"""Which version a runbook's `<previous>` and `<sha>` mean, and which changes going back to a version would undo."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from incident.core.change import Change, ChangeKind, Outcome, newest_first, same_version
from incident.core.change_rank import Trouble, number, plausible, ranked, same_service
from incident.core.when import age, minute

_PREVIOUS = frozenset({"previous", "previous-sha", "previous-version", "last-good", "last-good-sha", "good-sha"})
_CURRENT = frozenset({"sha", "commit"})
_VERSION = re.compile(r"(?:\A|-)(?:sha|commit|version|tag|release|revision|previous|good|image)(?:-|\Z)")
_ROLLBACK = re.compile(r"(?i)roll(?:ing)?[ _-]?back|\brevert|\bundo\b|\bprevious\b")
_WORDS = re.compile(r"[^\w.+-]+")
_LONG = 4  # characters; a shorter version, such as 3, may be any word of a command
_OFFERED = 8  # versions that a person can pick from


@dataclass(frozen=True, slots=True)
class Offer:
    """A version with where it comes from, for a parameter."""

    value: str
    origin: str
    title: str = ""  # of the change that speaks for it


def means_previous(name: str) -> bool:
    """Whether a parameter of this name asks for the version to go back to."""
    return _folded(name) in _PREVIOUS


def means_version(name: str) -> bool:
    """Whether a parameter of this name asks for a version at all."""
    return _folded(name) in _CURRENT or bool(_VERSION.search(_folded(name)))


def goes_back(text: str) -> bool:
    """Whether a command or a step speaks of going back to an earlier version."""
    return bool(_ROLLBACK.search(text))


def version_in(text: str, changes: Iterable[Change]) -> str:
    """The one version that a feed knows of and a command names, "" when there is none or more than one."""
    known = {version for change in changes for version in (change.version, change.previous) if len(version) >= _LONG}
    named = {word for word in _WORDS.split(text) for version in known if same_version(word, version)}
    return named.pop() if len(named) == 1 else ""


def filled(name: str, changes: Sequence[Change], trouble: Trouble, *, back: bool = False) -> Offer | None:
    """The version that a parameter surely means, None when a person has to say so.

    Nothing is sure when several changes are plausible, or none, or when the version before was itself taken back; but
    of several deploys of which one has a known version before it, that is the only one to go back to. In a command that
    goes `back`, a commit may be the good one or the bad one.
    """
    rivals = [one.change for one in plausible(ranked(changes, trouble))]
    if not rivals or any(change.kind is not ChangeKind.DEPLOY or not change.version for change in rivals):
        return None
    suspect = rivals[0]
    if means_previous(name):
        if _returned(suspect, changes) or any(version_before(change, changes) for change in rivals[1:]):
            return None
        return _back(suspect, changes, trouble.start)
    if _folded(name) in _CURRENT and not back and len(rivals) == 1:
        runs = _history(suspect, changes)[0] == suspect and _ran(suspect)
        origin = f"runs since {minute(suspect.at)}" if runs else f"{suspect.name}, {trouble.distance(suspect)}"
        return Offer(suspect.version, origin, suspect.title)
    return None


def offers(name: str, changes: Sequence[Change], trouble: Trouble) -> tuple[Offer, ...]:
    """The versions to pick from, those of the likeliest changes first."""
    known: dict[str, Offer] = {}
    for one in ranked(changes, trouble):
        change, near = one.change, f"{trouble.distance(one.change)}, rank {number(one.score)}"
        if change.kind is not ChangeKind.DEPLOY or not change.version:
            continue
        whose = f" of {change.service}" if change.service else ""
        back = _back(change, changes, trouble.start)
        if back is not None:
            taken = "  taken back itself once" if _returned(change, changes) else ""
            words = f"before {change.name}{whose}, {near}{taken}"
            known.setdefault(back.value, Offer(back.value, words, change.title))
        if not means_previous(name):
            known.setdefault(change.version, Offer(change.version, f"{change.name}{whose}, {near}", change.title))
    return tuple(known.values())[:_OFFERED]


def version_before(change: Change, changes: Iterable[Change]) -> str:
    """What ran before a change, as it says itself, else the last other version of its service; "" when not known."""
    if change.previous and not same_version(change.previous, change.version):
        return change.previous
    older = (one.version for one in _history(change, changes) if one.at <= change.at and one != change)
    return next((version for version in older if not same_version(version, change.version)), "")


@dataclass(frozen=True, slots=True)
class Undone:
    """What going back to a version would do: the deploys that it undoes, the likeliest first, or why it is odd."""

    changes: tuple[Change, ...] = ()
    odd: str = ""

    def words(self, trouble: Trouble) -> str:
        """`deploy a1b2c3d (6m before the alert): cart: batch price lookups`, and how many more; "" for none."""
        if not self.changes:
            return ""
        change, *others = self.changes
        title = f": {change.title}" if change.title else ""
        listed = ", ".join(other.version for other in others[:3])
        more = f"; and {len(others)} more: {listed}{', …' if len(others) > 3 else ''}" if others else ""
        return f"{change.name} ({trouble.distance(change)}){title}{more}"


def undone_by(version: str, changes: Sequence[Change], trouble: Trouble) -> Undone:
    """What going back to a version would undo. Nothing is said where no feed knows of any deploy."""
    order = {one.change: at for at, one in enumerate(ranked(changes, trouble))}
    ours = [change for change in changes if _was(version, change)]
    if not ours:
        some = any(change.kind is ChangeKind.DEPLOY for change in changes)
        return Undone(odd=f"{version} is no version that is known to have run before" if some else "")
    ours.sort(key=lambda change: order.get(change, len(order)))
    history = newest_first(
        c for c in changes if c.kind is ChangeKind.DEPLOY and same_service(c.service, ours[0].service)
    )
    newest = history[0]
    if _ran(newest) and same_version(newest.version, version):
        return Undone(odd=f"{version} runs now, since {minute(newest.at)}: going back to it undoes nothing")
    at = next(at for at, change in enumerate(history) if _was(version, change))
    undone = history[: at + 1] if same_version(history[at].previous, version) else history[:at]
    return Undone(tuple(sorted(undone, key=lambda change: order.get(change, len(order)))))


def _was(version: str, change: Change) -> bool:
    """Whether a deploy says that a version ran, since it or before it."""
    before = same_version(change.previous, version)
    return change.kind is ChangeKind.DEPLOY and (before or (_ran(change) and same_version(change.version, version)))


def _back(change: Change, changes: Sequence[Change], start: datetime) -> Offer | None:
    """The version that ran before a change, with what is known of it."""
    version = version_before(change, changes)
    if not version:
        return None
    came = next((one for one in _history(change, changes) if same_version(one.version, version)), None)
    about = ""
    if came is not None and came.at <= change.at:
        about = f"; deployed {age(start - came.at)} earlier{f': {came.title}' if came.title else ''}"
    return Offer(version, f"ran until {minute(change.at)}, before {change.version}{about}", change.title)


def _returned(change: Change, changes: Iterable[Change]) -> bool:
    """Whether a deploy brought back a version that ran before: then what ran before it was taken back."""
    older = [one for one in _history(change, changes) if one.at < change.at]
    return any(
        same_version(one.version, change.version) or same_version(one.previous, change.version) for one in older
    ) and not (older and same_version(older[0].version, change.version))


def _history(change: Change, changes: Iterable[Change]) -> list[Change]:
    """The deploys of a change's service that ran, and itself, the newest first."""
    alike = (one for one in changes if (_ran(one) and same_service(one.service, change.service)) or one == change)
    return list(newest_first(alike))


def _ran(change: Change) -> bool:
    return change.kind is ChangeKind.DEPLOY and change.outcome is Outcome.DONE


def _folded(name: str) -> str:
    return re.sub(r"[\s_]+", "-", name).lower()
