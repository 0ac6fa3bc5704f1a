"""Two worlds for one engine: the real one, out of the configuration, and a drill."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from incident.config import Config, Http, Updates
from incident.core.event import Writer
from incident.core.ports import Journal
from incident.engine.log import Log
from incident.engine.parts import Parts, Settings
from incident.surroundings import RealSurroundings, host, login, this_process
from incident.world.clock import RealClock
from incident.world.disk import (
    Drawer,
    Exporters,
    crash_file,
    erase_output,
    manner,
    output_file,
    paper,
    publish,
)
from incident.world.outside import (
    access_of,
    alert_sources,
    change_sources,
    escalation,
    golden_signals,
    messenger,
    promises,
    signal_source,
    tickets,
)

if TYPE_CHECKING:
    from incident.core.redaction import Redactor

__all__ = [
    "Drawer",
    "Exporters",
    "RealClock",
    "access_of",
    "alert_sources",
    "change_sources",
    "crash_file",
    "erase_output",
    "escalation",
    "golden_signals",
    "journal",
    "log",
    "manner",
    "messenger",
    "output_file",
    "paper",
    "promises",
    "publish",
    "real",
    "redactor",
    "roots",
    "signal_source",
    "tickets",
    "writer",
]

CLOCKS = 5.0  # seconds between two looks at the clocks


def writer(config: Config) -> Writer:
    """Whoever works in this process."""
    return Writer(config.person or login(), host(), this_process())


def journal(config: Config, *, read_only: bool = False, rehearsal: bool = False) -> Journal:
    """The timeline on disk. Raises JournalError."""
    from incident.journal import open_journal

    return open_journal(config.state, read_only=read_only, rehearsal=rehearsal)


def redactor(config: Config, environment: Mapping[str, str]) -> Redactor:
    """What takes the secrets out of everything that is written down. May ask a program for one of them."""
    from incident.core.redaction import Redactor
    from incident.sources.secrets import secrets_of

    return Redactor(secrets_of(config, environment))


def log(config: Config, *, read_only: bool = False) -> Log:
    """The incidents as they are on disk, for the verbs that need no engine. Raises JournalError."""
    from random import SystemRandom

    # A note must not wait for a program that prints a token; what it looks like is known without its value.
    mask = redactor(replace(config, http=Http(), changes=(), updates=Updates()), os.environ).fact
    loaded = Log(journal(config, read_only=read_only), RealClock(), writer(config), SystemRandom(), mask)
    loaded.load()
    return loaded


def real(config: Config, environment: Mapping[str, str], drill: str = "") -> Parts:
    """The engine's parts for the real world; for a live drill of that name. Raises ConfigError, JournalError."""
    from random import SystemRandom

    from incident.runner import LocalRunner
    from incident.sources.runbooks import Folders
    from incident.sources.secrets import secret_names, secrets_of

    clock = RealClock()
    access = access_of(config)
    return Parts(
        clock=clock,
        journal=journal(config, rehearsal=bool(drill)),
        writer=writer(config),
        shelf=Folders(roots(config)),
        runner=LocalRunner(secret_names(config), partial(secrets_of, config, environment)),
        surroundings=RealSurroundings(environment),
        output_for=partial(output_file, config.state),
        erase_output=partial(erase_output, config.state),
        desk=Drawer(config.state / "desk"),
        publish=publish,
        exporters=Exporters(),
        paper=paper(),
        manner=manner(config),
        alerts=alert_sources(config, clock, access),
        changes=change_sources(config, clock, environment),
        signals=signal_source(config, clock, access),
        promises=promises(config),
        messenger=messenger(config, environment),
        chance=SystemRandom(),
        redactor=redactor(config, environment),
        settings=Settings(
            poll=config.poll,
            clocks=CLOCKS,
            read_only=config.read_only,
            read_only_targets=config.read_only_targets,
            production=config.production,
            approval=config.approval,
            runbook_map=config.runbook_map,
            postmortems=str(config.postmortems),
            environment=environment,
            drill=drill,
            live=bool(drill),
            update_every=config.updates.every,
            escalation=escalation(config),
        ),
    )


def roots(config: Config) -> list[Path]:
    """The folders with runbooks: the configured ones, else ./runbooks when there is one."""
    if config.runbooks:
        return list(config.runbooks)
    here = Path("runbooks")
    return [here.resolve()] if here.is_dir() else []
