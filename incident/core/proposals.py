"""What may be ticked or marked, and on which evidence. Computed from what was seen; only a person makes it so.

Nothing is proposed on a value that is missing, old or no number, nor on a source that does not answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile

from incident.core.checklist import Standing, last_run, standing
from incident.core.facts import Milestone
from incident.core.incident import AlertRecord, Incident
from incident.core.runbook import Runbook, Step
from incident.core.signals import amount
from incident.core.verification import OWN, Stated, Watch, watch_of
from incident.core.when import Precision, age, clock

HOLD = timedelta(minutes=2)  # that a verify step's signal has to be good
MITIGATED = timedelta(minutes=5)  # that every signal has to be good
RESOLVED = timedelta(minutes=10)  # that every alert has to be over
OLD = timedelta(seconds=40)  # a reading older than this says nothing about now
GAP = timedelta(seconds=45)  # between two readings; what happened in a longer one is not known
ANSWERED = timedelta(seconds=90)  # since the alerts' source answered; a slow one is asked once a minute
INTERVALS = 2  # scrapes after which the newest value is old


class Kind(StrEnum):
    """What is proposed."""

    TICK = "tick"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Reading:
    """A signal's value as it was read at a time; None when it could not be had."""

    at: datetime
    value: float | None
    age: float | None = None  # seconds of the newest value behind it, by the server's clock; None: not known
    interval: float | None = None  # seconds between two such values; None: not known

    @property
    def counts(self) -> bool:
        """It is a number, and from data that were new when it was read."""
        if self.value is None or self.age is None or self.interval is None:
            return False
        known = math.isfinite(self.value) and math.isfinite(self.age) and math.isfinite(self.interval)
        return known and self.interval > 0 and 0 <= self.age <= INTERVALS * self.interval


@dataclass(frozen=True, slots=True)
class Course:
    """A signal over time: its limit, and its readings, the oldest first."""

    name: str
    unit: str
    query: str
    limit: float | None
    floor: bool
    readings: tuple[Reading, ...]
    own: bool = False  # it is what the alert itself measures


@dataclass(frozen=True, slots=True)
class Held:
    """A signal that has been on the good side of a limit, without a gap, until now."""

    course: Course
    limit: float
    floor: bool
    since: datetime
    until: datetime
    value: float
    crossed: bool  # that it came from the bad side was seen

    @property
    def words(self) -> str:
        """`errors 0.3 % under 7 % for 2m`."""
        side = "above" if self.floor else "under"
        measured = amount(self.value, self.course.unit)
        limit = re.sub(r"\.0(?!\d)", "", amount(self.limit, self.course.unit))
        return f"{self.course.name} {measured} {side} {limit} for {age(self.until - self.since)}"

    @property
    def evidence(self) -> str:
        """The same with the times and the query."""
        return f"{self.words}, {clock(self.since)} to {clock(self.until)} UTC: {' '.join(self.course.query.split())}"


@dataclass(frozen=True, slots=True)
class Over:
    """Alerts that are over, as a source says that answers."""

    names: tuple[str, ...]
    since: datetime  # when the last of them ended
    until: datetime  # when the source last answered

    @property
    def words(self) -> str:
        """`AcmeErrorBudgetFastBurn over for 4m`."""
        named = self.names[0] if len(self.names) == 1 else f"{len(self.names)} alerts"
        return f"{named} over for {age(self.until - self.since)}"

    @property
    def evidence(self) -> str:
        """The same with the times and every name."""
        return f"{', '.join(self.names)} over from {clock(self.since)} to {clock(self.until)} UTC"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something a person may accept with one key."""

    kind: Kind
    words: str  # what was seen, in short
    evidence: tuple[str, ...]  # the same in full
    at: datetime  # since when it holds
    precision: Precision = Precision.SECOND  # of `at`
    step: Step | None = None

    @property
    def key(self) -> str:
        """Identity: the same step, or the same milestone."""
        return f"{self.kind}:{self.step.id}" if self.step else self.kind.value


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the outside."""

    courses: Mapping[str, tuple[Course, ...]]  # by the alert's occurrence
    answered: Mapping[str, datetime]  # by source, those whose last answer was good: when it was


def proposals(incident: Incident, runbook: Runbook | None, seen: Seen, now: datetime) -> tuple[Proposal, ...]:
    """Everything that may be accepted now, the steps first; nothing in an incident that is closed."""
    if not incident.is_open:
        return ()
    found = [_tick(step, runbook, incident, seen, now) for step in runbook.steps] if runbook else []
    found += [_mitigated(incident, seen, now), _resolved(incident, seen, now)]
    return tuple(one for one in found if one is not None)


def held(course: Course, now: datetime, stated: Stated | None = None) -> Held | None:
    """How long a signal has been good up to now; None when it is not, or when that is not known."""
    limit, floor = _limit(course, stated)
    if limit is None or not course.readings:
        return None
    newest = course.readings[-1]
    if not _good(newest, limit, floor=floor) or not timedelta(0) <= now - newest.at <= OLD:
        return None
    since, after = newest, newest.at
    crossed = False
    for reading in reversed(course.readings[:-1]):
        if not timedelta(0) < after - reading.at <= GAP or not reading.counts:
            break
        if not _good(reading, limit, floor=floor):
            crossed = True
            break
        since, after = reading, reading.at
    return Held(course, limit, floor, since.at, newest.at, newest.value or 0.0, crossed)


def over(records: Sequence[AlertRecord], seen: Seen, now: datetime) -> Over | None:
    """That these alerts are over, as sources say that answer now; None for none, or when it is not known."""
    ends = [(record.end.at if record.end else None, seen.answered.get(record.fired.source)) for record in records]
    known = [(end, said) for end, said in ends if end and said and timedelta(0) <= now - said <= ANSWERED]
    if not records or len(known) != len(ends):
        return None
    names = tuple(dict.fromkeys(record.name for record in records))
    return Over(names, max(end for end, _ in known), min(said for _, said in known))


def _good(reading: Reading, limit: float, *, floor: bool) -> bool:
    """Whether a reading counts, and is on the good side; on the limit is not good."""
    if not reading.counts or reading.value is None:
        return False
    return reading.value > limit if floor else reading.value < limit


def _limit(course: Course, stated: Stated | None) -> tuple[float | None, bool]:
    """The limit that counts: the stricter of the alert's and the step's own; none when they do not fit together."""
    usable = course.limit is not None and math.isfinite(course.limit)
    if stated is None:
        return (course.limit if usable else None), course.floor
    if stated.unit != course.unit.strip():
        return None, stated.floor
    if course.limit is None or not usable:
        return stated.value, stated.floor
    if stated.floor is not course.floor:
        return None, stated.floor
    return (max if stated.floor else min)(stated.value, course.limit), stated.floor


# -- steps ------------------------------------------------------------------------------------------------------


def _tick(step: Step, runbook: Runbook | None, incident: Incident, seen: Seen, now: datetime) -> Proposal | None:
    if runbook is None or standing(step, incident) is not Standing.OPEN or not _ready(step, runbook, incident):
        return None
    watch = watch_of(step, runbook)
    if watch is None:
        return None
    hold = watch.hold or HOLD
    good: list[Held | Over] = []
    if watch.signals:
        courses = _named(watch, incident, seen)
        lasting = [one for course in courses if (one := held(course, now, watch.stated)) and _lasts(one, hold)]
        if not courses or len(lasting) != len(courses):
            return None
        good += lasting
    if watch.alerts:
        ended = over(_alerts(watch, incident), seen, now)
        if ended is None or not _lasts(ended, hold):
            return None
        good.append(ended)
    return _proposal(Kind.TICK, good, step)


def _ready(step: Step, runbook: Runbook, incident: Incident) -> bool:
    """Whether those before it in its section are dealt with: a check of what nobody did yet says nothing."""
    for other in takewhile(lambda one: one.id != step.id, runbook.steps):
        waits = other.section == step.section and standing(other, incident) is Standing.OPEN
        run = last_run(other, incident) if waits else None
        if waits and (run is None or run.open):
            return False
    return True


def _named(watch: Watch, incident: Incident, seen: Seen) -> tuple[Course, ...]:
    """The signals that a step is about; () when one of them is not among those that are known."""
    known = [course for occurrence in incident.alerts for course in seen.courses.get(occurrence, ())]
    found: list[Course] = []
    for name in watch.signals:
        needs_limit = watch.stated is None or name == OWN
        these = [one for one in known if _is(one, name) and (one.limit is not None or not needs_limit)]
        if not these:
            return ()
        found += these
    return tuple({(one.name, one.query): one for one in found}.values())


def _is(course: Course, name: str) -> bool:
    """Whether a signal is meant by a name; the alert's own value counts as errors when its query is about them."""
    if name == OWN:
        return True
    if course.name == name:
        return True
    if name == "latency":
        return course.name.startswith("p") and course.name[1:].isdigit()
    return name == "errors" and course.own and course.name == "value" and "error" in course.query.lower()


def _alerts(watch: Watch, incident: Incident) -> list[AlertRecord]:
    records = list(incident.alerts.values())
    return [record for record in records if OWN in watch.alerts or record.fired.name in watch.alerts]


# -- milestones -------------------------------------------------------------------------------------------------


def _mitigated(incident: Incident, seen: Seen, now: datetime) -> Proposal | None:
    """Every alert is over, or its own signal is back, for some minutes."""
    if not incident.alerts or {Milestone.MITIGATED, Milestone.RESOLVED} & set(incident.marks):
        return None
    good: list[Held | Over] = []
    for occurrence, record in incident.alerts.items():
        ended = over([record], seen, now)
        if ended is not None and _lasts(ended, MITIGATED):
            good.append(ended)
            continue
        limited = [course for course in seen.courses.get(occurrence, ()) if course.limit is not None]
        lasting = [one for course in limited if (one := held(course, now)) and _lasts(one, MITIGATED)]
        if not limited or len(lasting) != len(limited):
            return None
        good += lasting
    return _proposal(Kind.MITIGATED, good)


def _resolved(incident: Incident, seen: Seen, now: datetime) -> Proposal | None:
    if Milestone.RESOLVED in incident.marks:
        return None
    ended = over(list(incident.alerts.values()), seen, now)
    return _proposal(Kind.RESOLVED, [ended]) if ended is not None and _lasts(ended, RESOLVED) else None


def _lasts(one: Held | Over, hold: timedelta) -> bool:
    return one.until - one.since >= hold


def _proposal(kind: Kind, good: Sequence[Held | Over], step: Step | None = None) -> Proposal:
    """It holds since the last of the things it rests on does."""
    last = max(good, key=lambda one: one.since)
    crossing = Precision.MINUTE if isinstance(last, Held) and last.crossed else Precision.ABOUT
    more = f" and {len(good) - 1} more" if len(good) > 1 else ""
    return Proposal(
        kind,
        f"{good[0].words}{more}",
        tuple(dict.fromkeys(one.evidence for one in good)),
        last.since,
        Precision.SECOND if isinstance(last, Over) else crossing,
        step,
    )
