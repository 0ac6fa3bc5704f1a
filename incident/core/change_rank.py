"""Which change is near what happened: time x same service x kind, with the arithmetic in words.

It is a coincidence in time and place and says so; what caused what is for a person to say. The constants:

- Time halves after 30 minutes and goes on like 1 / (1 + distance / 30 min): a slow leak still counts a little.
- Service: 1 for the same one, 0.7 where one name holds the other, 0.5 where either names none, 0.1 for another one.
- Kind: in Google's published count of its post-mortems 37 % began with a binary and 31 % with a configuration, so 1 and
  0.8; the infrastructure is the start of fewer, 0.5.
- From 0.2 on a change is likely: a deploy of the same service for two hours, one of an unnamed service for 45 minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from incident.core.alert import Alert
from incident.core.change import Change, ChangeKind, Outcome
from incident.core.facts import Milestone
from incident.core.incident import Incident
from incident.core.when import age, duration

HALF = timedelta(minutes=30)  # the distance at which time counts half
SKEW = timedelta(minutes=1)  # that two clocks may differ: what is said to be so little after the start may be before it
LIKELY = 0.2
RIVAL = 0.5  # of the best one's rank: from there on another likely change is plausible, too
_UNSURE = 0.5  # what time counts inside the skew
_KINDS = {ChangeKind.DEPLOY: 1.0, ChangeKind.CONFIG: 0.8, ChangeKind.INFRASTRUCTURE: 0.5}
_SAME, _AKIN, _UNKNOWN, _OTHER = 1.0, 0.7, 0.5, 0.1
_LABELS = (
    "service", "service_name", "app", "application", "app_kubernetes_io_name", "job", "deployment", "statefulset",
    "daemonset", "container", "namespace",
)  # fmt: skip
_FILLERS = frozenset({"service", "svc"})
_REACH = HALF * (1 / LIKELY)  # nothing that is further away can be likely
_UNDER_WAY = "under way"
NOW = "now"  # what trouble is measured from when nothing fired
CAVEAT = "That is near in time and place; whether it matters is for you to say."


@dataclass(frozen=True, slots=True)
class Trouble:
    """What changes are measured against: when it began, which services it names, and in words what began then."""

    start: datetime
    services: tuple[str, ...] = ()
    said: str = "the alert"

    def distance(self, change: Change) -> str:
        """`7m before the alert`, `under way at the alert`, `2m after the alert`, `7m ago`."""
        gap = self.gap(change)
        if not change.dated or self.said == NOW:
            return gap.replace(" before", " ago")
        return f"{gap} at {self.said}" if gap == _UNDER_WAY else f"{gap} {self.said}"

    def gap(self, change: Change) -> str:
        """The same in fewer words: `7m before`."""
        if not change.dated:
            return "nobody knows when"
        if _under_way(change, self.start):
            return _UNDER_WAY
        span = self.start - change.at
        return f"{age(span)} before" if span >= timedelta(0) else f"{age(-span)} after"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A change with its rank: three factors between 0 and 1, rounded so that what is printed is what is computed."""

    change: Change
    time: float
    service: float
    kind: float
    words: tuple[str, str, str]  # of each factor

    @property
    def score(self) -> float:
        """The product, 0 to 1."""
        return round(self.time * self.service * self.kind, 2)

    @property
    def likely(self) -> bool:
        """Near enough to be looked at first."""
        return self.score >= LIKELY

    @property
    def arithmetic(self) -> str:
        """`0.8 (7m16s before) x 1 (same service) x 1 (a deploy) = 0.8`."""
        factors = zip((self.time, self.service, self.kind), self.words, strict=True)
        return f"{' × '.join(f'{number(factor)} ({words})' for factor, words in factors)} = {number(self.score)}"


def trouble_of(alerts: Sequence[Alert], now: datetime, started: datetime | None = None) -> Trouble:
    """What these alerts are about. It began when somebody says so, else with the first alert, else it is now."""
    services = tuple(dict.fromkeys(name for alert in alerts for name in _named(alert)))
    if started is not None:
        return Trouble(started, services, "the start")
    if alerts:
        return Trouble(min(alert.starts_at for alert in alerts), services)
    return Trouble(now, services, NOW)


def trouble_in(incident: Incident, now: datetime) -> Trouble:
    """The same for an incident: the start that a person set counts before the alerts."""
    mark = incident.marks.get(Milestone.STARTED)
    return trouble_of([record.as_alert() for record in incident.alerts.values()], now, mark.at if mark else None)


def ranked(changes: Iterable[Change], trouble: Trouble) -> tuple[Ranked, ...]:
    """The changes that were there when it began, the likeliest first, in an order that has no ties."""
    known = [change for change in dict.fromkeys(changes) if change.dated and _began(change) <= trouble.start + SKEW]
    replaced = {(c.at, c.service, c.previous) for c in known if c.previous != c.version}
    return tuple(
        sorted(
            (_rank(change, trouble) for change in known),
            key=lambda one: (-one.score, -one.change.at.timestamp(), _place(one.change) in replaced, _text(one.change)),
        )
    )


def during(changes: Iterable[Change], trouble: Trouble) -> tuple[Change, ...]:
    """The changes of the same service that were made since it began and went through, the oldest first."""
    later = (
        change
        for change in dict.fromkeys(changes)
        if change.dated and change.outcome is Outcome.DONE and _began(change) > trouble.start + SKEW
    )
    return tuple(sorted((one for one in later if _service(one.service, trouble.services)[0] == _SAME), key=_place))


def nearest(changes: Iterable[Change], trouble: Trouble) -> Ranked | None:
    """The first likely change, None when there is none. Cheap: what is too far away is not looked at."""
    near = [change for change in changes if trouble.start - change.at <= _REACH]
    first = next(iter(ranked(near, trouble)), None) if near else None
    return first if first is not None and first.likely else None


def plausible(ranks: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Of ranked changes those that somebody has to tell apart: likely, and not far behind the first."""
    return tuple(one for one in ranks if one.likely and one.score >= RIVAL * ranks[0].score)


def verdict(ranks: Sequence[Ranked], trouble: Trouble) -> str:
    """What the ranking says, in a sentence. Never that one thing caused another."""
    rivals = plausible(ranks)
    if len(rivals) > 1:
        listed = ", ".join(f"{one.change.name} {number(one.score)}" for one in rivals[:3])
        more = f" and {len(rivals) - 3} more" if len(rivals) > 3 else ""
        return f"{len(rivals)} changes are plausible: {listed}{more}."
    if rivals:
        change = rivals[0].change
        return f"Likely: {change.name}, {trouble.distance(change)} ({number(rivals[0].score)})."
    if ranks:
        change = ranks[0].change
        return f"No likely change. The nearest: {change.name}, {trouble.distance(change)} ({number(ranks[0].score)})."
    return f"No likely change: no feed knows of one before {trouble.said}."


def number(value: float) -> str:
    """`1`, `0.83`, `0.5`."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def same_service(one: str, other: str) -> bool:
    """Whether two names mean one service, however they are written."""
    return _words(one) == _words(other)


def _rank(change: Change, trouble: Trouble) -> Ranked:
    time, when = _time(change, trouble)
    service, whose = _service(change.service, trouble.services)
    article = "an" if change.kind is ChangeKind.INFRASTRUCTURE else "a"
    noun = "infrastructure change" if change.kind is ChangeKind.INFRASTRUCTURE else change.kind.value
    what = f"{article} {noun}{' change' if change.kind is ChangeKind.CONFIG else ''}"
    failed = {Outcome.FAILED: ", failed", Outcome.RUNNING: ", still running"}.get(change.outcome, "")
    return Ranked(change, time, service, _KINDS[change.kind], (when, whose, f"{what}{failed}"))


def _time(change: Change, trouble: Trouble) -> tuple[float, str]:
    span = trouble.start - change.at
    if _under_way(change, trouble.start):
        return 1.0, "under way when it began"
    if span >= timedelta(0):
        return round(1 / (1 + span / HALF), 2), f"{duration(span)} before, half after 30m"
    return _UNSURE, f"{duration(_began(change) - trouble.start)} after, clocks may differ by that"


@lru_cache(4096)
def _service(service: str, named: tuple[str, ...]) -> tuple[float, str]:
    ours = [words for part in service.split(",") if (words := _words(part))]
    theirs = [words for name in named if (words := _words(name))]
    if not ours or not theirs:
        return _UNKNOWN, "it names no service" if not ours else "no service to compare with"
    if any(mine == other for mine in ours for other in theirs):
        return _SAME, "same service"
    akin = next((n for n in named for mine in ours if _words(n) and (mine <= _words(n) or mine >= _words(n))), "")
    if akin:
        return _AKIN, f"{service} is akin to {akin}"
    return _OTHER, f"another service, {service}"


def _words(name: str) -> frozenset[str]:
    words = frozenset(filter(None, re.split(r"[^0-9a-z]+", name.lower())))
    return words - _FILLERS or words


def _named(alert: Alert) -> list[str]:
    return [name for name in (alert.service, *(alert.labels.get(label, "") for label in _LABELS)) if name]


def _under_way(change: Change, start: datetime) -> bool:
    """Whether it had begun and was not over. One whose end nobody reports does not run for ever."""
    runs = change.outcome is Outcome.RUNNING and start - _began(change) <= _REACH
    return _began(change) <= start and (change.at > start or runs)


def _began(change: Change) -> datetime:
    """When a change can first have shown."""
    return change.at if change.began is None else min(change.began, change.at)


def _place(change: Change) -> tuple[datetime, str, str]:
    """What a change that replaced this one in the same second would name."""
    return (change.at, change.service, change.version)


def _text(change: Change) -> tuple[str, ...]:
    began = change.began.isoformat() if change.began else ""
    return (change.service, change.kind, change.version, change.previous, change.outcome, change.source, change.by,
            change.title, change.link, began)  # fmt: skip
