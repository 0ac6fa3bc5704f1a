"""What is left of the drills that were played: one folder each, with a journal of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from incident import world
from incident.config import Config
from incident.core import facts
from incident.core.incident import Incident
from incident.drills.model import Level, Scenario
from incident.engine.log import Log
from incident.errors import IncidentError, UsageError

FOLDER = "drills"  # under the state folder; never the folder of real incidents
JOURNAL = "journal.db"
_STAMP = "%Y%m%dT%H%M%SZ"
_NAMED = re.compile(r"(\d{8}T\d{6}Z)-(.+)\Z")
_UNSAFE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Run:
    """One play of a drill: when it was (UTC, real time), and its facts if it was played to a debrief."""

    name: str
    at: datetime
    folder: Path
    recovered: bool | None = None  # None: it was left before
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """A scenario that can be played, and the last time that it was."""

    scenario: Scenario
    last: Run | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants to play, and how."""

    name: str
    level: Level


def new_folder(config: Config, name: str) -> Path:
    """The folder for a drill that begins now."""
    word = _UNSAFE.sub("-", name.lower()).strip("-")[:40] or "drill"
    return config.state / FOLDER / f"{datetime.now(UTC).strftime(_STAMP)}-{word}"


def folders(config: Config, name: str = "") -> list[Path]:
    """The folders of the drills that were played, the oldest first; of one scenario if it is named."""
    place = config.state / FOLDER
    try:
        known = sorted(path for path in place.iterdir() if (path / JOURNAL).is_file())
    except OSError:
        return []
    return [path for path in known if (named := _NAMED.match(path.name)) and name in ("", named[2])]


def runs(config: Config, name: str) -> list[Run]:
    """Every play of a scenario, the oldest first; what cannot be read of one is left out."""
    return [run for path in folders(config, name) if (run := _run(config, path)) is not None]


def last_log(config: Config, identity: str = "") -> Log:
    """The log of the drill that was played last, or of the one with this incident. Raises UsageError, JournalError."""
    played = folders(config)
    if not played:
        raise UsageError("no drill was played yet", hint="`incident drill bad-deploy` plays one")
    if not identity:
        return opened(config, played[-1])
    for path in reversed(played):
        log = opened(config, path)
        if log.knows(identity):
            return log
    raise UsageError(f"there is no drill {identity!r}", hint="`incident list --drill` names those of the last one")


def opened(config: Config, folder: Path, *, read_only: bool = False) -> Log:
    """The log in a drill's folder. Raises JournalError."""
    from incident.journal import open_journal

    journal = open_journal(folder, rehearsal=True, read_only=read_only)
    log = Log(journal, world.RealClock(), world.writer(config), Random())  # noqa: S311 - only ids
    log.load()
    return log


def first_incident(log: Log) -> Incident | None:
    """The incident that a drill's own facts belong to: the one that was opened first."""
    known = log.incidents()
    return known[-1] if known else None


def _run(config: Config, folder: Path) -> Run | None:
    named = _NAMED.match(folder.name)
    if named is None:
        return None
    at = datetime.strptime(named[1], _STAMP).replace(tzinfo=UTC)
    try:
        log = opened(config, folder, read_only=True)
        incident = first_incident(log)
        events = log.events(incident.id) if incident else ()
    except (IncidentError, OSError):
        return Run(named[2], at, folder)
    debriefs = [event.fact for event in events if isinstance(event.fact, facts.DrillDebriefed)]
    if not debriefs:
        return Run(named[2], at, folder)
    return Run(named[2], at, folder, debriefs[-1].recovered, debriefs[-1].figures)
